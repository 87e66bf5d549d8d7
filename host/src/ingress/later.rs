//! `Prefer: respond-async` (RFC 7240): which requests are answered later, and what their clients are told now.

use std::sync::Arc;

use http::header::RETRY_AFTER;
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method};
use picloud_executor::Reply;
use picloud_sdk::api::Asynchronous;
use serde_json::json;

use super::answer;
use super::executions::location;
use crate::edge::{self, Answer};
use crate::ids::RequestId;
use crate::orchestrator::accepted::{self, Accepted, Asked};
use crate::orchestrator::{App, Happening, Host, Once, Target};
use crate::problem::{Code, Problem};

/// The preference that is known.
const RESPOND_ASYNC: &str = "respond-async";

static PREFER: HeaderName = HeaderName::from_static("prefer");
static CALLBACK: HeaderName = HeaderName::from_static("picloud-callback");

/// Whether a request to a route that has this policy is answered later.
pub(super) fn is_wanted(policy: Asynchronous, parts: &Parts) -> bool {
    match policy {
        Asynchronous::Off => false,
        Asynchronous::Accept => !parts.method.is_safe() && prefers(&parts.headers),
        Asynchronous::Always => parts.method != Method::HEAD && parts.method != Method::OPTIONS,
    }
}

/// Whether one of the preferences is this one, whatever it is set to.
fn prefers(headers: &HeaderMap) -> bool {
    let values = headers.get_all(&PREFER).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(preferences)
        .any(|name| name.eq_ignore_ascii_case(RESPOND_ASYNC))
}

/// The names of the preferences in a header: `name [= value] *( ; parameter )`, with commas between. Values may be quoted.
fn preferences(value: &str) -> Vec<&str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let ends = |c: char| {
        let is_end = c == ',' && !is_quoted;
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        is_end
    };
    let name = |preference: &'_ str| -> usize { preference.find([';', '=']).unwrap_or(preference.len()) };
    value
        .split(ends)
        .map(|preference| preference[..name(preference)].trim())
        .collect()
}

/// Who is to be told of the reply, besides whoever asks.
fn callback(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(&CALLBACK).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value
            .to_str()
            .map(Some)
            .map_err(|_| refused("it has characters that no URL has")),
        (Some(_), Some(_)) => Err(refused("there are several such headers")),
    }
}

fn refused(why: &str) -> Problem {
    Problem::new(Code::CallbackRefused, format!("PiCloud-Callback: {why}"))
}

/// Accepts a request, and tells its client where to ask.
pub(super) async fn accept(
    host: &Host,
    (app, is_by_path, target): (&App, bool, &Arc<Target>),
    headers: &HeaderMap,
    happening: &Happening,
    once: Option<&Once>,
) -> Answer {
    let id = RequestId::secret();
    let told = told(id, &location(app, is_by_path, id));
    let asked = match callback(headers) {
        Ok(callback) => Asked {
            id,
            told: &told,
            callback,
            once,
        },
        Err(problem) => return edge::problem(&problem),
    };
    match accepted::accept(host, (app, target), happening, asked).await {
        Ok(Accepted::Now) => answer::replied(told),
        Ok(Accepted::Before(reply, first)) => {
            let mut answer = answer::replied(reply);
            answer::repeated(&mut answer, &first);
            answer
        }
        Err(problem) => answer::not_now(&problem),
    }
}

/// What is told of a request that is accepted now.
fn told(id: RequestId, location: &str) -> Reply {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let body = json!({ "id": id, "status": "waiting", "location": location });
    Reply {
        status: 202,
        headers: vec![
            header("content-type", "application/json"),
            header("cache-control", "no-store"),
            header("location", location),
            header("preference-applied", RESPOND_ASYNC),
            header(RETRY_AFTER.as_str(), "1"),
        ],
        body: body.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn asks(method: &str, prefer: &[&str]) -> Parts {
        let mut request = Request::builder().method(method).uri("/");
        for value in prefer {
            request = request.header(&PREFER, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_preference_is_found_among_others() {
        for (prefer, is_there) in [
            (&["respond-async"][..], true),
            (&["Respond-Async"], true),
            (&["respond-async, wait=10"], true),
            (&["wait=10, respond-async"], true),
            (&["return=minimal", "handling=lenient,respond-async;x=1"], true),
            (&["respond-async; q=\"a,b\""], true),
            (&["respond-async=\"\""], true),
            (&[" foo = \"\\\", respond-async\" , respond-async"], true),
            (&["foo=\"respond-async\""], false),
            (&["foo=\"a, respond-async\""], false),
            (&["foo=\"\\\", respond-async\""], false),
            (&["foo; respond-async"], false),
            (&["respond-asynchronous"], false),
            (&["respond"], false),
            (&[""], false),
            (&[], false),
        ] {
            let parts = asks("POST", prefer);
            assert_eq!(is_wanted(Asynchronous::Accept, &parts), is_there, "{prefer:?}");
        }
    }

    #[test]
    fn the_policy_says_which_methods() {
        let prefer = &["respond-async"][..];
        for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PURGE"] {
            let is_safe = ["GET", "HEAD", "OPTIONS"].contains(&method);
            assert_eq!(
                is_wanted(Asynchronous::Accept, &asks(method, prefer)),
                !is_safe,
                "{method}"
            );
            assert!(!is_wanted(Asynchronous::Accept, &asks(method, &[])), "{method}");
            assert!(!is_wanted(Asynchronous::Off, &asks(method, prefer)), "{method}");
            let is_at_once = ["HEAD", "OPTIONS"].contains(&method);
            assert_eq!(
                is_wanted(Asynchronous::Always, &asks(method, &[])),
                !is_at_once,
                "{method}"
            );
        }
    }
}
