//! `POST /apps/{app}/scripts/{name}/run`: a draft, or the live version, against a given event.

use std::sync::Arc;

use axum::extract::State;
use picloud_executor::Ending;
use picloud_sdk::api::{Ran, Run};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::access::{Deployer, Member};
use super::super::extract::{JsonWithEvent, Path};
use super::super::paths::{AppPath, ScriptPath};
use crate::commit::{Http, Kind};
use crate::deploy::{links, must_compile};
use crate::error::{Error, Result};
use crate::orchestrator::given;
use crate::orchestrator::{
    DispatchError, Finished, Happening, Host, Order, Refusal, Subject, current, dispatch, live, report, textual,
};
use crate::problem::{Code, Problem};
use crate::world::Effects;

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(run))
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
    let (encoded, body) = given::encode(&run.event).map_err(|why| Error::invalid("event", why))?;
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
        commit: run.commit,
        messages: Vec::new(),
        once: None,
        promise: None,
    };
    let path = run.event.path.into();
    let happening = Happening::request(Kind::Trial, Http { method, path }, (encoded, body));
    let finished = dispatch(&host, order, happening).await;
    let finished = finished.map_err(|why| refusal_of(why, &member.app_name))?;
    Ok(axum::Json(told(finished)))
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

fn told(finished: Finished) -> Ran {
    let Finished {
        id,
        execution,
        log,
        effects,
        ..
    } = finished;
    let (ending, error) = report(&execution.ending);
    let reply = match execution.ending {
        Ending::Replied(reply) => Some(textual(reply)),
        _ => None,
    };
    let (effects, messages) = effects.map(|Effects { writes, messages }| (writes, messages)).unzip();
    Ran {
        execution: id.to_string(),
        ending,
        reply,
        error,
        log,
        usage: execution.usage,
        effects,
        messages,
    }
}
