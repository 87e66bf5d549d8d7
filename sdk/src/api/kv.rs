//! Values that an app keeps under keys.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Time;

/// A key, and what is kept under it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct KvEntry {
    /// The key.
    pub key: String,
    /// The value, as `docs/data.md` says that values are JSON; not there when it was not asked for.
    #[serde(default, deserialize_with = "there", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    pub value: Option<Box<RawValue>>,
    /// From when on it is not there any more, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
}

/// What is there is there, also when it is `null`.
fn there<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(from).map(Some)
}

/// A value to be kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKv {
    /// The value.
    #[schema(value_type = Value)]
    pub value: Box<RawValue>,
    /// For how long, such as `90s`, `1h30m` or `7d`; for good when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<String>,
}
