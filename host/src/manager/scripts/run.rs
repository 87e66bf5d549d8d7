//! `POST /apps/{app}/scripts/{name}/run`: a draft, or the live version, against a given event.

use std::sync::Arc;

use axum::extract::State;
use data_encoding::BASE64;
use picloud_executor::Ending;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::access::{Deployer, Member};
use super::super::apps::AppPath;
use super::super::check;
use super::super::error::{Error, Result};
use super::super::executions::{ExecutionError, Frame, LogLine, Usage};
use super::super::extract::{JsonWithEvent, Path};
use super::super::links;
use super::ScriptPath;
use crate::host::Host;
use crate::ids::ExecutionId;
use crate::orchestrator::given::GivenEvent;
use crate::orchestrator::{DispatchError, Refusal, Subject, Trial, Tried, run_once};
use crate::problem::{Code, Problem};

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(run))
}

/// What to run, and what happens to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    /// A draft; left out, the live version runs.
    source: Option<String>,
    /// The event; left out, `GET /`.
    #[serde(default)]
    event: GivenEvent,
    /// Whether it is kept among the app's executions.
    #[serde(default)]
    record: bool,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ran {
    /// The run's id; it is among the executions only if that was asked for.
    execution: ExecutionId,
    /// How it ended: `replied`, `threw`, `stopped` or `broke`.
    ending: &'static str,
    /// The answer; `null` when there is none.
    reply: Option<Reply>,
    /// Why there is none.
    error: Option<ExecutionError>,
    /// What it logged, in order.
    #[schema(value_type = Vec<LogLine>)]
    log: Value,
    /// What it used.
    usage: Usage,
}

/// An HTTP answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reply {
    /// 200 to 599.
    status: u16,
    /// Name and value, in order.
    headers: Vec<(String, String)>,
    /// The body, when it is text.
    body: Option<String>,
    /// The body in base64, when it is not.
    body_base64: Option<String>,
}

/// Runs a draft or the live version against a given event, in a sandbox like any other, and answers what came of it.
/// That the script fails is an answer, not an error.
#[utoipa::path(post, path = "/apps/{app}/scripts/{name}/run", tag = "scripts", params(AppPath, ScriptPath),
    request_body = Run, responses((status = 200, body = Ran)))]
async fn run(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<ScriptPath>,
    JsonWithEvent(run): JsonWithEvent<Run>,
) -> Result<axum::Json<Ran>> {
    let (encoded, body) = run.event.encode().map_err(|why| Error::invalid("event", why))?;
    let allowed = host.config.http.body_bytes_max;
    if body.len() > allowed as usize {
        let message = format!(
            "event: the body has {} bytes, {allowed} are allowed (PICLOUD_BODY_BYTES_MAX)",
            body.len()
        );
        return Err(Problem::new(Code::BodyTooLarge, message).into());
    }
    let method = run
        .event
        .method
        .parse()
        .map_err(|_| Error::invalid("event", "method: this is no method"))?;
    let script: Arc<str> = path.name.as_str().into();
    let subject = match run.source {
        None => Subject::Live(script),
        Some(source) => {
            let artifact = Box::new(check::must_compile(&host, Some(member.app), &script, &source).await?);
            let modules = links::for_draft(&mut member.read().await?, member.app, &script, &artifact).await?;
            Subject::Draft {
                script,
                artifact,
                modules,
            }
        }
    };
    let trial = Trial {
        app: member.app,
        subject,
        method,
        path: run.event.path,
        encoded,
        body,
        limits: None,
        record: run.record,
    };
    let tried = run_once(&host, trial)
        .await
        .map_err(|why| refusal_of(why, &member.app_name))?;
    Ok(axum::Json(Ran::of(tried)?))
}

fn refusal_of(why: DispatchError, app: &str) -> Error {
    let message = why.to_string();
    match why {
        DispatchError::Refused(Refusal::App { .. }) => Problem::new(Code::TooManyRuns, message).into(),
        DispatchError::Refused(_) => Problem::new(Code::Overloaded, message).into(),
        // The cause is in the log already.
        DispatchError::NoProgram { .. } => {
            Problem::new(Code::Unavailable, "the script cannot be loaded at the moment").into()
        }
        DispatchError::NoApp => Error::not_found(format_args!("app {app:?}")),
        DispatchError::NoEndpoint(name) => Error::not_found(format_args!("endpoint {name:?}")),
    }
}

impl Ran {
    fn of(tried: Tried) -> Result<Self> {
        let used = tried.execution.usage;
        let usage = Usage {
            fuel: i64::try_from(used.fuel).unwrap_or(i64::MAX),
            memory_bytes: used.memory_bytes.into(),
            wall_us: i64::try_from(used.wall_us).unwrap_or(i64::MAX),
            host_calls: i32::try_from(used.host_calls).unwrap_or(i32::MAX),
        };
        let log = serde_json::to_value(&tried.log).map_err(anyhow::Error::from)?;
        let (ending, reply, error) = match tried.execution.ending {
            Ending::Replied(reply) => ("replied", Some(Reply::of(reply)), None),
            Ending::Threw(error) => {
                let stack = error.stack.into_iter().map(Frame::from).collect();
                (
                    "threw",
                    None,
                    Some(ExecutionError {
                        stack,
                        ..ExecutionError::new(error.code, error.message)
                    }),
                )
            }
            Ending::Stopped(stop) => (
                "stopped",
                None,
                Some(ExecutionError {
                    limit: Some(stop.limit.as_str()),
                    used: Some(stop.used),
                    allowed: Some(stop.allowed),
                    ..ExecutionError::new("limit_exceeded", stop.to_string())
                }),
            ),
            Ending::Stale(why) | Ending::Broke(why) => {
                tracing::error!(execution.id = %tried.id, "the trial {} broke, which is our fault: {why}", tried.id);
                let message = "something went wrong on our side; the server's log has the cause";
                ("broke", None, Some(ExecutionError::new("internal", message)))
            }
        };
        Ok(Self {
            execution: tried.id,
            ending,
            reply,
            error,
            log,
            usage,
        })
    }
}

impl Reply {
    fn of(reply: picloud_executor::Reply) -> Self {
        let picloud_executor::Reply { status, headers, body } = reply;
        match String::from_utf8(body.into()) {
            Ok(text) => Self {
                status,
                headers,
                body: Some(text),
                body_base64: None,
            },
            Err(bytes) => Self {
                status,
                headers,
                body: None,
                body_base64: Some(BASE64.encode(bytes.as_bytes())),
            },
        }
    }
}
