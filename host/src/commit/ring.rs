//! The ring: what each app's history takes, and what goes when that is too much.

use std::collections::HashMap;

use crate::ids::AppId;
use crate::store::Db;

use super::executions::queries;

/// What the writer knows of each app's history; the truth is in the database, and is asked again now and then.
pub(super) struct Rings {
    bytes_max: i64,
    known: HashMap<AppId, i64>,
}

impl Rings {
    pub(super) fn new(bytes_max: u64) -> Self {
        Self {
            bytes_max: i64::try_from(bytes_max).unwrap_or(i64::MAX),
            known: HashMap::new(),
        }
    }

    /// Notes that `app` wrote `bytes`, and evicts its oldest records if that was too much.
    pub(super) async fn add(&mut self, db: &Db, app: AppId, bytes: i64) -> sqlx::Result<()> {
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
