//! Every statement that touches `routes`.

use picloud_sdk::api::{Asynchronous, Idempotency, Time};

use crate::ids::{AppId, RouteId, ScriptId};
use crate::store::Tx;
use crate::{run, statements};

statements! {
    LIST = "select routes.id, host, method, pattern, scripts.name as script, idempotency, asynchronous, routes.created_at
        from routes join scripts on scripts.id = routes.script_id
        where routes.app_id = $1 and routes.id < $2 order by routes.id desc limit $3";
    OF_SHAPE = "select routes.id, host, method, pattern, scripts.name as script, idempotency, asynchronous, routes.created_at
        from routes join scripts on scripts.id = routes.script_id
        where routes.app_id = $1 and host = $2 and method = $3 and shape = $4";
    OF_SCRIPT = "select routes.id, host, method, pattern, scripts.name as script, idempotency, asynchronous, routes.created_at
        from routes join scripts on scripts.id = routes.script_id
        where routes.app_id = $1 and routes.script_id = $2 order by routes.id limit 20";
    FIND = "select routes.id, host, method, pattern, scripts.name as script, idempotency, asynchronous, routes.created_at
        from routes join scripts on scripts.id = routes.script_id
        where routes.app_id = $1 and routes.id = $2";
    OF_HOST = "select id from routes where app_id = $1 and host = $2 order by id limit 20";
    IS_OWN_HOST = "select count(*) from app_hosts where app_id = $1 and host = $2";
    COUNT = "select count(*) from routes where app_id = $1";
    INSERT = "insert into routes (id, app_id, script_id, host, method, pattern, shape, idempotency, asynchronous, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    SET = "update routes set idempotency = $3, asynchronous = $4 where app_id = $1 and id = $2";
    DELETE = "delete from routes where app_id = $1 and id = $2";
}

/// One row, with the name of its script.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub id: RouteId,
    pub host: String,
    pub method: String,
    pub pattern: String,
    pub script: String,
    #[sqlx(try_from = "String")]
    pub idempotency: Idempotency,
    #[sqlx(try_from = "String")]
    pub asynchronous: Asynchronous,
    #[sqlx(try_from = "i64")]
    pub created_at: Time,
}

/// Newest first, those before `before`.
pub(crate) async fn list(tx: &mut Tx, app: AppId, before: RouteId, rows: i64) -> sqlx::Result<Vec<Row>> {
    run!(tx, LIST, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(before)
        .bind(rows)
        .fetch_all(conn)
        .await)
}

/// One of them.
pub(super) async fn find(tx: &mut Tx, app: AppId, id: RouteId) -> sqlx::Result<Option<Row>> {
    run!(tx, FIND, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(id)
        .fetch_optional(conn)
        .await)
}

/// The one that answers the same requests.
pub(crate) async fn of_shape(
    tx: &mut Tx,
    app: AppId,
    host: &str,
    method: &str,
    shape: &str,
) -> sqlx::Result<Option<Row>> {
    run!(tx, OF_SHAPE, |sql, conn| {
        sqlx::query_as(sql)
            .bind(app)
            .bind(host)
            .bind(method)
            .bind(shape)
            .fetch_optional(conn)
            .await
    })
}

/// Some of those that point at a script.
pub(crate) async fn of_script(tx: &mut Tx, app: AppId, script: ScriptId) -> sqlx::Result<Vec<Row>> {
    run!(tx, OF_SCRIPT, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(script)
        .fetch_all(conn)
        .await)
}

/// Some of those for one of the app's own hosts.
pub(crate) async fn of_host(tx: &mut Tx, app: AppId, host: &str) -> sqlx::Result<Vec<RouteId>> {
    run!(tx, OF_HOST, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(host)
        .fetch_all(conn)
        .await)
}

/// Whether it is one of the app's own hosts.
pub(super) async fn is_own_host(tx: &mut Tx, app: AppId, host: &str) -> sqlx::Result<bool> {
    let count: i64 = run!(tx, IS_OWN_HOST, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(host)
        .fetch_one(conn)
        .await)?;
    Ok(count > 0)
}

/// How many there are.
pub(crate) async fn count(tx: &mut Tx, app: AppId) -> sqlx::Result<usize> {
    let count: i64 = run!(tx, COUNT, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .fetch_one(conn)
        .await)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

pub(crate) async fn insert(tx: &mut Tx, app: AppId, script: ScriptId, shape: &str, row: &Row) -> sqlx::Result<()> {
    run!(tx, INSERT, |sql, conn| {
        sqlx::query(sql)
            .bind(row.id)
            .bind(app)
            .bind(script)
            .bind(row.host.clone())
            .bind(row.method.clone())
            .bind(row.pattern.clone())
            .bind(shape)
            .bind(row.idempotency.as_str())
            .bind(row.asynchronous.as_str())
            .bind(row.created_at.0)
            .execute(conn)
            .await
            .map(drop)
    })
}

/// Sets what of a route may be changed.
pub(super) async fn set(tx: &mut Tx, app: AppId, row: &Row) -> sqlx::Result<()> {
    run!(tx, SET, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(row.id)
        .bind(row.idempotency.as_str())
        .bind(row.asynchronous.as_str())
        .execute(conn)
        .await
        .map(drop))
}

/// Whether it was there.
pub(crate) async fn delete(tx: &mut Tx, app: AppId, id: RouteId) -> sqlx::Result<bool> {
    run!(tx, DELETE, |sql, conn| {
        sqlx::query(sql)
            .bind(app)
            .bind(id)
            .execute(conn)
            .await
            .map(|done| done.rows_affected() > 0)
    })
}
