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
async fn large_values_that_have_expired_go_as_well() {
    for host in TestHost::real_on_both(&[("PICLOUD_READ_BYTES_PER_RUN_MAX", "100000")]).await {
        for app in ["large", "small"] {
            host.app(app, &[("GET /", "0")]).await;
        }
        let large = "for i in 0..10 { kv::set(`l${i}`, blob(50000), #{ ttl: \"1m\" }); } 0";
        answer(&host, "large", large).await;
        answer(&host, "small", "kv::set(\"s\", 1, #{ ttl: \"2m\" }); 0").await;
        host.advance_ms(120_000);
        answer(&host, "small", "kv::set(\"now\", 1, #{ ttl: \"0s\" }); 0").await;
        while host.number("select count(*) from entries").await > 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_dry_run_leaves_large_values_out() {
    let host = TestHost::real(&[("PICLOUD_DATA_CACHE_BYTES", "0")]).await;
    host.app("a", &[("GET /", "0")]).await;
    answer(&host, "a", "for i in 0..6 { kv::set(`k${i}`, blob(900_000)); } 0").await;
    let run = json!({ "source": "for i in 0..6 { kv::set(`k${i}`, i, #{ ttl: \"1h\" }); } 0", "commit": false });
    let ran = host.manage("POST /apps/a/scripts/script_0/run", run).await.json();
    let effects = ran["effects"].as_array().unwrap();
    assert_eq!(effects.len(), 6);
    for effect in effects {
        assert_eq!(effect["too_large"], json!(true), "{}", effect["key"]);
        assert!(effect.get("old").is_none() && effect.get("new").is_none());
        assert!(effect["expires_at"].is_string(), "{effect}");
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
            {
                "collection": "c", "key": "one", "old": { "id": "one", "v": 1 }, "new": { "id": "one", "v": 2.0 },
                "expires_at": null, "too_large": false,
            },
            { "collection": null, "key": "gone", "old": "x", "expires_at": null, "too_large": false },
            { "collection": null, "key": "n", "old": 1, "new": 2, "expires_at": null, "too_large": false },
            { "collection": null, "key": "new", "new": { "$char": "c" }, "expires_at": null, "too_large": false },
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
