//! Executions as they are stored, and as the API tells them.

pub(super) mod queries;

use picloud_sdk::api::{Execution, ExecutionWithLog};
use picloud_sdk::report::EndingKind;

use crate::ids::{AppId, ExecutionId};
use crate::store::Tx;

/// Which ones to list.
pub struct Which<'a> {
    /// Where to begin.
    pub from: Start,
    /// Only those of this script.
    pub script: Option<&'a str>,
    /// Only those that ended like this.
    pub ending: Option<EndingKind>,
}

/// Where to begin, and which way to go.
#[derive(Clone, Copy)]
pub enum Start {
    /// Those before this place in the order, newest first.
    Before(i64),
    /// Those after it, oldest first.
    Since(i64),
}

/// Those that were asked for, `rows` at most, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut Tx, app: AppId, which: &Which<'_>, rows: i64) -> sqlx::Result<Vec<Execution>> {
    let stored = queries::list(tx, app, which, rows).await?;
    Ok(stored.into_iter().map(queries::Stored::told).collect())
}

/// One of them.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(tx: &mut Tx, app: AppId, id: ExecutionId) -> sqlx::Result<Option<ExecutionWithLog>> {
    let Some(stored) = queries::find(tx, app, id).await? else {
        return Ok(None);
    };
    let log = queries::log(tx, app, id).await?;
    let log = log.and_then(|log| queries::readable(id, "log", &log));
    Ok(Some(ExecutionWithLog {
        execution: stored.told(),
        log: log.unwrap_or_default(),
    }))
}
