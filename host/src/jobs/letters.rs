//! Deletes dead letters that are old, and forgets what was sent and may be sent again.

use std::time::Duration;

use tokio::time::sleep;

use super::Means;
use crate::commit::messages::stored::queries;

/// At least so long between two looks.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// At most so long, whatever the clocks say.
const PAUSE_MAX: Duration = Duration::from_hours(1);

/// Deletes what is old, whenever something is.
pub(super) async fn run(means: &Means) {
    loop {
        match step(means).await {
            Ok(Some(pause)) => tokio::select! {
                () = sleep(pause) => {}
                () = left_something(means) => {}
            },
            // There is nothing that could become old.
            Ok(None) => left_something(means).await,
            Err(error) => {
                tracing::warn!("old dead letters could not be deleted, it is tried again: {error}");
                sleep(Duration::from_mins(1)).await;
            }
        }
    }
}

/// Waits until something is left, and a moment for more of it.
async fn left_something(means: &Means) {
    means.spaces.post().left_something().await;
    sleep(PAUSE_MIN).await;
}

/// Deletes some; how long to wait for the next, if there is any.
async fn step(means: &Means) -> sqlx::Result<Option<Duration>> {
    let now_ms = means.clock.now_us() / 1000;
    let kept_ms = i64::from(means.data.dead_letters_kept_s) * 1000;
    if queries::delete_old(&means.db, now_ms.saturating_sub(kept_ms)).await? > 0 {
        return Ok(Some(Duration::ZERO));
    }
    let oldest = queries::oldest_death(&means.db).await?;
    let next = [
        oldest.map(|died_ms| died_ms.saturating_add(kept_ms)),
        queries::forget_repeats(&means.db, now_ms).await?,
    ];
    let wait = |at_ms: i64| Duration::from_millis(u64::try_from(at_ms.saturating_sub(now_ms)).unwrap_or(0));
    let next = next.into_iter().flatten().min();
    Ok(next.map(|at_ms| wait(at_ms).clamp(PAUSE_MIN, PAUSE_MAX)))
}
