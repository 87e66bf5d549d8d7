//! One attempt at a message, or at several together: a run for them, or a request that is sent, and what comes of one that
//! fails.

use std::sync::Arc;

use picloud_executor::{Ending, GivenUp};
use picloud_sdk::event::{Event, Message};
use picloud_sdk::value::{self, Token};
use picloud_sdk::wire;
use tokio::time::sleep;

use super::outbox;
use super::why::{Why, error};
use super::{Policy, RETRY_PAUSE};
use crate::commit::Kind;
use crate::commit::messages::attempts::queries;
use crate::commit::messages::{Failure, Handle, Handled, Leased, NotDone, Source};
use crate::ids::AppId;
use crate::orchestrator::{DispatchError, Finished, Happening, Host, Order, accepted, dispatch, live, report};
use crate::random;
use crate::world::TOO_MANY_HOPS;

/// Tries at saying that an attempt failed; after that its lease runs out.
const TRIES: u32 = 3;

/// How a run for messages ended.
enum Ended {
    /// They are done, or the script wants them again.
    Done,
    /// One of them is somebody else's now.
    NotHeld,
    Failed(Why),
}

/// Has messages handled, by one run. When this returns, each is done, waits for another attempt, or is dead.
pub(super) async fn handle(host: Host, app: AppId, policy: Policy, handed: Vec<Leased>) {
    let now_ms = host.clock.now_us() / 1000;
    let mut messages = Vec::with_capacity(handed.len());
    for leased in handed {
        match hopeless(&policy, &leased, now_ms) {
            Some(why) => fail(&host, app, &policy, &[leased], &why).await,
            None => messages.push(leased),
        }
    }
    let Some(first) = messages.first() else { return };
    let ended = match first.handle.line.source {
        Source::Outbox => outbox::send(&host, app, first).await.map_or(Ended::Done, Ended::Failed),
        Source::Request => request(&host, app, first, policy.delivery.attempts).await,
        _ => attempt(&host, app, &policy, &messages).await,
    };
    match ended {
        Ended::Done => {}
        Ended::NotHeld => give_back(&host, app, &messages).await,
        Ended::Failed(why) => fail(&host, app, &policy, &messages, &why).await,
    }
}

/// A request that was accepted is answered in any case: after its last attempt, with why there is no reply.
async fn request(host: &Host, app: AppId, leased: &Leased, attempts: u32) -> Ended {
    match accepted::answer(host, app, leased, attempts).await {
        Ok(()) => Ended::Done,
        Err(again) => Ended::Failed(Why::failed(error(&again.code, again.message, again.execution))),
    }
}

/// Why there is no use in an attempt, if there is none.
fn hopeless(policy: &Policy, leased: &Leased, now_ms: i64) -> Option<Why> {
    if leased.handle.line.source == Source::Request {
        return None;
    }
    if leased.expires_ms.is_some_and(|expires_ms| expires_ms <= now_ms) {
        let message = "it could not be handed over before it expired";
        return Some(Why::Hopeless(error("expired", message, None)));
    }
    let attempts_max = policy.attempts_max(leased);
    (leased.handle.attempt > attempts_max.into()).then(|| {
        // Nobody could say so: the server ended each time.
        let message = format!("none of its {attempts_max} attempts came to an end");
        Why::Hopeless(error("lost", message, None))
    })
}

/// Each of them fails for itself.
async fn fail(host: &Host, app: AppId, policy: &Policy, messages: &[Leased], why: &Why) {
    let Some(first) = messages.first() else { return };
    let now_ms = host.clock.now_us() / 1000;
    let (Why::Failed(error, _) | Why::Hopeless(error)) = why;
    let error = serde_json::to_string(error).expect("plain data");
    let failed = messages.iter().map(|leased| NotDone {
        handle: leased.handle.clone(),
        error: error.clone(),
        then: policy.then(leased, why, now_ms),
    });
    let failed: Vec<NotDone> = failed.collect();
    for _ in 0..TRIES {
        match queries::failed(&host.db, app, &first.handle.line, &failed).await {
            Ok(()) => break,
            Err(error) => {
                tracing::warn!(app.id = %app, "that a message failed could not be written, it is tried again: {error}");
                sleep(RETRY_PAUSE).await;
            }
        }
    }
    if failed.iter().any(|failed| matches!(failed.then, Failure::Dead(_))) {
        host.spaces.post().leave_something();
    }
    // Something is due at another time than before.
    host.spaces.post().look();
}

/// Those of them that nobody else has wait again, as if they had not been handed out.
async fn give_back(host: &Host, app: AppId, messages: &[Leased]) {
    let handles: Vec<Handle> = messages.iter().map(|leased| leased.handle.clone()).collect();
    if handles.len() > 1 {
        if let Err(error) = queries::give_back(&host.db, app, &handles).await {
            tracing::warn!(app.id = %app, "messages are handed out when their lease is over: {error}");
        }
        host.spaces.post().look();
    }
}

impl Policy {
    fn attempts_max(&self, leased: &Leased) -> u32 {
        leased.attempts_max.unwrap_or(self.delivery.attempts)
    }

    /// How long a message waits for its next attempt, in milliseconds; nothing when this was its last.
    fn pause_ms(&self, leased: &Leased) -> Option<u64> {
        let attempt = u32::try_from(leased.handle.attempt).unwrap_or(u32::MAX);
        let pause = || self.delivery.pause_after(attempt, random::draw()).as_millis();
        (attempt < self.attempts_max(leased)).then(|| u64::try_from(pause()).unwrap_or(u64::MAX))
    }

    /// What becomes of a message whose attempt failed.
    fn then(&self, leased: &Leased, why: &Why, now_ms: i64) -> Failure {
        match (why, self.pause_ms(leased)) {
            (Why::Failed(_, least), Some(pause_ms)) => {
                let least_ms = u64::try_from(least.as_millis()).unwrap_or(u64::MAX);
                let pause_ms = pause_ms.max(least_ms.min(self.delivery.backoff_ms_max));
                Failure::Again(now_ms.saturating_add_unsigned(pause_ms))
            }
            _ => Failure::Dead(now_ms),
        }
    }
}

async fn attempt(host: &Host, app: AppId, policy: &Policy, messages: &[Leased]) -> Ended {
    let (app, subject) = match live(host, app, policy.script.clone()) {
        Ok(found) => found,
        Err(why) => return Ended::Failed(Why::failed(error("no_such_script", why.to_string(), None))),
    };
    let handled = messages.iter().map(|leased| Handled {
        handle: leased.handle.clone(),
        pause_ms: policy.pause_ms(leased),
        again: None,
    });
    let order = Order {
        app,
        subject,
        limits: None,
        record: true,
        commit: true,
        messages: handled.collect(),
        once: None,
        promise: None,
    };
    match dispatch(host, order, happening(messages)).await {
        Ok(finished) => of_run(finished),
        Err(DispatchError::NoProgram { id, cause }) => {
            let message = format!("the script cannot be loaded: {cause:#}");
            Ended::Failed(Why::failed(error("unavailable", message, Some(id.to_string()))))
        }
        Err(why) => Ended::Failed(Why::failed(error("unavailable", why.to_string(), None))),
    }
}

/// There is one message at least.
fn happening(messages: &[Leased]) -> Happening {
    let ids: Vec<String> = messages.iter().map(|leased| leased.handle.seq.to_string()).collect();
    let mut told: Vec<Message<'_>> = messages.iter().zip(&ids).map(|(leased, id)| told(leased, id)).collect();
    let Handle { line, .. } = &messages[0].handle;
    let more = match messages.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    // That with the most of them: what comes of the others comes of it as well.
    let cause = messages
        .iter()
        .map(|leased| &leased.cause)
        .max_by_key(|cause| cause.hops);
    Happening {
        kind: Kind::Message(line.source),
        name: Some(Arc::clone(&line.name)),
        summary: format!("{} {}{more}", line.name, ids[0]).into(),
        http: None,
        trace: None,
        event: wire::encode(&match told.len() {
            1 => Event::Message(told.remove(0)),
            _ => Event::Messages(told),
        }),
        body: body(messages).into(),
        cause: cause.cloned().unwrap_or_default(),
    }
}

fn told<'a>(leased: &'a Leased, id: &'a str) -> Message<'a> {
    let Handle { line, attempt, key, .. } = &leased.handle;
    Message {
        source: line.source,
        name: &line.name,
        id,
        attempt: u32::try_from(*attempt).unwrap_or(u32::MAX),
        due_ms: leased.due_ms,
        sent_ms: leased.sent_ms,
        key: key.as_deref(),
    }
}

/// What was sent; of several an array of it.
fn body(messages: &[Leased]) -> Vec<u8> {
    if let [one] = messages {
        return one.body.clone();
    }
    let mut body = Vec::new();
    value::write(&mut body, Token::Array(messages.len()));
    for leased in messages {
        body.extend_from_slice(&leased.body);
    }
    body
}

fn of_run(finished: Finished) -> Ended {
    let Finished { id, execution, .. } = finished;
    let id = Some(id.to_string());
    match &execution.ending {
        Ending::Replied(reply) if reply.status < 500 => Ended::Done,
        Ending::Replied(reply) => {
            let message = format!("the script replied with the status {}", reply.status);
            Ended::Failed(Why::failed(error("bad_status", message, id)))
        }
        Ending::GivenUp(GivenUp::NotHeld) => Ended::NotHeld,
        ending => {
            let (_, told) = report(ending);
            let (code, message) = told.map_or_else(Default::default, |told| (told.code, told.message));
            let is_hopeless = code == TOO_MANY_HOPS;
            let error = error(&code, message, id);
            Ended::Failed(if is_hopeless {
                Why::Hopeless(error)
            } else {
                Why::failed(error)
            })
        }
    }
}
