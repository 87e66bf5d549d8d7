//! One attempt at a message: a run for it, or a request that is sent, and what comes of one that fails.

use std::time::Duration;

use picloud_executor::{Ending, GivenUp};
use picloud_sdk::event::{Event, Message};
use picloud_sdk::wire;
use tokio::time::sleep;

use super::outbox;
use super::why::{Why, error};
use super::{Policy, RETRY_PAUSE};
use crate::commit::Kind;
use crate::commit::messages::attempts::queries;
use crate::commit::messages::{Failure, Leased, Source};
use crate::ids::AppId;
use crate::orchestrator::{DispatchError, Finished, Happening, Host, Order, accepted, dispatch, live, report};
use crate::random;
use crate::world::TOO_MANY_HOPS;

/// Tries at saying that an attempt failed; after that its lease runs out.
const TRIES: u32 = 3;

/// Has a message handled. When this returns, it is done, waits for another attempt, or is dead.
pub(super) async fn handle(host: Host, app: AppId, policy: Policy, leased: Leased) {
    let Some(why) = attempt(&host, app, &policy, &leased).await else {
        return;
    };
    let now_ms = host.clock.now_us() / 1000;
    let attempts_max = leased.attempts_max.unwrap_or(policy.delivery.attempts);
    let attempt = u32::try_from(leased.handle.attempt).unwrap_or(u32::MAX);
    let (failure, error) = match why {
        Why::Failed(error, least) if attempt < attempts_max => {
            let least = least.min(Duration::from_millis(policy.delivery.backoff_ms_max));
            let pause = policy.delivery.pause_after(attempt, random::draw()).max(least);
            let pause_ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
            (Failure::Again(now_ms.saturating_add(pause_ms)), error)
        }
        Why::Failed(error, _) | Why::Hopeless(error) => (Failure::Dead(now_ms), error),
    };
    let error = serde_json::to_string(&error).expect("plain data");
    for _ in 0..TRIES {
        match queries::failed(&host.db, app, (&leased.handle, &error), &failure).await {
            Ok(()) => break,
            Err(error) => {
                tracing::warn!(app.id = %app, "that a message failed could not be written, it is tried again: {error}");
                sleep(RETRY_PAUSE).await;
            }
        }
    }
    if matches!(failure, Failure::Dead(_)) {
        host.spaces.post().leave_something();
    }
    // Something is due at another time than before.
    host.spaces.post().look();
}

async fn attempt(host: &Host, app: AppId, policy: &Policy, leased: &Leased) -> Option<Why> {
    if leased.handle.line.source == Source::Request {
        let answered = accepted::answer(host, app, leased, policy.delivery.attempts).await;
        // While there are attempts left; then it is answered in any case.
        return answered
            .err()
            .map(|again| Why::failed(error(&again.code, again.message, again.execution)));
    }
    let now_ms = host.clock.now_us() / 1000;
    if leased.expires_ms.is_some_and(|expires_ms| expires_ms <= now_ms) {
        let message = "it could not be handed over before it expired";
        return Some(Why::Hopeless(error("expired", message, None)));
    }
    let attempts_max = i64::from(leased.attempts_max.unwrap_or(policy.delivery.attempts));
    if leased.handle.attempt > attempts_max {
        // Nobody could say so: the server ended each time.
        let message = format!("none of its {attempts_max} attempts came to an end");
        return Some(Why::Hopeless(error("lost", message, None)));
    }
    if leased.handle.line.source == Source::Outbox {
        return outbox::send(host, app, leased).await;
    }
    let (app, subject) = match live(host, app, policy.script.clone()) {
        Ok(found) => found,
        Err(why) => return Some(Why::failed(error("no_such_script", why.to_string(), None))),
    };
    let order = Order {
        app,
        subject,
        limits: None,
        record: true,
        commit: true,
        message: Some(leased.handle.clone()),
        once: None,
        promise: None,
    };
    match dispatch(host, order, happening(leased)).await {
        Ok(finished) => of_run(finished),
        Err(DispatchError::NoProgram { id, cause }) => {
            let message = format!("the script cannot be loaded: {cause:#}");
            Some(Why::failed(error("unavailable", message, Some(id.to_string()))))
        }
        Err(why) => Some(Why::failed(error("unavailable", why.to_string(), None))),
    }
}

fn happening(leased: &Leased) -> Happening {
    let line = &leased.handle.line;
    let id = leased.handle.seq.to_string();
    let message = Message {
        source: line.source,
        name: &line.name,
        id: &id,
        attempt: u32::try_from(leased.handle.attempt).unwrap_or(u32::MAX),
        due_ms: leased.due_ms,
        sent_ms: leased.sent_ms,
        key: leased.handle.key.as_deref(),
    };
    Happening {
        kind: Kind::Message(line.source),
        summary: format!("{} {id}", line.name).into(),
        http: None,
        trace: None,
        event: wire::encode(&Event::Message(message)),
        body: leased.body.clone().into(),
        cause: leased.cause.clone(),
    }
}

fn of_run(finished: Finished) -> Option<Why> {
    let Finished { id, execution, .. } = finished;
    let id = Some(id.to_string());
    match &execution.ending {
        Ending::Replied(reply) if reply.status < 500 => None,
        Ending::Replied(reply) => {
            let message = format!("the script replied with the status {}", reply.status);
            Some(Why::failed(error("bad_status", message, id)))
        }
        // Somebody else sees to it.
        Ending::GivenUp(GivenUp::NotHeld) => None,
        ending => {
            let (_, told) = report(ending);
            let (code, message) = told.map_or_else(Default::default, |told| (told.code, told.message));
            let is_hopeless = code == TOO_MANY_HOPS;
            let error = error(&code, message, id);
            Some(if is_hopeless {
                Why::Hopeless(error)
            } else {
                Why::failed(error)
            })
        }
    }
}
