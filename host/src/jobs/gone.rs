//! Deletes what apps kept that are gone, some at a time, so that it holds nobody up.

use std::time::Duration;

use tokio::time::sleep;

use super::{Means, queries};
use crate::commit::messages::stored::queries as messages;

/// Entries that are deleted in one transaction.
const STEP: i64 = 500;
/// Between two of them, others have their turn.
const PAUSE: Duration = Duration::from_millis(20);
/// How long to wait before it is tried again when the database cannot be had.
const RETRY_PAUSE: Duration = Duration::from_mins(1);

/// Deletes what is left of apps, whenever one is gone.
pub(super) async fn run(means: &Means) {
    loop {
        let seen = means.changes.followed();
        match clear(means).await {
            Ok(()) => means.changes.followed_past(seen).await,
            Err(error) => {
                tracing::warn!("what a gone app kept could not be deleted, it is tried again: {error}");
                sleep(RETRY_PAUSE).await;
            }
        }
    }
}

async fn clear(means: &Means) -> sqlx::Result<()> {
    for app in queries::gone(&means.db).await? {
        while queries::delete_some(&means.db, app, STEP).await? || messages::delete_some(&means.db, app, STEP).await? {
            sleep(PAUSE).await;
        }
        queries::forget(&means.db, app).await?;
    }
    Ok(())
}
