//! Scripts that call each other: one run, one transaction, one record.

use serde_json::{Value, json};

use super::{both, got, run, set, until_done};
use crate::harness::host::TestHost;

/// What the app's script `main` replies.
async fn told_by_main(host: &TestHost) -> Value {
    let answer = host.send("POST http://a.localhost/main", &[], b"").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn with_main(scripts: &[(&str, &str)]) -> Vec<TestHost> {
    let hosts = both(scripts, &[]).await;
    for host in &hosts {
        host.route("a", "POST /main", "main", None).await;
    }
    hosts
}

#[tokio::test]
async fn a_called_script_sees_what_the_caller_wrote_and_what_it_writes_is_kept_with_it() {
    let main = "kv::set(\"a\", 1); let told = invoke::call(\"side\", #{ x: [1, 2.5, blob(2, 7)] }); log::info(\"main\"); [told, kv::get(\"b\"), kv::get(\"a\")]";
    let side = "log::info(`side ${event.kind} ${event.name} ${ctx.script}`); kv::set(\"b\", kv::get(\"a\") + 1); kv::incr(\"a\"); #{ got: event.body.x[1], blob: type_of(event.body.x[2]) }";
    for host in with_main(&[("main", main), ("side", side)]).await {
        let told = told_by_main(&host).await;
        assert_eq!(told, json!([{ "got": 2.5, "blob": "blob" }, 2, 2]));
        assert_eq!(run(&host, "[kv::get(\"a\"), kv::get(\"b\")]").await, json!([2, 2]));
        let executions = host.executions("a").await;
        let of_main: Vec<&Value> = executions.iter().filter(|one| one["script"] != "draft").collect();
        assert_eq!(of_main.len(), 1, "{executions:?}");
        let execution = host.execution("a", of_main[0]["id"].as_str().unwrap()).await;
        let log: Vec<&str> = execution["log"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["message"].as_str().unwrap())
            .collect();
        assert_eq!(log, ["side call main side", "main"]);
    }
}

#[tokio::test]
async fn what_a_called_script_throws_leaves_nothing_of_it() {
    let main = "kv::set(\"kept\", 1); let told = (); try { invoke::call(\"side\"); } catch (e) { told = `${e.code}: ${e.message}`; } [told, kv::get(\"gone\"), kv::get(\"kept\"), kv::get(\"deep\")]";
    let side = "kv::set(\"gone\", 1);\nkv::set(\"kept\", 2); kv::set(\"kept\", 3); kv::delete(\"kept\"); kv::set(\"gone\", 2); invoke::call(\"deep\"); queue::send(\"work\", 1);\nthrow #{ code: \"mine\", message: \"no\" }";
    for host in with_main(&[
        ("main", main),
        ("side", side),
        ("deep", "kv::set(\"deep\", 1)"),
        ("take", "kv::incr(\"taken\")"),
    ])
    .await
    {
        set(&host, "queues", "work", "take", &json!({})).await;
        let told = told_by_main(&host).await;
        assert_eq!(told, json!(["mine: no (in \"side\", line 3)", null, 1, null]));
        until_done(&host, "queues", "work").await;
        assert_eq!(
            run(
                &host,
                "[kv::get(\"kept\"), kv::get(\"gone\"), kv::get(\"deep\"), kv::get(\"taken\")]"
            )
            .await,
            json!([1, null, null, null])
        );
    }
}

#[tokio::test]
async fn what_nobody_catches_is_the_callers_and_nothing_is_kept() {
    let hosts = with_main(&[
        ("main", "kv::set(\"a\", 1);\ninvoke::call(\"side\")"),
        ("side", "kv::set(\"a\", 2); 1 / 0"),
    ])
    .await;
    for host in hosts {
        let answer = host.send("POST http://a.localhost/main", &[], b"").await;
        assert_eq!(answer.status, 500, "{}", answer.text());
        let page = got(&host, "/apps/a/executions?script=main").await;
        let id = page["items"][0]["id"].as_str().unwrap();
        let error = &host.execution("a", id).await["error"];
        assert!(
            error["message"].as_str().unwrap().ends_with("(in \"side\", line 1)"),
            "{error}"
        );
        assert_eq!(error["stack"][0]["line"], 2, "{error}");
        assert_eq!(run(&host, "[kv::get(\"a\")]").await, json!([null]));
    }
}

#[tokio::test]
async fn scripts_call_each_other_to_a_depth_and_only_in_their_app() {
    let main = "let n = kv::incr(\"n\"); let told = (); try { told = invoke::call(\"main\"); } catch (e) { told = `${n} ${e.code}: ${e.message}`; } told";
    for host in with_main(&[("main", main)]).await {
        let answer = host.send("POST http://a.localhost/main", &[], b"").await;
        let chain = ["main"; 9].join(" > ");
        assert_eq!(
            answer.text(),
            format!("9 too_deep: 8 scripts may be at work within another, so main calls no more: {chain}")
        );
        host.app("b", &[]).await;
        host.script("b", "theirs", "1").await;
        let told = run(
            &host,
            "let told = (); try { invoke::call(\"theirs\"); } catch (e) { told = `${e.code}: ${e.message}`; } told",
        )
        .await;
        assert_eq!(told, "no_such_script: the app has no endpoint \"theirs\"");
    }
}

#[tokio::test]
async fn many_scripts_call_others_at_once() {
    let main = "let sum = 0; for i in 0..3 { sum += invoke::call(\"side\", i); } sum";
    for host in with_main(&[("main", main), ("side", "kv::incr(\"n\"); event.body * 10")]).await {
        let all = futures_util::future::join_all((0..24).map(|_| told_by_main(&host))).await;
        assert!(all.iter().all(|one| *one == 30), "{all:?}");
        assert_eq!(run(&host, "kv::get(\"n\")").await, 72);
    }
}

#[tokio::test]
async fn a_run_with_calls_goes_the_same_way_again_whatever_is_live_now() {
    let main = "let a = invoke::call(\"side\", 1); let b = 0; try { invoke::call(\"side\", 0); } catch (e) { b = e.message; } [a, b, random::int(1, 1000000)]";
    let side = "log::info(`side ${ctx.version}`); kv::incr(\"n\"); if event.body == 0 { throw \"none\"; } [random::int(1, 1000000), kv::get(\"n\"), event.body]";
    for host in with_main(&[("main", main), ("side", side)]).await {
        told_by_main(&host).await;
        let page = got(&host, "/apps/a/executions?script=main").await;
        let id = page["items"][0]["id"].as_str().unwrap().to_owned();
        let replay = format!("POST /apps/a/executions/{id}/replay");
        host.script("a", "side", "throw \"another\"").await;
        let answer = host.manage(&replay, json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let same = answer.json();
        assert_eq!((&same["same"], &same["differs"]), (&json!(true), &json!([])), "{same}");
        assert_eq!(run(&host, "kv::get(\"n\")").await, 1);
        let capsule = got(&host, &format!("/apps/a/executions/{id}/capsule")).await;
        assert!(
            capsule["holds"]
                .as_array()
                .unwrap()
                .contains(&json!("the sources of the scripts that it called: side")),
            "{capsule}"
        );
    }
}

#[tokio::test]
async fn a_trial_tells_what_it_would_have_sent_with_what_it_calls() {
    let side = "invoke::later(\"main\", 2); kv::set(\"seen\", 1)";
    for host in with_main(&[("main", "1"), ("side", side)]).await {
        set(&host, "queues", "work", "main", &json!({})).await;
        set(&host, "changes", "keys", "main", &json!({ "prefix": "se" })).await;
        let source = "queue::send(\"work\", #{ a: [1] }, #{ key: \"k\" }); invoke::call(\"side\"); 0";
        let ran = host
            .manage(
                "POST /apps/a/scripts/draft/run",
                json!({ "source": source, "commit": false }),
            )
            .await
            .json();
        let messages: Vec<[&Value; 4]> = ran["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| [&one["source"], &one["name"], &one["key"], &one["body"]])
            .collect();
        let change = json!({ "kind": "set", "collection": null, "key": "seen", "old": null, "new": 1 });
        assert_eq!(
            messages,
            [
                [&json!("queue"), &json!("work"), &json!("k"), &json!({ "a": [1] })],
                [&json!("later"), &json!("main"), &Value::Null, &json!(2)],
                [&json!("change"), &json!("keys"), &json!("seen"), &change],
            ],
            "{ran}"
        );
        assert_eq!(got(&host, "/apps/a/queues/work").await["waiting"], 0);
        assert_eq!(run(&host, "[kv::get(\"seen\")]").await, json!([null]));
    }
}
