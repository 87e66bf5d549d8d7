//! A request becomes a message, and its client is told where its reply will be: both, or neither.

use picloud_executor::{Ending, Reply};

use super::durably::{Then, Work, durably};
use super::stored::Stored;
use crate::commit::messages::requests::queries;
use crate::commit::messages::{Line, Sent, Source};
use crate::commit::spaces::{Full, Lost, Session};
use crate::ids::RequestId;
use crate::orchestrator::admission::Refusal;
use crate::orchestrator::dispatch::{Happening, calls};
use crate::orchestrator::host::Host;
use crate::orchestrator::idempotency::{Once, Repeat};
use crate::orchestrator::promise::{Promise, post};
use crate::orchestrator::snapshot::{App, Target};
use crate::problem::{Code, Problem};
use crate::secrets::Seen;

/// How a request is to be answered later.
pub struct Asked<'a> {
    /// By what it is asked for.
    pub id: RequestId,
    /// What its client is told now.
    pub told: &'a Reply,
    /// Who is told of its reply.
    pub callback: Option<&'a str>,
    /// When it is to be accepted once, however often it is sent.
    pub once: Option<&'a Once>,
}

/// What became of it.
pub enum Accepted {
    /// It is accepted now.
    Now,
    /// It was sent before, and answered with this, in the name of a run or of the request.
    Before(Reply, Box<str>),
}

/// Accepts a request that is to be answered by `target`. When this returns, that is durable.
///
/// # Errors
/// Why it is not accepted.
pub async fn accept(
    host: &Host,
    (app, target): (&App, &Target),
    happening: &Happening,
    asked: Asked<'_>,
) -> Result<Accepted, Problem> {
    // Few at once, each by the room that those before it left.
    let _turn = app.places.look().await;
    let stored = Stored {
        trace: happening.trace.as_deref(),
        callback: asked.callback,
        event: &happening.event,
        body: &happening.body,
    };
    let body = stored.encode();
    let refused = match asked.callback.map(|url| check_callback(host, app, url)) {
        Some(Err(problem)) => Some(problem),
        _ => check_room(host, app, body.len()).await.err(),
    };
    let now_ms = host.clock.now_us() / 1000;
    let line = Line {
        source: Source::Request,
        name: target.script.clone(),
    };
    let accepting = Accepting {
        promise: Promise::new(asked.id, None, host.config.idempotency),
        sent: Sent {
            line,
            body: body.into(),
            sent_ms: now_ms,
            due_ms: now_ms,
            held_ms: 0,
            key: Some(asked.id.to_string().into()),
            dedup: None,
            attempts_max: None,
            expires_ms: None,
            cause: happening.cause.clone(),
        },
        asked,
        refused,
        now_ms,
    };
    match durably(&host.spaces, app.id, &accepting).await {
        Ok(accepted) => accepted,
        Err(Lost::Overtaken(_)) => Err(Problem::new(Code::Overtaken, "others sent the same, at every attempt")),
        Err(lost) => Err(unavailable(&lost)),
    }
}

/// Whoever is called back is one that the app may call.
fn check_callback(host: &Host, app: &App, url: &str) -> Result<(), Problem> {
    let kept = calls(host, app, (0, false)).kept(&post(url, b""), &Seen::default());
    kept.map(drop).map_err(|trouble| {
        let why = match trouble.code {
            "not_allowed" => "the app may not send anything there".to_owned(),
            _ => trouble.message,
        };
        Problem::new(Code::CallbackRefused, format!("PiCloud-Callback: {why}"))
    })
}

/// Whether one more may wait.
async fn check_room(host: &Host, app: &App, bytes: usize) -> Result<(), Problem> {
    let limits = &host.config.data;
    if bytes > limits.value_bytes_max as usize {
        let allowed = limits.value_bytes_max;
        let message = format!(
            "a request that is answered later has {bytes} bytes, {allowed} are allowed (PICLOUD_VALUE_BYTES_MAX)"
        );
        return Err(Problem::new(Code::BodyTooLarge, message));
    }
    if host.spaces.is_full() {
        return Err(Problem::new(Code::Overloaded, Refusal::Behind.to_string()));
    }
    let waiting = queries::waiting(&host.db, app.id)
        .await
        .map_err(|error| unavailable(&error))?;
    let waiting_max = host.config.asynchronous.waiting_per_app;
    if waiting >= i64::from(waiting_max) {
        return Err(Problem::new(
            Code::Overloaded,
            format!("{waiting_max} requests of this app wait to be answered already (PICLOUD_ASYNC_WAITING_PER_APP)"),
        ));
    }
    let held = host.spaces.messages(app.id).await;
    let (messages, held_bytes) = held.map_err(|lost| unavailable(&lost))?;
    if messages >= limits.messages_per_app || held_bytes + bytes as u64 > limits.message_bytes_per_app {
        return Err(Problem::new(
            Code::Overloaded,
            "the app has as many messages as it may (PICLOUD_MESSAGES_PER_APP, PICLOUD_MESSAGE_BYTES_PER_APP)",
        ));
    }
    Ok(())
}

pub(super) fn unavailable(why: &dyn std::error::Error) -> Problem {
    tracing::warn!("a request that is answered later is refused: {why}");
    Problem::new(Code::Unavailable, "the database cannot be had at the moment")
}

/// One commit.
struct Accepting<'a> {
    promise: Promise,
    sent: Sent,
    asked: Asked<'a>,
    /// Why it is not accepted, if it was not sent before.
    refused: Option<Problem>,
    now_ms: i64,
}

impl Work for Accepting<'_> {
    type Done = Result<Accepted, Problem>;

    async fn attempt(&self, session: &mut Session) -> Result<Then<Self::Done>, Lost> {
        if let Some(once) = self.asked.once
            && let Some(value) = once.look(session, self.now_ms).await?
        {
            return Ok(Then::Leave(before(once.answer(&value))));
        }
        if let Some(problem) = &self.refused {
            return Ok(Then::Leave(Err(problem.clone())));
        }
        if let Err(full) = self.promise.open(session, self.now_ms).await? {
            return Ok(Then::Leave(Err(no_room(full))));
        }
        if let Some(once) = self.asked.once {
            let name = self.asked.id.to_string();
            if let Err(full) = once.put((self.asked.told, &name), session, self.now_ms).await? {
                return Ok(Then::Leave(Err(no_room(full))));
            }
        }
        session.send(self.sent.clone());
        Ok(Then::Keep(Ok(Accepted::Now)))
    }
}

/// What one is told that was sent before.
fn before(answer: (Ending, Option<Repeat>)) -> Result<Accepted, Problem> {
    match answer {
        (Ending::Replied(reply), Some(Repeat::Replied(first))) => Ok(Accepted::Before(reply, first)),
        (Ending::Threw(error), Some(Repeat::Refused(code))) => Err(Problem::new(code, error.message)),
        (ending, _) => {
            tracing::error!("a repeated request is not accepted, which is our fault: {ending:?}");
            Err(Problem::new(
                Code::Internal,
                "something went wrong on the server's side",
            ))
        }
    }
}

fn no_room(full: Full) -> Problem {
    let variable = if full.keys {
        "PICLOUD_DATA_KEYS_PER_APP"
    } else {
        "PICLOUD_DATA_BYTES_PER_APP"
    };
    let message = format!("the app keeps as much as it may ({variable}): there is no room for the reply");
    Problem::new(Code::Overloaded, message)
}
