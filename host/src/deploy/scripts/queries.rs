//! Every statement that touches `scripts`.

use picloud_sdk::api::{Kind, Time};

use crate::ids::{AppId, ScriptId};
use crate::store::Tx;
use crate::{run, statements};

statements! {
    FIND = "select id, name, kind, live_version, created_at, updated_at from scripts where app_id = $1 and name = $2";
    LIST = "select id, name, kind, live_version, created_at, updated_at from scripts
        where app_id = $1 and name > $2 order by name limit $3";
    COUNT = "select count(*) from scripts where app_id = $1";
    INSERT = "insert into scripts (id, app_id, name, kind, live_version, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $6)";
    UPDATE = "update scripts set kind = $3, live_version = $4, updated_at = $5 where app_id = $1 and id = $2";
    DELETE = "delete from scripts where app_id = $1 and id = $2";
}

/// One row.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub id: ScriptId,
    pub name: String,
    #[sqlx(try_from = "String")]
    pub kind: Kind,
    pub live_version: i64,
    #[sqlx(try_from = "i64")]
    pub created_at: Time,
    #[sqlx(try_from = "i64")]
    pub updated_at: Time,
}

pub(crate) async fn find(tx: &mut Tx, app: AppId, name: &str) -> sqlx::Result<Option<Row>> {
    run!(tx, FIND, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(name)
        .fetch_optional(conn)
        .await)
}

/// By name, those after `after`.
pub(crate) async fn list(tx: &mut Tx, app: AppId, after: &str, rows: i64) -> sqlx::Result<Vec<Row>> {
    run!(tx, LIST, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(after)
        .bind(rows)
        .fetch_all(conn)
        .await)
}

/// How many there are.
pub(crate) async fn count(tx: &mut Tx, app: AppId) -> sqlx::Result<usize> {
    let count: i64 = run!(tx, COUNT, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .fetch_one(conn)
        .await)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

pub(crate) async fn insert(tx: &mut Tx, app: AppId, row: &Row) -> sqlx::Result<()> {
    run!(tx, INSERT, |sql, conn| {
        sqlx::query(sql)
            .bind(row.id)
            .bind(app)
            .bind(row.name.clone())
            .bind(row.kind.as_str())
            .bind(row.live_version)
            .bind(row.created_at.0)
            .execute(conn)
            .await
            .map(drop)
    })
}

pub(crate) async fn update(tx: &mut Tx, app: AppId, row: &Row) -> sqlx::Result<()> {
    run!(tx, UPDATE, |sql, conn| {
        sqlx::query(sql)
            .bind(app)
            .bind(row.id)
            .bind(row.kind.as_str())
            .bind(row.live_version)
            .bind(row.updated_at.0)
            .execute(conn)
            .await
            .map(drop)
    })
}

/// With its versions.
pub(crate) async fn delete(tx: &mut Tx, app: AppId, id: ScriptId) -> sqlx::Result<()> {
    run!(tx, DELETE, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(id)
        .execute(conn)
        .await
        .map(drop))
}
