//! The statements that read `executions`; the orchestrator writes them.

use serde_json::Value;
use sqlx::types::Json;

use super::super::time::Time;
use crate::ids::{AppId, ExecutionId};
use crate::store::Tx;
use crate::{run, statements};

statements! {
    LIST = "select id, script, version, event, method, path, status, ending, error, fuel, memory_bytes, wall_us,
            host_calls, started_at
        from executions
        where app_id = $1 and id < $2 and (script = $3 or $3 is null) and (ending = $4 or $4 is null)
        order by id desc limit $5";
    FIND = "select id, script, version, event, method, path, status, ending, error, fuel, memory_bytes, wall_us,
            host_calls, started_at
        from executions where app_id = $1 and id = $2";
    LOG = "select log from executions where app_id = $1 and id = $2";
}

/// One row without its log.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Row {
    pub id: ExecutionId,
    pub script: String,
    pub version: i64,
    pub event: String,
    pub method: String,
    pub path: String,
    pub status: i32,
    pub ending: String,
    pub error: Option<Json<Value>>,
    pub fuel: i64,
    pub memory_bytes: i64,
    pub wall_us: i64,
    pub host_calls: i32,
    pub started_at: Time,
}

/// Which ones to list.
pub(super) struct Which<'a> {
    pub before: ExecutionId,
    pub script: Option<&'a str>,
    pub ending: Option<&'a str>,
}

/// Newest first.
pub(super) async fn list(tx: &mut Tx, app: AppId, which: &Which<'_>, rows: i64) -> sqlx::Result<Vec<Row>> {
    run!(tx, LIST, |sql, conn| {
        sqlx::query_as(sql)
            .bind(app)
            .bind(which.before)
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

pub(super) async fn log(tx: &mut Tx, app: AppId, id: ExecutionId) -> sqlx::Result<Option<Json<Value>>> {
    run!(tx, LOG, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(id)
        .fetch_one(conn)
        .await)
}
