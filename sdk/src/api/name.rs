//! What apps and scripts may be called.

use serde::{Deserialize, Deserializer, Serialize};

use crate::names::is_script;

/// Bytes of an app's name: it is a DNS label.
pub const APP_NAME_BYTES_MAX: usize = 63;
/// Bytes of a script's name, folders included.
pub const SCRIPT_NAME_BYTES_MAX: usize = 64;
/// Bytes of the name of a secret or a setting.
pub const VARIABLE_NAME_BYTES_MAX: usize = 64;

/// Names an app may not have: they mean something else as `{name}.{base domain}`.
const RESERVED: [&str; 20] = [
    "admin",
    "api",
    "app",
    "apps",
    "autoconfig",
    "autodiscover",
    "dashboard",
    "ftp",
    "imap",
    "localhost",
    "mail",
    "mx",
    "ns1",
    "ns2",
    "picloud",
    "pop3",
    "smtp",
    "status",
    "wpad",
    "www",
];

/// A valid app name: a DNS label in lower case that is not reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppName(String);

impl std::str::FromStr for AppName {
    /// A sentence for whoever chose it.
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty() || name.len() > APP_NAME_BYTES_MAX {
            return Err(format!(
                "1 to {APP_NAME_BYTES_MAX} bytes are allowed, these are {}",
                name.len()
            ));
        }
        if !name.bytes().all(label) || name.starts_with('-') || name.ends_with('-') {
            return Err(format!(
                "lower-case letters, digits and - are allowed, and no - at either end; got {name:?}"
            ));
        }
        if name.get(2..4) == Some("--") {
            return Err(format!(
                "{name:?} reads as an encoded international name (-- in the third place)"
            ));
        }
        if RESERVED.contains(&name) {
            return Err(format!("the name {name:?} is reserved"));
        }
        Ok(Self(name.to_owned()))
    }
}

/// A valid script name: `[a-z][a-z0-9_]*`, with folders as in `shop/orders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptName(String);

impl std::str::FromStr for ScriptName {
    /// A sentence for whoever chose it.
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name.len() > SCRIPT_NAME_BYTES_MAX {
            return Err(format!(
                "{SCRIPT_NAME_BYTES_MAX} bytes are allowed, these are {}",
                name.len()
            ));
        }
        if !is_script(name) {
            return Err(format!(
                "a script's name has lower-case letters, digits and _, a letter first, folders as in shop/orders; got {name:?}"
            ));
        }
        Ok(Self(name.to_owned()))
    }
}

impl ScriptName {
    /// For what has no name yet.
    #[must_use]
    pub fn of_draft() -> Self {
        Self("draft".to_owned())
    }
}

/// A valid name of a secret or a setting: `[A-Za-z_][A-Za-z0-9_]*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VariableName(String);

impl std::str::FromStr for VariableName {
    /// A sentence for whoever chose it.
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name.is_empty() || name.len() > VARIABLE_NAME_BYTES_MAX {
            return Err(format!(
                "1 to {VARIABLE_NAME_BYTES_MAX} bytes are allowed, these are {}",
                name.len()
            ));
        }
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if !name.bytes().all(word) || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(format!(
                "letters, digits and _ are allowed, and no digit first; got {name:?}"
            ));
        }
        Ok(Self(name.to_owned()))
    }
}

macro_rules! text {
    ($($name:ident)*) => {$(
        impl $name {
            /// As a text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
text! { AppName ScriptName VariableName }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apps_name_is_a_label() {
        for good in ["a", "acme", "a-b", "0x", &"a".repeat(63)] {
            assert_eq!(good.parse::<AppName>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "-a",
            "a-",
            "A",
            "a.b",
            "a_b",
            "a/b",
            "a\0",
            "é",
            "xn--a",
            "ab--c",
            "www",
            "api",
            &"a".repeat(64),
        ] {
            assert!(bad.parse::<AppName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_variables_name_is_a_word() {
        for good in ["a", "_", "API_KEY", "key2", &"a".repeat(64)] {
            assert_eq!(good.parse::<VariableName>().unwrap().as_str(), good);
        }
        for bad in ["", "2a", "a-b", "a.b", "a b", "é", "a/b", "a\0", &"a".repeat(65)] {
            assert!(bad.parse::<VariableName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_scripts_name_is_an_identifier_with_folders() {
        for good in ["a", "hello", "shop/orders", "a_1/b/c", &"a".repeat(64)] {
            assert_eq!(good.parse::<ScriptName>().unwrap().as_str(), good);
        }
        let long = "a".repeat(65);
        for bad in [
            "", "/", "a/", "/a", "a//b", "..", "a/../b", "a.b", "1a", "_a", "A", "a b", "a\0b", "a\\b", "é", "a/1",
            &long,
        ] {
            assert!(bad.parse::<ScriptName>().is_err(), "{bad:?}");
        }
    }
}
