//! `POST /check`: what is wrong with a draft.

use axum::extract::State;
use picloud_sdk::api::{Checked, Diagnostic, Draft, Kind, Role, ScriptName, Severity};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::extract::Json;
use crate::deploy::{compile, links};
use crate::error::Result;
use crate::identity::apps::find_visible;
use crate::identity::{Caller, at_least};
use crate::ids::AppId;
use crate::linking;
use crate::orchestrator::Host;

pub(super) const NOUN: Noun = Noun {
    router: || OpenApiRouter::new().routes(routes!(check)),
    statements: &[],
};

/// Compiles a draft and keeps nothing. That the draft is wrong is an answer, not an error.
#[utoipa::path(post, path = "/check", tag = "check", request_body = Draft, responses((status = 200, body = Checked)))]
async fn check(caller: Caller, State(host): State<Host>, Json(draft): Json<Draft>) -> Result<axum::Json<Checked>> {
    at_least(caller.role, Role::Deployer)?;
    let app = app_of(&caller, &host, draft.app.as_deref()).await?;
    let name = draft.name.unwrap_or_else(ScriptName::of_draft);
    let diagnostics = match compile(&host, caller.app, name.as_str(), &draft.source).await? {
        Err(diagnostics) => diagnostics,
        Ok(artifact) if draft.kind == Kind::Module && !artifact.unfit.is_empty() => {
            artifact.unfit.into_iter().map(Diagnostic::from).collect()
        }
        Ok(artifact) => {
            let draft = linking::Draft {
                name,
                kind: draft.kind,
                source: draft.source,
                artifact,
                guest_hash: host.guest_hash,
            };
            warnings(&host, app, &draft).await?
        }
    };
    Ok(axum::Json(Checked {
        ok: diagnostics
            .iter()
            .all(|diagnostic| diagnostic.severity == Severity::Warning),
        diagnostics,
    }))
}

/// The app that a draft is for: the token's own, or the one that an operator names.
async fn app_of(caller: &Caller, host: &Host, named: Option<&str>) -> Result<Option<AppId>> {
    let Some(named) = named else { return Ok(caller.app) };
    let app = find_visible(&mut host.db.read().await?, named, caller.app).await?;
    Ok(Some(app.id))
}

async fn warnings(host: &Host, app: Option<AppId>, draft: &linking::Draft) -> Result<Vec<Diagnostic>> {
    if let Some(app) = app {
        return links::warnings(&mut host.db.read().await?, host, app, draft).await;
    }
    let warnings = draft.artifact.warnings.iter().cloned();
    Ok(warnings.map(Diagnostic::from).map(Diagnostic::into_warning).collect())
}
