//! The rings: what each app's history and its journals take, and what goes when that is too much.

use std::collections::HashMap;

use crate::ids::AppId;
use crate::store::Db;

use super::executions::queries;
use super::journals::JournalRing;
use super::record::Record;

/// What was written of apps' history and journals, in bytes.
#[derive(Debug, Default)]
pub(super) struct Written(HashMap<AppId, Bytes>);

#[derive(Debug, Default, Clone, Copy)]
struct Bytes {
    history: i64,
    journals: i64,
}

impl Written {
    /// Those of a group, and what its journals took.
    pub(super) fn add<'a>(&mut self, records: impl IntoIterator<Item = &'a Record>, journals: HashMap<AppId, i64>) {
        for record in records {
            let history = i64::try_from(record.bytes()).unwrap_or(i64::MAX);
            self.0.entry(record.app()).or_default().history += history;
        }
        for (app, bytes) in journals {
            self.0.entry(app).or_default().journals += bytes;
        }
    }

    /// Both together.
    pub(super) fn join(&mut self, other: Self) {
        for (app, bytes) in other.0 {
            let own = self.0.entry(app).or_default();
            own.history += bytes.history;
            own.journals += bytes.journals;
        }
    }
}

/// What the writer knows of each app's history; the truth is in the database, and is asked again now and then.
pub(super) struct Rings {
    bytes_max: i64,
    known: HashMap<AppId, i64>,
    journals: JournalRing,
}

impl Rings {
    pub(super) fn new(bytes_max: u64, journal_bytes_max: u64) -> Self {
        Self {
            bytes_max: i64::try_from(bytes_max).unwrap_or(i64::MAX),
            known: HashMap::new(),
            journals: JournalRing::new(journal_bytes_max),
        }
    }

    /// Evicts the oldest of what was too much.
    pub(super) async fn make_room(&mut self, db: &Db, written: Written) {
        for (app, Bytes { history, journals }) in written.0 {
            if let Err(error) = self.add(db, app, history).await {
                tracing::warn!(app.id = %app, "old executions of {app} could not be evicted: {error}");
            }
            if journals > 0
                && let Err(error) = self.journals.add(db, app, journals).await
            {
                tracing::warn!(app.id = %app, "old journals of {app} could not be evicted: {error}");
            }
        }
    }

    /// Notes that `app` wrote `bytes`, and evicts its oldest records if that was too much.
    async fn add(&mut self, db: &Db, app: AppId, bytes: i64) -> sqlx::Result<()> {
        let total = match self.known.get(&app) {
            Some(known) => known.saturating_add(bytes),
            None => queries::ring_bytes(db, app).await?,
        };
        self.known.insert(app, total);
        if total <= self.bytes_max {
            return Ok(());
        }
        // Another node may have written or evicted too: look before deleting. A quarter goes at once, so that it is
        // not done for every batch.
        let mut total = queries::ring_bytes(db, app).await?;
        while total > self.bytes_max / 4 * 3 {
            let freed = queries::evict(db, app, total - self.bytes_max / 4 * 3).await?;
            if freed == 0 {
                break;
            }
            total -= freed;
        }
        self.known.insert(app, total);
        Ok(())
    }
}
