//! Removes what has expired. Nobody sees it any more; this gives its room back.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Means, queries};
use crate::data::key::{Key, Range};
use crate::data::space::Query;
use crate::ids::AppId;
use crate::world::{Keeping, No};

/// Entries that are removed in one go.
const STEP: i64 = 200;
/// An app of which nothing could be removed is left alone for so long.
const PAUSE_OF_APP: Duration = Duration::from_secs(10);
/// At least so long between two looks at what has expired.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// At most so long, whatever the clocks say.
const PAUSE_MAX: Duration = Duration::from_hours(1);

/// Removes what has expired, whenever something has.
pub(super) async fn run(means: &Means) {
    let mut later = HashMap::new();
    loop {
        let pause = match step(means, &mut later).await {
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

/// Removes some; how long to wait for the next, if anything expires. Apps of which nothing could be removed come `later`,
/// and others need not wait for them.
async fn step(means: &Means, later: &mut HashMap<AppId, Instant>) -> anyhow::Result<Option<Duration>> {
    let now_ms = means.clock.now_us() / 1000;
    later.retain(|_, from| *from > Instant::now());
    let mut due: BTreeMap<AppId, Vec<Key>> = BTreeMap::new();
    let expired = queries::expired(&means.db, now_ms, STEP, later.keys().copied()).await?;
    let any = !expired.is_empty();
    for (app, key) in expired {
        due.entry(app).or_default().push(key.into());
    }
    // As much as one transaction may do.
    let size = means.data.writes_max.min(means.data.reads_max).max(1) as usize;
    for (app, keys) in due {
        for keys in keys.chunks(size) {
            if !remove(&means.keeping(app), keys).await {
                later.insert(app, Instant::now() + PAUSE_OF_APP);
                break;
            }
        }
    }
    if any {
        return Ok(Some(Duration::ZERO));
    }
    let next = queries::next_expiry(&means.db, later.keys().copied()).await?;
    let next = next.map(|at_ms| Duration::from_millis(u64::try_from(at_ms.saturating_sub(now_ms)).unwrap_or(0)));
    let next = next
        .into_iter()
        .chain((!later.is_empty()).then_some(PAUSE_OF_APP))
        .min();
    Ok(next.map(|wait| wait.clamp(PAUSE_MIN, PAUSE_MAX)))
}

/// Whether they were removed; others are not to wait when they were not.
async fn remove(keeping: &Keeping, keys: &[Key]) -> bool {
    let keys: Arc<[Key]> = keys.into();
    let removed = keeping.transact(|data| {
        let keys = Arc::clone(&keys);
        Box::pin(async move {
            for key in keys.iter() {
                let range = Range::point(key.clone());
                let (limit, reversed) = (1, false);
                let query = Query { range, limit, reversed };
                // Its value may be large. What is there again has been written meanwhile.
                if data.keys(&query).await?.0.is_empty() {
                    data.put(key.clone(), None).await?;
                }
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
