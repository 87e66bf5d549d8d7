//! What one run sends, over all its attempts: bounded, told in its record, and kept, so that an attempt that is done again
//! sends nothing a second time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use picloud_executor::Budget;
use picloud_sdk::api::OutboundCall;
use picloud_sdk::call::http::Request;
use tokio::time::{Instant, timeout_at};

use super::fetch::Sender;
use super::kept::Kept;
use super::ledger::{Answered, Ledger};
use super::reach::Reach;
use super::request::Outgoing;
use super::response::Fetched;
use super::room::{Memory, Room};
use super::trouble::Trouble;
use crate::secrets::Seen;

/// Requests of one question that are under way at once.
const SIDE_BY_SIDE_MAX: usize = 8;

/// What one run sends.
pub struct Calls {
    reach: Reach,
    ledger: Ledger,
    memory: Memory,
}

/// What is asked of one attempt.
pub struct Asked<'a> {
    /// Names the question among those of the run.
    pub hash: u128,
    /// How often it was asked in this attempt before.
    pub before: usize,
    /// When the run has to be over, and how long it has in all.
    pub ends: (Instant, u32),
    /// The secrets that the run was told.
    pub seen: &'a Seen,
}

impl Calls {
    /// Of a run that shares `memory` with others.
    #[must_use]
    pub fn new(reach: Reach, memory: &Arc<Budget>) -> Self {
        Self {
            reach,
            ledger: Ledger::default(),
            memory: Memory::new(memory.share()),
        }
    }

    /// What a run may send with one request.
    #[must_use]
    pub fn request_bytes_max(&self) -> u32 {
        self.reach.outbound.config.request_bytes_max
    }

    /// A request that is to be sent later, as it is stored.
    ///
    /// # Errors
    /// When it cannot be sent now, or not be stored.
    pub fn kept(&self, request: &Request<'_>, seen: &Seen) -> Result<Kept, Trouble> {
        Kept::of(request, &self.reach, seen).map_err(|mut trouble| {
            seen.hide_in_host(&mut trouble.message);
            trouble
        })
    }

    /// A request that is to be sent when this run has ended, as it is stored; whether it may go to its host is asked then.
    ///
    /// # Errors
    /// When it is none, or not to be stored.
    pub fn kept_for_then(&self, request: &Request<'_>, seen: &Seen) -> Result<Kept, Trouble> {
        Kept::unasked(request, self.request_bytes_max(), seen)
    }

    /// What was sent so far, for the record.
    #[must_use]
    pub fn told(&self) -> Vec<OutboundCall> {
        self.ledger.told()
    }

    /// What came of this question at an attempt before.
    #[must_use]
    pub fn answered(&self, hash: u128, before: usize) -> Option<Answered> {
        self.ledger.answered(hash, before)
    }

    /// Sends requests, side by side; what comes of it is kept.
    pub async fn send(&self, requests: Vec<Outgoing>, asked: Asked<'_>) -> Answered {
        let began = Instant::now();
        let mut responses = self.send_all(requests, &asked).await;
        if let Err(trouble) = &mut responses {
            asked.seen.hide_in_host(&mut trouble.message);
        }
        let answered = Answered {
            responses: Arc::new(responses),
            ms: millis(began.elapsed()),
        };
        self.ledger.keep(asked.hash, asked.before, answered.clone());
        answered
    }

    async fn send_all(&self, requests: Vec<Outgoing>, asked: &Asked<'_>) -> Result<Vec<Fetched>, Trouble> {
        self.ledger
            .count(requests.len(), self.reach.outbound.config.calls_max)?;
        let room = Room::new(self.reach.outbound.config.response_bytes_max, &self.memory);
        let client = self.reach.outbound.client(self.reach.app);
        let sender = Sender {
            reach: &self.reach,
            client: &client,
            ledger: &self.ledger,
            room: &room,
            seen: asked.seen,
        };
        let sent = requests.into_iter().enumerate().map(async |(place, request)| {
            let (at, why_then) = self.deadline(&request, asked.ends);
            let host = request.host();
            let fetched = timeout_at(at, sender.fetch(request, at)).await;
            let late = || Trouble::new("timeout", format!("no response of {host} {why_then}"));
            fetched.unwrap_or_else(|_| Err(late())).map(|fetched| (place, fetched))
        });
        // Not in order: whatever fails first is the end.
        let sent = stream::iter(sent).buffer_unordered(SIDE_BY_SIDE_MAX);
        let mut fetched: Vec<(usize, Fetched)> = sent.try_collect().await?;
        fetched.sort_unstable_by_key(|(place, _)| *place);
        Ok(fetched.into_iter().map(|(_, fetched)| fetched).collect())
    }

    /// When a request has to be answered, and what is said when it is not.
    fn deadline(&self, request: &Outgoing, (ends, wall_ms): (Instant, u32)) -> (Instant, String) {
        let wanted = request.timeout_ms.map(|ms| Duration::from_millis(ms.into()));
        let timeout = wanted.unwrap_or(self.reach.outbound.config.timeout);
        let now = Instant::now();
        let at = now.checked_add(timeout).unwrap_or(ends);
        if at <= ends {
            return (at, format!("within {} ms", timeout.as_millis()));
        }
        let left = ends.saturating_duration_since(now).as_millis();
        let why = format!("within {left} ms, which is what was left of the run's {wall_ms} ms (PICLOUD_WALL_MS_MAX)");
        (ends, why)
    }
}

impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calls")
            .field("app", &self.reach.app)
            .finish_non_exhaustive()
    }
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
