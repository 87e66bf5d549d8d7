//! `/.well-known/picloud/executions/{id}`: what became of a request that is answered later. Each app has it, before its
//! routes; whoever knows the id may ask.

use http::Method;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::answer;
use crate::edge::{self, Answer};
use crate::ids::RequestId;
use crate::orchestrator::accepted::{self, Cancelled, Looked};
use crate::orchestrator::{App, Host};
use crate::problem::{Code, Problem};

/// Below an app's root; no route answers there.
pub(super) const OWN: &str = "/.well-known/picloud/";
const EXECUTIONS: &str = "executions/";

/// Where to ask what became of a request.
pub(super) fn location(app: &App, is_by_path: bool, id: RequestId) -> String {
    if is_by_path {
        format!("/~{}{OWN}{EXECUTIONS}{id}", app.name)
    } else {
        format!("{OWN}{EXECUTIONS}{id}")
    }
}

/// Answers what is asked of `path` below [`OWN`].
pub(super) async fn answer(host: &Host, (app, is_by_path): (&App, bool), method: &Method, path: &str) -> Answer {
    let id = path.strip_prefix(EXECUTIONS).and_then(|id| id.parse().ok());
    let Some(id) = id else { return nowhere() };
    match *method {
        Method::GET | Method::HEAD => match accepted::look(host, app, id).await {
            Ok(looked) => told(looked, id, &location(app, is_by_path, id)),
            Err(problem) => answer::not_now(&problem),
        },
        Method::DELETE => match accepted::cancel(host, app, id).await {
            Ok(Cancelled::Done) => said(StatusCode::OK, &json!({ "id": id, "status": "cancelled" })),
            Ok(Cancelled::TooLate) => edge::problem(&Problem::new(
                Code::AlreadyAnswered,
                "the request is answered: GET has the reply",
            )),
            Ok(Cancelled::Nowhere) => nowhere(),
            Err(problem) => answer::not_now(&problem),
        },
        _ => answer::not_allowed("GET, HEAD, DELETE, OPTIONS", *method == Method::OPTIONS),
    }
}

fn told(looked: Looked, id: RequestId, location: &str) -> Answer {
    match looked {
        Looked::Waits { is_running } => {
            let status = if is_running { "running" } else { "waiting" };
            let told = json!({ "id": id, "status": status, "location": location });
            let mut answer = said(StatusCode::ACCEPTED, &told);
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            answer
        }
        Looked::Answered { reply, execution } => {
            let mut answer = answer::replied(reply);
            if !execution.is_empty() {
                answer::name(&mut answer, &execution);
            }
            answer
        }
        Looked::NotKept { status, execution } => {
            let message = format!(
                "the request was done by {execution} and answered with {status}; its reply was too large to be kept"
            );
            edge::problem(&Problem::new(Code::ReplyNotKept, message))
        }
        Looked::Cancelled => {
            let message = "somebody let go of this request before it was answered";
            edge::problem(&Problem::new(Code::RequestCancelled, message))
        }
        Looked::Nowhere => nowhere(),
    }
}

fn nowhere() -> Answer {
    let message = "there is no such request, or it is not known any more";
    edge::problem(&Problem::new(Code::NotFound, message))
}

fn said(status: StatusCode, told: &Value) -> Answer {
    let mut answer = Response::new(told.to_string().into());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
