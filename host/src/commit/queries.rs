//! The statements that make records durable, and keep each app's history within its bound.
//!
//! A group spans apps, as it is of whoever ran.

use serde::Serialize;

use crate::ids::AppId;
use crate::store::{Db, Statement, Tx};
use crate::{run, statements};

/// A record as the statement reads it: an object with its columns' names.
#[derive(Debug, Serialize)]
pub(super) struct Row<'a> {
    pub(super) id: String,
    pub(super) app_id: String,
    pub(super) script: &'a str,
    pub(super) version: u32,
    pub(super) kind: &'static str,
    pub(super) summary: &'a str,
    pub(super) method: Option<&'a str>,
    pub(super) path: Option<&'a str>,
    pub(super) status: Option<u16>,
    pub(super) ending: &'static str,
    pub(super) error: Option<&'a str>,
    pub(super) fuel: u64,
    pub(super) memory_bytes: u32,
    pub(super) wall_us: u64,
    pub(super) host_calls: u32,
    pub(super) log_bytes: u32,
    pub(super) log: Option<&'a str>,
    pub(super) bytes: usize,
    pub(super) started_at: i64,
}

/// The columns of a row beside its ids and its place in the order, with their types on PostgreSQL.
macro_rules! insert {
    ($($column:literal $kind:literal)*) => {
        // An app that is gone by now takes its rows with it; a group that is written again, because nobody knows
        // whether the first time worked, changes nothing.
        const INSERT: Statement = Statement {
            name: "INSERT",
            sqlite: concat!(
                "insert into executions (seq, id, app_id", $(", ", $column,)* ")
                    select $2 + r.key, unhex(r.value ->> 'id'), unhex(r.value ->> 'app_id')",
                    $(", r.value ->> '", $column, "'",)* "
                    from json_each($1) r where exists (select 1 from apps where apps.id = unhex(r.value ->> 'app_id'))
                    on conflict do nothing"
            ),
            postgres: concat!(
                "insert into executions (seq, id, app_id", $(", ", $column,)* ")
                    select $2 + r.seq - 1, r.id, r.app_id", $(", r.", $column,)* "
                    from rows from (json_to_recordset($1::text::json) as (id uuid, app_id uuid",
                        $(", ", $column, " ", $kind,)* ")) with ordinality
                        as r (id, app_id", $(", ", $column,)* ", seq)
                    where exists (select 1 from apps where apps.id = r.app_id)
                    on conflict do nothing"
            ),
        };
    };
}

insert! {
    "script" "text" "version" "bigint" "kind" "text" "summary" "text" "method" "text" "path" "text"
    "status" "integer" "ending" "text" "error" "text" "fuel" "bigint" "memory_bytes" "bigint" "wall_us" "bigint"
    "host_calls" "integer" "log_bytes" "bigint" "log" "text" "bytes" "bigint" "started_at" "bigint"
}

statements! {
    // Locks the order until the group is committed, so numbers become visible as they grow, over all nodes.
    NUMBERS = "update execution_order set next = next + $1 returning next - $1";
    RING_BYTES = "select cast(coalesce(sum(bytes), 0) as bigint) from executions where app_id = $1";
    EVICT_REPLIED = "delete from executions where id in (
                select id from (
                    select id, cast(sum(bytes) over (order by seq) as bigint) - bytes as before
                    from (select id, seq, bytes from executions where app_id = $1 and ending = 'replied'
                          order by seq limit 2000) oldest
                ) running where before < $2)
            returning bytes";
    EVICT_ANY = "delete from executions where id in (
                select id from (
                    select id, cast(sum(bytes) over (order by seq) as bigint) - bytes as before
                    from (select id, seq, bytes from executions where app_id = $1 order by seq limit 2000) oldest
                ) running where before < $2)
            returning bytes";

    // Held until the change is committed: numbers become visible as they grow, over all nodes, and none is left out.
    NEXT_CHANGE = "update change_order set last = last + 1 returning last";
    TELL = "insert into changes (id, app_id) values ($1, $2)";
    FORGET_CHANGE = "delete from changes where id <= $1";
    LAST_CHANGE = "select last from change_order";
    CHANGES_SINCE = "select id, app_id from changes where id > $1 order by id limit $2";
}

/// Changes that are kept for nodes to follow; one that missed more reads everything anew.
const CHANGES_KEPT: i64 = 10_000;
/// Changes that are followed in one go.
const CHANGES_MAX: i64 = 1_000;

/// Every statement of the committer.
pub(crate) const STATEMENTS: &[&[Statement]] = &[ALL, &[INSERT]];

/// Writes a group of `count` rows: a JSON array of [`Row`]s.
pub(super) async fn insert(db: &Db, rows: &str, count: i64) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    let first: i64 = run!(&mut tx, NUMBERS, |sql, conn| sqlx::query_scalar(sql)
        .bind(count)
        .fetch_one(conn)
        .await)?;
    run!(&mut tx, INSERT, |sql, conn| sqlx::query(sql)
        .bind(rows)
        .bind(first)
        .execute(conn)
        .await
        .map(|_| ()))?;
    tx.commit().await
}

/// What the app's history takes now.
pub(super) async fn ring_bytes(db: &Db, app: AppId) -> sqlx::Result<i64> {
    let mut tx = db.read().await?;
    run!(&mut tx, RING_BYTES, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .fetch_one(conn)
        .await)
}

/// Deletes the app's oldest records until `bytes` are free or 2000 records are gone: those that replied, or, once there
/// are no more of them, any. Answers how many bytes went; 0 when there is nothing left to delete.
pub(super) async fn evict(db: &Db, app: AppId, bytes: i64) -> sqlx::Result<i64> {
    let mut freed: Vec<i64> = Vec::new();
    let mut tx = db.write().await?;
    for statement in [EVICT_REPLIED, EVICT_ANY] {
        freed = run!(&mut tx, statement, |sql, conn| {
            sqlx::query_scalar(sql).bind(app).bind(bytes).fetch_all(conn).await
        })?;
        if !freed.is_empty() {
            break;
        }
    }
    tx.commit().await?;
    Ok(freed.iter().sum())
}

/// Numbers a change and says what it is of.
pub(super) async fn tell(tx: &mut Tx, app: Option<AppId>) -> sqlx::Result<i64> {
    let id: i64 = run!(tx, NEXT_CHANGE, |sql, conn| sqlx::query_scalar(sql)
        .fetch_one(conn)
        .await)?;
    run!(tx, TELL, |sql, conn| sqlx::query(sql)
        .bind(id)
        .bind(app)
        .execute(conn)
        .await
        .map(|_| ()))?;
    run!(tx, FORGET_CHANGE, |sql, conn| sqlx::query(sql)
        .bind(id - CHANGES_KEPT)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(id)
}

/// The number of the last change; 0 before the first.
pub(super) async fn last_change(tx: &mut Tx) -> sqlx::Result<i64> {
    run!(tx, LAST_CHANGE, |sql, conn| sqlx::query_scalar(sql)
        .fetch_one(conn)
        .await)
}

/// Changes after `seen`, in order.
pub(super) async fn changes_since(tx: &mut Tx, seen: i64) -> sqlx::Result<Vec<(i64, Option<AppId>)>> {
    run!(tx, CHANGES_SINCE, |sql, conn| sqlx::query_as(sql)
        .bind(seen)
        .bind(CHANGES_MAX)
        .fetch_all(conn)
        .await)
}
