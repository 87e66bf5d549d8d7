//! What an app's scripts are told: secrets and plain settings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

/// Bytes of the value of a secret or a setting.
pub const SECRET_BYTES_MAX: usize = 64 << 10;

/// A secret of an app, without its value: nobody is shown that.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// When it was set.
    pub updated_at: Time,
}

/// A secret's value.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSecret {
    /// The value, a text of 1 to 65536 bytes.
    pub value: String,
}

/// A plain setting of an app.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// When it was set.
    pub updated_at: Time,
}

/// A setting's value.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSetting {
    /// The value, a text of at most 65536 bytes.
    pub value: String,
}

/// The key of the installation's secrets was changed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct KeyChanged {
    /// Names the key that all secrets are sealed with now; it is no part of it.
    pub key: String,
    /// How many values were sealed anew, those that were set before included.
    pub sealed: u64,
    /// The keys that nothing is sealed with any more. Backups may be.
    pub unused: Vec<String>,
}
