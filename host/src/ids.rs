//! Typed ids: a UUID v7 that says what it names, such as `scr_0190f3a2…`.

use uuid::Uuid;

/// A text is not an id of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {prefix}_… id")]
pub struct BadId {
    /// The kind that was asked for.
    pub prefix: &'static str,
}

/// A UUID v7 made from `now_us` (microseconds since 1970): ids sort by the time they were made, to the microsecond.
fn time_ordered(now_us: i64) -> Uuid {
    let now_us = u64::try_from(now_us).unwrap_or(0);
    // The first 12 of these bits come right after the milliseconds: fill them with the rest of the time.
    let mut random = [0; 10];
    random[..2].copy_from_slice(&u16::try_from(now_us % 1000 * 4).unwrap_or(0).to_be_bytes());
    random[2..].copy_from_slice(&crate::random::draw().to_ne_bytes());
    uuid::Builder::from_unix_timestamp_millis(now_us / 1000, &random).into_uuid()
}

/// `prefix_` and 32 lower-case hex digits, nothing else.
fn parse(text: &str, prefix: &'static str) -> Result<Uuid, BadId> {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|hex| hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        .and_then(|hex| Uuid::try_parse(hex).ok())
        .ok_or(BadId { prefix })
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
        #[sqlx(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// What the text form starts with.
            pub const PREFIX: &str = $prefix;

            /// Sorts after every other: where a list that is read newest first starts.
            pub const LAST: Self = Self(Uuid::max());

            /// A new one, sorting by `now_us` (microseconds since 1970).
            ///
            /// # Panics
            /// When the operating system has no randomness to give.
            #[must_use]
            pub fn new(now_us: i64) -> Self {
                Self(time_ordered(now_us))
            }

            /// Its 32 hex digits, as statements take it in a list.
            #[must_use]
            pub fn digits(self) -> String {
                self.0.simple().to_string()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                parse(text, $prefix).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

    )*};
}

id! {
    /// One app: the unit of isolation.
    AppId = "app";
    /// One script, across all its versions.
    ScriptId = "scr";
    /// One saved state of a script.
    VersionId = "ver";
    /// One route.
    RouteId = "rte";
    /// One run of one version for one event.
    ExecutionId = "exe";
    /// One bearer token.
    TokenId = "tok";
    /// One value of a secret.
    SecretId = "sec";
    /// One request that is answered later.
    RequestId = "req";
}

impl RequestId {
    /// One that nobody guesses: who knows it may ask for the reply.
    ///
    /// # Panics
    /// As [`Self::new`].
    #[must_use]
    pub fn secret() -> Self {
        let mut random = [0; 16];
        random.copy_from_slice(&crate::random::seed()[..16]);
        Self(uuid::Builder::from_random_bytes(random).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_names_its_kind() {
        let id = AppId::new(1_700_000_000_000_000);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().starts_with("app_"));
        assert_eq!(id.to_string().parse::<ScriptId>(), Err(BadId { prefix: "scr" }));
    }

    #[test]
    fn ids_sort_by_microsecond() {
        let ids: Vec<_> = (0..3000)
            .map(|us| ExecutionId::new(1_700_000_000_000_000 + us))
            .collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().map(ToString::to_string).is_sorted());
    }

    #[test]
    fn only_the_canonical_text_is_an_id() {
        let id = AppId::new(0).to_string();
        for bad in [
            id.to_uppercase(),
            id.replace("app_", "app-"),
            format!("{id}0"),
            id.replace("app_", ""),
            String::new(),
        ] {
            assert!(bad.parse::<AppId>().is_err(), "{bad}");
        }
    }
}
