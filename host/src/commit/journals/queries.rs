//! The statements that keep journals.

use super::Packed;
use crate::ids::{AppId, ExecutionId};
use crate::store::{Db, Tx};
use crate::{ask, run, statements};

statements! {
    // The execution may have been evicted, or its app be gone.
    INSERT = "insert into journals (execution_id, app_id, failed, bytes, data)
            select * from (values (?, ?, ?, ?, ?), (?, ?, ?, ?, ?), (?, ?, ?, ?, ?), (?, ?, ?, ?, ?),
                (?, ?, ?, ?, ?), (?, ?, ?, ?, ?), (?, ?, ?, ?, ?), (?, ?, ?, ?, ?))
            where exists (select 1 from executions where id = column1) on conflict do nothing"
        => "insert into journals (execution_id, app_id, failed, bytes, data)
            select * from unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::bigint[], $5::bytea[]) j (id)
            where exists (select 1 from executions where executions.id = j.id) on conflict do nothing";
    BYTES = "select cast(coalesce(sum(bytes), 0) as bigint) from journals where app_id = $1";
    EVICT = "delete from journals where execution_id in (
                select execution_id from journals where app_id = $1 and failed = $2 order by execution_id limit 100)
            returning bytes";
    FIND = "select data from journals where app_id = $1 and execution_id = $2";
}

/// Rows of `INSERT` on SQLite; those that are missing are of no execution.
const ROWS: usize = 8;

pub(super) async fn insert(tx: &mut Tx, journals: &[Packed]) -> sqlx::Result<()> {
    match tx {
        Tx::Sqlite(tx) => {
            for some in journals.chunks(ROWS) {
                let query = (0..ROWS).fold(sqlx::query(INSERT.sqlite), |query, row| {
                    let journal = some.get(row);
                    query
                        .bind(journal.map(|journal| journal.execution))
                        .bind(journal.map(|journal| journal.app))
                        .bind(journal.map(|journal| journal.failed))
                        .bind(journal.map(Packed::row_bytes))
                        .bind(journal.map(|journal| &*journal.data))
                });
                query.execute(&mut **tx).await?;
            }
        }
        Tx::Postgres(tx) if !journals.is_empty() => {
            let all = || journals.iter();
            sqlx::query(INSERT.postgres)
                .bind(all().map(|journal| journal.execution).collect::<Vec<_>>())
                .bind(all().map(|journal| journal.app).collect::<Vec<_>>())
                .bind(all().map(|journal| journal.failed).collect::<Vec<_>>())
                .bind(all().map(Packed::row_bytes).collect::<Vec<_>>())
                .bind(all().map(|journal| &*journal.data).collect::<Vec<_>>())
                .execute(&mut **tx)
                .await?;
        }
        Tx::Postgres(_) => {}
    }
    Ok(())
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
