//! Removes what has expired. Nobody sees it any more; this gives its room back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::{Means, queries};
use crate::data::key::Key;
use crate::ids::AppId;
use crate::world::{Keeping, No};

/// Entries that are removed in one go.
const STEP: i64 = 200;
/// At least so long between two looks at what has expired.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// At most so long, whatever the clocks say.
const PAUSE_MAX: Duration = Duration::from_hours(1);

/// Removes what has expired, whenever something has.
pub(super) async fn run(means: &Means) {
    loop {
        let pause = match step(means).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::warn!("what has expired could not be removed, it is tried again: {error:#}");
                Some(PAUSE_MAX.min(Duration::from_mins(1)))
            }
        };
        let Some(pause) = pause else {
            // Nothing that is kept expires.
            means.spaces.expiring().await;
            continue;
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = async { means.spaces.expiring().await; sleep(PAUSE_MIN).await } => {}
        }
    }
}

/// Removes some; how long to wait for the next, if anything expires.
async fn step(means: &Means) -> anyhow::Result<Option<Duration>> {
    let now_ms = means.clock.now_us() / 1000;
    let mut due: BTreeMap<AppId, Vec<Key>> = BTreeMap::new();
    let expired = queries::expired(&means.db, now_ms, STEP).await?;
    let any = !expired.is_empty();
    for (app, key) in expired {
        due.entry(app).or_default().push(key.into());
    }
    let mut all = true;
    // As much as one transaction may do.
    let size = means.data.writes_max.min(means.data.reads_max).max(1) as usize;
    for (app, keys) in due {
        for keys in keys.chunks(size) {
            all &= remove(&means.keeping(app), keys).await;
        }
    }
    if any {
        return Ok(Some(if all { Duration::ZERO } else { PAUSE_MIN }));
    }
    let next = queries::next_expiry(&means.db).await?;
    Ok(next.map(|at_ms| {
        let wait = Duration::from_millis(u64::try_from(at_ms.saturating_sub(now_ms)).unwrap_or(0));
        wait.clamp(PAUSE_MIN, PAUSE_MAX)
    }))
}

/// Whether they were removed; others are not to wait when they were not.
async fn remove(keeping: &Keeping, keys: &[Key]) -> bool {
    let keys: Arc<[Key]> = keys.into();
    let removed = keeping.transact(|data| {
        let keys = Arc::clone(&keys);
        Box::pin(async move {
            let there = data.get(&keys).await?;
            // What is there again has been written meanwhile.
            for (key, _) in keys.iter().zip(there).filter(|(_, value)| value.is_none()) {
                data.put(key.clone(), None).await?;
            }
            Ok(())
        })
    });
    let removed = removed.await;
    if let Err(why) = &removed
        && !matches!(why, No::Overtaken(_))
    {
        tracing::warn!(app.id = %keeping.app, "what has expired could not be removed, it is tried again: {why:?}");
    }
    removed.is_ok()
}
