//! A source that compiles, and what it is to be.

use picloud_sdk::api::{Kind, ScriptName};
use picloud_sdk::compile::Artifact;

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
