//! Every statement that touches `apps` and `app_hosts`.

use picloud_sdk::api::Time;

use crate::ids::AppId;
use crate::store::Tx;
use crate::{run, statements};

statements! {
    FIND = "select id, name, show_errors, journal, created_at from apps where id = $1";
    FIND_BY_NAME = "select id, name, show_errors, journal, created_at from apps where name = $1";
    LIST = "select id, name, show_errors, journal, created_at from apps
        where name > $1 and (id = $2 or $2 is null) order by name limit $3";
    COUNT = "select count(*) from apps";
    INSERT = "insert into apps (id, name, show_errors, created_at) values ($1, $2, false, $3)
        on conflict (name) do nothing";
    CLOCK = "insert into app_clocks (app_id, csn, bytes, keys, turn_of, turn_until) values ($1, 0, 0, 0, 0, 0)";
    UPDATE = "update apps set show_errors = coalesce($2, show_errors), journal = coalesce($3, journal) where id = $1";
    // What it keeps goes in steps, later.
    GONE = "insert into gone_apps (app_id) select id from apps where id = $1 on conflict do nothing";
    // A commit takes the app's clock before it says whose record it writes.
    TAKE_CLOCK = "select 1" => "select 1 from app_clocks where app_id = $1 for update";
    DELETE = "delete from apps where id = $1";
    // SQLite has one writer anyway.
    LOCK = "select 1 from apps where id = $1" => "select 1 from apps where id = $1 for no key update";
    HOSTS = "select host from app_hosts where app_id = $1 order by host";
    INSERT_HOST = "insert into app_hosts (host, app_id) values ($1, $2) on conflict (host) do nothing";
    DELETE_HOST = "delete from app_hosts where app_id = $1 and host = $2";
}

/// One row.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub id: AppId,
    pub name: String,
    pub show_errors: bool,
    pub journal: bool,
    #[sqlx(try_from = "i64")]
    pub created_at: Time,
}

pub(crate) async fn find(tx: &mut Tx, app: AppId) -> sqlx::Result<Option<Row>> {
    run!(tx, FIND, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_optional(conn)
        .await)
}

pub(crate) async fn find_by_name(tx: &mut Tx, name: &str) -> sqlx::Result<Option<Row>> {
    run!(tx, FIND_BY_NAME, |sql, conn| sqlx::query_as(sql)
        .bind(name)
        .fetch_optional(conn)
        .await)
}

/// By name, those after `after`; with `only`, no other than this one.
pub(crate) async fn list(tx: &mut Tx, only: Option<AppId>, after: &str, rows: i64) -> sqlx::Result<Vec<Row>> {
    run!(tx, LIST, |sql, conn| sqlx::query_as(sql)
        .bind(after)
        .bind(only)
        .bind(rows)
        .fetch_all(conn)
        .await)
}

/// How many there are.
pub(crate) async fn count(tx: &mut Tx) -> sqlx::Result<usize> {
    let count: i64 = run!(tx, COUNT, |sql, conn| sqlx::query_scalar(sql).fetch_one(conn).await)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// `false` when the name is taken.
pub(crate) async fn insert(tx: &mut Tx, app: AppId, name: &str, now: Time) -> sqlx::Result<bool> {
    let is_new = run!(tx, INSERT, |sql, conn| {
        sqlx::query(sql)
            .bind(app)
            .bind(name)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|done| done.rows_affected() > 0)
    })?;
    if is_new {
        run!(tx, CLOCK, |sql, conn| sqlx::query(sql)
            .bind(app)
            .execute(conn)
            .await
            .map(drop))?;
    }
    Ok(is_new)
}

pub(crate) async fn update(
    tx: &mut Tx,
    app: AppId,
    show_errors: Option<bool>,
    journal: Option<bool>,
) -> sqlx::Result<()> {
    run!(tx, UPDATE, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(show_errors)
        .bind(journal)
        .execute(conn)
        .await
        .map(drop))
}

/// With everything it has. `false` when it was not there.
pub(crate) async fn delete(tx: &mut Tx, app: AppId) -> sqlx::Result<bool> {
    let _: Option<i32> = run!(tx, TAKE_CLOCK, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .fetch_optional(conn)
        .await)?;
    run!(tx, GONE, |sql, conn| sqlx::query(sql)
        .bind(app)
        .execute(conn)
        .await
        .map(drop))?;
    run!(tx, DELETE, |sql, conn| sqlx::query(sql)
        .bind(app)
        .execute(conn)
        .await
        .map(|done| done.rows_affected() > 0))
}

/// Whether the app is there. Until the transaction ends it stays, and no other one gets past here: what follows may
/// count things and add one.
pub(crate) async fn lock(tx: &mut Tx, app: AppId) -> sqlx::Result<bool> {
    let row: Option<i32> = run!(tx, LOCK, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .fetch_optional(conn)
        .await)?;
    Ok(row.is_some())
}

pub(crate) async fn hosts(tx: &mut Tx, app: AppId) -> sqlx::Result<Vec<String>> {
    run!(tx, HOSTS, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .fetch_all(conn)
        .await)
}

/// `false` when some app has it.
pub(crate) async fn insert_host(tx: &mut Tx, app: AppId, host: &str) -> sqlx::Result<bool> {
    run!(tx, INSERT_HOST, |sql, conn| {
        sqlx::query(sql)
            .bind(host)
            .bind(app)
            .execute(conn)
            .await
            .map(|done| done.rows_affected() > 0)
    })
}

pub(crate) async fn delete_host(tx: &mut Tx, app: AppId, host: &str) -> sqlx::Result<()> {
    run!(tx, DELETE_HOST, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(host)
        .execute(conn)
        .await
        .map(drop))
}
