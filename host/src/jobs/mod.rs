//! Housekeeping at our own pace: what has to be done some time, and that nobody waits for.
//!
//! ```text
//! Jobs::run ─▶ each job, woken when there is something to do ─▶ small transactions that block nobody
//! ```
//!
//! *Invariant*: a job goes on after a restart with what the database says; what is in memory only wakes it.

mod expired;
mod gone;
mod indexes;
mod letters;
mod queries;

use std::sync::Arc;

use futures_util::future::{BoxFuture, join_all};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::commit::Changes;
use crate::commit::spaces::Spaces;
use crate::config::DataConfig;
use crate::ids::AppId;
use crate::store::{Db, Statement};
use crate::world::{Keeping, Mailing};

pub use indexes::{Indexes, Place};

/// What every job works with.
pub struct Means {
    /// The database.
    pub db: Db,
    /// The control plane's changes.
    pub changes: Arc<Changes>,
    /// What scripts keep.
    pub spaces: Arc<Spaces>,
    /// How much of it one transaction may touch.
    pub data: DataConfig,
    /// What time it is.
    pub clock: Clock,
}

/// All jobs of a server, and what they are told.
pub struct Jobs {
    means: Means,
    /// Indexes to be made and unmade.
    pub indexes: Indexes,
}

impl Jobs {
    /// None of them is at work yet.
    #[must_use]
    pub fn new(means: Means) -> Self {
        Self {
            means,
            indexes: Indexes::default(),
        }
    }

    /// Does them until `stop`. What is not over then goes on at the next start.
    pub async fn run(&self, stop: CancellationToken) {
        let jobs: [BoxFuture<'_, ()>; 4] = [
            // One line registers one.
            Box::pin(self.indexes.run(&self.means)),
            Box::pin(expired::run(&self.means)),
            Box::pin(gone::run(&self.means)),
            Box::pin(letters::run(&self.means)),
        ];
        stop.run_until_cancelled(join_all(jobs)).await;
    }
}

impl Means {
    /// What an app keeps.
    fn keeping(&self, app: AppId) -> Keeping {
        Keeping {
            spaces: Arc::clone(&self.spaces),
            app,
            limits: self.data,
            now_ms: self.clock.now_us() / 1000,
            // No job makes documents.
            seed: [0; 32],
            // What expires or is indexed is nobody's doing.
            mailing: Mailing::default(),
        }
    }
}

/// Every statement of the jobs.
pub(crate) const STATEMENTS: &[Statement] = queries::ALL;
