//! What scripts are for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a script is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It answers events.
    #[default]
    Endpoint,
    /// Other scripts of its app import it.
    Module,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Module => "module",
        }
    }
}

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        match word.as_str() {
            "endpoint" => Ok(Self::Endpoint),
            "module" => Ok(Self::Module),
            _ => Err(format!("{word:?} is no kind of script")),
        }
    }
}
