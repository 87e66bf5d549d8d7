//! Has schedules fire: a time that is due becomes a message, in the transaction that says when it is due next. Of several
//! servers one gets to say that, so a time fires once.
//!
//! Where nothing else of a schedule waits, its tick is handed out in that transaction, with all that its run needs: of a
//! thousand that are due at once none waits for a transaction of its own.

use std::collections::HashMap;

use picloud_sdk::api::Overlap;
use tokio::sync::OwnedSemaphorePermit;

use super::{Handed, LEASE_MS, Policy};
use crate::commit::messages::ticks::{Tick, queries as ticks};
use crate::commit::messages::{Line, Sent, Source, queries};
use crate::ids::AppId;
use crate::orchestrator::Host;
use crate::schedule::{self, Schedule, jitter_ms};
use crate::store::Tx;
use crate::triggers::queries::{self as triggers, Due};
use crate::triggers::{Of, Timing};

/// Schedules that fire in one transaction.
const AT_ONCE: usize = 1000;

/// What fired.
pub(super) struct Fired {
    /// What is handed out with it.
    pub(super) handed: Vec<Handed>,
    /// Whether there may be more.
    pub(super) more: bool,
}

/// A schedule that is due.
struct Firing {
    due: Due,
    line: Line,
    /// None when it cannot be read: it is as if it were paused, until it is set anew.
    how: Option<How>,
    /// The times that fire now, and how many were missed before them.
    fires: Vec<i64>,
    missed: u32,
    /// When it is due next.
    next: Option<i64>,
}

/// How a schedule fires, and who handles it.
struct How {
    timing: Timing,
    policy: Policy,
}

/// Has fire what is due by `now_ms`, some at a time.
pub(super) async fn fire(host: &Host, now_ms: i64) -> sqlx::Result<Fired> {
    let due = triggers::due(&host.db, now_ms, AT_ONCE).await?;
    let more = due.len() == AT_ONCE;
    let mut handed = Vec::new();
    if !due.is_empty() {
        let mut firing: Vec<Firing> = due.into_iter().map(|due| Firing::of(due, now_ms)).collect();
        // In one order on all servers, so that no two wait for each other.
        firing.sort_by(|one, other| (one.due.app_id, &one.line).cmp(&(other.due.app_id, &other.line)));
        handed = fire_all(host, firing, now_ms).await?;
    }
    Ok(Fired { handed, more })
}

async fn fire_all(host: &Host, mut firing: Vec<Firing>, now_ms: i64) -> sqlx::Result<Vec<Handed>> {
    let mut tx = host.db.write().await?;
    let fired = triggers::fired(&mut tx, firing.iter().map(|one| (&one.due, one.next))).await?;
    firing.retain(|one| !one.fires.is_empty() && fired.contains(&(one.due.app_id, one.due.name.clone())));
    let lines: Vec<_> = firing.iter().map(|one| (one.due.app_id, &one.line)).collect();
    let taken = ticks::begin(&mut tx, &lines).await?;
    let mut put = Vec::new();
    let mut hands = HashMap::new();
    let mut arrived = Vec::new();
    for one in firing {
        let place = (one.due.app_id, one.line.clone());
        let is_free = !taken.contains(&place);
        let Some((how, sent)) = one.sent(&mut tx, is_free, now_ms).await? else {
            continue;
        };
        let permits = if is_free {
            permits(host, place.0, &how.policy, &sent, now_ms)
        } else {
            None
        };
        let is_handed = permits.is_some();
        match permits {
            Some(permits) => drop(hands.insert(place.clone(), (how.policy, permits))),
            None => arrived.push(place.clone()),
        }
        put.extend(sent.into_iter().map(|sent| Tick {
            app: place.0,
            sent,
            is_handed,
        }));
    }
    let leased = ticks::put(&mut tx, put, (host.spaces.server(), now_ms + LEASE_MS)).await?;
    tx.commit().await?;
    host.spaces.post().arrived(arrived.into_iter());
    let handed = leased.into_iter().filter_map(|(app, leased)| {
        let (policy, permits) = hands.get_mut(&(app, leased.handle.line.clone()))?;
        Some(Handed {
            app,
            leased,
            policy: policy.clone(),
            permit: permits.pop()?,
        })
    });
    Ok(handed.collect())
}

/// One for each tick, if all of them may begin now: as many as run at once, none that is to wait.
fn permits(host: &Host, app: AppId, policy: &Policy, sent: &[Sent], now_ms: i64) -> Option<Vec<OwnedSemaphorePermit>> {
    let waits = |sent: &Sent| sent.due_ms.saturating_add(sent.held_ms) > now_ms;
    if sent.len() > policy.delivery.concurrency as usize || sent.iter().any(waits) {
        return None;
    }
    let directory = host.routes.current();
    let places = &directory.by_id(app)?.places;
    sent.iter().map(|_| places.tick()).collect()
}

impl Firing {
    fn of(due: Due, now_ms: i64) -> Self {
        let line = Line {
            source: Source::Schedule,
            name: due.name.as_str().into(),
        };
        let mut firing = Self {
            how: None,
            fires: Vec::new(),
            missed: 0,
            next: None,
            line,
            due,
        };
        if let Some((how, parsed)) = how(&firing.due) {
            let tick = schedule::tick(&parsed, firing.due.next_at, now_ms, how.timing.catch_up);
            (firing.fires, firing.missed, firing.next) = (tick.fires, tick.missed, tick.next);
            firing.how = Some(how);
        }
        firing
    }

    /// What is sent of it, if anything is.
    async fn sent(mut self, tx: &mut Tx, is_free: bool, now_ms: i64) -> sqlx::Result<Option<(How, Vec<Sent>)>> {
        let Some(how) = self.how else { return Ok(None) };
        if how.timing.overlap == Overlap::Skip {
            // Those that came together would overlap, too.
            self.fires.drain(..self.fires.len().saturating_sub(1));
            if !is_free && queries::is_busy(tx, self.due.app_id, &self.line, now_ms).await? {
                return Ok(None);
            }
        }
        let id = format!("{}/{}", self.due.app_id, self.due.name);
        let sent = self.fires.iter().map(|at_ms| Sent {
            held_ms: jitter_ms(&id, *at_ms, how.timing.jitter_ms),
            ..Sent::of_schedule(self.line.clone(), *at_ms, self.missed)
        });
        let sent = sent.collect();
        Ok(Some((how, sent)))
    }
}

fn how(due: &Due) -> Option<(How, Schedule)> {
    let settings = due.settings()?;
    let delivery = settings.at_once();
    let Of::Schedule(timing) = settings.of else {
        return None;
    };
    let parsed = Schedule::parse(&timing.when, timing.zone.as_deref().unwrap_or("UTC"));
    let parsed = parsed.inspect_err(|why| tracing::error!("a stored schedule cannot be read, it does not fire: {why}"));
    let script = due.script.as_str().into();
    let policy = Policy { script, delivery };
    Some((How { timing, policy }, parsed.ok()?))
}
