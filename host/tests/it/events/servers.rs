//! Servers that are gone, and what they had.

use picloud::store::Db;
use serde_json::{Value, json};
use sqlx::Connection as _;

use super::{PATIENCE, got, run, send, set};
use crate::harness::host::TestHost;

/// The number of a server that never was.
const OTHER: i64 = 1_234_567;

/// Waits until the messages of the app are so, while its server looks what there is to do.
async fn until_messages(host: &TestHost, is_so: impl Fn(&[Value]) -> bool) {
    let waiting = async {
        loop {
            host.advance_ms(0);
            let page = got(host, "/apps/a/messages").await;
            if is_so(page["items"].as_array().unwrap()) {
                return;
            }
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok());
}

#[tokio::test]
async fn what_a_server_had_that_is_gone_is_handed_out_and_what_others_have_is_not() {
    let Some([host, other]) = TestHost::two_on_postgres(&[]).await else {
        return;
    };
    let Db::Postgres(pool) = &host.host.db else { return };
    host.app("a", &[]).await;
    host.script("a", "take", "kv::incr(event.body)").await;
    set(&host, "queues", "work", "take", &json!({ "paused": true })).await;
    send(&host, "work", json!({ "body": "theirs" })).await;
    let leased = "update messages set leased_by = $1, attempt = 1, due_at = due_at + 3600000";
    assert_eq!(
        sqlx::query(leased)
            .bind(OTHER)
            .execute(pool)
            .await
            .unwrap()
            .rows_affected(),
        1
    );
    // As long as somebody is there under that number, it is theirs.
    let mut there = pool.acquire().await.unwrap().detach();
    let lock = sqlx::query("select pg_advisory_lock($1)").bind(OTHER);
    lock.execute(&mut there).await.unwrap();
    set(&host, "queues", "work", "take", &json!({})).await;
    send(&host, "work", json!({ "body": "ours" })).await;
    until_messages(&host, |items| items.len() == 1).await;
    let message = got(&host, "/apps/a/messages").await["items"][0].clone();
    assert_eq!(
        (&message["body"], &message["is_leased"]),
        (&json!("theirs"), &json!(true))
    );
    // What is known of servers is looked at again by both.
    other.advance_ms(0);
    there.close().await.unwrap();
    until_messages(&host, <[Value]>::is_empty).await;
    assert_eq!(
        run(&host, "[kv::get(\"ours\"), kv::get(\"theirs\")]").await,
        json!([1, 1])
    );
}
