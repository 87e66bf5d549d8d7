//! Routes: made, refused when they conflict, deleted.

use serde_json::{Value, json};

use crate::harness::api::Api;
use crate::harness::database::on_both_databases;

fn route(method: &str, pattern: &str) -> Value {
    json!({ "method": method, "pattern": pattern, "script": "hello" })
}

async fn furnished(api: &Api) {
    api.app("acme").await;
    api.operator.save("acme", "hello", "hi").await.expect(200);
}

on_both_databases! {
    async fn a_route_has_a_normal_form(api: Api) {
        furnished(&api).await;
        let made = api.operator.post("/apps/acme/routes", route("GET", "/caf%c3%a9/{id}")).await.expect(201);
        assert_eq!((&made["pattern"], &made["host"]), (&json!("/caf%C3%A9/{id}"), &json!(null)));
        let list = api.operator.get("/apps/acme/routes").await.expect(200);
        assert_eq!(list, json!({ "items": [made], "next": null }));
        api.operator.delete(&format!("/apps/acme/routes/{}", made["id"].as_str().unwrap())).await.expect(204);
        api.operator.delete(&format!("/apps/acme/routes/{}", made["id"].as_str().unwrap())).await.refused(404, "not_found");
    }

    async fn a_route_has_a_policy_for_keys(api: Api) {
        furnished(&api).await;
        let made = api.operator.post("/apps/acme/routes", route("POST", "/a")).await.expect(201);
        assert_eq!(made["idempotency"], json!("accept"));
        api.operator.delete(&format!("/apps/acme/routes/{}", made["id"].as_str().unwrap())).await.expect(204);
        let with = |method: &str, policy: &str| {
            let mut new = route(method, "/b");
            new["idempotency"] = json!(policy);
            new
        };
        for policy in ["off", "accept", "require"] {
            let made = api.operator.post("/apps/acme/routes", with("ANY", policy)).await.expect(201);
            assert_eq!(made["idempotency"], json!(policy));
            let list = api.operator.get("/apps/acme/routes").await.expect(200);
            assert_eq!(list["items"][0]["idempotency"], json!(policy));
            api.operator.delete(&format!("/apps/acme/routes/{}", made["id"].as_str().unwrap())).await.expect(204);
        }
        for method in ["GET", "HEAD", "OPTIONS"] {
            let answer = api.operator.post("/apps/acme/routes", with(method, "require")).await;
            assert_eq!(answer.json["error"]["details"]["field"], json!("idempotency"));
            answer.refused(422, "invalid");
            api.operator.post("/apps/acme/routes", with(method, "off")).await.expect(201);
        }
        let list = api.operator.get("/apps/acme/routes").await.expect(200);
        for made in list["items"].as_array().unwrap() {
            let path = format!("/apps/acme/routes/{}", made["id"].as_str().unwrap());
            let changed = api.operator.patch(&path, json!({ "idempotency": "accept" })).await.expect(200);
            assert_eq!((&changed["idempotency"], &changed["id"]), (&json!("accept"), &made["id"]));
            assert_eq!(api.operator.patch(&path, json!({})).await.expect(200), changed);
            let refused = api.operator.patch(&path, json!({ "idempotency": "require" })).await;
            refused.refused(422, "invalid");
        }
        assert!(api.operator.post("/apps/acme/routes", with("POST", "Require")).await.status.is_client_error());
    }

    async fn a_conflict_is_refused_naming_the_other(api: Api) {
        furnished(&api).await;
        let first = api.operator.post("/apps/acme/routes", route("GET", "/orders/{id}")).await.expect(201);
        let answer = api.operator.post("/apps/acme/routes", route("GET", "/orders/{number}")).await;
        assert_eq!(answer.json["error"]["details"]["route"], first["id"]);
        let why = answer.refused(409, "route_conflict");
        assert!(why.contains("GET /orders/{id}"), "{why}");
    }

    async fn what_overlaps_does_not_conflict(api: Api) {
        furnished(&api).await;
        api.operator.patch("/apps/acme", json!({ "hosts": ["shop.example"] })).await.expect(200);
        for (method, pattern) in [
            ("GET", "/orders/{id}"), ("POST", "/orders/{id}"), ("ANY", "/orders/{id}"), ("GET", "/orders/new"),
            ("GET", "/orders/{*rest}"), ("GET", "/orders/"), ("GET", "/orders"), ("GET", "/{*all}"), ("GET", "/"),
        ] {
            api.operator.post("/apps/acme/routes", route(method, pattern)).await.expect(201);
        }
        let mut own = route("GET", "/orders/{id}");
        own["host"] = json!("shop.example");
        api.operator.post("/apps/acme/routes", own).await.expect(201);
        api.app("rival").await;
        api.operator.save("rival", "hello", "hi").await.expect(200);
        api.operator.post("/apps/rival/routes", route("GET", "/orders/{id}")).await.expect(201);
    }

    async fn of_two_at_once_one_is_refused(api: Api) {
        furnished(&api).await;
        let posts = (0..6).map(|n| {
            let operator = api.operator.clone();
            tokio::spawn(async move { operator.post("/apps/acme/routes", route("GET", &format!("/{{p{n}}}"))).await.status.as_u16() })
        });
        let mut statuses = Vec::new();
        for post in posts.collect::<Vec<_>>() {
            statuses.push(post.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    }
}

#[tokio::test]
async fn what_no_route_can_be_is_refused_by_field() {
    let api = Api::start().await;
    furnished(&api).await;
    api.operator
        .put("/apps/acme/scripts/lib", json!({ "kind": "module", "source": "x" }))
        .await
        .expect(200);
    for (change, field) in [
        (json!({ "method": "get" }), "method"),
        (json!({ "method": "TRACE" }), "method"),
        (json!({ "pattern": "orders" }), "pattern"),
        (json!({ "pattern": "/a/../b" }), "pattern"),
        (json!({ "pattern": "/{a}/{a}" }), "pattern"),
        (json!({ "pattern": "/\u{0}" }), "pattern"),
        (json!({ "host": "shop.example" }), "host"),
        (json!({ "host": "\u{0}" }), "host"),
        (json!({ "script": "nothing" }), "script"),
        (json!({ "script": "lib" }), "script"),
    ] {
        let mut new = route("GET", "/orders");
        new.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = api.operator.post("/apps/acme/routes", new).await;
        assert_eq!(
            answer.json["error"]["details"]["field"], field,
            "{change}: {}",
            answer.json
        );
        answer.refused(422, "invalid");
    }
}
