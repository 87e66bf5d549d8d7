//! Executions as they are stored: what a run left, and how the API tells it.

pub(super) mod queries;

use anyhow::Context;
use picloud_sdk::api::{Execution, ExecutionWithLog, LogLine};
use picloud_sdk::report::EndingKind;

use crate::ids::{AppId, ExecutionId};
use crate::store::Tx;

/// Which ones to list.
pub struct Which<'a> {
    /// Where to begin.
    pub from: From,
    /// Only those of this script.
    pub script: Option<&'a str>,
    /// Only those that ended like this.
    pub ending: Option<EndingKind>,
}

/// Where to begin, and which way to go.
#[derive(Clone, Copy)]
pub enum From {
    /// Those before this place in the order, newest first.
    Before(i64),
    /// Those after it, oldest first.
    Since(i64),
}

/// Those that were asked for, `rows` at most, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut Tx, app: AppId, which: &Which<'_>, rows: i64) -> anyhow::Result<Vec<Execution>> {
    let stored = queries::list(tx, app, which, rows).await?;
    stored.into_iter().map(queries::Stored::told).collect()
}

/// One of them.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(tx: &mut Tx, app: AppId, id: ExecutionId) -> anyhow::Result<Option<ExecutionWithLog>> {
    let Some(stored) = queries::find(tx, app, id).await? else {
        return Ok(None);
    };
    let log: Vec<LogLine> = match queries::log(tx, app, id).await? {
        Some(log) => serde_json::from_str(&log).with_context(|| format!("the log of {id}"))?,
        None => Vec::new(),
    };
    let execution = stored.told()?;
    Ok(Some(ExecutionWithLog { execution, log }))
}
