//! What kept replies take, and who sees it.

use serde_json::{Value, json};

use super::{ORDER, RUNS, code, post, runs};
use crate::harness::host::TestHost;

#[tokio::test]
async fn a_reply_that_is_too_large_is_served_and_not_repeated() {
    const LARGE: &str = r#"kv::incr("n"); let s = "x"; s.pad(parse_int(req.query.bytes), "x"); s"#;
    for host in TestHost::real_on_both(&[("PICLOUD_IDEMPOTENCY_REPLY_BYTES_MAX", "1000")]).await {
        host.app("a", &[("POST /", LARGE), RUNS]).await;
        // `content-type: text/plain; charset=utf-8` counts too.
        let fits = 1000 - "content-type".len() - "text/plain; charset=utf-8".len();
        for (bytes, kept) in [(fits, true), (fits + 1, false)] {
            let path = format!("/?bytes={bytes}");
            let first = post(&host, &path, &path, b"").await;
            assert_eq!((first.status, first.body.len()), (200, bytes));
            let again = post(&host, &path, &path, b"").await;
            if kept {
                assert_eq!((again.status, again.body), (200, first.body));
                continue;
            }
            assert_eq!(code(&again), (410, json!("reply_not_kept")));
            let message = again.json()["error"]["message"].as_str().unwrap().to_owned();
            assert!(message.contains(first.header("x-execution-id").unwrap()), "{message}");
        }
        assert_eq!(runs(&host).await, "2");
    }
}

#[tokio::test]
async fn without_room_for_the_reply_nothing_is_done() {
    const LARGE: &str = r#"kv::incr("n"); let s = "x"; s.pad(5000, "x"); s"#;
    for host in TestHost::real_on_both(&[("PICLOUD_DATA_BYTES_PER_APP", "4096")]).await {
        host.app("a", &[("POST /", LARGE), RUNS]).await;
        let answer = post(&host, "/", "k", b"").await;
        assert_eq!(code(&answer), (500, json!("script_failed")));
        let execution = &host.executions("a").await[0];
        assert_eq!(execution["ending"], json!("threw"));
        let execution = host.execution("a", execution["id"].as_str().unwrap()).await;
        assert_eq!(execution["error"]["code"], json!("quota_exceeded"));
        let message = execution["error"]["message"].as_str().unwrap();
        assert!(message.contains("PICLOUD_DATA_BYTES_PER_APP"), "{message}");
        assert_eq!(runs(&host).await, "0");
        // Without a key there is nothing to keep.
        assert_eq!(host.send("POST http://a.localhost/", &[], b"").await.status, 200);
        assert_eq!(runs(&host).await, "1");
    }
}

#[tokio::test]
async fn kept_replies_count_and_nobody_sees_them() {
    const LOOK: &str = r#"[kv::list("", #{ limit: 10 }).entries.len(), docs::count("r", #{})]"#;
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /orders", ORDER), RUNS, ("GET /look", LOOK)])
            .await;
        let usage = async || host.manage("GET /apps/a/data", Value::Null).await.json();
        host.send("POST http://a.localhost/orders", &[], b"").await;
        let before = usage().await;
        assert_eq!(before["keys"], json!(1));
        for key in ["k", "l"] {
            post(&host, "/orders", key, b"").await;
        }
        let after = usage().await;
        assert_eq!(
            (&after["kv_keys"], &after["kv_bytes"]),
            (&before["kv_keys"], &before["kv_bytes"])
        );
        assert_eq!(after["keys"], json!(3));
        assert!(
            after["bytes"].as_u64() > before["bytes"].as_u64().map(|bytes| bytes + 2 * 100),
            "{after}"
        );
        assert_eq!(host.visit("GET http://a.localhost/look").await.json(), json!([1, 0]));
        for list in ["/apps/a/kv", "/apps/a/collections"] {
            let page = host.manage(&format!("GET {list}"), Value::Null).await.json();
            let names: Vec<_> = page["items"].as_array().unwrap().iter().collect();
            assert_eq!(names.len(), usize::from(list.ends_with("kv")), "{page}");
        }
        // What has expired is removed, and gives its room back.
        host.advance_ms(86_400_000);
        host.send("POST http://a.localhost/orders", &[], b"").await;
        post(&host, "/orders", "m", b"").await;
        while usage().await["keys"] != json!(2) {
            tokio::task::yield_now().await;
        }
    }
}
