//! Every statement that touches `tokens`. An app of `None` means the operators' tokens.

use picloud_sdk::api::{Role, Time};

use crate::ids::{AppId, TokenId};
use crate::store::Tx;
use crate::{run, statements};

statements! {
    FIND_BY_HANDLE = "select id, app_id, handle, name, role, hash, created_at, expires_at from tokens where handle = $1";
    LIST = "select id, app_id, handle, name, role, hash, created_at, expires_at from tokens
        where app_id is not distinct from $1 and id < $2 order by id desc limit $3";
    EXISTS = "select count(*) from tokens where id = $1";
    COUNT = "select count(*) from tokens where app_id is not distinct from $1";
    INSERT = "insert into tokens (id, app_id, handle, name, role, hash, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    DELETE = "delete from tokens where app_id is not distinct from $1 and id = $2";
}

/// One row.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub id: TokenId,
    pub app_id: Option<AppId>,
    pub handle: String,
    pub name: String,
    #[sqlx(try_from = "String")]
    pub role: Role,
    pub hash: String,
    #[sqlx(try_from = "i64")]
    pub created_at: Time,
    pub expires_at: Option<i64>,
}

/// Whatever app it is of: this is where a caller gets its app from.
pub(crate) async fn find_by_handle(tx: &mut Tx, handle: &str) -> sqlx::Result<Option<Row>> {
    run!(tx, FIND_BY_HANDLE, |sql, conn| sqlx::query_as(sql)
        .bind(handle)
        .fetch_optional(conn)
        .await)
}

/// Newest first, those before `before`.
pub(crate) async fn list(tx: &mut Tx, app: Option<AppId>, before: TokenId, rows: i64) -> sqlx::Result<Vec<Row>> {
    run!(tx, LIST, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(before)
        .bind(rows)
        .fetch_all(conn)
        .await)
}

/// Whether it was not revoked, whatever app it is of.
pub(super) async fn exists(tx: &mut Tx, id: TokenId) -> sqlx::Result<bool> {
    let count: i64 = run!(tx, EXISTS, |sql, conn| sqlx::query_scalar(sql)
        .bind(id)
        .fetch_one(conn)
        .await)?;
    Ok(count > 0)
}

/// How many there are.
pub(crate) async fn count(tx: &mut Tx, app: Option<AppId>) -> sqlx::Result<usize> {
    let count: i64 = run!(tx, COUNT, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .fetch_one(conn)
        .await)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// A new one.
pub(crate) async fn insert(tx: &mut Tx, row: &Row) -> sqlx::Result<()> {
    run!(tx, INSERT, |sql, conn| {
        sqlx::query(sql)
            .bind(row.id)
            .bind(row.app_id)
            .bind(row.handle.clone())
            .bind(row.name.clone())
            .bind(row.role.as_str())
            .bind(row.hash.clone())
            .bind(row.created_at.0)
            .bind(row.expires_at)
            .execute(conn)
            .await
            .map(drop)
    })
}

/// Whether it was there.
pub(crate) async fn delete(tx: &mut Tx, app: Option<AppId>, id: TokenId) -> sqlx::Result<bool> {
    run!(tx, DELETE, |sql, conn| {
        sqlx::query(sql)
            .bind(app)
            .bind(id)
            .execute(conn)
            .await
            .map(|done| done.rows_affected() > 0)
    })
}
