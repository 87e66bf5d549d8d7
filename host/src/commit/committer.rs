//! Finished runs on their way to the database: a bounded queue, and one task that writes it in groups.
//!
//! The writer sleeps until something is pushed, writes it at once when it was idle, and then rests as long as it takes to
//! spend no more than a small share of a core (and of an SD card) on history. What comes in meanwhile is the next group;
//! when much does, the rest is over.

use std::collections::{HashMap, VecDeque};
use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::ids::AppId;
use crate::store::Db;

use super::executions::queries::{self, Row};
use super::journals::{self, JOURNALS_PER_GROUP, Packed};
use super::record::Record;
use super::ring::{Rings, Written};

/// Quiet records that wait; of more, the oldest are forgotten, as the ring would forget them.
const QUIET_MAX: usize = 16_384;
/// Those of one app: a noisy one forgets its own.
const QUIET_PER_APP_MAX: usize = QUIET_MAX / 2;
/// What may wait of all others together; with more, no new run is begun.
const KEPT_BYTES_MAX: usize = 16 << 20;
/// What the journals of quiet records that wait may take together; further ones are not kept.
const JOURNAL_BYTES_MAX: usize = 32 << 20;
/// Rows of one statement.
const GROUP_MAX: usize = 1024;
/// Text of one statement: it is put together, and parsed, in one go.
const GROUP_BYTES_MAX: usize = 256 << 10;
/// At least this long between two groups that nobody waits for.
const REST_MIN: Duration = Duration::from_millis(100);
/// At most this long.
const REST_MAX: Duration = Duration::from_secs(5);
/// The writer rests this many times as long as it wrote.
const REST_FACTOR: u32 = 31;
/// Pause after a group that could not be written, doubled each time.
const RETRY_PAUSE_MIN: Duration = Duration::from_millis(250);
/// Up to this.
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(30);
/// How long [`Committer::settled`] waits for a database that does not answer.
const SETTLE_MAX: Duration = Duration::from_secs(5);
/// How long [`Committer::room`] waits for the writer to catch up.
const ROOM_MAX: Duration = Duration::from_secs(2);
/// Tries at a group that cannot be written while the server stops.
const TRIES_AT_STOP_MAX: u32 = 3;

/// Where records go.
#[derive(Default)]
pub struct Committer {
    waiting: Mutex<Waiting>,
    /// Something was pushed, or somebody waits: the writer has work.
    work: Notify,
    /// Somebody waits, or much is waiting: the writer does not rest.
    hurry: Notify,
    /// Something was taken: there may be room.
    room: Notify,
    /// How many records, of all ever pushed, are dealt with.
    done: watch::Sender<u64>,
}

/// How the committer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Records on their way.
    pub waiting: u64,
    /// Records that are in the database, or were and are evicted.
    pub written: u64,
    /// Quiet runs that were too many to be remembered.
    pub forgotten: u64,
    /// Records that the database refused, or that could not be written before the server stopped.
    pub lost: u64,
}

/// More waits to be written than may.
#[derive(Debug)]
pub struct NoRoom;

#[derive(Default)]
struct Waiting {
    quiet: HashMap<AppId, VecDeque<Record>>,
    quiet_len: usize,
    journal_bytes: usize,
    kept: VecDeque<Record>,
    kept_bytes: usize,
    pushed: u64,
    forgotten: u64,
    lost: u64,
    /// What was written elsewhere of each app's history, and its ring does not know yet.
    elsewhere: Written,
    /// Records were forgotten and it was said so; over when the queue is taken.
    forgetting: bool,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.quiet_len == 0 && self.kept.is_empty()
    }

    /// Whether a rest would make it worse.
    fn is_much(&self) -> bool {
        self.kept_bytes > KEPT_BYTES_MAX / 2
    }

    fn push(&mut self, mut record: Record) {
        self.pushed += 1;
        if !record.is_quiet() {
            self.kept_bytes += record.bytes() + record.journal_bytes();
            return self.kept.push_back(record);
        }
        self.journal_bytes += record.journal_bytes();
        if self.journal_bytes > JOURNAL_BYTES_MAX {
            self.journal_bytes -= record.journal_bytes();
            record.keep(None);
        }
        let own = self.quiet.entry(record.app()).or_default();
        own.push_back(record);
        if let Some(older) = own.len().checked_sub(JOURNALS_PER_GROUP + 1) {
            // It would not be among those that are kept.
            self.journal_bytes -= own[older].journal_bytes();
            own[older].keep(None);
        }
        self.quiet_len += 1;
        if own.len() > QUIET_PER_APP_MAX {
            let first = own.pop_front();
            self.journal_bytes -= first.map_or(0, |record| record.journal_bytes());
        } else if self.quiet_len > QUIET_MAX {
            let longest = self.quiet.values_mut().max_by_key(|records| records.len());
            let first = longest.and_then(VecDeque::pop_front);
            self.journal_bytes -= first.map_or(0, |record| record.journal_bytes());
        } else {
            return;
        }
        self.quiet_len -= 1;
        self.forgotten += 1;
        if !std::mem::replace(&mut self.forgetting, true) {
            tracing::warn!("executions come faster than they can be written: the oldest quiet ones are not recorded");
        }
    }

    fn take(&mut self) -> Vec<Record> {
        self.quiet_len = 0;
        self.journal_bytes = 0;
        self.forgetting = false;
        let quiet = take(&mut self.quiet).into_values().flatten();
        let mut records: Vec<Record> = quiet.chain(take(&mut self.kept)).collect();
        // Each app's own are in order; their order over apps tells nobody anything but the truth.
        records.sort_by_key(|record| record.began().started_us);
        records
    }
}

impl Committer {
    /// Puts a record into the queue; never waits. Whether there is room was asked before the run began.
    pub fn push(&self, record: Record) {
        let mut waiting = self.lock();
        let (was_empty, was_much) = (waiting.is_empty(), waiting.is_much());
        waiting.push(record);
        let is_much = waiting.is_much();
        drop(waiting);
        if was_empty {
            self.work.notify_one();
        }
        if is_much && !was_much {
            self.hurry.notify_one();
        }
    }

    /// These were written with what their runs wrote.
    pub(super) fn note_written(&self, written: Written) {
        self.lock().elsewhere.join(written);
        self.work.notify_one();
    }

    /// Waits a moment for the writer when more waits to be written than may.
    ///
    /// # Errors
    /// When it does not catch up.
    pub async fn room(&self) -> Result<(), NoRoom> {
        let is_full = || self.lock().kept_bytes > KEPT_BYTES_MAX;
        if !is_full() {
            return Ok(());
        }
        let wait = async {
            loop {
                let taken = self.room.notified();
                if !is_full() {
                    return;
                }
                taken.await;
            }
        };
        timeout(ROOM_MAX, wait).await.map_err(|_| NoRoom)
    }

    /// Waits until everything pushed so far is in the database (or was forgotten), a few seconds at most.
    pub async fn settled(&self) {
        let pushed = self.lock().pushed;
        let mut done = self.done.subscribe();
        if *done.borrow() < pushed {
            self.hurry.notify_one();
            // Whoever reads history gets what there is, even when the database is slow to take more.
            let _ = timeout(SETTLE_MAX, done.wait_for(|done| *done >= pushed)).await;
        }
    }

    /// How it does.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let waiting = self.lock();
        let dealt_with = *self.done.borrow();
        Figures {
            waiting: waiting.pushed - dealt_with,
            written: dealt_with.saturating_sub(waiting.forgotten + waiting.lost),
            forgotten: waiting.forgotten,
            lost: waiting.lost,
        }
    }

    fn lose(&self, count: usize, error: &sqlx::Error) {
        tracing::error!("{count} executions are lost, as the database did not take them: {error}");
        self.lock().lost += count as u64;
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing in there can be left half done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes records until `stop`, and then what is left.
pub(crate) async fn write_records(
    committer: &Committer,
    db: &Db,
    (bytes_per_app, journal_bytes_per_app): (u64, u64),
    stop: CancellationToken,
) {
    let mut rings = Rings::new(bytes_per_app, journal_bytes_per_app);
    loop {
        tokio::select! {
            () = committer.work.notified() => {}
            () = stop.cancelled() => {}
        }
        let (records, pushed, kept_bytes, mut written) = {
            let mut waiting = committer.lock();
            let (kept_bytes, elsewhere) = (waiting.kept_bytes, take(&mut waiting.elsewhere));
            (waiting.take(), waiting.pushed, kept_bytes, elsewhere)
        };
        if records.is_empty() && stop.is_cancelled() {
            return;
        }
        let began = Instant::now();
        for group in groups(&records) {
            write(committer, db, group, &mut written, &stop).await;
        }
        rings.make_room(db, written).await;
        committer.done.send_replace(pushed);
        // Only now: what is being written is in memory as well.
        committer.lock().kept_bytes -= kept_bytes;
        committer.room.notify_waiters();
        let much = committer.lock().is_much();
        tokio::select! {
            () = sleep((began.elapsed() * REST_FACTOR).clamp(REST_MIN, REST_MAX)), if !much => {}
            () = committer.hurry.notified() => {}
            () = stop.cancelled() => {}
            () = std::future::ready(()), if much => {}
        }
    }
}

/// In order, each within the bounds of one statement.
fn groups(records: &[Record]) -> impl Iterator<Item = &[Record]> {
    let mut rest = records;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fitting = rest.iter().take(GROUP_MAX).take_while(|record| {
            bytes += record.bytes();
            bytes <= GROUP_BYTES_MAX
        });
        let (group, after) = rest.split_at(fitting.count().max(1).min(rest.len()));
        rest = after;
        (!group.is_empty()).then_some(group)
    })
}

/// Writes one group, again and again while the database cannot be reached.
async fn write(committer: &Committer, db: &Db, group: &[Record], written: &mut Written, stop: &CancellationToken) {
    let mut pause = RETRY_PAUSE_MIN;
    let mut tries_at_stop = 0;
    let mut pending = vec![group];
    while let Some(group) = pending.pop() {
        let rows: Vec<_> = group.iter().map(Record::row).collect();
        let packed = Packed::of(group);
        let Err(error) = insert(db, &rows, &packed).await else {
            written.add(group, journals::taken(&packed));
            continue;
        };
        if is_about_the_rows(&error) {
            // It will say so again: what is wrong is found by halves, and only that is lost.
            match group.split_at(group.len() / 2) {
                ([], group) => committer.lose(group.len(), &error),
                (first, second) => pending.extend([second, first]),
            }
            continue;
        }
        tries_at_stop += u32::from(stop.is_cancelled());
        if tries_at_stop >= TRIES_AT_STOP_MAX {
            committer.lose(group.len(), &error);
            continue;
        }
        tracing::warn!("executions could not be written and are tried again: {error}");
        pending.push(group);
        tokio::select! {
            () = sleep(pause) => {}
            () = stop.cancelled(), if tries_at_stop == 0 => {}
        }
        pause = (pause * 2).min(RETRY_PAUSE_MAX);
    }
}

/// Whether the database refuses what it is given, rather than being full, busy or gone.
pub(super) fn is_about_the_rows(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else {
        return false;
    };
    // PostgreSQL's class 22 is "data exception"; SQLite's constraints have kinds of their own.
    let data = error
        .code()
        .is_some_and(|code| code.len() == 5 && code.starts_with("22"));
    data || error.kind() != sqlx::error::ErrorKind::Other
}

async fn insert(db: &Db, rows: &[Row<'_>], journals: &[Packed]) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    queries::insert(&mut tx, rows).await?;
    journals::insert(&mut tx, journals).await?;
    tx.commit().await
}
