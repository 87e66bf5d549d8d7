//! Lets go of a request: its message is taken from whoever has it and removed, so that no run for it can commit any more.

use super::accept::unavailable;
use super::durably::{Then, Work, durably};
use super::look::{Looked, looked};
use crate::commit::messages::Handle;
use crate::commit::messages::requests::queries;
use crate::commit::spaces::{Full, Lost, Session};
use crate::ids::RequestId;
use crate::orchestrator::host::Host;
use crate::orchestrator::promise::Promise;
use crate::orchestrator::snapshot::App;
use crate::problem::Problem;

/// How long it is this server's to let go of.
const TAKEN_MS: i64 = 10_000;
/// Others may let go of it at the same time.
const TRIES: u32 = 3;

/// What became of the wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// Nothing came of the request, and nothing will.
    Done,
    /// It is answered already.
    TooLate,
    /// There is none, or none any more.
    Nowhere,
}

/// Lets go of a request of `app`. When this returns, that is durable.
///
/// # Errors
/// When that cannot be done now.
pub async fn cancel(host: &Host, app: &App, id: RequestId) -> Result<Cancelled, Problem> {
    let _looks = app.places.look().await;
    for _ in 0..TRIES {
        let now_ms = host.clock.now_us() / 1000;
        let by = (host.spaces.server(), now_ms + TAKEN_MS);
        let taken = queries::take(&host.db, app.id, &id.to_string(), by).await;
        let Some(handle) = taken.map_err(|error| unavailable(&error))? else {
            return Ok(match looked(host, app, id).await? {
                Looked::Cancelled => Cancelled::Done,
                Looked::Answered { .. } | Looked::NotKept { .. } => Cancelled::TooLate,
                Looked::Nowhere => Cancelled::Nowhere,
                // Somebody sent it between two looks, which nobody does before they have its id.
                Looked::Waits { .. } => continue,
            });
        };
        let letting_go = LettingGo {
            promise: Promise::new(id, None, host.config.idempotency),
            handle,
            now_ms,
        };
        match durably(&host.spaces, app.id, &letting_go).await {
            Ok(()) => {
                host.underway.end((app.id, id));
                return Ok(Cancelled::Done);
            }
            Err(Lost::NotHeld) => {}
            Err(lost) => return Err(unavailable(&lost)),
        }
    }
    Err(unavailable(&Lost::NotHeld))
}

/// One commit.
struct LettingGo {
    promise: Promise,
    handle: Handle,
    now_ms: i64,
}

impl Work for LettingGo {
    type Done = ();

    async fn attempt(&self, session: &mut Session) -> Result<Then<()>, Lost> {
        session.handles(vec![self.handle.clone().into()], "");
        if let Err(Full { .. }) = self.promise.cancel(session, self.now_ms).await? {
            tracing::debug!(request.id = %self.promise.id, "that a request is cancelled is not kept, as there is no room");
        }
        Ok(Then::Keep(()))
    }
}
