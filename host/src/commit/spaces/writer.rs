//! Commits in groups: what waits becomes durable in one transaction, many apps together, each app's in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::app::{AppSpace, Known};
use super::lost::Lost;
use super::queries;
use super::queue::{Item, Undone};
use super::spaces::{Spaces, go_on};
use crate::commit::executions::queries as executions;
use crate::commit::journals::{self, Packed};
use crate::commit::messages::queries::{self as messages, Mail, NotHeld};
use crate::commit::ring::Written;
use crate::commit::{Committer, Record, is_about_the_rows};
use crate::data::history::Csn;
use crate::data::writes::Writes;
use crate::ids::AppId;
use crate::store::{Db, Tx};

/// Commits of one group.
const GROUP_MAX: usize = 512;
/// What they write.
const GROUP_BYTES_MAX: usize = 4 << 20;
/// What is remembered of who wrote what, of one app.
const HISTORY_BYTES_MAX: usize = 4 << 20;

/// The commits of one app in a group, one after another.
struct Batch {
    app: Arc<AppSpace>,
    generation: u64,
    since: Csn,
    items: Vec<Item>,
    /// What all of them leave.
    writes: Writes,
    /// How this server's turn goes on with them.
    turn: queries::Turn,
}

/// Writes commits until `stop`, and then what is left.
pub(crate) async fn write_spaces(spaces: &Spaces, committer: &Committer, stop: CancellationToken) {
    let Some(db) = &spaces.db else { return };
    loop {
        let items = spaces.queue.take(GROUP_MAX, GROUP_BYTES_MAX);
        if items.is_empty() {
            if stop.is_cancelled() {
                return;
            }
            tokio::select! {
                () = spaces.queue.work() => {}
                () = stop.cancelled() => {}
            }
            continue;
        }
        let (batches, overtaken) = batches(spaces, items);
        for item in overtaken {
            undo(committer, item, Lost::Overtaken(None));
        }
        write(spaces, committer, db, batches).await;
    }
}

/// By app, in the order of apps, which is the same on every server; and those whose app is not what they began with.
fn batches(spaces: &Spaces, items: Vec<Item>) -> (BTreeMap<AppId, Batch>, Vec<Item>) {
    let mut batches: BTreeMap<AppId, Batch> = BTreeMap::new();
    let mut overtaken = Vec::new();
    for item in items {
        let state = item.app.lock();
        let known = state.known.as_ref().filter(|_| state.generation == item.generation);
        let Some(since) = known.map(|known| known.space.durable()) else {
            drop(state);
            overtaken.push(item);
            continue;
        };
        drop(state);
        let batch = batches.entry(item.app.id).or_insert_with(|| Batch {
            app: Arc::clone(&item.app),
            generation: item.generation,
            since,
            items: Vec::new(),
            writes: Writes::default(),
            turn: spaces.next_turn(&item.app),
        });
        for (key, value) in item.writes.iter() {
            batch.writes.put(key.clone(), value.cloned());
        }
        batch.items.push(item);
    }
    (batches, overtaken)
}

async fn write(spaces: &Spaces, committer: &Committer, db: &Db, mut batches: BTreeMap<AppId, Batch>) {
    if batches.is_empty() {
        return;
    }
    let asked = Instant::now();
    let mut written = try_write(db, &batches, true).await;
    if let Err(Failed::NotHeld(app, messages)) = written {
        return Box::pin(without(spaces, committer, db, batches, (app, messages))).await;
    }
    if written.as_ref().is_err_and(Failed::is_about_the_rows) {
        // A record of theirs, most likely: the committer finds out which.
        written = try_write(db, &batches, false).await;
        if written.is_ok() {
            let items = batches.values_mut().flat_map(|batch| &mut batch.items);
            for record in items.filter_map(|item| item.record.take()) {
                committer.push(record);
            }
        }
    }
    match written {
        Err(error) if error.is_about_the_rows() && batches.len() > 1 => {
            // One app's, and the others' are not to suffer from it.
            for (app, batch) in batches {
                Box::pin(write(spaces, committer, db, BTreeMap::from([(app, batch)]))).await;
            }
        }
        Ok((clocks, written)) => {
            for (app, clock) in clocks {
                let Some(batch) = batches.remove(&app) else { continue };
                durable(spaces, &batch, clock, |known| go_on(db, known, batch.turn, asked));
                let sent = batch.items.iter().flat_map(|item| item.mail.sent());
                spaces.post.sent(app, sent.clone());
                if batch.items.iter().any(|item| item.mail.not_done().next().is_some()) {
                    // It waits for another time, or is dead.
                    spaces.post.look();
                    spaces.post.leave_something();
                }
                if sent.clone().any(|message| message.dedup.is_some()) {
                    spaces.post.leave_something();
                }
                spaces.post.arrived(sent.map(|message| (app, message.line.clone())));
                for item in batch.items {
                    let _ = item.done.send(Ok(()));
                }
            }
            committer.note_written(written);
            // The database was further than this server knew.
            for batch in batches.into_values() {
                batch.app.forget(batch.generation);
                for item in batch.items {
                    undo(committer, item, Lost::Overtaken(None));
                }
            }
        }
        Err(error) => {
            tracing::warn!("what runs wrote could not be made durable, they are refused: {error}");
            let error = Arc::new(error.into_sql());
            for batch in batches.into_values() {
                batch.app.forget(batch.generation);
                for item in batch.items {
                    undo(committer, item, Lost::Unavailable(Arc::clone(&error)));
                }
            }
        }
    }
}

/// Why a group could not be written.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("{0}")]
    Sql(#[from] sqlx::Error),
    /// The messages that commits were for are not theirs any more.
    #[error("a message is not held any more")]
    NotHeld(AppId, Vec<i64>),
}

impl Failed {
    fn is_about_the_rows(&self) -> bool {
        matches!(self, Self::Sql(error) if is_about_the_rows(error))
    }

    fn into_sql(self) -> sqlx::Error {
        match self {
            Self::Sql(error) => error,
            Self::NotHeld(..) => sqlx::Error::RowNotFound,
        }
    }
}

/// Writes a group without an app of which commits came too late for their messages. What it committed after them may have
/// seen them: all of that begins anew.
async fn without(
    spaces: &Spaces,
    committer: &Committer,
    db: &Db,
    mut batches: BTreeMap<AppId, Batch>,
    (app, messages): (AppId, Vec<i64>),
) {
    if let Some(batch) = batches.remove(&app) {
        batch.app.forget(batch.generation);
        for item in batch.items {
            let mut handled = item.mail.handled.iter();
            let lost = if handled.any(|handled| messages.contains(&handled.handle.seq)) {
                Lost::NotHeld
            } else {
                Lost::Overtaken(None)
            };
            undo(committer, item, lost);
        }
    }
    write(spaces, committer, db, batches).await;
}

/// One transaction; how the spaces are then that were as they are known to be.
async fn try_write(
    db: &Db,
    batches: &BTreeMap<AppId, Batch>,
    records: bool,
) -> Result<(Vec<(AppId, queries::Clock)>, Written), Failed> {
    let mut tx = db.write().await?;
    let mut clocks = Vec::new();
    let mut written = Written::default();
    for (app, batch) in batches {
        // Who wrote nothing, and only sends, has the number of what it saw.
        let csn = batch.items.iter().map(|item| item.csn).fold(batch.since, Csn::max);
        if let Some(clock) = queries::write(&mut tx, *app, (batch.since, csn), batch.turn, &batch.writes).await? {
            clocks.push((*app, clock));
            write_mail(&mut tx, *app, &batch.items).await?;
            if records {
                write_records(&mut tx, &batch.items, &mut written).await?;
            }
        }
    }
    tx.commit().await?;
    Ok((clocks, written))
}

async fn write_mail(tx: &mut Tx, app: AppId, items: &[Item]) -> Result<(), Failed> {
    if items.iter().all(|item| item.mail.is_empty()) {
        return Ok(());
    }
    let mail = Mail {
        done: items.iter().flat_map(|item| item.mail.done()).collect(),
        not_done: items.iter().flat_map(|item| item.mail.not_done()).collect(),
        sent: items.iter().flat_map(|item| item.mail.sent()).collect(),
    };
    let settled = messages::settle(tx, app, &mail).await?;
    settled.map_err(|NotHeld(messages)| Failed::NotHeld(app, messages))
}

async fn write_records(tx: &mut Tx, items: &[Item], written: &mut Written) -> sqlx::Result<()> {
    let records: Vec<&Record> = items.iter().filter_map(|item| item.record.as_ref()).collect();
    if records.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = records.iter().map(|record| record.row()).collect();
    executions::insert(tx, &rows).await?;
    let packed = Packed::of(records.iter().copied());
    journals::insert(tx, &packed).await?;
    written.add(records, journals::taken(&packed));
    Ok(())
}

/// The database has all of `batch`.
fn durable(spaces: &Spaces, batch: &Batch, clock: queries::Clock, go_on: impl FnOnce(&mut Known)) {
    let mut state = batch.app.lock();
    if state.generation != batch.generation {
        return;
    }
    let epoch = state.epoch;
    let Some(known) = &mut state.known else { return };
    spaces.cache(batch.app.id, epoch).written(&batch.writes);
    known.space.is_durable(clock.csn());
    known.space.forget(HISTORY_BYTES_MAX);
    (known.bytes, known.keys) = clock.usage();
    if batch
        .writes
        .iter()
        .any(|(_, value)| value.is_some_and(|value| value.expires_ms.is_some()))
    {
        spaces.expires.notify_one();
    }
    for item in &batch.items {
        known.pending_bytes -= item.writes.bytes() as u64;
        known.pending_keys -= item.writes.len() as u64;
    }
    go_on(known);
    let durable = clock.csn();
    batch.app.progress.send_modify(|progress| progress.durable = durable);
}

/// Nothing came of it: whoever waits is told, and has the record back; when nobody does, the record says that they left.
fn undo(committer: &Committer, item: Item, why: Lost) {
    let undone = Undone {
        why,
        record: item.record,
    };
    if let Err(Err(Undone {
        record: Some(mut record),
        ..
    })) = item.done.send(Err(undone))
    {
        record.left();
        committer.push(record);
    }
}
