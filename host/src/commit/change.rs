//! A change of the control plane: committed and told in a task that no client can cancel.
//!
//! ```text
//! handler ── Tx ──▶ its row in `changes` ── commit ── told ──▶ the node's follower ── followed ──▶ the answer
//! ```
//!
//! *Invariant*: what is committed is followed, also when nobody waits for it any more.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::queries;
use crate::ids::AppId;
use crate::store::{Db, Tx};

/// How long a change that is committed waits to be followed when the database cannot be read.
const FOLLOW_MAX: Duration = Duration::from_secs(10);

/// The changes of the control plane, and how far this node has followed them.
#[derive(Default)]
pub struct Changes {
    /// Something was committed.
    told: Notify,
    /// The number of the last change by which this node serves.
    followed: watch::Sender<i64>,
    /// Those that are being committed; the end waits for them.
    open: TaskTracker,
}

impl Changes {
    /// Makes `tx` durable as a change of `app`, or of the installation. When this returns, this node serves by it; it
    /// comes to that also when whoever asked goes away meanwhile.
    ///
    /// # Errors
    /// When the database refuses; then nothing was changed.
    pub async fn commit(self: &Arc<Self>, mut tx: Tx, app: Option<AppId>) -> anyhow::Result<()> {
        let changes = Arc::clone(self);
        let committing = self.open.spawn(async move {
            let id = queries::tell(&mut tx, app).await?;
            tx.commit().await?;
            changes.tell();
            changes.followed_to(id).await;
            anyhow::Ok(())
        });
        committing.await.context("committing a change panicked")?
    }

    /// Waits until this node serves by change `id`.
    async fn followed_to(&self, id: i64) {
        let mut followed = self.followed.subscribe();
        if timeout(FOLLOW_MAX, followed.wait_for(|at| *at >= id)).await.is_err() {
            // It is stored and will be served: to call it failed would be wrong.
            tracing::error!("change {id} is stored, and not served after {} s", FOLLOW_MAX.as_secs());
        }
    }

    /// Waits for changes that are being committed.
    pub async fn close(&self) {
        self.open.close();
        self.open.wait().await;
    }

    /// Wakes the follower.
    pub(crate) fn tell(&self) {
        self.told.notify_one();
    }

    /// Waits until there may be more changes than were followed.
    pub(crate) async fn told(&self) {
        self.told.notified().await;
    }

    /// Waits until this node serves by a change after `id`.
    pub(crate) async fn followed_past(&self, id: i64) {
        // It fails when nobody follows any more, and then nothing changes.
        let _ = self.followed.subscribe().wait_for(|at| *at > id).await;
    }

    /// Says that this node serves by change `id`.
    pub(crate) fn follow(&self, id: i64) {
        self.followed.send_replace(id);
    }

    /// The number of the last change by which this node serves.
    #[must_use]
    pub fn followed(&self) -> i64 {
        *self.followed.borrow()
    }
}

/// Changes after `seen`, in order, a bounded number of them.
pub(crate) async fn changes_since(db: &Db, seen: i64) -> sqlx::Result<Vec<(i64, Option<AppId>)>> {
    queries::changes_since(&mut db.read().await?, seen).await
}

/// The number of the last change.
pub(crate) async fn last_change(db: &Db) -> sqlx::Result<i64> {
    queries::last_change(&mut db.read().await?).await
}
