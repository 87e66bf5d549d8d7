//! `/apps/{app}/scripts`: what an app runs. Saving makes a version, and that version answers at once.

pub(super) mod queries;
mod push;
mod run;

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::compile::Artifact;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::{Deployer, Member, Viewer};
use super::apps::AppPath;
use super::check::Diagnostic;
use super::error::{Error, Result};
use super::extract::{Json, Path, Query};
use super::names::ScriptName;
use super::page::{Page, PageQuery};
use super::time::Time;
use super::{check, links, routes, versions};
use crate::host::Host;
use crate::ids::{AppId, ScriptId};
use crate::problem::{Code, Problem};
use crate::store::Tx;

/// Scripts of one app.
pub const SCRIPTS_MAX: usize = 1_000;
/// Who saved what nobody saved.
pub(super) const BY_PICLOUD: &str = "picloud";

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read, put, remove))
        .merge(links::router())
        .merge(push::router())
        .merge(run::router())
}

/// What a script is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Kind {
    /// It answers events.
    #[default]
    Endpoint,
    /// Other scripts of its app import it.
    Module,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Module => "module",
        }
    }
}

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

impl Script {
    pub(super) const fn id(&self) -> ScriptId {
        self.id
    }
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

/// A script of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ScriptPath {
    /// The script's name; a slash in it is written `%2F`.
    #[param(value_type = String)]
    pub(super) name: ScriptName,
}

/// A source that compiles.
pub(super) struct Draft {
    pub(super) name: ScriptName,
    pub(super) kind: Kind,
    pub(super) source: String,
    pub(super) artifact: Artifact,
    pub(super) guest_hash: &'static str,
}

/// An app's scripts, by name, without their sources.
#[utoipa::path(get, path = "/apps/{app}/scripts", tag = "scripts", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Script>)))]
async fn list(member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Script>>> {
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
async fn read(member: Member<Viewer>, Path(path): Path<ScriptPath>) -> Result<axum::Json<ScriptWithSource>> {
    let mut tx = member.read().await?;
    let row = find(&mut tx, member.app, &path.name).await?;
    let source = versions::source(&mut tx, member.app, row.id, row.live_version).await?;
    Ok(axum::Json(ScriptWithSource {
        script: row.into(),
        source,
    }))
}

/// Saves a source as the script's next version and makes it live; a script of a new name is made. What imports it is
/// linked with it anew in the same transaction, or the change is refused.
#[utoipa::path(put, path = "/apps/{app}/scripts/{name}", tag = "scripts", params(AppPath, ScriptPath),
    request_body = NewVersion, responses((status = 200, body = SavedScript)))]
async fn put(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<ScriptPath>,
    Json(new): Json<NewVersion>,
) -> Result<axum::Json<SavedScript>> {
    let draft = compile(&host, Some(member.app), path.name, new.kind, new.source).await?;
    let by = member.caller.token.to_string();
    let now = Time(host.clock.now_us());
    let mut tx = member.write().await?;
    let mut saved = links::save(&mut tx, &host, member.app, &[draft], &by, now).await?;
    member.publish(tx).await?;
    let (script, warnings) = saved.scripts.remove(0);
    Ok(axum::Json(SavedScript {
        script,
        warnings,
        relinked: Relinked::all(saved.relinked),
    }))
}

/// Deletes a script with all its versions. Refused while routes point at it or scripts import it.
#[utoipa::path(delete, path = "/apps/{app}/scripts/{name}", tag = "scripts", params(AppPath, ScriptPath),
    responses((status = 204)))]
async fn remove(member: Member<Deployer>, Path(path): Path<ScriptPath>) -> Result<StatusCode> {
    let mut tx = member.write().await?;
    let row = find(&mut tx, member.app, &path.name).await?;
    refuse_while_routed(&mut tx, member.app, (row.id, &row.name), "be deleted").await?;
    links::refuse_while_imported(&mut tx, member.app, &row.name, "be deleted").await?;
    queries::delete(&mut tx, member.app, row.id).await?;
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Compiles what is to be saved, before any transaction is open.
pub(super) async fn compile(
    host: &Host,
    app: Option<AppId>,
    name: ScriptName,
    kind: Kind,
    source: String,
) -> Result<Draft> {
    let artifact = check::must_compile(host, app, name.as_str(), &source).await?;
    Ok(Draft {
        name,
        kind,
        source,
        artifact,
        guest_hash: host.guest_hash,
    })
}

/// The script of this name, or a 404.
pub(super) async fn find(tx: &mut Tx, app: AppId, name: &ScriptName) -> Result<queries::Row> {
    let row = queries::find(tx, app, name.as_str()).await?;
    row.ok_or_else(|| Error::not_found(format_args!("script {:?}", name.as_str())))
}

/// Refuses what would leave routes without their script.
pub(super) async fn refuse_while_routed(
    tx: &mut Tx,
    app: AppId,
    (script, name): (ScriptId, &str),
    what: &str,
) -> Result<()> {
    let routes = routes::queries::of_script(tx, app, script).await?;
    if routes.is_empty() {
        return Ok(());
    }
    let named: Vec<_> = routes
        .iter()
        .map(|route| format!("{} {}", route.method, route.pattern))
        .collect();
    let message = format!("{name:?} cannot {what} while routes point at it: {}", named.join(", "));
    let ids: Vec<_> = routes.iter().map(|route| route.id).collect();
    Err(Problem::new(Code::InUse, message).with(json!({ "routes": ids })).into())
}

impl SavedScript {
    /// One without warnings.
    pub(super) fn relinking(script: Script, relinked: Vec<(String, i64)>) -> Self {
        Self {
            script,
            warnings: Vec::new(),
            relinked: Relinked::all(relinked),
        }
    }
}

impl Relinked {
    /// Name and number each.
    pub(super) fn all(relinked: Vec<(String, i64)>) -> Vec<Self> {
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
