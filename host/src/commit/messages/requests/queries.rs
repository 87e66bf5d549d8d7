//! The statements by which whoever sent a request asks for it.

use super::super::{Handle, Line, Source};
use crate::ids::AppId;
use crate::store::Db;
use crate::{ask, run, statements};

statements! {
    WAITING = "select cast(coalesce(sum(depth), 0) as bigint) from lines where app_id = $1 and source = 'request'";
    IS_LEASED = "select leased_by is not null from messages where app_id = $1 and source = 'request' and key = $2";
    // From whoever has it: that attempt comes to nothing.
    TAKE = "update messages set leased_by = $3, due_at = $4, attempt = attempt + 1
            where app_id = $1 and source = 'request' and key = $2 returning seq, attempt, name";
}

/// How many of an app's wait or are being handled.
pub(crate) async fn waiting(db: &Db, app: AppId) -> sqlx::Result<i64> {
    ask!(db, WAITING, |sql, pool| sqlx::query_scalar(sql)
        .bind(app)
        .fetch_one(pool)
        .await)
}

/// Whether a server has it; nothing when it is not there.
pub(crate) async fn is_leased(db: &Db, app: AppId, key: &str) -> sqlx::Result<Option<bool>> {
    ask!(db, IS_LEASED, |sql, pool| sqlx::query_scalar(sql)
        .bind(app)
        .bind(key)
        .fetch_optional(pool)
        .await)
}

/// Takes it for `server`, whoever has it, until a time at which it is taken to be lost.
pub(crate) async fn take(
    db: &Db,
    app: AppId,
    key: &str,
    (server, until_ms): (i64, i64),
) -> sqlx::Result<Option<Handle>> {
    let mut tx = db.write().await?;
    let taken: Option<(i64, i64, String)> = run!(&mut tx, TAKE, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(key)
        .bind(server)
        .bind(until_ms)
        .fetch_optional(conn)
        .await)?;
    tx.commit().await?;
    Ok(taken.map(|(seq, attempt, name)| Handle {
        line: Line {
            source: Source::Request,
            name: name.into(),
        },
        seq,
        attempt,
        key: Some(key.into()),
    }))
}
