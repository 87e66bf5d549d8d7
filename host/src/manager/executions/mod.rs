//! `/apps/{app}/executions`: what ran, and how it ended.

mod queries;

use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::{Member, Viewer};
use super::apps::AppPath;
use super::error::{Error, Result};
use super::extract::{Path, Query};
use super::names::ScriptName;
use super::page::{Page, PageQuery};
use super::time::Time;
use crate::host::Host;
use crate::ids::ExecutionId;
use crate::store::Statement;

pub(super) const STATEMENTS: &[Statement] = queries::ALL;

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read))
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// The script answered.
    Replied,
    /// The script threw.
    Threw,
    /// A limit stopped it.
    Stopped,
    /// Something of ours broke.
    Broke,
    /// The client went away before it ended.
    Cancelled,
}

impl Ending {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Replied => "replied",
            Self::Threw => "threw",
            Self::Stopped => "stopped",
            Self::Broke => "broke",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One run of one version for one event.
#[derive(Debug, Serialize, ToSchema)]
pub struct Execution {
    /// Its id.
    id: ExecutionId,
    /// The script's name at the time.
    script: String,
    /// The version's number; 0 for a draft.
    version: i64,
    /// What it was: `http`, or `run` for a trial.
    event: String,
    /// The request's method.
    method: String,
    /// The request's path, below the app's root.
    path: String,
    /// The HTTP status that was answered.
    status: i32,
    /// How it ended: `replied`, `threw`, `stopped`, `broke` or `cancelled`.
    ending: String,
    /// Why it did not reply; `null` when it did.
    #[schema(value_type = Option<ExecutionError>)]
    error: Option<Value>,
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
    log: Value,
}

/// What a run used.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Usage {
    /// Units of work.
    pub fuel: i64,
    /// Largest size of its memory.
    pub memory_bytes: i64,
    /// Wall time in microseconds.
    pub wall_us: i64,
    /// Questions to the host.
    pub host_calls: i32,
}

/// Why a run did not reply.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExecutionError {
    /// A stable word.
    pub code: String,
    /// A sentence for the script's author.
    pub message: String,
    /// The limit that stopped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<&'static str>,
    /// What was used of that limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
    /// What was allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<u64>,
    /// Where in the script, innermost first.
    pub stack: Vec<Frame>,
}

impl ExecutionError {
    /// One that says no more than this.
    pub(super) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            limit: None,
            used: None,
            allowed: None,
            stack: Vec::new(),
        }
    }
}

/// One level of a script's stack.
#[derive(Debug, Serialize, ToSchema)]
pub struct Frame {
    /// The module it is in; left out for the script itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    module: String,
    /// The function; empty at file level.
    function: String,
    /// 1-based; 0 when not known.
    line: u32,
    /// 1-based; 0 when not known.
    column: u32,
}

impl From<picloud_executor::Frame> for Frame {
    fn from(frame: picloud_executor::Frame) -> Self {
        let picloud_executor::Frame {
            module,
            function,
            line,
            column,
        } = frame;
        Self {
            module,
            function,
            line,
            column,
        }
    }
}

/// One line of a run's log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogLine {
    /// `debug`, `info`, `warn` or `error`.
    level: String,
    /// The text.
    message: String,
    /// What the script gave with it.
    #[schema(value_type = Option<Object>)]
    fields: Option<Value>,
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
    ending: Option<Ending>,
}

/// An execution of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ExecutionPath {
    /// The execution's id.
    id: ExecutionId,
}

/// An app's executions, newest first, without their logs. The oldest are forgotten when there are too many.
#[utoipa::path(get, path = "/apps/{app}/executions", tag = "executions", params(AppPath, ExecutionQuery),
    responses((status = 200, body = Page<Execution>)))]
async fn list(member: Member<Viewer>, Query(query): Query<ExecutionQuery>) -> Result<Json<Page<Execution>>> {
    let page = PageQuery {
        limit: query.limit,
        after: query.after,
    };
    let which = queries::Which {
        before: page.after()?.unwrap_or(ExecutionId::LAST),
        script: query.script.as_ref().map(ScriptName::as_str),
        ending: query.ending.map(Ending::as_str),
    };
    let rows = queries::list(&mut member.read_history().await?, member.app, &which, page.rows()?).await?;
    let executions = rows.into_iter().map(Execution::from).collect();
    Ok(Json(Page::of(executions, &page, |execution: &Execution| {
        execution.id.to_string()
    })?))
}

/// One execution with its log.
#[utoipa::path(get, path = "/apps/{app}/executions/{id}", tag = "executions", params(AppPath, ExecutionPath),
    responses((status = 200, body = ExecutionWithLog)))]
async fn read(member: Member<Viewer>, Path(path): Path<ExecutionPath>) -> Result<Json<ExecutionWithLog>> {
    let mut tx = member.read_history().await?;
    let Some(row) = queries::find(&mut tx, member.app, path.id).await? else {
        return Err(Error::not_found(format_args!("execution {}", path.id)));
    };
    let log = queries::log(&mut tx, member.app, path.id).await?;
    let log = log.map_or_else(|| Value::Array(Vec::new()), |log| log.0);
    Ok(Json(ExecutionWithLog {
        execution: row.into(),
        log,
    }))
}

impl From<queries::Row> for Execution {
    fn from(row: queries::Row) -> Self {
        Self {
            id: row.id,
            script: row.script,
            version: row.version,
            event: row.event,
            method: row.method,
            path: row.path,
            status: row.status,
            ending: row.ending,
            error: row.error.map(|error| error.0),
            usage: Usage {
                fuel: row.fuel,
                memory_bytes: row.memory_bytes,
                wall_us: row.wall_us,
                host_calls: row.host_calls,
            },
            started_at: row.started_at,
        }
    }
}
