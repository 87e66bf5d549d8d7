//! Requests that are done once however often they are sent.
//!
//! ```text
//! Once ── look ──▶ kept already: that reply, no run
//!          │ nothing: run ── keep ──▶ the run's own commit has the reply too
//! ```
//!
//! The look is part of what the run has read. So of two servers that do the same at the same time one commits; the other is
//! overtaken, looks again, and finds the reply.
//!
//! *Invariant*: what a script sees and what its journal has is the same with and without a key.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use picloud_executor::{Ending, Execution, GivenUp, Reply, ScriptError};
use picloud_sdk::limits::Usage;

use super::attempt::{Attempted, Prepared, given_up};
use crate::commit::spaces::{Full, Lost, Session};
use crate::config::IdempotencyConfig;
use crate::data::key::Key;
use crate::data::replies::{self, Kept, KeptReply, Print};
use crate::data::writes::Value;
use crate::ids::{AppId, RouteId};
use crate::problem::Code;
use crate::secrets::Seen;
use crate::world::{Closed, No, Told};

/// The keys of requests that are under way here.
#[derive(Debug, Default)]
pub struct InFlight(Mutex<HashSet<(AppId, Key)>>);

/// That a request is under way; as long as it is there, there is no other with its key on this server.
#[derive(Debug)]
struct Mark {
    all: Arc<InFlight>,
    own: (AppId, Key),
}

/// A request that is to be done once.
#[derive(Debug)]
pub struct Once {
    mark: Mark,
    print: Print,
    config: IdempotencyConfig,
}

/// How a request was answered without a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeat {
    /// With what the run of this id replied.
    Replied(Box<str>),
    /// With a refusal: nothing was done.
    Refused(Code),
}

impl InFlight {
    fn keys(&self) -> MutexGuard<'_, HashSet<(AppId, Key)>> {
        // Nothing in there is left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.all.keys().remove(&self.own);
    }
}

impl Once {
    /// A request with `key` begins; none when another one with it is under way.
    #[must_use]
    pub fn begin(
        all: &Arc<InFlight>,
        config: IdempotencyConfig,
        (app, route, key): (AppId, RouteId, &str),
        print: Print,
    ) -> Option<Self> {
        let own = (app, replies::place(&route.to_string(), key));
        all.keys().insert(own.clone()).then(|| Self {
            mark: Mark {
                all: Arc::clone(all),
                own,
            },
            print,
            config,
        })
    }

    const fn key(&self) -> &Key {
        &self.mark.own.1
    }

    /// What is kept for it.
    pub(super) async fn look(&self, session: &mut Session, now_ms: i64) -> Result<Option<Value>, Lost> {
        // It is one entry, which was bounded when it was written.
        let found = session.points(std::slice::from_ref(self.key()), usize::MAX).await?;
        let found = found.map_err(|_| Lost::Overtaken(None))?;
        let is_there = |value: &Value| value.expires_ms.is_none_or(|expires_ms| expires_ms > now_ms);
        Ok(found.into_iter().next().flatten().filter(is_there))
    }

    /// Has `reply` kept with what the run wrote.
    async fn keep(&self, reply: &Reply, session: &mut Session, prepared: &Prepared) -> Told<()> {
        let now_ms = prepared.attempt.now_ms;
        // A run that began with a stale program had another session.
        if !session.has_seen(self.key()) && self.look(session, now_ms).await?.is_some() {
            return Err(No::Overtaken(Some(self.key().clone())));
        }
        Ok(self
            .put((reply, &prepared.identity.execution), session, now_ms)
            .await??)
    }

    /// Keeps what it is answered with, in the name of a run or of what will be one.
    pub(super) async fn put(
        &self,
        (reply, execution): (&Reply, &str),
        session: &mut Session,
        now_ms: i64,
    ) -> Result<Result<(), Full>, Lost> {
        let value = Value {
            bytes: self.kept(reply, execution).encode().into(),
            expires_ms: Some(now_ms.saturating_add(i64::from(self.config.kept_s) * 1000)),
        };
        session.put(self.key().clone(), Some(value)).await
    }

    fn kept<'a>(&self, reply: &'a Reply, execution: &'a str) -> Kept<'a> {
        let headers = reply.headers.iter().map(|(name, value)| (&**name, &**value));
        let headers: Vec<(&str, &str)> = headers.collect();
        let head_bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let fits = head_bytes + reply.body.len() <= self.config.reply_bytes_max as usize;
        Kept {
            print: self.print,
            execution,
            status: reply.status,
            reply: fits.then_some(KeptReply {
                headers,
                body: &reply.body,
            }),
        }
    }

    /// How a request ends for which `value` is kept.
    pub(super) fn answer(&self, value: &Value) -> (Ending, Option<Repeat>) {
        match Kept::decode(value) {
            Ok(kept) => {
                let (ending, repeat) = self.ending(&kept);
                (ending, Some(repeat))
            }
            // It was done, so it is not done again, whatever this is.
            Err(error) => (Ending::Broke(format!("a kept reply cannot be read: {error}")), None),
        }
    }

    fn ending(&self, kept: &Kept<'_>) -> (Ending, Repeat) {
        if kept.print != self.print {
            let message =
                "this Idempotency-Key was another request's: of another method, URL or body, or with other credentials";
            return refused(Code::IdempotencyKeyReused, message.to_owned());
        }
        let Some(KeptReply { headers, body }) = &kept.reply else {
            let message = format!(
                "the request was done by {} and answered with {}; its reply was too large to be kept",
                kept.execution, kept.status
            );
            return refused(Code::ReplyNotKept, message);
        };
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let reply = Reply {
            status: kept.status,
            headers: headers.iter().map(owned).collect(),
            body: body.to_vec().into(),
        };
        (Ending::Replied(reply), Repeat::Replied(kept.execution.into()))
    }
}

/// Runs what is to be done `once`, unless that was done already, and has its reply kept; without a key, runs it.
pub(super) async fn once<R: Future<Output = Attempted>>(
    once: Option<&Once>,
    mut session: Session,
    prepared: &Prepared,
    run: impl FnOnce(Session) -> R,
) -> (Attempted, Option<Repeat>) {
    let Some(once) = once else {
        return (run(session).await, None);
    };
    match once.look(&mut session, prepared.attempt.now_ms).await {
        Ok(None) => {}
        Ok(Some(value)) => {
            let (ending, repeat) = once.answer(&value);
            return (without_run(ending, session, None), repeat);
        }
        Err(lost) => {
            let ending = Ending::GivenUp(given_up(&lost));
            return (without_run(ending, session, lost.key()), None);
        }
    }
    let mut attempted = run(session).await;
    if let (Ending::Replied(reply), Some(closed)) = (&attempted.execution.ending, &mut attempted.closed)
        && is_kept(reply.status, &closed.session, prepared)
        && let Err(no) = once.keep(reply, &mut closed.session, prepared).await
    {
        // What came of it is not the script's doing: there is nothing to run again.
        closed.calls = None;
        (attempted.execution.ending, closed.lost_on) = not_kept(no);
    }
    (attempted, None)
}

/// Whether a reply is kept. A refusal of a run that left nothing is not: strangers would fill the app with them, and whoever
/// was refused for an old token could not ask again with a new one.
fn is_kept(status: u16, session: &Session, prepared: &Prepared) -> bool {
    let left_nothing = session.written().0 == 0 && session.sent().0 == 0 && prepared.calls.told().is_empty();
    status < 400 || status < 500 && !left_nothing
}

/// A try at an event that came to an end before its run.
fn without_run(ending: Ending, session: Session, lost_on: Option<Key>) -> Attempted {
    Attempted {
        execution: Execution {
            ending,
            usage: Usage::default(),
        },
        closed: Some(Closed {
            log: Vec::new(),
            log_bytes: 0,
            session,
            lost_on,
            calls: None,
            seen: Seen::default(),
        }),
    }
}

fn refused(code: Code, message: String) -> (Ending, Repeat) {
    let ending = Ending::Threw(ScriptError {
        code: code.as_str().to_owned(),
        message,
        caller_status: Some(code.status().as_u16()),
        stack: Vec::new(),
    });
    (ending, Repeat::Refused(code))
}

/// How a run ends whose reply could not be kept, and where it was overtaken.
fn not_kept(no: No) -> (Ending, Option<Key>) {
    match no {
        No::Overtaken(key) => (Ending::GivenUp(GivenUp::Overtaken), key),
        No::Unavailable(why) => {
            tracing::warn!("a run is given up: {why}");
            (Ending::GivenUp(GivenUp::Unavailable), None)
        }
        No::Refused { code, message } => {
            let error = ScriptError {
                code: code.to_owned(),
                message: format!("the reply cannot be kept for repeats: {message}"),
                ..ScriptError::default()
            };
            (Ending::Threw(error), None)
        }
        No::Stop(stop) => (Ending::Stopped(stop, Vec::new()), None),
        No::Fault(fault) => (Ending::Broke(format!("{fault:#}")), None),
    }
}
