//! `/apps/{app}/scripts`: what an app runs. Saving makes a version, and that version answers at once.

mod links;
mod push;
mod run;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Deployer, Member, Viewer};
use super::extract::{Json, Path, Query};
use super::page::{Page, PageQuery};
use super::paths::{AppPath, ScriptPath};
use super::precondition::{Precondition, PreconditionHeaders, tag};
use crate::deploy::routes::refuse_while_routed;
use crate::deploy::scripts::{find, queries};
use crate::deploy::{By, draft, links as linked, save, versions};
use crate::error::Result;
use crate::ids::ScriptId;
use crate::linking::{Diagnostic, Kind};
use crate::names::ScriptName;
use crate::orchestrator::Host;
use crate::time::Time;

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(read, put, remove))
            .merge(links::router())
            .merge(push::router())
            .merge(run::router())
    },
    statements: queries::ALL,
};

/// A script, without its source.
#[derive(Debug, Serialize, ToSchema)]
pub struct Script {
    /// Its id.
    id: ScriptId,
    /// Its name.
    name: String,
    /// What it is for.
    kind: Kind,
    /// The number of the version that is live.
    version: i64,
    /// When it was first saved.
    created_at: Time,
    /// When it was last saved, or another version made live.
    updated_at: Time,
}

/// A script with its source.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScriptWithSource {
    #[serde(flatten)]
    script: Script,
    /// The source of the version that is live.
    source: String,
}

/// A script that was saved, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedScript {
    #[serde(flatten)]
    script: Script,
    /// What is worth knowing, and in nobody's way.
    warnings: Vec<Diagnostic>,
    /// Scripts that import this one and were linked with it anew, each as a new version.
    relinked: Vec<Relinked>,
}

/// A script that was linked anew.
#[derive(Debug, Serialize, ToSchema)]
pub struct Relinked {
    /// Its name.
    name: String,
    /// The number of its new version, which is live.
    version: i64,
}

/// A source to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// What the script is for.
    kind: Kind,
    /// Rhai, at most 64 KiB by default.
    source: String,
}

/// An app's scripts, by name, without their sources.
#[utoipa::path(get, path = "/apps/{app}/scripts", tag = "scripts", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Script>)))]
async fn list(mut member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Script>>> {
    let after: Option<ScriptName> = query.after()?;
    let after = after.as_ref().map_or("", ScriptName::as_str);
    let rows = queries::list(&mut member.read().await?, member.app, after, query.rows()?).await?;
    let scripts = rows.into_iter().map(Script::from).collect();
    Ok(axum::Json(Page::of(scripts, &query, |script: &Script| {
        script.name.clone()
    })?))
}

/// A script with the source of its live version.
#[utoipa::path(get, path = "/apps/{app}/scripts/{name}", tag = "scripts", params(AppPath, ScriptPath),
    responses((status = 200, body = ScriptWithSource)))]
async fn read(mut member: Member<Viewer>, Path(path): Path<ScriptPath>) -> Result<impl IntoResponse> {
    let mut tx = member.read().await?;
    let row = find(&mut tx, member.app, &path.name).await?;
    let source = versions::source(&mut tx, member.app, row.id, row.live_version).await?;
    let tag = tag(row.live_version);
    let script = row.into();
    Ok((tag, axum::Json(ScriptWithSource { script, source })))
}

/// Saves a source as the script's next version and makes it live; a script of a new name is made. What imports it is
/// linked with it anew in the same transaction, or the change is refused. With `If-Match` it is saved only over the
/// version that its author saw.
#[utoipa::path(put, path = "/apps/{app}/scripts/{name}", tag = "scripts", params(AppPath, ScriptPath, PreconditionHeaders),
    request_body = NewVersion, responses((status = 200, body = SavedScript)))]
async fn put(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<ScriptPath>,
    precondition: Precondition,
    Json(new): Json<NewVersion>,
) -> Result<impl IntoResponse> {
    let draft = draft(&host, Some(member.app), path.name, new.kind, new.source).await?;
    let who = member.caller.token.to_string();
    let now = Time(host.clock.now_us());
    let mut tx = member.write().await?;
    if precondition != Precondition::None {
        let live = queries::find(&mut tx, member.app, draft.name.as_str()).await?;
        precondition.holds(draft.name.as_str(), live.map(|row| row.live_version))?;
    }
    let mut saved = save(&mut tx, &host, member.app, &[draft], By { who: &who, now }).await?;
    member.publish(tx).await?;
    let (script, warnings) = saved.scripts.remove(0);
    let tag = tag(script.live_version);
    Ok((tag, axum::Json(SavedScript::of(script, warnings, saved.relinked))))
}

/// Deletes a script with all its versions. Refused while routes point at it or scripts import it.
#[utoipa::path(delete, path = "/apps/{app}/scripts/{name}", tag = "scripts", params(AppPath, ScriptPath, PreconditionHeaders),
    responses((status = 204)))]
async fn remove(
    member: Member<Deployer>,
    Path(path): Path<ScriptPath>,
    precondition: Precondition,
) -> Result<StatusCode> {
    let mut tx = member.write().await?;
    let row = find(&mut tx, member.app, &path.name).await?;
    precondition.holds(&row.name, Some(row.live_version))?;
    refuse_while_routed(&mut tx, member.app, (row.id, &row.name), "be deleted").await?;
    linked::refuse_while_imported(&mut tx, member.app, &row.name, "be deleted").await?;
    queries::delete(&mut tx, member.app, row.id).await?;
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl SavedScript {
    /// What came of making `row` live.
    pub(super) fn of(row: queries::Row, warnings: Vec<Diagnostic>, relinked: Vec<(String, i64)>) -> Self {
        Self {
            script: row.into(),
            warnings,
            relinked: Relinked::all(relinked),
        }
    }
}

impl Relinked {
    /// Name and number each.
    fn all(relinked: Vec<(String, i64)>) -> Vec<Self> {
        let relinked = relinked.into_iter();
        relinked.map(|(name, version)| Self { name, version }).collect()
    }
}

impl From<queries::Row> for Script {
    fn from(row: queries::Row) -> Self {
        let queries::Row {
            id,
            name,
            kind,
            live_version,
            created_at,
            updated_at,
        } = row;
        Self {
            id,
            name,
            kind,
            version: live_version,
            created_at,
            updated_at,
        }
    }
}
