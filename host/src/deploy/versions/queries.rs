//! Every statement that touches `versions`.

use picloud_sdk::api::Time;

use crate::ids::{AppId, ScriptId, VersionId};
use crate::store::Tx;
use crate::{run, statements};

statements! {
    ID = "select v.id from versions v join scripts s on s.id = v.script_id
            where v.app_id = $1 and s.name = $2 and v.number = $3";
    LIST = "select number, length(source) as characters, created_at, created_by, relinked_for from versions
        where app_id = $1 and script_id = $2 and number < $3 order by number desc limit $4";
    FIND = "select number, length(source) as characters, created_at, created_by, relinked_for from versions
        where app_id = $1 and script_id = $2 and number = $3";
    SOURCE = "select source from versions where app_id = $1 and script_id = $2 and number = $3";
    ARTIFACT = "select id, artifact, guest_hash from versions where app_id = $1 and script_id = $2 and number = $3";
    INSERT = "insert into versions (id, script_id, app_id, number, source, artifact, guest_hash, created_at, created_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

/// One row without what is large.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub number: i64,
    pub characters: i32,
    #[sqlx(try_from = "i64")]
    pub created_at: Time,
    pub created_by: String,
    pub relinked_for: Option<String>,
}

/// Newest first, those before `before`.
pub(crate) async fn list(tx: &mut Tx, app: AppId, script: ScriptId, before: i64, rows: i64) -> sqlx::Result<Vec<Row>> {
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

pub(crate) async fn find(tx: &mut Tx, app: AppId, script: ScriptId, number: i64) -> sqlx::Result<Option<Row>> {
    run!(tx, FIND, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(script)
        .bind(number)
        .fetch_optional(conn)
        .await)
}

pub(crate) async fn source(tx: &mut Tx, app: AppId, script: ScriptId, number: i64) -> sqlx::Result<Option<String>> {
    run!(tx, SOURCE, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(script)
        .bind(number)
        .fetch_optional(conn)
        .await)
}

/// A version's id, and its artifact with the guest that it is for.
/// The id of a version, by its script's name and its number.
pub(crate) async fn id(tx: &mut Tx, app: AppId, script: &str, number: i64) -> sqlx::Result<Option<VersionId>> {
    run!(tx, ID, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(script.to_owned())
        .bind(number)
        .fetch_optional(conn)
        .await)
}

pub(crate) async fn find_artifact(
    tx: &mut Tx,
    app: AppId,
    script: ScriptId,
    number: i64,
) -> sqlx::Result<Option<(VersionId, (Vec<u8>, String))>> {
    let row: Option<(VersionId, Vec<u8>, String)> = run!(tx, ARTIFACT, |sql, conn| {
        sqlx::query_as(sql)
            .bind(app)
            .bind(script)
            .bind(number)
            .fetch_optional(conn)
            .await
    })?;
    Ok(row.map(|(id, artifact, guest_hash)| (id, (artifact, guest_hash))))
}

pub(crate) async fn insert(tx: &mut Tx, app: AppId, version: super::NewVersion<'_>, now: Time) -> sqlx::Result<()> {
    run!(tx, INSERT, |sql, conn| {
        sqlx::query(sql)
            .bind(version.id)
            .bind(version.script)
            .bind(app)
            .bind(version.number)
            .bind(version.source.to_owned())
            .bind(version.artifact)
            .bind(version.guest_hash)
            .bind(now.0)
            .bind(version.by.to_owned())
            .execute(conn)
            .await
            .map(drop)
    })
}
