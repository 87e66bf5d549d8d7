//! Apps: made, listed, changed, deleted.

use serde_json::json;

use crate::harness::api::Api;
use crate::harness::database::{TestDatabase, on_both_databases};
use crate::harness::echo;

on_both_databases! {
    async fn an_app_is_there_from_its_making_to_its_deletion(api: Api) {
        let made = api.operator.post("/apps", json!({ "name": "acme" })).await.expect(201);
        assert_eq!(made["created_at"], "2023-11-14T22:13:20.000000Z");
        assert_eq!(api.operator.get("/apps/acme").await.expect(200), made);
        assert_eq!(api.operator.get(&format!("/apps/{}", made["id"].as_str().unwrap())).await.expect(200), made);
        assert!(api.host.routes.current().by_name("acme").is_some(), "the data plane does not know it");

        api.operator.delete("/apps/acme").await.expect(204);
        api.operator.get("/apps/acme").await.refused(404, "not_found");
        assert!(api.host.routes.current().by_name("acme").is_none());
    }

    async fn a_name_is_given_once(api: Api) {
        api.app("acme").await;
        let why = api.operator.post("/apps", json!({ "name": "acme" })).await.refused(409, "exists");
        assert!(why.contains("acme"), "{why}");
    }

    async fn the_list_has_pages(api: Api) {
        for name in ["cc", "aa", "bb"] {
            api.app(name).await;
        }
        let first = api.operator.get("/apps?limit=2").await.expect(200);
        assert_eq!((&first["items"][0]["name"], &first["items"][1]["name"]), (&json!("aa"), &json!("bb")));
        assert_eq!(first["next"], "bb");
        let second = api.operator.get("/apps?limit=2&after=bb").await.expect(200);
        assert_eq!(second["items"].as_array().unwrap().len(), 1);
        assert_eq!((&second["items"][0]["name"], &second["next"]), (&json!("cc"), &json!(null)));
        let past = api.operator.get("/apps?after=zz").await.expect(200);
        assert_eq!(past, json!({ "items": [], "next": null }));
    }

    async fn a_member_sees_its_own_app_only(api: Api) {
        for name in ["acme", "rival"] {
            api.app(name).await;
        }
        let list = api.member("acme", "viewer").await.get("/apps").await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        assert_eq!(list["items"][0]["name"], "acme");
    }

    async fn hosts_are_replaced_as_a_whole(api: Api) {
        api.app("acme").await;
        let change = json!({ "hosts": ["shop.example", "a.example", "shop.example"], "show_errors": true });
        let app = api.operator.patch("/apps/acme", change).await.expect(200);
        assert_eq!((&app["hosts"], &app["show_errors"]), (&json!(["a.example", "shop.example"]), &json!(true)));
        assert!(api.host.routes.current().by_host("shop.example").is_some());

        let app = api.operator.patch("/apps/acme", json!({ "hosts": ["b.example"] })).await.expect(200);
        assert_eq!((&app["hosts"], &app["show_errors"]), (&json!(["b.example"]), &json!(true)));
        assert!(api.host.routes.current().by_host("shop.example").is_none());
        assert_eq!(api.operator.patch("/apps/acme", json!({})).await.expect(200), app);
    }

    async fn a_host_belongs_to_one_app(api: Api) {
        for name in ["acme", "rival"] {
            api.app(name).await;
        }
        api.operator.patch("/apps/acme", json!({ "hosts": ["shop.example"] })).await.expect(200);
        let change = json!({ "hosts": ["b.example", "shop.example"], "show_errors": true });
        let why = api.operator.patch("/apps/rival", change).await.refused(409, "host_taken");
        assert!(why.contains("shop.example") && !why.contains("acme"), "{why}");
        let rival = api.operator.get("/apps/rival").await.expect(200);
        assert_eq!((&rival["hosts"], &rival["show_errors"]), (&json!([]), &json!(false)), "half a change stayed");
    }

    async fn a_host_with_routes_stays(api: Api) {
        api.app("acme").await;
        api.operator.patch("/apps/acme", json!({ "hosts": ["shop.example"] })).await.expect(200);
        api.operator.save("acme", "hello", "hi").await.expect(200);
        let route = json!({ "method": "GET", "pattern": "/", "host": "shop.example", "script": "hello" });
        let route = api.operator.post("/apps/acme/routes", route).await.expect(201);
        let answer = api.operator.patch("/apps/acme", json!({ "hosts": [] })).await;
        assert_eq!(answer.json["error"]["details"]["routes"], json!([route["id"]]));
        answer.refused(409, "in_use");
    }

    async fn an_app_takes_everything_with_it(api: Api) {
        api.app("acme").await;
        let owner = api.member("acme", "owner").await;
        owner.save("acme", "hello", "hi").await.expect(200);
        let route = json!({ "method": "GET", "pattern": "/", "script": "hello" });
        owner.post("/apps/acme/routes", route).await.expect(201);
        owner.delete("/apps/acme").await.expect(204);
        owner.get("/apps").await.refused(401, "unauthenticated");
        api.app("acme").await;
        for list in ["scripts", "routes", "tokens", "executions"] {
            let page = api.operator.get(&format!("/apps/acme/{list}")).await.expect(200);
            assert_eq!(page["items"], json!([]), "{list}");
        }
    }

    async fn an_empty_installation_gets_a_demo_once(api: Api) {
        assert!(picloud::manager::apps::demo(&api.host).await.unwrap());
        let routes = api.operator.get("/apps/demo/routes").await.expect(200);
        assert_eq!(routes["items"].as_array().unwrap().len(), 3);
        let versions = api.operator.get("/apps/demo/scripts/hello/versions").await.expect(200);
        assert_eq!(versions["items"][0]["created_by"], "picloud");
        assert!(api.host.routes.current().by_name("demo").is_some());
        assert!(!picloud::manager::apps::demo(&api.host).await.unwrap());
    }
}

#[tokio::test]
async fn there_may_be_32_hosts() {
    let api = Api::start().await;
    api.app("acme").await;
    let hosts = |count: u32| (0..count).map(|n| format!("h{n}.example")).collect::<Vec<_>>();
    api.operator
        .patch("/apps/acme", json!({ "hosts": hosts(32) }))
        .await
        .expect(200);
    let why = api
        .operator
        .patch("/apps/acme", json!({ "hosts": hosts(33) }))
        .await
        .refused(422, "invalid");
    assert_eq!(why, "hosts: 32 are allowed, these are 33");
}

#[tokio::test]
async fn nobody_takes_an_address_that_the_installation_gives() {
    let settings = [("PICLOUD_BASE_DOMAIN", "apps.example")];
    let api = Api::with(TestDatabase::sqlite().await, echo::engine(), &settings).await;
    api.app("acme").await;
    for host in ["rival.apps.example", "apps.example", "rival.localhost"] {
        api.operator
            .patch("/apps/acme", json!({ "hosts": [host] }))
            .await
            .refused(422, "invalid");
    }
}
