//! Every statement that touches `versions`.

use super::super::time::Time;
use crate::ids::{AppId, ScriptId, VersionId};
use crate::store::Tx;
use crate::{run, statements};

statements! {
    LIST = "select number, length(source) as characters, created_at, created_by from versions
        where app_id = $1 and script_id = $2 and number < $3 order by number desc limit $4";
    FIND = "select number, length(source) as characters, created_at, created_by from versions
        where app_id = $1 and script_id = $2 and number = $3";
    SOURCE = "select source from versions where app_id = $1 and script_id = $2 and number = $3";
    LAST = "select coalesce(max(number), 0) from versions where app_id = $1 and script_id = $2";
    INSERT = "insert into versions (id, script_id, app_id, number, source, artifact, guest_hash, created_at, created_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    FORGET = "delete from versions where app_id = $1 and script_id = $2 and number <= $3";
}

/// One row without what is large.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Row {
    pub number: i64,
    pub characters: i32,
    pub created_at: Time,
    pub created_by: String,
}

/// Newest first, those before `before`.
pub(super) async fn list(tx: &mut Tx, app: AppId, script: ScriptId, before: i64, rows: i64) -> sqlx::Result<Vec<Row>> {
    run!(tx, LIST, |sql, conn| {
        sqlx::query_as(sql)
            .bind(app)
            .bind(script)
            .bind(before)
            .bind(rows)
            .fetch_all(conn)
            .await
    })
}

pub(super) async fn find(tx: &mut Tx, app: AppId, script: ScriptId, number: i64) -> sqlx::Result<Option<Row>> {
    run!(tx, FIND, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(script)
        .bind(number)
        .fetch_optional(conn)
        .await)
}

pub(super) async fn source(tx: &mut Tx, app: AppId, script: ScriptId, number: i64) -> sqlx::Result<Option<String>> {
    run!(tx, SOURCE, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(script)
        .bind(number)
        .fetch_optional(conn)
        .await)
}

/// The highest number there is; 0 when there is none.
pub(super) async fn last(tx: &mut Tx, app: AppId, script: ScriptId) -> sqlx::Result<i64> {
    run!(tx, LAST, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(script)
        .fetch_one(conn)
        .await)
}

pub(super) async fn insert(
    tx: &mut Tx,
    app: AppId,
    version: &super::NewVersion<'_>,
    artifact: Vec<u8>,
    now: Time,
) -> sqlx::Result<()> {
    let id = VersionId::new(now.0);
    run!(tx, INSERT, |sql, conn| {
        sqlx::query(sql)
            .bind(id)
            .bind(version.script)
            .bind(app)
            .bind(version.number)
            .bind(version.source.to_owned())
            .bind(artifact)
            .bind(version.guest_hash)
            .bind(now)
            .bind(version.by.to_owned())
            .execute(conn)
            .await
            .map(drop)
    })
}

/// Deletes those up to `number`.
pub(super) async fn forget(tx: &mut Tx, app: AppId, script: ScriptId, number: i64) -> sqlx::Result<()> {
    run!(tx, FORGET, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(script)
        .bind(number)
        .execute(conn)
        .await
        .map(drop))
}
