//! `/system`: what is running here.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use crate::identity::{Caller, Role};
use crate::orchestrator::Host;

pub(super) const NOUN: Noun = Noun {
    router: || OpenApiRouter::new().routes(routes!(read)),
    statements: &[],
};

/// The installation.
#[derive(Debug, Serialize, ToSchema)]
pub struct System {
    /// The server's version.
    version: &'static str,
    /// The version of what scripts see.
    sdk_version: &'static str,
    /// The guest that scripts run in.
    guest_hash: &'static str,
    /// `sqlite` or `postgres`.
    database: &'static str,
    /// The port of the apps' listener.
    apps_port: u16,
    /// Every app also answers at `{app}.` followed by this.
    base_domain: Option<String>,
    /// What it has to do; `null` to an app's token, as it tells of other apps.
    load: Option<Load>,
}

/// What the installation has to do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Load {
    /// Runs that are going on at this moment.
    runs_in_flight: u32,
    /// Executions on their way into the history.
    executions: Committed,
    /// Compiled modules that are kept in memory.
    modules: ModuleCache,
}

/// What became of executions since the server started.
#[derive(Debug, Serialize, ToSchema)]
pub struct Committed {
    /// On their way.
    waiting: u64,
    /// Written; the oldest may be evicted by now.
    written: u64,
    /// Runs that replied without a word, and were too many to be remembered.
    forgotten: u64,
    /// What the database refused, or did not take before the server stopped.
    lost: u64,
}

/// How the cache of compiled modules does.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModuleCache {
    /// Modules in it.
    entries: u64,
    /// What they take.
    bytes: u64,
    /// How often a run found a module there, since the server started.
    hits: u64,
    /// How often it did not.
    misses: u64,
}

/// What is running here; what it has to do is told to operators only.
#[utoipa::path(get, path = "/system", tag = "system", responses((status = 200, body = System)))]
async fn read(caller: Caller, State(host): State<Host>) -> Json<System> {
    let load = match caller.role {
        Role::Operator => Some(Load::of(&host).await),
        _ => None,
    };
    Json(System {
        version: env!("CARGO_PKG_VERSION"),
        sdk_version: picloud_sdk::SDK_VERSION,
        guest_hash: host.guest_hash,
        database: host.db.kind(),
        apps_port: host.config.bind.ingress.port(),
        base_domain: host.config.bind.base_domain.clone(),
        load,
    })
}

impl Load {
    async fn of(host: &Host) -> Self {
        let modules = host.programs.modules().count().await;
        let committed = host.committer.figures();
        Self {
            runs_in_flight: host.admission.in_flight(),
            executions: Committed {
                waiting: committed.waiting,
                written: committed.written,
                forgotten: committed.forgotten,
                lost: committed.lost,
            },
            modules: ModuleCache {
                entries: modules.entries,
                bytes: modules.bytes,
                hits: modules.hits,
                misses: modules.misses,
            },
        }
    }
}
