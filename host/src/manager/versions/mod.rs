//! `/apps/{app}/scripts/{name}/versions`: a script's saved states. They never change; one of them is live.

use axum::extract::State;
use axum::response::IntoResponse;
use picloud_sdk::api::{Page, SavedScript, ScriptName, Time, Version, VersionWithSource};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Deployer, Member, Viewer};
use super::extract::{Path, Query};
use super::page::{self, PageQuery};
use super::paths::{AppPath, ScriptPath};
use super::precondition::{Precondition, PreconditionHeaders, tag};
use super::scripts::saved_script;
use crate::deploy::versions::{no_such_version, queries, source};
use crate::deploy::{self, By, scripts};
use crate::error::Result;
use crate::orchestrator::Host;

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(read))
            .routes(routes!(make_live))
    },
    statements: queries::ALL,
};

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
        .map(|row| described(row, script.live_version))
        .collect();
    Ok(axum::Json(page::of(versions, &query, |version: &Version| {
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
        version: described(row, script.live_version),
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
    Ok((tag, axum::Json(saved_script(script, Vec::new(), relinked))))
}

fn described(row: queries::Row, live: i64) -> Version {
    let queries::Row {
        number,
        characters,
        created_at,
        created_by,
        relinked_for,
    } = row;
    Version {
        number,
        live: number == live,
        characters,
        created_at,
        created_by,
        relinked_for,
    }
}
