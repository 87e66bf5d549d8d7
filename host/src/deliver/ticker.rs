//! Has schedules fire: a time that is due becomes a message, in the transaction that says when it is due next. Of several
//! servers one gets to say that, so a time fires once.

use std::collections::{BTreeMap, BTreeSet};

use picloud_sdk::api::Overlap;

use crate::commit::messages::{Line, Sent, Source, queries};
use crate::ids::AppId;
use crate::orchestrator::Host;
use crate::schedule::{self, Schedule, jitter_ms};
use crate::triggers::queries::{self as triggers, Due};
use crate::triggers::{Of, Timing};

/// Schedules that fire in one transaction.
const AT_ONCE: usize = 500;

/// Has fire what is due by `now_ms`, some at a time; whether there may be more.
pub(super) async fn fire(host: &Host, now_ms: i64) -> sqlx::Result<bool> {
    let due = triggers::due(&host.db, now_ms, AT_ONCE).await?;
    if due.is_empty() {
        return Ok(false);
    }
    let more = due.len() == AT_ONCE;
    let mut tx = host.db.write().await?;
    let mut sent: BTreeMap<AppId, Vec<Sent>> = BTreeMap::new();
    // In one order on all servers, so that no two wait for each other.
    let mut due = due;
    due.sort_by(|one, other| (one.app_id, &one.name).cmp(&(other.app_id, &other.name)));
    for due in due {
        let Some((timing, parsed)) = timing(&due) else {
            // It is as if it were paused, until it is set anew.
            triggers::fired(&mut tx, due.app_id, &due.name, (due.next_at, None)).await?;
            continue;
        };
        let tick = schedule::tick(&parsed, due.next_at, now_ms, timing.catch_up);
        if !triggers::fired(&mut tx, due.app_id, &due.name, (due.next_at, tick.next)).await? {
            continue;
        }
        let line = Line {
            source: Source::Schedule,
            name: due.name.as_str().into(),
        };
        let mut fires = tick.fires;
        if timing.overlap == Overlap::Skip {
            // Those that came together would overlap, too.
            fires = fires.split_off(fires.len().saturating_sub(1));
            if queries::is_busy(&mut tx, due.app_id, &line, now_ms).await? {
                fires.clear();
            }
        }
        let messages = fires
            .into_iter()
            .map(|at_ms| message(&due, &line, &timing, (at_ms, tick.missed)));
        sent.entry(due.app_id).or_default().extend(messages);
    }
    let mut lines = BTreeSet::new();
    for (app, messages) in &sent {
        queries::put(&mut tx, *app, &messages.iter().collect::<Vec<_>>()).await?;
        lines.extend(messages.iter().map(|message| (*app, message.line.clone())));
    }
    tx.commit().await?;
    host.spaces.post().arrived(lines.into_iter());
    Ok(more)
}

fn timing(due: &Due) -> Option<(Timing, Schedule)> {
    let Of::Schedule(timing) = due.settings()?.of else {
        return None;
    };
    let parsed = Schedule::parse(&timing.when, timing.zone.as_deref().unwrap_or("UTC"));
    let parsed = parsed.inspect_err(|why| tracing::error!("a stored schedule cannot be read, it does not fire: {why}"));
    Some((timing, parsed.ok()?))
}

fn message(due: &Due, line: &Line, timing: &Timing, (at_ms, missed): (i64, u32)) -> Sent {
    let id = format!("{}/{}", due.app_id, due.name);
    Sent {
        held_ms: jitter_ms(&id, at_ms, timing.jitter_ms),
        ..Sent::of_schedule(line.clone(), at_ms, missed)
    }
}
