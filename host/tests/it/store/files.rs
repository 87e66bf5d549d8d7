//! The database's files in the hands of others: not theirs to read, locked, taken away.

use std::fs;

use picloud::store::Db;
use serde_json::{Value, json};

use crate::harness::host::TestHost;

#[cfg(unix)]
#[tokio::test]
async fn they_are_their_owners_alone_in_any_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let db = Db::connect(folder.path(), None).await.unwrap();
    for file in ["picloud.db", "picloud.db-wal", "picloud.db-shm"] {
        let mode = folder.path().join(file).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    db.close().await;
}

#[tokio::test]
async fn a_database_that_another_holds_is_a_matter_of_time() {
    let host = TestHost::start().await;
    let mut other = host.database().await;
    sqlx::query("begin immediate").execute(&mut other).await.unwrap();
    let answer = host.manage("POST /apps", json!({ "name": "a" })).await;
    assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(
        host.manage("GET /apps", Value::Null).await.status,
        200,
        "reading goes on"
    );
    sqlx::query("rollback").execute(&mut other).await.unwrap();
    assert_eq!(host.manage("POST /apps", json!({ "name": "a" })).await.status, 201);
}

#[tokio::test]
async fn a_database_that_was_taken_away_is_not_written_to() {
    let host = TestHost::start().await;
    for (number, file) in ["picloud.db", "picloud.db-wal"].into_iter().enumerate() {
        let file = host.host.config.store.data.join(file);
        let aside = file.with_extension("aside");
        fs::rename(&file, &aside).unwrap();
        let new = json!({ "name": format!("a{number}") });
        let answer = host.manage("POST /apps", new.clone()).await;
        assert_eq!(answer.problem(), (503, "unavailable".to_owned()), "{}", file.display());
        fs::write(&file, "another").unwrap();
        assert_eq!(
            host.manage("POST /apps", new.clone()).await.status,
            503,
            "a file of that name is not it"
        );
        fs::rename(&aside, &file).unwrap();
        assert_eq!(host.manage("POST /apps", new).await.status, 201, "it is back");
    }
}
