//! The statements that read `executions`; the committer writes them.

use crate::ids::{AppId, ExecutionId};
use crate::store::Tx;
use crate::time::Time;
use crate::{run, statements};

statements! {
    LIST = "select id, seq, script, version, kind, summary, method, path, status, ending, error, fuel, memory_bytes,
            wall_us, host_calls, log_bytes, started_at
        from executions
        where app_id = $1 and seq < $2 and (script = $3 or $3 is null) and (ending = $4 or $4 is null)
        order by seq desc limit $5";
    SINCE = "select id, seq, script, version, kind, summary, method, path, status, ending, error, fuel, memory_bytes,
            wall_us, host_calls, log_bytes, started_at
        from executions
        where app_id = $1 and seq > $2 and (script = $3 or $3 is null) and (ending = $4 or $4 is null)
        order by seq limit $5";
    FIND = "select id, seq, script, version, kind, summary, method, path, status, ending, error, fuel, memory_bytes,
            wall_us, host_calls, log_bytes, started_at
        from executions where app_id = $1 and id = $2";
    LOG = "select log from executions where app_id = $1 and id = $2";
}

/// One row without its log.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Row {
    pub id: ExecutionId,
    pub seq: i64,
    pub script: String,
    pub version: i64,
    pub kind: String,
    pub summary: String,
    pub method: Option<String>,
    pub path: Option<String>,
    pub status: Option<i32>,
    pub ending: String,
    pub error: Option<String>,
    pub fuel: i64,
    pub memory_bytes: i64,
    pub wall_us: i64,
    pub host_calls: i32,
    pub log_bytes: i64,
    pub started_at: Time,
}

/// Which ones to list.
pub(super) struct Which<'a> {
    pub from: From,
    pub script: Option<&'a str>,
    pub ending: Option<&'a str>,
}

/// Where to begin, and which way to go.
#[derive(Clone, Copy)]
pub(super) enum From {
    /// Those before this place in the order, newest first.
    Before(i64),
    /// Those after it, oldest first.
    Since(i64),
}

/// Those that were asked for, in order.
pub(super) async fn list(tx: &mut Tx, app: AppId, which: &Which<'_>, rows: i64) -> sqlx::Result<Vec<Row>> {
    let (statement, place) = match which.from {
        From::Before(place) => (LIST, place),
        From::Since(place) => (SINCE, place),
    };
    run!(tx, statement, |sql, conn| {
        sqlx::query_as(sql)
            .bind(app)
            .bind(place)
            .bind(which.script.map(str::to_owned))
            .bind(which.ending.map(str::to_owned))
            .bind(rows)
            .fetch_all(conn)
            .await
    })
}

pub(super) async fn find(tx: &mut Tx, app: AppId, id: ExecutionId) -> sqlx::Result<Option<Row>> {
    run!(tx, FIND, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(id)
        .fetch_optional(conn)
        .await)
}

pub(super) async fn log(tx: &mut Tx, app: AppId, id: ExecutionId) -> sqlx::Result<Option<String>> {
    run!(tx, LOG, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(id)
        .fetch_one(conn)
        .await)
}
