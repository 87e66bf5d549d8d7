//! The statements of attempts that go on, failed, or were lost.

use super::super::queries::{fewer, look_at};
use super::super::{Failure, Handle};
use crate::ids::AppId;
use crate::store::Db;
use crate::{run, statements};

statements! {
    RENEW = "update messages set due_at = $3 where seq = $1 and attempt = $2 and leased_by is not null";
    FAILED = "update messages set leased_by = null, due_at = $4, error = $5
            where app_id = $1 and seq = $2 and attempt = $3 and leased_by is not null";
    DIED = "update messages set leased_by = null, due_at = null, dead = true, error = $4, died_at = $5
            where app_id = $1 and seq = $2 and attempt = $3 and leased_by is not null";
    GIVEN_BACK = "update messages set leased_by = null, due_at = not_before, attempt = attempt - 1
            where app_id = $1 and seq = $2 and attempt = $3 and leased_by is not null";
    LOST = "update messages set leased_by = null, due_at = not_before where leased_by is not null";
    LOOK_AT_ALL = "update lines set due_at = 0 where depth > 0";
}

/// They are still being handled.
pub(crate) async fn renew(db: &Db, handles: &[Handle], until_ms: i64) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    for Handle { seq, attempt, .. } in handles {
        run!(&mut tx, RENEW, |sql, conn| sqlx::query(sql)
            .bind(seq)
            .bind(attempt)
            .bind(until_ms)
            .execute(conn)
            .await
            .map(drop))?;
    }
    tx.commit().await
}

/// An attempt failed, of which `error` tells.
pub(crate) async fn failed(db: &Db, app: AppId, (handle, error): (&Handle, &str), what: &Failure) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    let Handle { seq, attempt, line, .. } = handle;
    match what {
        Failure::Again(at_ms) => {
            run!(&mut tx, FAILED, |sql, conn| sqlx::query(sql)
                .bind(app)
                .bind(seq)
                .bind(attempt)
                .bind(at_ms)
                .bind(error)
                .execute(conn)
                .await
                .map(drop))?;
            look_at(&mut tx, app, line, 0).await?;
        }
        Failure::Dead(at_ms) => {
            let died = run!(&mut tx, DIED, |sql, conn| sqlx::query(sql)
                .bind(app)
                .bind(seq)
                .bind(attempt)
                .bind(error)
                .bind(at_ms)
                .execute(conn)
                .await
                .map(|done| done.rows_affected()))?;
            if died > 0 {
                fewer(&mut tx, app, (line, handle.key.as_deref()), 1).await?;
                look_at(&mut tx, app, line, 0).await?;
            }
        }
    }
    tx.commit().await
}

/// They were not handled after all.
pub(crate) async fn give_back(db: &Db, app: AppId, handles: &[Handle]) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    for Handle { seq, attempt, .. } in handles {
        run!(&mut tx, GIVEN_BACK, |sql, conn| sqlx::query(sql)
            .bind(app)
            .bind(seq)
            .bind(attempt)
            .execute(conn)
            .await
            .map(drop))?;
    }
    if let Some(handle) = handles.first() {
        look_at(&mut tx, app, &handle.line, 0).await?;
    }
    tx.commit().await
}

/// No server but this one is there, and it has just begun: what was being handled is lost.
pub(crate) async fn take_over(db: &Db) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    for statement in [LOST, LOOK_AT_ALL] {
        run!(&mut tx, statement, |sql, conn| sqlx::query(sql)
            .execute(conn)
            .await
            .map(drop))?;
    }
    tx.commit().await
}
