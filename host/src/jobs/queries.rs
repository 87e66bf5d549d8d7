//! The statements of housekeeping. They span apps.

use crate::ids::AppId;
use crate::store::Db;
use crate::{ask, run, statements};

statements! {
    // Those of apps that are gone go with all else of them.
    EXPIRED = "select e.app_id, e.key from entries e join app_clocks c on c.app_id = e.app_id
            where e.expires_at <= $1 and e.app_id not in (select unhex(value) from json_each($3))
            order by e.expires_at limit $2"
        => "select e.app_id, e.key from entries e join app_clocks c on c.app_id = e.app_id
            where e.expires_at <= $1
                and e.app_id not in (select value::uuid from json_array_elements_text($3::text::json))
            order by e.expires_at limit $2";
    NEXT_EXPIRY = "select e.expires_at from entries e join app_clocks c on c.app_id = e.app_id
            where e.expires_at is not null and e.app_id not in (select unhex(value) from json_each($1))
            order by e.expires_at limit 1"
        => "select e.expires_at from entries e join app_clocks c on c.app_id = e.app_id
            where e.expires_at is not null
                and e.app_id not in (select value::uuid from json_array_elements_text($1::text::json))
            order by e.expires_at limit 1";
    GONE = "select app_id from gone_apps order by app_id";
    DELETE_SOME = "delete from entries where app_id = $1
            and key in (select key from entries where app_id = $1 order by key limit $2)";
    DELETE_LOG = "delete from writes where app_id = $1";
    FORGET = "delete from gone_apps where app_id = $1";
    // One look into each of three places of an app's space.
    APPS_WITH = "select c.app_id from app_clocks c
            where exists (select 1 from entries e where e.app_id = c.app_id and e.key >= $1 and e.key < $2)
                or exists (select 1 from entries e where e.app_id = c.app_id and e.key >= $3 and e.key < $4)
                or exists (select 1 from entries e where e.app_id = c.app_id and e.key >= $5 and e.key < $6)";
}

/// The apps that keep something in one of these parts of their space, each from one key up to another.
pub(super) async fn apps_with(db: &Db, parts: [(&[u8], &[u8]); 3]) -> sqlx::Result<Vec<AppId>> {
    let parts = parts.map(|(from, to)| (from.to_vec(), to.to_vec()));
    ask!(db, APPS_WITH, |sql, pool| {
        let mut query = sqlx::query_scalar(sql);
        for (from, to) in parts {
            query = query.bind(from).bind(to);
        }
        query.fetch_all(pool).await
    })
}

/// Some of what has expired by `now_ms`, the oldest first, but for some apps.
pub(super) async fn expired(
    db: &Db,
    now_ms: i64,
    rows: i64,
    but: impl Iterator<Item = AppId>,
) -> sqlx::Result<Vec<(AppId, Vec<u8>)>> {
    ask!(db, EXPIRED, |sql, pool| sqlx::query_as(sql)
        .bind(now_ms)
        .bind(rows)
        .bind(list(but))
        .fetch_all(pool)
        .await)
}

/// When the next entry expires, if any does, but for some apps.
pub(super) async fn next_expiry(db: &Db, but: impl Iterator<Item = AppId>) -> sqlx::Result<Option<i64>> {
    ask!(db, NEXT_EXPIRY, |sql, pool| sqlx::query_scalar(sql)
        .bind(list(but))
        .fetch_optional(pool)
        .await)
}

/// As both databases read a list of ids.
fn list(apps: impl Iterator<Item = AppId>) -> String {
    let digits = apps.map(|app| app.to_string().trim_start_matches("app_").to_owned());
    serde_json::to_string(&digits.collect::<Vec<_>>()).expect("a list of texts")
}

/// Apps of which something is left.
pub(super) async fn gone(db: &Db) -> sqlx::Result<Vec<AppId>> {
    ask!(db, GONE, |sql, pool| sqlx::query_scalar(sql).fetch_all(pool).await)
}

/// Deletes some of what is left of `app`; whether there was any.
pub(super) async fn delete_some(db: &Db, app: AppId, rows: i64) -> sqlx::Result<bool> {
    let mut tx = db.write().await?;
    let deleted = run!(&mut tx, DELETE_SOME, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(rows)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(deleted > 0)
}

/// Nothing is left of it.
pub(super) async fn forget(db: &Db, app: AppId) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    for statement in [DELETE_LOG, FORGET] {
        run!(&mut tx, statement, |sql, conn| sqlx::query(sql)
            .bind(app)
            .execute(conn)
            .await
            .map(drop))?;
    }
    tx.commit().await
}
