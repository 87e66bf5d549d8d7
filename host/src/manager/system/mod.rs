//! `/system`: what is running here.

use axum::Json;
use axum::extract::State;
use picloud_sdk::api::{Committed, Load, ModuleCache, Role, System};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use crate::identity::Caller;
use crate::orchestrator::Host;

pub(super) const NOUN: Noun = Noun {
    router: || OpenApiRouter::new().routes(routes!(read)),
    statements: &[],
};

/// What is running here; what it has to do is told to operators only.
#[utoipa::path(get, path = "/system", tag = "system", responses((status = 200, body = System)))]
async fn read(caller: Caller, State(host): State<Host>) -> Json<System> {
    let load = match caller.role {
        Role::Operator => Some(load(&host).await),
        _ => None,
    };
    Json(System {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sdk_version: picloud_sdk::SDK_VERSION.to_owned(),
        guest_hash: host.guest_hash.to_owned(),
        database: host.db.kind().to_owned(),
        apps_port: host.config.bind.ingress.port(),
        base_domain: host.config.bind.base_domain.clone(),
        load,
    })
}

async fn load(host: &Host) -> Load {
    let modules = host.programs.modules().count().await;
    let committed = host.committer.figures();
    Load {
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
