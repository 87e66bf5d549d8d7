//! One attempt at a request for later: no script runs, the request is sent, and its response's status says whether it is done.

use std::time::Duration;

use http::header::RETRY_AFTER;
use tokio::time::{Instant, sleep};

use super::RETRY_PAUSE;
use super::why::{Why, error};
use crate::commit::messages::Leased;
use crate::commit::messages::attempts::queries;
use crate::ids::AppId;
use crate::orchestrator::{App, Host, calls, current};
use crate::outbound::{Asked, Fetched, Opened, Trouble};

/// Longest that one attempt takes, whatever the script said.
const ATTEMPT_MS_MAX: u32 = 60_000;
/// After which somebody else says that time is up.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Tries at saying that it was sent; after that it is sent once more.
const TRIES: u32 = 3;
/// Failures that another attempt may mend.
const PASSING: &[&str] = &[
    "dns_failed",
    "connect_failed",
    "tls_failed",
    "timeout",
    "broken_response",
    "secret_unreadable",
];

/// Sends a request that was kept; why it failed, if it did.
pub(super) async fn send(host: &Host, app: AppId, leased: &Leased) -> Option<Why> {
    let Ok(app) = current(host, app) else {
        return Some(Why::failed(error("unavailable", "there is no such app", None)));
    };
    let began = Instant::now();
    let why = match attempt(host, &app, leased).await {
        Ok(fetched) => of_response(&fetched, &leased.handle.line.name),
        Err(Trouble { code, message }) => {
            let is_passing = PASSING.contains(&code);
            let error = error(code, message, None);
            Some(if is_passing {
                Why::failed(error)
            } else {
                Why::Hopeless(error)
            })
        }
    };
    let (to, attempt) = (&leased.handle.line.name, leased.handle.attempt);
    let ms = began.elapsed().as_millis();
    let (message, id) = (leased.handle.seq, app.id);
    match &why {
        None => tracing::debug!(app.id = %id, message, attempt, "a request to {to} was sent in {ms} ms"),
        Some(Why::Failed(error, _) | Why::Hopeless(error)) => {
            tracing::info!(app.id = %id, message, attempt, error.code = %error.code, "a request to {to} failed after {ms} ms");
        }
    }
    if why.is_none() {
        done(host, app.id, leased).await;
    }
    why
}

async fn attempt(host: &Host, app: &App, leased: &Leased) -> Result<Fetched, Trouble> {
    let opened = Opened::of(&leased.body, &app.vault)?;
    let config = &host.config.outbound;
    // The same at every attempt. A number may come again when a backup is restored, but not with the same time.
    let id = format!("{}-{}-{}", app.id, leased.sent_ms, leased.handle.seq);
    let outgoing = opened.outgoing(&id, (ATTEMPT_MS_MAX, config.request_bytes_max))?;
    let most = config.timeout.max(Duration::from_millis(ATTEMPT_MS_MAX.into())) + LAST_WORDS;
    let asked = Asked {
        hash: 0,
        before: 0,
        ends: (Instant::now() + most, ATTEMPT_MS_MAX),
        seen: &opened.seen,
    };
    let answered = calls(host, app, (leased.cause.hops.saturating_sub(1), false))
        .send(vec![outgoing], asked)
        .await;
    match answered.responses.as_ref() {
        Ok(responses) => responses.first().cloned().ok_or_else(|| Trouble {
            code: "broken_response",
            message: "there is no response".to_owned(),
        }),
        Err(trouble) => Err(trouble.clone()),
    }
}

/// Whether a response means that the request is done with; if not, why.
fn of_response(fetched: &Fetched, to: &str) -> Option<Why> {
    let status = fetched.status;
    if status < 400 {
        return None;
    }
    let error = error("bad_status", format!("{to} replied with the status {status}"), None);
    if !matches!(status, 408 | 425 | 429 | 500..) {
        return Some(Why::Hopeless(error));
    }
    let seconds = fetched.headers.get(RETRY_AFTER);
    let seconds = seconds.and_then(|value| value.to_str().ok()?.trim().parse::<u32>().ok());
    let least = Duration::from_secs(seconds.unwrap_or(0).into());
    Some(Why::Failed(error, least))
}

/// Removes what was sent.
async fn done(host: &Host, app: AppId, leased: &Leased) {
    for _ in 0..TRIES {
        match queries::sent(&host.db, app, &leased.handle).await {
            Ok(true) => return,
            Ok(false) => {
                tracing::warn!(app.id = %app, message = leased.handle.seq, "a request was sent by another attempt, too");
                return;
            }
            Err(error) => {
                tracing::warn!(app.id = %app, "that a request was sent could not be written, it is tried again: {error}");
                sleep(RETRY_PAUSE).await;
            }
        }
    }
    tracing::error!(app.id = %app, message = leased.handle.seq, "that a request was sent could not be written: it is sent again");
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn told(status: u16, retry_after: Option<&str>) -> String {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, value.parse().unwrap());
        }
        let fetched = Fetched {
            status,
            url: String::new(),
            headers,
            body: bytes::Bytes::new(),
        };
        match of_response(&fetched, "a.example:443") {
            None => "done".to_owned(),
            Some(Why::Hopeless(error)) => format!("dead: {}", error.message),
            Some(Why::Failed(_, least)) => format!("again after {} s", least.as_secs()),
        }
    }

    #[test]
    fn a_status_says_whether_it_is_done_again_or_dead() {
        for (status, retry_after, what) in [
            (200, None, "done"),
            (204, None, "done"),
            (304, None, "done"),
            (400, None, "dead: a.example:443 replied with the status 400"),
            (404, Some("5"), "dead: a.example:443 replied with the status 404"),
            (408, None, "again after 0 s"),
            (425, None, "again after 0 s"),
            (429, Some("120"), "again after 120 s"),
            (500, None, "again after 0 s"),
            (503, Some(" 7 "), "again after 7 s"),
            (503, Some("soon"), "again after 0 s"),
            (599, Some("99999999999"), "again after 0 s"),
        ] {
            assert_eq!(told(status, retry_after), what, "{status}");
        }
    }
}
