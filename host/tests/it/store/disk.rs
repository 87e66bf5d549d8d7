//! A disk that was full: what was refused is undone, and when there is room again the database goes on without a restart.

use picloud::store::{Db, Tx};

use crate::harness::disk::Disk;

async fn write(db: &Db, bytes: i64) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    let Tx::Sqlite(sqlite) = &mut tx else { unreachable!() };
    sqlx::query("create table if not exists heavy (bytes blob)")
        .execute(&mut **sqlite)
        .await?;
    sqlx::query("insert into heavy (bytes) values (randomblob($1))")
        .bind(bytes)
        .execute(&mut **sqlite)
        .await?;
    tx.commit().await
}

#[tokio::test]
async fn a_full_disk_is_survived_without_a_restart() {
    let Some(disk) = Disk::mount() else {
        eprintln!("skipped: mounting a small disk takes root");
        return;
    };
    let db = Db::connect(disk.path(), None).await.unwrap();
    write(&db, 1000).await.unwrap();
    for round in 0..3 {
        disk.fill();
        // Small ones fail when they are committed, large ones before.
        for bytes in [10, 10_000, 1_000_000] {
            assert!(write(&db, bytes).await.is_err(), "{round}: {bytes}");
        }
        disk.free();
        for bytes in [10, 10_000] {
            write(&db, bytes)
                .await
                .unwrap_or_else(|error| panic!("{round}: {bytes}: {error}"));
        }
    }
    let Tx::Sqlite(mut tx) = db.read().await.unwrap() else {
        unreachable!()
    };
    let rows: i64 = sqlx::query_scalar("select count(*) from heavy")
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    assert_eq!(rows, 7, "what was refused left nothing");
    drop(tx);
    db.close().await;
}
