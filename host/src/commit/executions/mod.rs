//! Executions as they are stored, and as the API tells them.

pub(super) mod queries;

use picloud_sdk::api::{Execution, ExecutionWithLog, LogLine};
use picloud_sdk::call::log::LogLevel;
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
    /// Only those of this kind.
    pub kind: Option<&'a str>,
    /// Only those for messages of the queue, schedule, ... of this name, which is of a kind.
    pub name: Option<&'a str>,
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
    let (log, outbound) = queries::log(tx, app, id).await?;
    let outbound = outbound.and_then(|text| queries::readable(id, "requests", &text));
    let log = log.map_or_else(Vec::new, |log| lines(id, &log));
    Ok(Some(ExecutionWithLog {
        execution: stored.told(),
        log,
        outbound: outbound.unwrap_or_default(),
    }))
}

/// The lines of a stored log, or one that says that they cannot be read.
fn lines(id: ExecutionId, log: &str) -> Vec<LogLine> {
    queries::readable(id, "log", log).unwrap_or_else(|| {
        vec![LogLine {
            level: LogLevel::Warn,
            message: "this release cannot read the log of this run".to_owned(),
            fields: None,
        }]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_of_another_release_is_said_to_be_one() {
        let id = ExecutionId::new(0);
        assert_eq!(lines(id, r#"[{"level":"info","message":"a"}]"#)[0].message, "a");
        let [line] = &*lines(id, r#"[{"level":"loud","message":"a"}]"#) else {
            panic!("one line")
        };
        assert_eq!(line.message, "this release cannot read the log of this run");
    }
}
