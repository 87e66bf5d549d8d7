//! `/apps/{app}/executions`: what ran, and how it ended.

mod replay;

use axum::Json;
use picloud_sdk::api::{Execution, ExecutionWithLog, Page, ScriptName};
use picloud_sdk::report::EndingKind;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Member, Viewer};
use super::extract::{Path, Query};
use super::page::{self, PageQuery};
use super::paths::AppPath;
use crate::commit::executions::{self, Start, Which};
use crate::error::{Error, Result};
use crate::ids::ExecutionId;

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(read))
            .merge(replay::router())
    },
    statements: &[],
};

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
    /// Only those of this kind: `http`, `run`, `queue`, `schedule`, `subscription`, `change` or `later`.
    kind: Option<String>,
    /// Only those for the queue, schedule, ... of this name; `kind` says which of them.
    name: Option<String>,
    /// Only those that were recorded after this `seq`, oldest first: to follow what runs.
    since: Option<i64>,
}

/// An execution of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ExecutionPath {
    /// The execution's id.
    #[param(value_type = String, pattern = "^exe_[0-9a-f]{32}$")]
    id: ExecutionId,
}

/// An app's executions without their logs, the last recorded first, or with `since` the first recorded first. The oldest
/// are forgotten when there are too many.
#[utoipa::path(get, path = "/apps/{app}/executions", tag = "executions", params(AppPath, ExecutionQuery),
    responses((status = 200, body = Page<Execution>)))]
async fn list(mut member: Member<Viewer>, Query(query): Query<ExecutionQuery>) -> Result<Json<Page<Execution>>> {
    let page_query = PageQuery {
        limit: query.limit,
        after: query.after,
    };
    let from = match (page_query.after::<i64>()?, query.since) {
        (Some(place), Some(_)) | (None, Some(place)) => Start::Since(place),
        (Some(place), None) => Start::Before(place),
        (None, None) => Start::Before(i64::MAX),
    };
    if query.name.is_some() && query.kind.is_none() {
        return Err(Error::invalid("name", "`kind` has to say what it is the name of"));
    }
    let which = Which {
        from,
        script: query.script.as_ref().map(ScriptName::as_str),
        ending: query.ending,
        kind: query.kind.as_deref(),
        name: query.name.as_deref(),
    };
    let mut tx = member.read_history().await?;
    let executions = executions::list(&mut tx, member.app, &which, page_query.rows()?).await?;
    Ok(Json(page::of(executions, &page_query, |execution: &Execution| {
        execution.seq.to_string()
    })?))
}

/// One execution with its log.
#[utoipa::path(get, path = "/apps/{app}/executions/{id}", tag = "executions", params(AppPath, ExecutionPath),
    responses((status = 200, body = ExecutionWithLog)))]
async fn read(mut member: Member<Viewer>, Path(path): Path<ExecutionPath>) -> Result<Json<ExecutionWithLog>> {
    let mut tx = member.read_history().await?;
    let found = executions::find(&mut tx, member.app, path.id).await?;
    let found = found.ok_or_else(|| Error::not_found(format_args!("execution {}", path.id)))?;
    Ok(Json(found))
}
