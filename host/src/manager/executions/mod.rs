//! `/apps/{app}/executions`: what ran, and how it ended.

mod queries;

use axum::Json;
use picloud_sdk::limits::Usage;
use picloud_sdk::report::{EndingKind, ExecutionError};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Member, Viewer};
use super::extract::{Path, Query};
use super::page::{Page, PageQuery};
use super::paths::AppPath;
use crate::error::{Error, Result};
use crate::ids::ExecutionId;
use crate::names::ScriptName;
use crate::time::Time;
use crate::world::LogLine;
use queries::From;

pub(super) const NOUN: Noun = Noun {
    router: || OpenApiRouter::new().routes(routes!(list)).routes(routes!(read)),
    statements: queries::ALL,
};

/// One run of one version for one event.
#[derive(Debug, Serialize, ToSchema)]
pub struct Execution {
    /// Its id.
    id: ExecutionId,
    /// The script's name at the time.
    script: String,
    /// The version's number; 0 for a draft.
    version: i64,
    /// Its place in the order in which runs were recorded.
    seq: i64,
    /// What happened: `http`, or `run` for a trial.
    kind: String,
    /// One line that tells it from others of its kind; of a request, its method and path.
    summary: String,
    /// The request's method; `null` when it was none.
    method: Option<String>,
    /// The request's path, below the app's root; `null` when it was none.
    path: Option<String>,
    /// The HTTP status that was answered; `null` when nobody was.
    status: Option<i32>,
    /// How it ended.
    #[schema(value_type = EndingKind)]
    ending: String,
    /// Why it did not reply; `null` when it did.
    #[schema(value_type = Option<ExecutionError>)]
    error: Option<Box<RawValue>>,
    /// What it used.
    usage: Usage,
    /// When it started.
    started_at: Time,
}

/// One run with its log.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExecutionWithLog {
    #[serde(flatten)]
    execution: Execution,
    /// What it logged, in order.
    #[schema(value_type = Vec<LogLine>)]
    log: Box<RawValue>,
}

/// Which executions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExecutionQuery {
    /// How many items at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
    /// Only those of this script.
    #[param(value_type = Option<String>)]
    script: Option<ScriptName>,
    /// Only those that ended like this.
    #[param(inline)]
    ending: Option<EndingKind>,
    /// Only those that were recorded after this `seq`, oldest first: to follow what runs.
    since: Option<i64>,
}

/// An execution of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ExecutionPath {
    /// The execution's id.
    id: ExecutionId,
}

/// An app's executions without their logs, the last recorded first, or with `since` the first recorded first. The oldest
/// are forgotten when there are too many.
#[utoipa::path(get, path = "/apps/{app}/executions", tag = "executions", params(AppPath, ExecutionQuery),
    responses((status = 200, body = Page<Execution>)))]
async fn list(mut member: Member<Viewer>, Query(query): Query<ExecutionQuery>) -> Result<Json<Page<Execution>>> {
    let page = PageQuery {
        limit: query.limit,
        after: query.after,
    };
    let from = match (page.after::<i64>()?, query.since) {
        (Some(place), Some(_)) | (None, Some(place)) => From::Since(place),
        (Some(place), None) => From::Before(place),
        (None, None) => From::Before(i64::MAX),
    };
    let which = queries::Which {
        from,
        script: query.script.as_ref().map(ScriptName::as_str),
        ending: query.ending.map(EndingKind::as_str),
    };
    let rows = queries::list(&mut member.read_history().await?, member.app, &which, page.rows()?).await?;
    let executions = rows.into_iter().map(Execution::of).collect::<Result<_>>()?;
    Ok(Json(Page::of(executions, &page, |execution: &Execution| {
        execution.seq.to_string()
    })?))
}

/// One execution with its log.
#[utoipa::path(get, path = "/apps/{app}/executions/{id}", tag = "executions", params(AppPath, ExecutionPath),
    responses((status = 200, body = ExecutionWithLog)))]
async fn read(mut member: Member<Viewer>, Path(path): Path<ExecutionPath>) -> Result<Json<ExecutionWithLog>> {
    let mut tx = member.read_history().await?;
    let Some(row) = queries::find(&mut tx, member.app, path.id).await? else {
        return Err(Error::not_found(format_args!("execution {}", path.id)));
    };
    let log = queries::log(&mut tx, member.app, path.id).await?;
    Ok(Json(ExecutionWithLog {
        execution: Execution::of(row)?,
        log: raw(log.unwrap_or_else(|| "[]".to_owned()))?,
    }))
}

impl Execution {
    fn of(row: queries::Row) -> Result<Self> {
        let usage = Usage {
            fuel: row.fuel.unsigned_abs(),
            memory_bytes: u32::try_from(row.memory_bytes).unwrap_or(u32::MAX),
            wall_us: row.wall_us.unsigned_abs(),
            host_calls: row.host_calls.unsigned_abs(),
            log_bytes: u32::try_from(row.log_bytes).unwrap_or(u32::MAX),
        };
        Ok(Self {
            id: row.id,
            script: row.script,
            version: row.version,
            seq: row.seq,
            kind: row.kind,
            summary: row.summary,
            method: row.method,
            path: row.path,
            status: row.status,
            ending: row.ending,
            error: row.error.map(raw).transpose()?,
            usage,
            started_at: row.started_at,
        })
    }
}

/// JSON that is stored as text, and goes out as it is.
fn raw(text: String) -> Result<Box<RawValue>> {
    Ok(RawValue::from_string(text).map_err(anyhow::Error::from)?)
}
