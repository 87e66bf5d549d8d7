//! Journals that are kept: all of failures, of other runs the newest of each group that is written, in a ring for each app.

mod queries;

use std::collections::HashMap;

use super::journal::Journal;
use super::record::Record;
use crate::ids::{AppId, ExecutionId};
use crate::store::{Db, Tx};

/// Of runs that did not fail, so many of an app are kept of each group that is written.
pub(super) const JOURNALS_PER_GROUP: usize = 32;
/// What a row takes besides its data.
const ROW_BYTES: usize = 64;

/// Every statement of this area.
pub(super) const STATEMENTS: &[crate::store::Statement] = queries::ALL;

/// A journal as it is kept.
#[derive(Debug)]
pub(super) struct Packed {
    execution: ExecutionId,
    app: AppId,
    failed: bool,
    data: Vec<u8>,
}

impl Packed {
    /// Those of `records` that are to be kept.
    pub(super) fn of<'a>(records: impl IntoIterator<Item = &'a Record, IntoIter: DoubleEndedIterator>) -> Vec<Self> {
        let mut quiet: HashMap<AppId, usize> = HashMap::new();
        let newest_first = records.into_iter().rev().filter_map(|record| {
            let journal = record.journal()?;
            let failed = record.is_failure();
            let others = quiet.entry(record.app()).or_default();
            *others += usize::from(!failed);
            (failed || *others <= JOURNALS_PER_GROUP).then_some(())?;
            let packed = journal.pack();
            let data = packed.inspect_err(|error| tracing::error!("a journal could not be packed: {error}"));
            Some(Self {
                execution: record.began().id,
                app: record.app(),
                failed,
                data: data.ok()?,
            })
        });
        newest_first.collect()
    }

    fn row_bytes(&self) -> i64 {
        i64::try_from(self.data.len() + ROW_BYTES).unwrap_or(i64::MAX)
    }
}

/// Writes them.
pub(super) async fn insert(tx: &mut Tx, journals: &[Packed]) -> sqlx::Result<()> {
    queries::insert(tx, journals).await
}

/// What they take, by app.
pub(super) fn taken(journals: &[Packed]) -> HashMap<AppId, i64> {
    let mut taken = HashMap::new();
    for journal in journals {
        *taken.entry(journal.app).or_default() += journal.row_bytes();
    }
    taken
}

/// The journal of an execution, if it is kept.
///
/// # Errors
/// When the database cannot be read, or it is of another release.
pub async fn find(db: &Db, app: AppId, execution: ExecutionId) -> anyhow::Result<Option<Journal>> {
    let data = queries::find(db, app, execution).await?;
    Ok(data.map(|data| Journal::unpack(&data)).transpose()?)
}

/// What the writer knows of each app's journals; the truth is in the database, and is asked again now and then.
pub(super) struct JournalRing {
    bytes_max: i64,
    known: HashMap<AppId, i64>,
}

impl JournalRing {
    pub(super) fn new(bytes_max: u64) -> Self {
        Self {
            bytes_max: i64::try_from(bytes_max).unwrap_or(i64::MAX),
            known: HashMap::new(),
        }
    }

    /// Notes that `bytes` more were written of `app`, and evicts the oldest if that was too much.
    pub(super) async fn add(&mut self, db: &Db, app: AppId, bytes: i64) -> sqlx::Result<()> {
        let mut total = match self.known.get(&app) {
            Some(known) => known.saturating_add(bytes),
            None => queries::bytes(db, app).await?,
        };
        if total > self.bytes_max {
            total = queries::bytes(db, app).await?;
            for failed in [false, true] {
                while total > self.bytes_max / 4 * 3 {
                    let freed = queries::evict(db, app, failed).await?;
                    if freed == 0 {
                        break;
                    }
                    total -= freed;
                }
            }
        }
        self.known.insert(app, total);
        Ok(())
    }
}
