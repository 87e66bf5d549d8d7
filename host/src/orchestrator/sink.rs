//! Finished runs on their way to the database: a bounded queue, and one task that writes batches.
//!
//! The writer sleeps until something is pushed, writes it at once when it was idle, and then rests as long as it takes to
//! spend no more than a small share of a core (and of an SD card) on history. What comes in meanwhile is the next batch.

use std::collections::{HashMap, VecDeque};
use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::host::Host;
use crate::ids::AppId;
use crate::store::Db;

use super::queries;
use super::record::{Importance, Record, Row};
use super::ring::Rings;

/// Records that wait; of more, the quietest go.
const WAITING_MAX: usize = 16_384;
/// What they may take in memory.
const WAITING_BYTES_MAX: usize = 16 << 20;
/// Records of one statement.
const BATCH_MAX: usize = 2048;
/// At least this long between two batches that nobody waits for.
const REST_MIN: Duration = Duration::from_millis(100);
/// At most this long.
const REST_MAX: Duration = Duration::from_secs(5);
/// The writer rests this many times as long as it wrote.
const REST_FACTOR: u32 = 31;
/// Pause after a batch that could not be written, doubled each time.
const RETRY_PAUSE_MIN: Duration = Duration::from_secs(1);
/// Up to this.
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(30);
/// How long [`RecordSink::settled`] waits for a database that does not answer.
const SETTLE_MAX: Duration = Duration::from_secs(5);
/// Tries at a batch that the database refuses, or that cannot be written while the server stops.
const TRIES_MAX: u32 = 3;

/// Where records go.
#[derive(Default)]
pub struct RecordSink {
    waiting: Mutex<Waiting>,
    /// Something was pushed, or somebody waits: the writer has work.
    work: Notify,
    /// Somebody waits: the writer does not rest.
    hurry: Notify,
    /// How many records, of all ever pushed, are dealt with.
    done: watch::Sender<u64>,
}

#[derive(Default)]
struct Waiting {
    quiet: VecDeque<Record>,
    logged: VecDeque<Record>,
    failed: VecDeque<Record>,
    bytes: usize,
    pushed: u64,
    dropped: u64,
    /// Records were dropped and it was said so; over when the queue is taken.
    dropping: bool,
}

impl Waiting {
    fn len(&self) -> usize {
        self.quiet.len() + self.logged.len() + self.failed.len()
    }

    fn push(&mut self, record: Record) {
        self.pushed += 1;
        self.bytes += record.bytes();
        match record.importance() {
            Importance::Quiet => self.quiet.push_back(record),
            Importance::Logged => self.logged.push_back(record),
            Importance::Failed => self.failed.push_back(record),
        }
        while self.len() > WAITING_MAX || self.bytes > WAITING_BYTES_MAX {
            let quietest = [&mut self.quiet, &mut self.logged, &mut self.failed]
                .into_iter()
                .find_map(VecDeque::pop_front);
            let Some(gone) = quietest else { break };
            self.bytes -= gone.bytes();
            self.dropped += 1;
            if !std::mem::replace(&mut self.dropping, true) {
                tracing::warn!("executions come faster than they can be written: the quietest are not recorded");
            }
        }
    }

    fn take(&mut self) -> Vec<Record> {
        self.bytes = 0;
        self.dropping = false;
        take(&mut self.quiet)
            .into_iter()
            .chain(take(&mut self.logged))
            .chain(take(&mut self.failed))
            .collect()
    }
}

impl RecordSink {
    /// Puts a record into the queue; never waits.
    pub fn push(&self, record: Record) {
        let mut waiting = self.lock();
        let was_empty = waiting.len() == 0;
        waiting.push(record);
        drop(waiting);
        if was_empty {
            self.work.notify_one();
        }
    }

    /// Waits until everything pushed so far is in the database (or was dropped), a few seconds at most.
    pub async fn settled(&self) {
        let pushed = self.lock().pushed;
        let mut done = self.done.subscribe();
        if *done.borrow() < pushed {
            self.hurry.notify_one();
            // Whoever reads history gets what there is, even when the database is slow to take more.
            let _ = timeout(SETTLE_MAX, done.wait_for(|done| *done >= pushed)).await;
        }
    }

    /// Records that are neither written nor dropped yet.
    #[must_use]
    pub fn unwritten(&self) -> u64 {
        let pushed = self.lock().pushed;
        pushed - *self.done.borrow()
    }

    /// Records that were never written because there were too many.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing in there can be left half done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes records until `stop`, and then what is left.
pub(crate) async fn write_records(host: Host, stop: CancellationToken) {
    let mut rings = Rings::new(host.config.history.bytes_per_app);
    let sink = &host.records;
    loop {
        tokio::select! {
            () = sink.work.notified() => {}
            () = stop.cancelled() => {}
        }
        let (records, pushed) = {
            let mut waiting = sink.lock();
            (waiting.take(), waiting.pushed)
        };
        if records.is_empty() && stop.is_cancelled() {
            return;
        }
        let began = Instant::now();
        for batch in records.chunks(BATCH_MAX) {
            write_batch(&host.db, &mut rings, batch, &stop).await;
        }
        sink.done.send_replace(pushed);
        tokio::select! {
            () = sleep((began.elapsed() * REST_FACTOR).clamp(REST_MIN, REST_MAX)) => {}
            () = sink.hurry.notified() => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Writes one batch, again and again while the database cannot be reached.
async fn write_batch(db: &Db, rings: &mut Rings, batch: &[Record], stop: &CancellationToken) {
    let rows: Vec<Row<'_>> = batch.iter().map(Row).collect();
    let rows = serde_json::to_string(&rows).expect("a record is plain data");
    let mut pause = RETRY_PAUSE_MIN;
    let mut refused = 0;
    while let Err(error) = queries::insert(db, &rows).await {
        // A database that answers "no" will say so again; one that does not answer may come back.
        let answered = matches!(error, sqlx::Error::Database(_));
        refused += u32::from(answered || stop.is_cancelled());
        if refused >= TRIES_MAX {
            let count = batch.len();
            return tracing::error!("{count} executions are lost, as the database did not take them: {error}");
        }
        tracing::warn!("executions could not be written and are tried again: {error}");
        tokio::select! {
            () = sleep(pause) => {}
            () = stop.cancelled() => {}
        }
        pause = (pause * 2).min(RETRY_PAUSE_MAX);
    }
    let mut written: HashMap<AppId, i64> = HashMap::new();
    for record in batch {
        *written.entry(record.app).or_default() += i64::try_from(record.bytes()).unwrap_or(0);
    }
    for (app, bytes) in written {
        if let Err(error) = rings.add(db, app, bytes).await {
            tracing::warn!(app.id = %app, "old executions of {app} could not be evicted: {error}");
        }
    }
}
