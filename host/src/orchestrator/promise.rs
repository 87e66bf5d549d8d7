//! The reply to a request that is answered later: kept by the commit of its run, and sent to whoever wants to be called.
//!
//! ```text
//! accepted: room for it ──▶ the run's own commit has the reply too ──▶ asked for, until its time is over
//! ```
//!
//! *Invariant*: what a script sees and what its journal has is the same as if it had been answered at once.

use picloud_executor::{Ending, Reply};
use picloud_sdk::call::http::{REDIRECTS_DEFAULT, Request};
use serde_json::{Value as Json, json};

use super::attempt::{Attempted, Prepared, given_up};
use super::report::textual;
use crate::commit::messages::{Cause, Line, Sent, Source};
use crate::commit::spaces::{Full, Lost, Session};
use crate::config::IdempotencyConfig;
use crate::data::key::Key;
use crate::data::replies::{self, KeptReply, Promised};
use crate::data::writes::Value;
use crate::ids::RequestId;
use crate::outbound::{Calls, Kept};
use crate::secrets::Seen;

/// Left free for a reply, so that a short one can be kept whatever the app keeps by then.
const ROOM: [u8; 512] = [0; 512];

/// That a request is answered later.
#[derive(Debug, Clone)]
pub struct Promise {
    /// By what it is asked for.
    pub id: RequestId,
    callback: Option<Box<str>>,
    config: IdempotencyConfig,
}

/// What a request is answered with.
#[derive(Clone, Copy)]
pub(super) struct Answered<'a> {
    pub(super) reply: &'a Reply,
    /// The run that did it; empty when none could.
    pub(super) execution: &'a str,
    /// The secrets that it was told.
    pub(super) seen: &'a Seen,
}

impl Promise {
    /// Of a request, whose reply is sent to `callback`, too.
    pub(super) const fn new(id: RequestId, callback: Option<Box<str>>, config: IdempotencyConfig) -> Self {
        Self { id, callback, config }
    }

    /// Makes room for the reply.
    pub(super) async fn open(&self, session: &mut Session, now_ms: i64) -> Result<Result<(), Full>, Lost> {
        self.put(&Promised::Open(&ROOM), session, now_ms).await
    }

    /// Nobody wants the reply.
    pub(super) async fn cancel(&self, session: &mut Session, now_ms: i64) -> Result<Result<(), Full>, Lost> {
        self.put(&Promised::Cancelled, session, now_ms).await
    }

    /// Keeps the reply, or at least that there was one.
    pub(super) async fn keep(&self, answered: Answered<'_>, session: &mut Session, now_ms: i64) -> Result<(), Lost> {
        let Answered { reply, execution, .. } = answered;
        let headers = reply.headers.iter().map(|(name, value)| (&**name, &**value));
        let kept = |reply: Option<KeptReply<'_>>| {
            Promised::Kept {
                execution,
                status: answered.reply.status,
                reply,
            }
            .encode()
        };
        let whole = self.fits(reply).then(|| KeptReply {
            headers: headers.collect(),
            body: &reply.body,
        });
        for bytes in [kept(whole), kept(None)] {
            if self.put_bytes(bytes, session, now_ms).await?.is_ok() {
                return Ok(());
            }
        }
        tracing::warn!(request.id = %self.id, "a reply is not kept, as the app has no room for it");
        Ok(())
    }

    /// The reply on its way to whoever wants to be called.
    pub(super) fn call_back(
        &self,
        answered: Answered<'_>,
        calls: &Calls,
        (cause, now_ms): (&Cause, i64),
    ) -> Option<Sent> {
        let url = self.callback.as_deref()?;
        let kept = |told: Json| calls.kept_for_then(&post(url, told.to_string().as_bytes()), answered.seen);
        // It is stored until it is sent, with references in place of secrets: that is not always possible.
        let whole = if self.fits(answered.reply) {
            kept(self.told(answered, true)).ok()
        } else {
            None
        };
        let Kept { to, body } = match whole.map_or_else(|| kept(self.told(answered, false)), Ok) {
            Ok(kept) => kept,
            Err(trouble) => {
                tracing::warn!(request.id = %self.id, "nobody is called back: {}", trouble.code);
                return None;
            }
        };
        let line = Line {
            source: Source::Outbox,
            name: to,
        };
        Some(Sent {
            cause: cause.then(&line),
            line,
            body: body.into(),
            sent_ms: now_ms,
            due_ms: now_ms,
            held_ms: 0,
            key: None,
            dedup: None,
            attempts_max: None,
            expires_ms: None,
        })
    }

    /// As it is told to whoever is called back.
    fn told(&self, answered: Answered<'_>, whole: bool) -> Json {
        let Answered { reply, execution, .. } = answered;
        let mut told = json!({ "id": self.id, "status": reply.status });
        if !execution.is_empty() {
            told["execution"] = execution.into();
        }
        if whole {
            let reply = textual(reply.clone());
            told["headers"] = json!(reply.headers);
            match (reply.body, reply.body_base64) {
                (Some(body), _) => told["body"] = body.into(),
                (None, bytes) => told["body_base64"] = json!(bytes),
            }
        } else {
            told["body_left_out"] = true.into();
        }
        told
    }

    fn fits(&self, reply: &Reply) -> bool {
        let headers = reply.headers.iter().map(|(name, value)| name.len() + value.len());
        headers.sum::<usize>() + reply.body.len() <= self.config.reply_bytes_max as usize
    }

    async fn put(&self, known: &Promised<'_>, session: &mut Session, now_ms: i64) -> Result<Result<(), Full>, Lost> {
        self.put_bytes(known.encode(), session, now_ms).await
    }

    async fn put_bytes(&self, bytes: Vec<u8>, session: &mut Session, now_ms: i64) -> Result<Result<(), Full>, Lost> {
        let value = Value {
            bytes: bytes.into(),
            expires_ms: Some(now_ms.saturating_add(i64::from(self.config.kept_s) * 1000)),
        };
        session.put(place(self.id), Some(value)).await
    }
}

/// Keeps what a run replied, if that is promised, and has it sent: by the run's own commit.
pub(super) async fn keep_run(promise: Option<&Promise>, attempted: &mut Attempted, prepared: &Prepared) {
    let Attempted { execution, closed } = attempted;
    let (Some(promise), Some(closed), Ending::Replied(reply)) = (promise, closed, &execution.ending) else {
        return;
    };
    if reply.status >= 500 {
        return;
    }
    let answered = Answered {
        reply,
        execution: &prepared.identity.execution,
        seen: &closed.seen,
    };
    let now_ms = prepared.attempt.now_ms;
    if let Err(lost) = promise.keep(answered, &mut closed.session, now_ms).await {
        // What came of it is not the script's doing: there is nothing to run again.
        closed.calls = None;
        execution.ending = Ending::GivenUp(given_up(&lost));
        closed.lost_on = lost.key();
        return;
    }
    if let Some(sent) = promise.call_back(answered, &prepared.calls, (&prepared.mailing.cause, now_ms)) {
        closed.session.send(sent);
    }
}

/// Where the reply stands.
pub(super) fn place(id: RequestId) -> Key {
    replies::place_of_request(&id.to_string())
}

/// What is sent to whoever wants to be called.
pub(super) fn post<'a>(url: &'a str, body: &'a [u8]) -> Request<'a> {
    Request {
        method: "POST",
        url,
        headers: vec![("content-type", "application/json")],
        body,
        timeout_ms: None,
        redirects: REDIRECTS_DEFAULT,
        retries: 0,
    }
}
