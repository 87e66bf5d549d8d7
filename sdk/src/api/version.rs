//! Versions: a script's saved states.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

/// A saved state of a script, without its source.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// Counted per script from 1.
    pub number: i64,
    /// Whether it is the one that answers.
    pub live: bool,
    /// Length of its source in characters.
    pub characters: i32,
    /// When it was saved.
    pub created_at: Time,
    /// The token that saved it; `picloud` for what came with the server.
    pub created_by: String,
    /// The module whose change made this version out of the one before; `null` when somebody saved it.
    pub relinked_for: Option<String>,
}

/// A saved state of a script.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct VersionWithSource {
    /// The version.
    #[serde(flatten)]
    pub version: Version,
    /// Rhai.
    pub source: String,
}
