//! What is running here.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The installation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct System {
    /// The server's version.
    pub version: String,
    /// The version of what scripts see.
    pub sdk_version: String,
    /// The guest that scripts run in.
    pub guest_hash: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// The port of the apps' listener.
    pub apps_port: u16,
    /// Every app also answers at `{app}.` followed by this.
    pub base_domain: Option<String>,
    /// What it has to do; `null` to an app's token, as it tells of other apps.
    pub load: Option<Load>,
}

/// What the installation has to do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Load {
    /// Runs that are going on at this moment.
    pub runs_in_flight: u32,
    /// Executions on their way into the history.
    pub executions: Committed,
    /// Compiled modules that are kept in memory.
    pub modules: ModuleCache,
}

/// What became of executions since the server started.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Committed {
    /// On their way.
    pub waiting: u64,
    /// Written; the oldest may be evicted by now.
    pub written: u64,
    /// Runs that replied without a word, and were too many to be remembered.
    pub forgotten: u64,
    /// What the database refused, or did not take before the server stopped.
    pub lost: u64,
}

/// How the cache of compiled modules does.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ModuleCache {
    /// Modules in it.
    pub entries: u64,
    /// What they take.
    pub bytes: u64,
    /// How often a run found a module there, since the server started.
    pub hits: u64,
    /// How often it did not.
    pub misses: u64,
}
