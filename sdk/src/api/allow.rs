//! Whom an app's scripts may call.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use super::Time;

/// Bytes of a host's name.
const HOST_BYTES_MAX: usize = 253;
/// Methods of one allowed host.
pub const METHODS_MAX: usize = 9;

/// Which hosts are meant: `api.example.com`, `*.example.com` (every host below it), `*`, an address, or one of these with a
/// port: without one, every port is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    /// Which.
    pub host: HostName,
    /// On which port; any, if there is none.
    pub port: Option<u16>,
}

/// Which hosts are meant, on whatever port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostName {
    /// Every one.
    Any,
    /// Every one whose name ends with a dot and this.
    Below(String),
    /// The one of this name, in lower case.
    Name(String),
    /// An address.
    V4(Ipv4Addr),
    /// An address.
    V6(Ipv6Addr),
}

impl FromStr for HostPattern {
    /// A sentence for whoever wrote it.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is no host; write api.example.com, *.example.com or api.example.com:8443, without https:// and path"
            )
        };
        if !text.is_ascii() {
            return Err(format!(
                "{text:?} has letters beyond ASCII; write it as DNS has it (xn--...)"
            ));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
                let port = port
                    .parse()
                    .ok()
                    .filter(|port| is_number && *port > 0)
                    .ok_or_else(wrong)?;
                (host, Some(port))
            }
            _ => (text, None),
        };
        let host = HostName::of(host).ok_or_else(wrong)?;
        Ok(Self { host, port })
    }
}

impl HostName {
    fn of(text: &str) -> Option<Self> {
        if let Some(address) = text.strip_prefix('[') {
            return address.strip_suffix(']')?.parse().ok().map(Self::V6);
        }
        if text == "*" {
            return Some(Self::Any);
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if let Some(name) = name.strip_prefix("*.") {
            return is_name(name).then(|| Self::Below(name.to_owned()));
        }
        // As browsers read it: a name whose last label is a number is an address.
        let last = name.rsplit('.').next().unwrap_or_default();
        if !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) {
            return name.parse().ok().map(Self::V4);
        }
        is_name(&name).then_some(Self::Name(name))
    }
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(letter);
    name.len() <= HOST_BYTES_MAX && name.split('.').all(label)
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Below(name) => write!(f, "*.{name}"),
            Self::Name(name) => f.write_str(name),
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => write!(f, "[{address}]"),
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.host.fmt(f)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl Serialize for HostPattern {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HostPattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A host that an app's scripts may call.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AllowedHost {
    /// Which: `api.example.com`, `*.example.com`, `*`, an address, or one of these with a port.
    #[schema(value_type = String)]
    pub host: HostPattern,
    /// With which methods, in upper case; all, if there are none.
    pub methods: Vec<String>,
    /// When that was said.
    pub updated_at: Time,
}

/// How a host may be called.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAllowedHost {
    /// With which methods, in upper case; all when left out.
    #[serde(default)]
    pub methods: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_and_written_in_one_form() {
        for (text, written) in [
            ("api.example.com", "api.example.com"),
            ("API.Example.com.", "api.example.com"),
            ("*.example.com:8443", "*.example.com:8443"),
            ("*", "*"),
            ("*:443", "*:443"),
            ("localhost:80", "localhost:80"),
            ("10.0.0.1", "10.0.0.1"),
            ("[2606:4700:0::1]:443", "[2606:4700::1]:443"),
            ("[::1]", "[::1]"),
            ("my_host.example", "my_host.example"),
        ] {
            assert_eq!(text.parse::<HostPattern>().expect(text).to_string(), written);
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            ".",
            "*.",
            "a..b",
            "https://a.example",
            "a.example/x",
            "a b",
            "a.*.b",
            "*a.example",
            "a.example:",
            "a.example:0",
            "a.example:70000",
            "a.example:+1",
            "10.0.0",
            "10.0.0.256",
            "0x7f000001.1",
            "[::1",
            "::1]",
            "[::g]",
            "münchen.example",
            "a@b.example",
            "a.example:80:80",
            "-:x",
        ] {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
    }
}
