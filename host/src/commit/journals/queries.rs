//! The statements that keep journals.

use crate::ids::{AppId, ExecutionId};
use crate::store::{Db, Tx};
use crate::{ask, run, statements};

statements! {
    // The execution may have been evicted, or its app be gone.
    INSERT = "insert into journals (execution_id, app_id, failed, bytes, data)
            select $1, $2, $3, $4, $5 where exists (select 1 from executions where id = $1) on conflict do nothing";
    BYTES = "select cast(coalesce(sum(bytes), 0) as bigint) from journals where app_id = $1";
    EVICT = "delete from journals where execution_id in (
                select execution_id from journals where app_id = $1 and failed = $2 order by execution_id limit 100)
            returning bytes";
    FIND = "select data from journals where app_id = $1 and execution_id = $2";
}

pub(super) async fn insert(tx: &mut Tx, journal: &super::Packed) -> sqlx::Result<()> {
    run!(tx, INSERT, |sql, conn| sqlx::query(sql)
        .bind(journal.execution)
        .bind(journal.app)
        .bind(journal.failed)
        .bind(journal.row_bytes())
        .bind(&journal.data)
        .execute(conn)
        .await
        .map(|_| ()))
}

/// What the app's journals take now.
pub(super) async fn bytes(db: &Db, app: AppId) -> sqlx::Result<i64> {
    ask!(db, BYTES, |sql, pool| sqlx::query_scalar(sql)
        .bind(app)
        .fetch_one(pool)
        .await)
}

/// Deletes some of the app's oldest journals, of runs that failed or of others. Answers how many bytes went.
pub(super) async fn evict(db: &Db, app: AppId, failed: bool) -> sqlx::Result<i64> {
    let mut tx = db.write().await?;
    let freed: Vec<i64> = run!(&mut tx, EVICT, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(failed)
        .fetch_all(conn)
        .await)?;
    tx.commit().await?;
    Ok(freed.iter().sum())
}

/// The journal of an execution.
pub(super) async fn find(db: &Db, app: AppId, execution: ExecutionId) -> sqlx::Result<Option<Vec<u8>>> {
    ask!(db, FIND, |sql, pool| sqlx::query_scalar(sql)
        .bind(app)
        .bind(execution)
        .fetch_optional(pool)
        .await)
}
