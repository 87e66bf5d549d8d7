//! The statements of the feed of changes, which every node follows.

use crate::ids::AppId;
use crate::store::Tx;
use crate::{run, statements};

statements! {
    // Held until the change is committed: numbers become visible as they grow, over all nodes, and none is left out.
    NEXT_CHANGE = "update change_order set last = last + 1 returning last";
    TELL = "insert into changes (id, app_id) values ($1, $2)";
    // Other servers look when it is committed.
    WAKE = "select 1 where $1 is not null" => "select 1 from pg_notify($1, '')";
    FORGET_CHANGE = "delete from changes where id <= $1";
    LAST_CHANGE = "select last from change_order";
    CHANGES_SINCE = "select id, app_id from changes where id > $1 order by id limit $2";
}

/// Where servers of one database tell each other that there is a change.
pub(crate) const CHANGES_CHANNEL: &str = "picloud_changes";

/// Changes that are kept for nodes to follow; one that missed more reads everything anew.
const CHANGES_KEPT: i64 = 10_000;
/// Changes that are followed in one go.
const CHANGES_MAX: i64 = 1_000;

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
    let _: Option<i32> = run!(tx, WAKE, |sql, conn| sqlx::query_scalar(sql)
        .bind(CHANGES_CHANNEL)
        .fetch_optional(conn)
        .await)?;
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
