//! What the rest of the program takes for granted of both databases.

mod disk;
mod files;
mod schema;

use crate::harness::database::{TestDatabase, on_both_databases};
use picloud::run;
use picloud::store::{Db, Statement, Tx};

const INSERT: Statement = both("insert into apps (id, name, show_errors, created_at) values ($1, $2, false, 0)");
const NAMES: Statement = both("select name from apps order by name");
const ORPHAN: Statement = both("insert into app_hosts (host, app_id) values ($1, $2)");

const fn both(sql: &'static str) -> Statement {
    Statement {
        name: "",
        sqlite: sql,
        postgres: sql,
    }
}

async fn insert(tx: &mut Tx, name: &str) -> sqlx::Result<()> {
    let id = picloud::ids::AppId::new(0);
    run!(tx, INSERT, |sql, conn| sqlx::query(sql)
        .bind(id)
        .bind(name)
        .execute(conn)
        .await
        .map(drop))
}

async fn names(db: &Db) -> Vec<String> {
    let mut tx = db.read().await.unwrap();
    run!(&mut tx, NAMES, |sql, conn| sqlx::query_scalar(sql)
        .fetch_all(conn)
        .await)
    .unwrap()
}

on_both_databases! {
    async fn a_begin_that_nobody_waits_for_leaves_nothing_open(database: TestDatabase) {
        for turn in 0..80 {
            let mut begin = Box::pin(database.db.read());
            for _ in 0..turn % 8 {
                if futures_util::poll!(&mut begin).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(begin);
            // Were it still open, this one would find itself in it, and could not write.
            let mut tx = database.db.write().await.unwrap();
            insert(&mut tx, &format!("app{turn}")).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(names(&database.db).await.len(), 80);
    }

    async fn what_is_committed_is_there_after_a_restart(database: TestDatabase) {
        let mut tx = database.db.write().await.unwrap();
        insert(&mut tx, "acme").await.unwrap();
        tx.commit().await.unwrap();
        database.db.close().await;

        let again = Db::connect(database.data(), database.url.as_deref()).await.unwrap();
        assert_eq!(names(&again).await, ["acme"]);
    }

    async fn what_is_not_committed_never_was(database: TestDatabase) {
        let mut tx = database.db.write().await.unwrap();
        insert(&mut tx, "acme").await.unwrap();
        assert!(names(&database.db).await.is_empty(), "a reader sees what is not committed");
        drop(tx);
        assert!(names(&database.db).await.is_empty());
    }

    async fn a_reading_transaction_cannot_write(database: TestDatabase) {
        let mut tx = database.db.read().await.unwrap();
        insert(&mut tx, "acme").await.expect_err("a reader wrote");
    }

    async fn a_reader_keeps_its_view(database: TestDatabase) {
        let mut reader = database.db.read().await.unwrap();
        let before: Vec<String> =
            run!(&mut reader, NAMES, |sql, conn| sqlx::query_scalar(sql).fetch_all(conn).await).unwrap();
        let mut tx = database.db.write().await.unwrap();
        insert(&mut tx, "acme").await.unwrap();
        tx.commit().await.unwrap();
        let after: Vec<String> =
            run!(&mut reader, NAMES, |sql, conn| sqlx::query_scalar(sql).fetch_all(conn).await).unwrap();
        assert_eq!((before.len(), after.len()), (0, 0));
    }

    async fn writers_wait_for_each_other(database: TestDatabase) {
        let writers = (0..20).map(|number| {
            let db = database.db.clone();
            tokio::spawn(async move {
                let mut tx = db.write().await?;
                insert(&mut tx, &format!("app-{number:02}")).await?;
                tx.commit().await
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap().unwrap();
        }
        assert_eq!(names(&database.db).await.len(), 20);
    }

    async fn an_app_does_not_leave_orphans(database: TestDatabase) {
        let mut tx = database.db.write().await.unwrap();
        let nobody = picloud::ids::AppId::new(0);
        let orphan = run!(&mut tx, ORPHAN, |sql, conn| {
            sqlx::query(sql).bind("shop.example").bind(nobody).execute(conn).await.map(drop)
        });
        assert!(orphan.unwrap_err().into_database_error().unwrap().is_foreign_key_violation());
    }

    async fn migrating_again_changes_nothing(database: TestDatabase) {
        for _ in 0..2 {
            let again = Db::connect(database.data(), database.url.as_deref()).await.unwrap();
            assert!(names(&again).await.is_empty());
        }
    }
}

#[tokio::test]
async fn what_sqlite_acknowledged_survives_a_power_cut() {
    let database = TestDatabase::sqlite().await;
    let Db::Sqlite { read, write, .. } = &database.db else {
        unreachable!()
    };
    for (pragma, want) in [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1")] {
        let sql = sqlx::AssertSqlSafe(format!("select cast({pragma} as text) from pragma_{pragma}"));
        let got: String = sqlx::query_scalar(sql).fetch_one(write).await.unwrap();
        assert_eq!(got, want, "{pragma}");
    }
    assert_eq!(
        write.options().get_max_connections(),
        1,
        "two writers would fail instead of wait"
    );
    assert!(read.options().get_max_connections() > 1);
}

#[cfg(unix)]
#[tokio::test]
async fn the_data_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let outer = tempfile::tempdir().unwrap();
    let data = outer.path().join("deep/data");
    let db = Db::connect(&data, None).await.unwrap();
    assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert!(data.join("picloud.db").exists());
    db.close().await;
}
