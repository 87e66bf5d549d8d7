//! The statements of what apps keep in all, and in each collection.

use super::super::keys::hex_list;
use super::{Change, CollectionUsage};
use crate::data::key::Key;
use crate::data::writes::Writes;
use crate::ids::AppId;
use crate::store::{Db, Tx};
use crate::{ask, run, statements};

statements! {
    // What there is of keys that will be written: how many, and what they take; and of each of them.
    SIZE = "select count(*), cast(coalesce(sum(length(key) + length(value)), 0) as bigint) from entries
            where app_id = $1 and key in (select unhex(value) from json_each($2))"
        => "select count(*), cast(coalesce(sum(length(key) + length(value)), 0) as bigint) from entries
            where app_id = $1 and key = any(array(select decode(value, 'hex') from json_array_elements_text($2::text::json)))";
    SIZES = "select key, cast(length(key) + length(value) as bigint) from entries
            where app_id = $1 and key in (select unhex(value) from json_each($2))"
        => "select key, cast(length(key) + length(value) as bigint) from entries
            where app_id = $1 and key = any(array(select decode(value, 'hex') from json_array_elements_text($2::text::json)))";
    // Each a list of name, documents, keys and bytes.
    COUNT = "insert into collections (app_id, name, documents, keys, bytes)
            select $1, value ->> 0, cast(value ->> 1 as bigint), cast(value ->> 2 as bigint), cast(value ->> 3 as bigint)
            from json_each($2) where true
            on conflict (app_id, name) do update set documents = collections.documents + excluded.documents,
                keys = collections.keys + excluded.keys, bytes = collections.bytes + excluded.bytes
            returning keys"
        => "insert into collections (app_id, name, documents, keys, bytes)
            select $1, value ->> 0, cast(value ->> 1 as bigint), cast(value ->> 2 as bigint), cast(value ->> 3 as bigint)
            from json_array_elements($2::text::json)
            on conflict (app_id, name) do update set documents = collections.documents + excluded.documents,
                keys = collections.keys + excluded.keys, bytes = collections.bytes + excluded.bytes
            returning keys";
    FORGET = "delete from collections where app_id = $1 and keys = 0";
    LIST = "select name, documents, bytes from collections where app_id = $1 and name > $2 order by name limit $3";
    USAGE = "select c.bytes, c.keys,
                cast(c.bytes - coalesce((select sum(bytes) from collections where app_id = $1), 0) as bigint),
                cast(c.keys - coalesce((select sum(keys) from collections where app_id = $1), 0) as bigint)
            from app_clocks c where c.app_id = $1";
}

/// What `writes` change of what is kept.
pub(in super::super) async fn change<'a>(tx: &mut Tx, app: AppId, writes: &'a Writes) -> sqlx::Result<Change<'a>> {
    let keys = hex_list(writes.iter().map(|(key, _)| key));
    if !Change::is_by_collection(writes) {
        let (keys, bytes) = run!(tx, SIZE, |sql, conn| sqlx::query_as(sql)
            .bind(app)
            .bind(keys)
            .fetch_one(conn)
            .await)?;
        return Ok(Change::in_all(writes, keys, bytes));
    }
    let sizes: Vec<(Vec<u8>, i64)> = run!(tx, SIZES, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(keys)
        .fetch_all(conn)
        .await)?;
    Ok(Change::of(writes, &sizes.into_iter().collect()))
}

/// What is stored under `keys`, and what each takes with its key.
pub(in super::super) async fn sizes(db: &Db, app: AppId, keys: &[Key]) -> sqlx::Result<Vec<(Vec<u8>, i64)>> {
    ask!(db, SIZES, |sql, pool| sqlx::query_as(sql)
        .bind(app)
        .bind(hex_list(keys.iter()))
        .fetch_all(pool)
        .await)
}

/// Counts what was changed of the app's collections.
pub(in super::super) async fn count(tx: &mut Tx, app: AppId, change: &Change<'_>) -> sqlx::Result<()> {
    if change.collections.is_empty() {
        return Ok(());
    }
    let rows = change.collections.iter();
    let rows: Vec<_> = rows
        .map(|(name, counts)| (name, counts.documents, counts.keys, counts.bytes))
        .collect();
    let rows = serde_json::to_string(&rows).expect("names and numbers");
    let keys: Vec<i64> = run!(tx, COUNT, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(rows)
        .fetch_all(conn)
        .await)?;
    if keys.contains(&0) {
        run!(tx, FORGET, |sql, conn| sqlx::query(sql)
            .bind(app)
            .execute(conn)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// What the app keeps, in bytes and keys: all of it, and what is in no collection. Nothing when there is no such app.
pub(in super::super) async fn usage(db: &Db, app: AppId) -> sqlx::Result<Option<[u64; 4]>> {
    let row: Option<(i64, i64, i64, i64)> = ask!(db, USAGE, |sql, pool| sqlx::query_as(sql)
        .bind(app)
        .fetch_optional(pool)
        .await)?;
    Ok(row.map(|(bytes, keys, kv_bytes, kv_keys)| [bytes, keys, kv_bytes, kv_keys].map(unsigned)))
}

/// The first collections of the app after `after`, by name.
pub(in super::super) async fn list(
    db: &Db,
    app: AppId,
    after: &str,
    limit: usize,
) -> sqlx::Result<Vec<CollectionUsage>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows: Vec<(String, i64, i64)> = ask!(db, LIST, |sql, pool| sqlx::query_as(sql)
        .bind(app)
        .bind(after.to_owned())
        .bind(limit)
        .fetch_all(pool)
        .await)?;
    let rows = rows.into_iter().map(|(name, documents, bytes)| CollectionUsage {
        name,
        documents: unsigned(documents),
        bytes: unsigned(bytes),
    });
    Ok(rows.collect())
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
