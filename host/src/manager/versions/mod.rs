//! `/apps/{app}/scripts/{name}/versions`: a script's saved states. They never change; one of them is live.

use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Deployer, Member, Viewer};
use super::extract::{Path, Query};
use super::page::{Page, PageQuery};
use super::paths::{AppPath, ScriptPath};
use super::precondition::{Precondition, PreconditionHeaders, tag};
use super::scripts::SavedScript;
use crate::deploy::versions::{no_such_version, queries, source};
use crate::deploy::{self, By, scripts};
use crate::error::Result;
use crate::names::ScriptName;
use crate::orchestrator::Host;
use crate::time::Time;

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(read))
            .routes(routes!(make_live))
    },
    statements: queries::ALL,
};

/// A saved state of a script, without its source.
#[derive(Debug, Serialize, ToSchema)]
pub struct Version {
    /// Counted per script from 1.
    number: i64,
    /// Whether it is the one that answers.
    live: bool,
    /// Length of its source in characters.
    characters: i32,
    /// When it was saved.
    created_at: Time,
    /// The token that saved it; `picloud` for what came with the server.
    created_by: String,
    /// The module whose change made this version out of the one before; `null` when somebody saved it.
    relinked_for: Option<String>,
}

/// A saved state of a script.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionWithSource {
    #[serde(flatten)]
    version: Version,
    /// Rhai.
    source: String,
}

/// A version of a script.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct VersionPath {
    /// The script's name; a slash in it is written `%2F`.
    #[param(value_type = String)]
    name: ScriptName,
    /// The version's number.
    number: i64,
}

/// A script's versions, newest first; the last 200 are kept.
#[utoipa::path(get, path = "/apps/{app}/scripts/{name}/versions", tag = "versions",
    params(AppPath, ScriptPath, PageQuery), responses((status = 200, body = Page<Version>)))]
async fn list(
    mut member: Member<Viewer>,
    Path(path): Path<ScriptPath>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<Version>>> {
    let mut tx = member.read().await?;
    let script = scripts::find(&mut tx, member.app, &path.name).await?;
    let before = query.after()?.unwrap_or(i64::MAX);
    let rows = queries::list(&mut tx, member.app, script.id, before, query.rows()?).await?;
    let versions = rows
        .into_iter()
        .map(|row| Version::of(row, script.live_version))
        .collect();
    Ok(axum::Json(Page::of(versions, &query, |version: &Version| {
        version.number.to_string()
    })?))
}

/// One version with its source.
#[utoipa::path(get, path = "/apps/{app}/scripts/{name}/versions/{number}", tag = "versions",
    params(AppPath, VersionPath), responses((status = 200, body = VersionWithSource)))]
async fn read(mut member: Member<Viewer>, Path(path): Path<VersionPath>) -> Result<axum::Json<VersionWithSource>> {
    let mut tx = member.read().await?;
    let script = scripts::find(&mut tx, member.app, &path.name).await?;
    let row = queries::find(&mut tx, member.app, script.id, path.number).await?;
    let row = row.ok_or_else(|| no_such_version(path.number))?;
    let source = source(&mut tx, member.app, script.id, path.number).await?;
    Ok(axum::Json(VersionWithSource {
        version: Version::of(row, script.live_version),
        source,
    }))
}

/// Makes a saved version the one that answers: rolls back, or forward again. It runs with the modules that it was linked
/// with. Of a module, everything that imports it is linked with that version anew.
#[utoipa::path(post, path = "/apps/{app}/scripts/{name}/versions/{number}/live", tag = "versions",
    params(AppPath, VersionPath, PreconditionHeaders), responses((status = 200, body = SavedScript)))]
async fn make_live(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<VersionPath>,
    precondition: Precondition,
) -> Result<impl IntoResponse> {
    let who = member.caller.token.to_string();
    let now = Time(host.clock.now_us());
    let mut tx = member.write().await?;
    let mut script = scripts::find(&mut tx, member.app, &path.name).await?;
    precondition.holds(&script.name, Some(script.live_version))?;
    let by = By { who: &who, now };
    let relinked = deploy::make_live(&mut tx, &host, member.app, &mut script, path.number, by).await?;
    member.publish(tx).await?;
    let tag = tag(script.live_version);
    Ok((tag, axum::Json(SavedScript::of(script, Vec::new(), relinked))))
}

impl Version {
    fn of(row: queries::Row, live: i64) -> Self {
        let queries::Row {
            number,
            characters,
            created_at,
            created_by,
            relinked_for,
        } = row;
        Self {
            number,
            live: number == live,
            characters,
            created_at,
            created_by,
            relinked_for,
        }
    }
}
