//! `/apps/{app}/scripts`: what an app runs. Saving makes a version, and that version answers at once.

mod links;
mod push;
mod run;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use picloud_sdk::api::{
    Diagnostic, NewVersion, Page, Relinked, SavedScript, Script, ScriptName, ScriptWithSource, Time,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Deployer, Member, Viewer};
use super::extract::{Json, Path, Query};
use super::page::{self, PageQuery};
use super::paths::{AppPath, ScriptPath};
use super::precondition::{Precondition, PreconditionHeaders, tag};
use crate::deploy::routes::refuse_while_routed;
use crate::deploy::scripts::{find, queries};
use crate::deploy::{By, draft, links as linked, save, versions};
use crate::error::Result;
use crate::orchestrator::Host;
use crate::triggers::refuse_while_triggered;

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

/// An app's scripts, by name, without their sources.
#[utoipa::path(get, path = "/apps/{app}/scripts", tag = "scripts", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Script>)))]
async fn list(mut member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Script>>> {
    let after: Option<ScriptName> = query.after()?;
    let after = after.as_ref().map_or("", ScriptName::as_str);
    let rows = queries::list(&mut member.read().await?, member.app, after, query.rows()?).await?;
    let scripts = rows.into_iter().map(Script::from).collect();
    Ok(axum::Json(page::of(scripts, &query, |script: &Script| {
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
    Ok((tag, axum::Json(saved_script(script, warnings, saved.relinked))))
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
    refuse_while_triggered(&mut tx, (row.id, &row.name), "be deleted").await?;
    linked::refuse_while_imported(&mut tx, member.app, &row.name, "be deleted").await?;
    queries::delete(&mut tx, member.app, row.id).await?;
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What came of making `row` live.
pub(super) fn saved_script(row: queries::Row, warnings: Vec<Diagnostic>, relinked: Vec<(String, i64)>) -> SavedScript {
    SavedScript {
        script: row.into(),
        warnings,
        relinked: self::relinked(relinked),
    }
}

/// Name and number each.
fn relinked(pairs: Vec<(String, i64)>) -> Vec<Relinked> {
    let pairs = pairs.into_iter();
    pairs.map(|(name, version)| Relinked { name, version }).collect()
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
            id: id.to_string(),
            name,
            kind,
            version: live_version,
            created_at,
            updated_at,
        }
    }
}
