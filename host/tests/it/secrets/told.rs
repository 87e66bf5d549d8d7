//! What scripts are told, and what the API is.

use serde_json::{Value, json};

use super::{again, newest, set};
use crate::harness::api::Api;
use crate::harness::database::on_both_databases;
use crate::harness::host::TestHost;

const READS: &[(&str, &str)] = &[
    (
        "GET /secret",
        "secret::get(\"KEY\").len() + \":\" + secret::get(\"KEY\")",
    ),
    (
        "GET /caught",
        "try { return secret::get(\"KEY\"); } catch (e) { return e.code + \" \" + e.message; }",
    ),
    ("GET /thrown", "secret::get(req.query[\"name\"])"),
    (
        "GET /env",
        "[env::get(\"MODE\"), env::get(\"MODE\", \"none\"), env::get(\"MODE\", 1)]",
    ),
];

#[tokio::test]
async fn a_script_is_told_its_own_apps_secrets_and_settings_at_once() {
    for host in TestHost::real_on_both(&[]).await {
        for app in ["a", "b"] {
            host.app(app, READS).await;
        }
        let caught = host.visit("GET http://a.localhost/caught").await;
        let says = "no_secret the app has no secret \"KEY\"; set it with: picloud secret set KEY --app a";
        assert_eq!(caught.text(), says);
        for name in ["KEY", "no%20name", "%00"] {
            host.visit(&format!("GET http://a.localhost/thrown?name={name}")).await;
            let id = newest(&host, "a").await;
            assert_eq!(host.execution("a", &id).await["error"]["code"], "no_secret");
        }
        for value in ["first value", "the second, with \u{e9} and \"quotes\"\n"] {
            set(&host, "a", "KEY", value).await;
            let told = host.visit("GET http://a.localhost/secret").await;
            assert_eq!(told.text(), format!("{}:{value}", value.chars().count()));
        }
        assert!(
            host.visit("GET http://b.localhost/caught")
                .await
                .text()
                .starts_with("no_secret")
        );
        assert_eq!(host.manage("DELETE /apps/a/secrets/KEY", Value::Null).await.status, 204);
        assert!(
            host.visit("GET http://a.localhost/caught")
                .await
                .text()
                .starts_with("no_secret")
        );

        assert_eq!(
            host.visit("GET http://a.localhost/env").await.text(),
            "[null,\"none\",1]"
        );
        assert_eq!(
            host.manage("PUT /apps/a/env/MODE", json!({ "value": "test" }))
                .await
                .status,
            204
        );
        let told = host.visit("GET http://a.localhost/env").await;
        assert_eq!(told.text(), "[\"test\",\"test\",\"test\"]");
        assert_eq!(
            host.visit("GET http://b.localhost/env").await.text(),
            "[null,\"none\",1]"
        );

        set(&host, "a", "KEY", "value").await;
        host.delete("a").await;
        assert_eq!(host.number("select count(*) from secrets").await, 0);
        assert_eq!(host.number("select count(*) from settings").await, 0);
    }
}

#[tokio::test]
async fn a_run_is_told_the_value_of_then_when_it_is_run_again() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", READS).await;
        set(&host, "a", "KEY", "the value of then").await;
        assert_eq!(
            host.visit("GET http://a.localhost/secret").await.text(),
            "17:the value of then"
        );
        let id = newest(&host, "a").await;
        for turn in 0..9 {
            host.advance_ms(1);
            set(&host, "a", "KEY", &format!("value {turn}")).await;
        }
        let (status, replayed) = again(&host, &id).await;
        assert_eq!((status, &replayed["same"]), (200, &json!(true)), "{replayed}");
        assert_eq!(replayed["reply"]["body"], "17:the value of then");
        host.advance_ms(1);
        set(&host, "a", "KEY", "one more").await;
        assert_eq!(host.number("select count(*) from secrets").await, 10);
        let (status, refused) = again(&host, &id).await;
        let message = refused["error"]["message"].as_str().unwrap_or_default();
        assert!(status == 404 && message.contains("\"KEY\""), "{refused}");

        host.visit("GET http://a.localhost/caught").await;
        let id = newest(&host, "a").await;
        assert_eq!(again(&host, &id).await.1["same"], json!(true));
        host.manage("DELETE /apps/a/secrets/KEY", Value::Null).await;
        assert_eq!(again(&host, &id).await.0, 404);
        host.visit("GET http://a.localhost/caught").await;
        let id = newest(&host, "a").await;
        assert_eq!(again(&host, &id).await.1["same"], json!(true), "a refusal comes again");
        host.visit("GET http://a.localhost/env").await;
        let id = newest(&host, "a").await;
        assert_eq!(again(&host, &id).await.1["same"], json!(true));
    }
}

on_both_databases! {
    async fn values_are_written_and_never_read(api: Api) {
        api.app("a").await;
        let deployer = api.member("a", "deployer").await;
        let viewer = api.member("a", "viewer").await;
        let put = |path: &str, value: &str| {
            let (path, value) = (path.to_owned(), json!({ "value": value }));
            let deployer = &deployer;
            async move { deployer.send("PUT".parse().unwrap(), &path, Some(value)).await }
        };
        put("/apps/a/secrets/B_2", "hidden hidden").await.expect(204);
        put("/apps/a/secrets/A", &"\u{1}".repeat(64 << 10)).await.expect(204);
        let listed = viewer.get("/apps/a/secrets").await.expect(200);
        let names: Vec<_> = listed["items"].as_array().unwrap().iter().map(|secret| &secret["name"]).collect();
        assert_eq!(names, ["A", "B_2"]);
        assert_eq!(listed["items"][0].as_object().unwrap().keys().collect::<Vec<_>>(), ["name", "updated_at"]);
        let page = viewer.get("/apps/a/secrets?limit=1").await.expect(200);
        assert_eq!(page["next"], "A");
        let page = viewer.get("/apps/a/secrets?limit=1&after=A").await.expect(200);
        assert_eq!((&page["items"][0]["name"], &page["next"]), (&json!("B_2"), &Value::Null));
        viewer.send("PUT".parse().unwrap(), "/apps/a/secrets/A", Some(json!({ "value": "x" }))).await
            .refused(403, "forbidden");
        viewer.delete("/apps/a/secrets/A").await.refused(403, "forbidden");

        put("/apps/a/secrets/A", "").await.refused(422, "invalid");
        put("/apps/a/secrets/A", &"x".repeat((64 << 10) + 1)).await.refused(422, "invalid");
        put("/apps/a/env/A", &"x".repeat((64 << 10) + 1)).await.refused(422, "invalid");
        put("/apps/a/env/A", "a\0").await.refused(422, "invalid");
        put("/apps/a/env/A", "").await.expect(204);
        put("/apps/a/secrets/nul", "a\0b").await.expect(204);
        for bad in ["1A", "a-b", "%C3%A9", &"a".repeat(65)] {
            let status = put(&format!("/apps/a/secrets/{bad}"), "x").await.status;
            assert!(status.is_client_error(), "{bad}: {status}");
        }
        assert_eq!(viewer.get("/apps/a/env/A").await.expect(200)["value"], "");
        deployer.delete("/apps/a/env/A").await.expect(204);
        viewer.get("/apps/a/env/A").await.refused(404, "not_found");
        deployer.delete("/apps/a/env/A").await.refused(404, "not_found");
        deployer.delete("/apps/a/secrets/C").await.refused(404, "not_found");
        for (noun, there) in [("secrets", 3), ("env", 0)] {
            for at in there..100 {
                put(&format!("/apps/a/{noun}/N{at}"), "x").await.expect(204);
            }
            put(&format!("/apps/a/{noun}/N100"), "x").await.refused(409, "too_many");
            put(&format!("/apps/a/{noun}/N99"), "y").await.expect(204);
        }
    }
}

#[tokio::test]
async fn what_one_server_sets_another_tells() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    std::fs::write(&file, super::keys::line(1)).unwrap();
    let setting = [("PICLOUD_SECRETS_KEY_FILE", file.to_str().unwrap())];
    let Some([one, other]) = TestHost::two_on_postgres(&setting).await else {
        return;
    };
    one.app("a", READS).await;
    set(&one, "a", "KEY", "from the one").await;
    other.follow().await;
    assert_eq!(
        other.visit("GET http://a.localhost/secret").await.text(),
        "12:from the one"
    );

    // Each server knows of a new key as soon as it meets it.
    let refused = one.manage("POST /secrets/key", Value::Null).await;
    assert_eq!(
        (refused.status, &refused.json()["error"]["code"]),
        (409, &json!("no_new_key"))
    );
    std::fs::write(&file, super::keys::line(1) + &super::keys::line(2)).unwrap();
    let changed = one.manage("POST /secrets/key", Value::Null).await;
    assert_eq!(
        (changed.status, &changed.json()["sealed"]),
        (200, &json!(1)),
        "{}",
        changed.text()
    );
    set(&one, "a", "KEY", "from the new").await;
    other.follow().await;
    assert_eq!(
        other.visit("GET http://a.localhost/secret").await.text(),
        "12:from the new"
    );
    let id = newest(&other, "a").await;
    assert_eq!(again(&one, &id).await.1["same"], json!(true));
}
