//! Points in time as the API writes them: RFC 3339 in UTC with microseconds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, Type};

/// Microseconds since 1970 inside, `2026-11-20T18:00:00.000000Z` outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

impl From<i64> for Time {
    fn from(us: i64) -> Self {
        Self(us)
    }
}

impl FromStr for Time {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse().map(|at: jiff::Timestamp| Self(at.as_microsecond()))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(at) => write!(out, "{at:.6}"),
            // No clock shows it.
            Err(_) => write!(out, "{} us", self.0),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        jiff::Timestamp::from_microsecond(self.0).map_err(serde::ser::Error::custom)?;
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let at = jiff::Timestamp::deserialize(from)?;
        Ok(Self(at.as_microsecond()))
    }
}

impl utoipa::PartialSchema for Time {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let object: Object = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into();
        object.into()
    }
}

impl utoipa::ToSchema for Time {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_six_digits_and_reads_back() {
        let text = serde_json::to_string(&Time(1_700_000_000_500_000)).unwrap();
        assert_eq!(text, "\"2023-11-14T22:13:20.500000Z\"");
        assert_eq!(
            serde_json::from_str::<Time>(&text).unwrap(),
            Time(1_700_000_000_500_000)
        );
        assert_eq!(
            serde_json::from_str::<Time>("\"2023-11-14T23:13:20.5+01:00\"").unwrap(),
            Time(1_700_000_000_500_000)
        );
    }
}
