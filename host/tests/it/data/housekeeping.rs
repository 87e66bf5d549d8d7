//! What nobody asks for: what has expired goes, and what gone apps kept; and runs that are only to be looked at.

use serde_json::json;

use super::answer;
use crate::harness::host::TestHost;

#[tokio::test]
async fn what_has_expired_gives_its_room_back() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("GET /", "0")]).await;
        let set = "for i in 0..300 { kv::set(`s${i}`, i, #{ ttl: \"1m\" }); } kv::set(\"stays\", 1); 0";
        answer(&host, "a", set).await;
        assert_eq!(host.number("select count(*) from entries").await, 301);
        host.advance_ms(60_000);
        // Whoever writes something that expires wakes it.
        answer(&host, "a", "kv::set(\"now\", 1, #{ ttl: \"0s\" }); 0").await;
        while host.number("select count(*) from entries").await > 1 {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            answer(&host, "a", "kv::list(\"\").entries").await,
            json!([{ "key": "stays", "value": 1 }])
        );
        assert_eq!(host.number("select keys from app_clocks").await, 1);
    }
}

#[tokio::test]
async fn what_a_gone_app_kept_is_gone() {
    for host in TestHost::real_on_both(&[]).await {
        for app in ["a", "b"] {
            host.app(app, &[("GET /", "0")]).await;
            answer(&host, app, "for i in 0..1200 { kv::set(`k${i}`, i); } 0").await;
        }
        host.delete("a").await;
        while host.number("select count(*) from entries").await > 1200 {
            tokio::task::yield_now().await;
        }
        while host.number("select count(*) from gone_apps").await > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(answer(&host, "b", "kv::get(\"k7\")").await, json!(7));
        host.app("a", &[("GET /", "0")]).await;
        assert_eq!(answer(&host, "a", "kv::list(\"\").entries").await, json!([]));
    }
}

#[tokio::test]
async fn a_dry_run_tells_what_it_would_write_and_writes_nothing() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("GET /", "0")]).await;
    answer(
        &host,
        "a",
        "kv::set(\"n\", 1); kv::set(\"gone\", \"x\"); docs::insert(\"c\", #{ id: \"one\", v: 1 }); 0",
    )
    .await;
    let draft = "kv::set(\"n\", kv::get(\"n\") + 1); kv::delete(\"gone\"); kv::set(\"new\", 'c'); docs::update(\"c\", \"one\", #{ v: 2.0 }); kv::get(\"n\")";
    let run = json!({ "source": draft, "commit": false });
    let ran = host.manage("POST /apps/a/scripts/script_0/run", run).await.json();
    assert_eq!(ran["reply"]["body"], json!("2"), "{ran}");
    assert_eq!(
        ran["effects"],
        json!([
            { "collection": "c", "key": "one", "old": { "id": "one", "v": 1 }, "new": { "id": "one", "v": 2.0 } },
            { "collection": null, "key": "gone", "old": "x", "new": null },
            { "collection": null, "key": "n", "old": 1, "new": 2 },
            { "collection": null, "key": "new", "old": null, "new": { "$char": "c" } },
        ])
    );
    assert_eq!(
        answer(
            &host,
            "a",
            "[kv::get(\"n\"), kv::get(\"gone\"), kv::get(\"new\"), docs::get(\"c\", \"one\").v]"
        )
        .await,
        json!([1, "x", null, 1])
    );
    let ran = host
        .manage(
            "POST /apps/a/scripts/script_0/run",
            json!({ "source": "kv::set(\"n\", 5); 0" }),
        )
        .await
        .json();
    assert_eq!(ran["effects"], json!(null));
    assert_eq!(answer(&host, "a", "kv::get(\"n\")").await, json!(5));
}
