//! `POST /apps/{app}/scripts/{name}/run`: a draft, or the live version, against a given event.

use std::sync::Arc;

use axum::extract::State;
use data_encoding::BASE64;
use picloud_executor::Ending;
use picloud_sdk::limits::Usage;
use picloud_sdk::report::{EndingKind, ExecutionError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::access::{Deployer, Member};
use super::super::extract::{JsonWithEvent, Path};
use super::super::paths::{AppPath, ScriptPath};
use crate::commit::{Http, Kind};
use crate::deploy::{links, must_compile};
use crate::error::{Error, Result};
use crate::ids::ExecutionId;
use crate::orchestrator::given::GivenEvent;
use crate::orchestrator::{
    DispatchError, Finished, Happening, Host, Order, Refusal, Subject, current, dispatch, live, report,
};
use crate::problem::{Code, Problem};
use crate::world::LogLine;

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
    /// How it ended.
    ending: EndingKind,
    /// The answer; `null` when there is none.
    reply: Option<Reply>,
    /// Why there is none.
    error: Option<ExecutionError>,
    /// What it logged, in order.
    log: Vec<LogLine>,
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
    mut member: Member<Deployer>,
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
    let (app, subject) = match run.source {
        None => live(&host, member.app, script),
        Some(source) => {
            let artifact = Box::new(must_compile(&host, Some(member.app), &script, &source).await?);
            let modules = links::for_draft(&mut member.read().await?, member.app, &script, &artifact).await?;
            let draft = Subject::Draft {
                script,
                artifact,
                modules,
            };
            current(&host, member.app).map(|app| (app, draft))
        }
    }
    .map_err(|why| refusal_of(why, &member.app_name))?;
    let order = Order {
        app,
        subject,
        limits: None,
        record: run.record,
    };
    let path = run.event.path.into();
    let happening = Happening::request(Kind::Trial, Http { method, path }, (encoded, body));
    let finished = dispatch(&host, order, happening).await;
    let finished = finished.map_err(|why| refusal_of(why, &member.app_name))?;
    Ok(axum::Json(Ran::of(finished)))
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
    fn of(Finished { id, execution, log }: Finished) -> Self {
        let (ending, error) = report(&execution.ending);
        let reply = match execution.ending {
            Ending::Replied(reply) => Some(Reply::of(reply)),
            _ => None,
        };
        Self {
            execution: id,
            ending,
            reply,
            error,
            log,
            usage: execution.usage,
        }
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
