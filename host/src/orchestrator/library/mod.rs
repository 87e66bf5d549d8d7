//! What runs need of the versions that are live: from memory, from the database, or compiled anew.
//!
//! ```text
//! Programs (version → program and links) ── Modules (app, name, version → module) ── artifact ── database, compiler
//! ```

mod artifact;
mod modules;
mod programs;
pub(super) mod queries;

use std::sync::Arc;

use picloud_executor::Compile;

use crate::store::Db;

pub use artifact::own_artifact;
pub use modules::{ModuleCount, Modules};
pub use programs::{Loaded, Programs};

/// Where artifacts come from.
#[derive(Clone)]
pub struct Source {
    /// Has those that were made before, and the sources.
    pub db: Db,
    /// Makes them anew.
    pub compiler: Arc<dyn Compile>,
    /// Names the guest whose artifacts run here.
    pub guest_hash: &'static str,
}
