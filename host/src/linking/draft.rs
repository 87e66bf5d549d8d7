//! A source that compiles, and what it is to be.

use picloud_sdk::compile::Artifact;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::names::ScriptName;

/// What a script is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
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

/// A source that compiles.
pub struct Draft {
    /// What it is called.
    pub name: ScriptName,
    /// What it is to be.
    pub kind: Kind,
    /// Rhai.
    pub source: String,
    /// Its compiled form.
    pub artifact: Artifact,
    /// The guest that it was compiled for.
    pub guest_hash: &'static str,
}
