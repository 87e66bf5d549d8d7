//! `/apps/{app}/scripts/{name}/versions`: a script's saved states. They never change; one of them is live.

mod queries;

use axum::extract::State;
use picloud_sdk::compile::Artifact;
use picloud_sdk::wire;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::{Deployer, Member, Viewer};
use super::apps::AppPath;
use super::error::{Error, Result};
use super::extract::{Path, Query};
use super::names::ScriptName;
use super::page::{Page, PageQuery};
use super::scripts::{self, ScriptPath};
use super::time::Time;
use crate::host::Host;
use crate::ids::{AppId, ScriptId};
use crate::store::{Statement, Tx};

/// Versions of one script that are kept; older ones are deleted when another is saved.
pub const VERSIONS_KEPT: u32 = 200;

pub(super) const STATEMENTS: &[Statement] = queries::ALL;

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(make_live))
}

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
    member: Member<Viewer>,
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
async fn read(member: Member<Viewer>, Path(path): Path<VersionPath>) -> Result<axum::Json<VersionWithSource>> {
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

/// Makes a saved version the one that answers: rolls back, or forward again.
#[utoipa::path(post, path = "/apps/{app}/scripts/{name}/versions/{number}/live", tag = "versions",
    params(AppPath, VersionPath), responses((status = 200, body = scripts::Script)))]
async fn make_live(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<VersionPath>,
) -> Result<axum::Json<scripts::Script>> {
    let mut tx = member.write().await?;
    let mut script = scripts::find(&mut tx, member.app, &path.name).await?;
    if queries::find(&mut tx, member.app, script.id, path.number)
        .await?
        .is_none()
    {
        return Err(no_such_version(path.number));
    }
    script.live_version = path.number;
    script.updated_at = Time(host.clock.now_us());
    scripts::queries::update(&mut tx, member.app, &script).await?;
    member.publish(tx).await?;
    Ok(axum::Json(script.into()))
}

/// A version to be saved.
pub(super) struct NewVersion<'a> {
    pub(super) script: ScriptId,
    pub(super) number: i64,
    pub(super) source: &'a str,
    pub(super) artifact: &'a Artifact,
    pub(super) guest_hash: &'static str,
    pub(super) by: &'a str,
}

/// The number that follows the last one. The transaction holds the app's lock, so nobody else takes it.
pub(super) async fn next_number(tx: &mut Tx, app: AppId, script: ScriptId) -> Result<i64> {
    Ok(queries::last(tx, app, script).await? + 1)
}

/// Saves a version, which is the live one from now on, and forgets those that are too many.
pub(super) async fn insert(tx: &mut Tx, app: AppId, version: &NewVersion<'_>, now: Time) -> Result<()> {
    queries::insert(tx, app, version, wire::encode(version.artifact), now).await?;
    Ok(queries::forget(tx, app, version.script, version.number - i64::from(VERSIONS_KEPT)).await?)
}

/// A version's source.
pub(super) async fn source(tx: &mut Tx, app: AppId, script: ScriptId, number: i64) -> Result<String> {
    queries::source(tx, app, script, number)
        .await?
        .ok_or_else(|| no_such_version(number))
}

fn no_such_version(number: i64) -> Error {
    Error::not_found(format_args!("version {number} of this script"))
}

impl Version {
    fn of(row: queries::Row, live: i64) -> Self {
        let queries::Row {
            number,
            characters,
            created_at,
            created_by,
        } = row;
        Self {
            number,
            live: number == live,
            characters,
            created_at,
            created_by,
        }
    }
}
