//! The statements that make executions durable, keep each app's history within its bound, and read it.
//!
//! A group spans apps, as it is of whoever ran.

use picloud_sdk::api::{Execution, Time};
use picloud_sdk::limits::Usage;
use picloud_sdk::report::{EndingKind, ExecutionError};
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use crate::ids::{AppId, ExecutionId};
use crate::store::{Db, Statement, Tx};
use crate::{run, statements};

/// A record as it is stored; as JSON an object with its columns' names.
#[derive(Debug, Serialize)]
pub(in crate::commit) struct Row<'a> {
    #[serde(serialize_with = "digits")]
    pub(in crate::commit) id: ExecutionId,
    #[serde(serialize_with = "digits")]
    pub(in crate::commit) app_id: AppId,
    pub(in crate::commit) script: &'a str,
    pub(in crate::commit) version: u32,
    pub(in crate::commit) kind: &'static str,
    pub(in crate::commit) name: Option<&'a str>,
    pub(in crate::commit) summary: &'a str,
    pub(in crate::commit) method: Option<&'a str>,
    pub(in crate::commit) path: Option<&'a str>,
    pub(in crate::commit) status: Option<u16>,
    pub(in crate::commit) ending: &'static str,
    pub(in crate::commit) error: Option<&'a str>,
    pub(in crate::commit) fuel: i64,
    pub(in crate::commit) memory_bytes: u32,
    pub(in crate::commit) wall_us: i64,
    pub(in crate::commit) host_calls: u32,
    pub(in crate::commit) log_bytes: u32,
    pub(in crate::commit) log: Option<&'a str>,
    pub(in crate::commit) outbound: Option<&'a str>,
    pub(in crate::commit) bytes: i64,
    pub(in crate::commit) started_at: i64,
}

/// One that is read, without its log.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Stored {
    pub(super) id: ExecutionId,
    pub(super) seq: i64,
    pub(super) script: String,
    pub(super) version: i64,
    pub(super) kind: String,
    pub(super) name: Option<String>,
    pub(super) summary: String,
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
    pub(super) status: Option<i32>,
    pub(super) ending: String,
    pub(super) error: Option<String>,
    pub(super) fuel: i64,
    pub(super) memory_bytes: i64,
    pub(super) wall_us: i64,
    pub(super) host_calls: i32,
    pub(super) log_bytes: i64,
    #[sqlx(try_from = "i64")]
    pub(super) started_at: Time,
}

impl Stored {
    /// As the API tells it. What another release wrote, with words that this one does not know, is told as far as it goes.
    pub(super) fn told(self) -> Execution {
        let id = self.id;
        let ending = EndingKind::try_from(self.ending).unwrap_or_else(|unknown| {
            tracing::warn!(execution.id = %id, "the ending of {id} is unknown here: {unknown}");
            EndingKind::Broke
        });
        let error = self.error.as_deref().map(|text| {
            readable(id, "error", text).unwrap_or_else(|| ExecutionError::thrown("unknown", text, Vec::new()))
        });
        Execution {
            id: id.to_string(),
            script: self.script,
            version: self.version,
            seq: self.seq,
            kind: self.kind,
            name: self.name,
            summary: self.summary,
            method: self.method,
            path: self.path,
            status: self.status,
            ending,
            error,
            usage: Usage {
                fuel: self.fuel.unsigned_abs(),
                memory_bytes: u32::try_from(self.memory_bytes).unwrap_or(u32::MAX),
                wall_us: self.wall_us.unsigned_abs(),
                host_calls: self.host_calls.unsigned_abs(),
                log_bytes: u32::try_from(self.log_bytes).unwrap_or(u32::MAX),
            },
            started_at: self.started_at,
        }
    }
}

/// What is stored as JSON; nothing when this release does not know it.
pub(super) fn readable<T: DeserializeOwned>(id: ExecutionId, what: &str, text: &str) -> Option<T> {
    let read = serde_json::from_str(text);
    read.inspect_err(|error| tracing::warn!(execution.id = %id, "the {what} of {id} cannot be read: {error}"))
        .ok()
}

/// The statements that name all columns of a row beside its ids and its place in the order, from those columns with
/// their types on PostgreSQL: those that lists show, and the others.
macro_rules! columns {
    (
        listed { $($listed:literal $listed_type:literal)* }
        others { $($other:literal $other_type:literal)* }
    ) => {
        columns!(@insert $($listed $listed_type)* $($other $other_type)*);
        columns!(@select LIST $($listed)*, "app_id = $1 and seq < $2 and (script = $3 or $3 is null)
            and (ending = $4 or $4 is null) and (kind = $6 or $6 is null) order by seq desc limit $5");
        columns!(@select SINCE $($listed)*, "app_id = $1 and seq > $2 and (script = $3 or $3 is null)
            and (ending = $4 or $4 is null) and (kind = $6 or $6 is null) order by seq limit $5");
        columns!(@select LIST_OF $($listed)*, "app_id = $1 and kind = $6 and name = $7 and seq < $2
            and (script = $3 or $3 is null) and (ending = $4 or $4 is null) order by seq desc limit $5");
        columns!(@select SINCE_OF $($listed)*, "app_id = $1 and kind = $6 and name = $7 and seq > $2
            and (script = $3 or $3 is null) and (ending = $4 or $4 is null) order by seq limit $5");
        columns!(@select FIND $($listed)*, "app_id = $1 and id = $2");
    };
    (@insert $($column:literal $kind:literal)*) => {
        // An app that is gone by now takes its rows with it; a group that is written again, because nobody knows
        // whether the first time worked, changes nothing.
        //
        // On SQLite a group is rows of parameters, which cost a quarter of the same rows as JSON: one, or `MANY` of which
        // the last may be of no app.
        const INSERT: Statement = columns!(@statement "INSERT" (columns!(@row $($column)*)) $($column $kind)*);
        const INSERT_MANY: Statement = columns!(@statement "INSERT_MANY"
            (columns!(@four (columns!(@four (columns!(@row $($column)*))))))
            $($column $kind)*);
    };
    (@row $($column:literal)*) => {
        concat!("(?, ?, ?", $(columns!(@parameter $column),)* ")")
    };
    (@parameter $column:literal) => { ", ?" };
    (@four ($rows:expr)) => {
        concat!($rows, ", ", $rows, ", ", $rows, ", ", $rows)
    };
    (@statement $name:literal ($rows:expr) $($column:literal $kind:literal)*) => {
        Statement {
            name: $name,
            sqlite: concat!(
                "insert into executions (seq, id, app_id", $(", ", $column,)* ")
                    select * from (values ", $rows, ") where exists (select 1 from apps where apps.id = column3)
                    on conflict do nothing"
            ),
            postgres: concat!(
                "with numbers as (update execution_order set next = next + $2 returning next - $2 as first)
                    insert into executions (seq, id, app_id", $(", ", $column,)* ")
                    select numbers.first + r.seq - 1, r.id, r.app_id", $(", r.", $column,)* "
                    from numbers, rows from (json_to_recordset($1::text::json) as (id uuid, app_id uuid",
                        $(", ", $column, " ", $kind,)* ")) with ordinality
                        as r (id, app_id", $(", ", $column,)* ", seq)
                    where exists (select 1 from apps where apps.id = r.app_id)
                    on conflict do nothing"
            ),
        }
    };
    (@select $name:ident $($column:literal)*, $which:literal) => {
        const $name: Statement = {
            const SQL: &str = concat!("select id, seq", $(", ", $column,)* " from executions where ", $which);
            Statement { name: stringify!($name), sqlite: SQL, postgres: SQL }
        };
    };
}

columns! {
    listed {
        "script" "text" "version" "bigint" "kind" "text" "name" "text" "summary" "text" "method" "text" "path" "text"
        "status" "integer" "ending" "text" "error" "text" "fuel" "bigint" "memory_bytes" "bigint" "wall_us" "bigint"
        "host_calls" "integer" "log_bytes" "bigint" "started_at" "bigint"
    }
    others { "log" "text" "outbound" "text" "bytes" "bigint" }
}

statements! {
    // Locks the order until the group is committed, so numbers become visible as they grow, over all nodes; on PostgreSQL
    // it is part of what inserts.
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
    LOG = "select log, outbound from executions where app_id = $1 and id = $2";
}

/// Those that name all columns.
pub(in crate::commit) const OF_COLUMNS: &[Statement] = &[INSERT, INSERT_MANY, LIST, SINCE, LIST_OF, SINCE_OF, FIND];

/// Rows of `INSERT_MANY`.
const MANY: usize = 16;

/// Writes a group.
pub(in crate::commit) async fn insert(tx: &mut Tx, rows: &[Row<'_>]) -> sqlx::Result<()> {
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    match tx {
        Tx::Sqlite(tx) => {
            let numbers = sqlx::query_scalar(NUMBERS.sqlite).bind(count);
            let first: i64 = numbers.fetch_one(&mut **tx).await?;
            let numbered: Vec<_> = (first..).zip(rows).collect();
            for some in numbered.chunks(MANY) {
                let (sql, size) = match some {
                    [_] => (INSERT.sqlite, 1),
                    _ => (INSERT_MANY.sqlite, MANY),
                };
                let query = (0..size).fold(sqlx::query(sql), |query, row| bound(query, some.get(row)));
                query.execute(&mut **tx).await?;
            }
        }
        Tx::Postgres(tx) => {
            let rows = serde_json::to_string(rows).expect("a record is plain data");
            let query = sqlx::query(INSERT.postgres).bind(rows).bind(count);
            query.execute(&mut **tx).await?;
        }
    }
    Ok(())
}

type Parameters<'q> = Query<'q, Sqlite, SqliteArguments>;

/// With one row more, or one of no app; columns in the order of the table above.
fn bound<'q>(query: Parameters<'q>, row: Option<&(i64, &'q Row<'_>)>) -> Parameters<'q> {
    let (seq, row) = row.copied().unzip();
    query
        .bind(seq)
        .bind(row.map(|row| row.id))
        .bind(row.map(|row| row.app_id))
        .bind(row.map(|row| row.script))
        .bind(row.map(|row| row.version))
        .bind(row.map(|row| row.kind))
        .bind(row.and_then(|row| row.name))
        .bind(row.map(|row| row.summary))
        .bind(row.and_then(|row| row.method))
        .bind(row.and_then(|row| row.path))
        .bind(row.and_then(|row| row.status))
        .bind(row.map(|row| row.ending))
        .bind(row.and_then(|row| row.error))
        .bind(row.map(|row| row.fuel))
        .bind(row.map(|row| row.memory_bytes))
        .bind(row.map(|row| row.wall_us))
        .bind(row.map(|row| row.host_calls))
        .bind(row.map(|row| row.log_bytes))
        .bind(row.map(|row| row.started_at))
        .bind(row.and_then(|row| row.log))
        .bind(row.and_then(|row| row.outbound))
        .bind(row.map(|row| row.bytes))
}

/// An id's text, of which PostgreSQL wants the digits.
fn digits<S: Serializer>(id: &impl ToString, to: S) -> Result<S::Ok, S::Error> {
    let text = id.to_string();
    to.serialize_str(text.split_once('_').map_or(&text, |(_, digits)| digits))
}

/// What the app's history takes now.
pub(in crate::commit) async fn ring_bytes(db: &Db, app: AppId) -> sqlx::Result<i64> {
    let mut tx = db.read().await?;
    run!(&mut tx, RING_BYTES, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .fetch_one(conn)
        .await)
}

/// Deletes the app's oldest records until `bytes` are free or 2000 records are gone: those that replied, or, once there
/// are no more of them, any. Answers how many bytes went; 0 when there is nothing left to delete.
pub(in crate::commit) async fn evict(db: &Db, app: AppId, bytes: i64) -> sqlx::Result<i64> {
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

/// Those that were asked for, in order.
pub(super) async fn list(tx: &mut Tx, app: AppId, which: &super::Which<'_>, rows: i64) -> sqlx::Result<Vec<Stored>> {
    let (statement, place) = match (which.from, which.name) {
        (super::Start::Before(place), None) => (LIST, place),
        (super::Start::Since(place), None) => (SINCE, place),
        (super::Start::Before(place), Some(_)) => (LIST_OF, place),
        (super::Start::Since(place), Some(_)) => (SINCE_OF, place),
    };
    run!(tx, statement, |sql, conn| {
        let query = sqlx::query_as(sql)
            .bind(app)
            .bind(place)
            .bind(which.script.map(str::to_owned))
            .bind(which.ending.map(EndingKind::as_str))
            .bind(rows)
            .bind(which.kind.map(str::to_owned));
        match which.name {
            Some(name) => query.bind(name.to_owned()).fetch_all(conn).await,
            None => query.fetch_all(conn).await,
        }
    })
}

pub(super) async fn find(tx: &mut Tx, app: AppId, id: ExecutionId) -> sqlx::Result<Option<Stored>> {
    run!(tx, FIND, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(id)
        .fetch_optional(conn)
        .await)
}

/// Its log and what it sent, as they are stored.
pub(super) async fn log(tx: &mut Tx, app: AppId, id: ExecutionId) -> sqlx::Result<(Option<String>, Option<String>)> {
    run!(tx, LOG, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(id)
        .fetch_one(conn)
        .await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_another_release_is_told_as_far_as_it_goes() {
        let error = r#"{"code":"limit_exceeded","message":"m","limit":"unheard_of","stack":[]}"#;
        let stored = Stored {
            id: ExecutionId::new(0),
            seq: 1,
            script: "a".to_owned(),
            version: 1,
            kind: "http".to_owned(),
            name: None,
            summary: String::new(),
            method: None,
            path: None,
            status: None,
            ending: "unheard_of".to_owned(),
            error: Some(error.to_owned()),
            fuel: 1,
            memory_bytes: 1,
            wall_us: 1,
            host_calls: 1,
            log_bytes: 1,
            started_at: Time(0),
        };
        let told = stored.told();
        assert_eq!(told.ending, EndingKind::Broke);
        let told = told.error.expect("why");
        assert_eq!((told.code.as_str(), told.message.as_str()), ("unknown", error));
    }
}
