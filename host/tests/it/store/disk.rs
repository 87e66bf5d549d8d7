//! A disk that was full: what was refused is undone, and when there is room again the database goes on without a restart.

use std::path::Path;
use std::process::Command;

use picloud::store::{Db, Tx};

/// A small disk of its own.
struct Disk(tempfile::TempDir);

impl Disk {
    /// None where this user may not mount one.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
            .arg(folder.path())
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Another's file, which takes all that is left.
    fn fill(&self) {
        let filler = std::fs::File::create(self.path().join("filler")).unwrap();
        let mut filler = std::io::BufWriter::with_capacity(4096, filler);
        assert!(std::io::copy(&mut std::io::repeat(1), &mut filler).is_err());
    }

    fn free(&self) {
        std::fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(self.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}

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
