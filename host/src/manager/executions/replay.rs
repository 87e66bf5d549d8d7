//! `POST /apps/{app}/executions/{id}/replay` and `GET …/capsule`: a run that is over, once more.

use std::sync::Arc;
use std::{fmt, io};

use axum::Json;
use axum::extract::State;
use data_encoding::BASE64;
use picloud_executor::Linked;
use picloud_sdk::api::{Capsule as CapsuleFile, Replay, Replayed};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::access::{Deployer, Member};
use super::super::extract::{Json as Body, Path, Query};
use super::super::paths::AppPath;
use super::ExecutionPath;
use crate::commit::{Journal, journals};
use crate::deploy::{links, must_compile, versions};
use crate::error::{Error, Result};
use crate::ids::{ExecutionId, VersionId};
use crate::orchestrator::{AppScripts, Capsule, Host, Script, current, replay};
use crate::problem::{Code, Problem};
use crate::secrets::{Label, Secret, queries as secrets};
use crate::world::{Called, ToldSecret, called_in, told_secrets};

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(run_again)).routes(routes!(capsule))
}

/// What a capsule holds.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CapsuleQuery {
    /// Whether with the request's body.
    #[param(default = true)]
    bodies: Option<bool>,
}

/// Runs an execution again: with the event, the answers, the randomness and the time that it had, and with no effect. What
/// comes of it is compared with what came of it then, to the byte. Without a version or a draft, what ran then runs.
#[utoipa::path(post, path = "/apps/{app}/executions/{id}/replay", tag = "executions", params(AppPath, ExecutionPath),
    request_body = Replay, responses((status = 200, body = Replayed)))]
async fn run_again(
    mut member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<ExecutionPath>,
    Body(with): Body<Replay>,
) -> Result<Json<Replayed>> {
    let journal = journal(&mut member, &host, path.id).await?;
    let linked = match with {
        Replay {
            source: Some(_),
            version: Some(_),
        } => {
            return Err(Error::invalid(
                "version",
                "a replay is of a version or of a source, not of both",
            ));
        }
        Replay {
            source: Some(source), ..
        } => draft(&mut member, &host, &journal, &source).await?,
        Replay {
            version: Some(number), ..
        } => {
            let version = versions::find(&mut member.read().await?, member.app, &journal.script, number).await?;
            program(&member, &host, &journal.script, version).await?
        }
        Replay { .. } => program(&member, &host, &journal.script, own_version(&journal)?).await?,
    };
    let secrets = secrets_of(&mut member, &host, &journal).await?;
    let app = current(&host, member.app).map_err(|_| Error::not_found(format_args!("app {}", member.app_name)))?;
    let admitted = host.admission.admit(&app.places).await;
    let _permit = admitted.map_err(|refusal| Problem::new(Code::TooManyRuns, refusal.to_string()))?;
    let same_guest = journal.guest == host.guest_hash;
    let memory = Arc::clone(app.places.memory());
    let bounds = (&host.config.data, host.config.outbound.request_bytes_max);
    let scripts = Arc::new(AppScripts::new(host.clone(), app));
    let compared = replay(&*host.runner, linked, (journal, secrets, scripts), bounds, memory).await;
    Ok(Json(compared.told(same_guest)))
}

/// An execution as a file that `picloud replay` runs without a server: its journal, what ran, and the sources of that.
#[utoipa::path(get, path = "/apps/{app}/executions/{id}/capsule", tag = "executions",
    params(AppPath, ExecutionPath, CapsuleQuery), responses((status = 200, body = CapsuleFile)))]
async fn capsule(
    mut member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<ExecutionPath>,
    Query(query): Query<CapsuleQuery>,
) -> Result<Json<CapsuleFile>> {
    let journal = journal(&mut member, &host, path.id).await?;
    let version = own_version(&journal)?;
    let script = script(&member, &host, &journal.script, version).await?;
    let mut called = Vec::new();
    for Called {
        script: name, version, ..
    } in called_in(&journal.calls)
    {
        let id = version
            .parse()
            .map_err(|_| Error::not_found(format_args!("version {version}")))?;
        called.push((version.to_owned(), self::script(&member, &host, name, id).await?));
    }
    let mut capsule = Capsule::of(journal, script, called);
    if query.bodies == Some(false) {
        capsule = capsule.without_body();
    }
    Ok(Json(CapsuleFile {
        holds: capsule.holds(),
        capsule_base64: BASE64.encode(&capsule.pack()?),
    }))
}

async fn journal(member: &mut Member<Deployer>, host: &Host, id: ExecutionId) -> Result<Journal> {
    // It may be on its way.
    drop(member.read_history().await?);
    let journal = journals::find(&host.db, member.app, id).await.map_err(|error| {
        let io: Option<&io::Error> = error.downcast_ref();
        match io.filter(|io| io.kind() == io::ErrorKind::Unsupported) {
            Some(form) => Error::not_found(format_args!(
                "journal of execution {id} that can be replayed: another release wrote it; {form}"
            )),
            None => error.into(),
        }
    })?;
    journal.ok_or_else(|| {
        Error::not_found(format_args!(
            "journal of execution {id}: it is kept of runs that ended while the app's journal was on and that were told no \
             more than PICLOUD_JOURNAL_BYTES_MAX, until newer ones come to more than PICLOUD_JOURNAL_BYTES_PER_APP"
        ))
    })
}

/// The values that a run was told.
async fn secrets_of(
    member: &mut Member<Deployer>,
    host: &Host,
    journal: &Journal,
) -> Result<Vec<(ToldSecret, Secret)>> {
    let told = told_secrets(&journal.calls);
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = member.read().await?;
    let mut values = Vec::new();
    for told in told {
        let ToldSecret { name, version } = &told;
        let row = match version.parse() {
            Ok(id) => secrets::value(&mut tx, member.app, name, id).await?,
            Err(_) => None,
        };
        let Some(row) = row else {
            return Err(Error::not_found(format_args!(
                "value of the secret {name:?} any more that {} was told: it was deleted, or set too often since",
                journal.execution
            )));
        };
        let label = Label {
            app: row.app_id,
            id: row.id,
            name: &row.name,
        };
        let value = host.keys.open_sealed(&label, &row.key_id, &row.sealed);
        let value = value.map_err(|why| anyhow::anyhow!("the secret {name} of {}: {why}", member.app))?;
        values.push((told, value));
    }
    Ok(values)
}

fn own_version(journal: &Journal) -> Result<VersionId> {
    let version = journal.version.as_deref().and_then(|version| version.parse().ok());
    version.ok_or_else(|| {
        Error::not_found(format_args!(
            "source of {}: it was a draft; send one as `source` (picloud replay --draft FILE)",
            journal.execution
        ))
    })
}

async fn program(member: &Member<Deployer>, host: &Host, name: &str, version: VersionId) -> Result<Arc<Linked>> {
    let loaded = host.programs.get(member.app, version).await;
    let loaded = loaded.map_err(|why| missing(format_args!("version {version} of {name:?}"), why))?;
    let linked = host.programs.linked(&loaded).await;
    linked.map_err(|why| missing(format_args!("module of version {version} of {name:?}"), why))
}

/// A version to run and to read.
async fn script(member: &Member<Deployer>, host: &Host, name: &str, version: VersionId) -> Result<Script> {
    let linked = program(member, host, name, version).await?;
    let sources = host.programs.sources(member.app, version).await;
    let sources = sources.map_err(|why| missing(format_args!("version {version} of {name:?}"), why))?;
    Ok(Script::of(name.to_owned(), &linked, sources))
}

/// It is not there any more, unless the database cannot say so.
fn missing(what: fmt::Arguments<'_>, why: anyhow::Error) -> Error {
    if why.chain().any(<dyn std::error::Error>::is::<sqlx::Error>) {
        return why.into();
    }
    Error::not_found(format_args!("{what}: {why:#}"))
}

async fn draft(member: &mut Member<Deployer>, host: &Host, journal: &Journal, source: &str) -> Result<Arc<Linked>> {
    let artifact = must_compile(host, Some(member.app), &journal.script, source).await?;
    let modules = links::for_draft(&mut member.read().await?, member.app, &journal.script, &artifact).await?;
    let loaded = host.programs.of_draft(member.app, artifact, modules).await?;
    Ok(host.programs.linked(&loaded).await?)
}
