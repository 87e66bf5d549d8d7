//! Many scripts in one transaction.

use serde_json::{Value, json};

use super::Shop;
use crate::harness::api::Answer;
use crate::harness::database::on_both_databases;

async fn push(shop: &Shop, scripts: Value) -> Answer {
    shop.0.advance_us(1);
    shop.0
        .operator
        .post("/apps/shop/scripts", json!({ "scripts": scripts }))
        .await
}

fn script(name: &str, kind: &str, source: &str) -> Value {
    json!({ "name": name, "kind": kind, "source": source })
}

fn changes(pushed: &Value) -> String {
    let scripts = pushed["scripts"].as_array().unwrap().iter();
    let scripts = scripts.map(|script| {
        format!(
            "{} {} {}",
            script["name"].as_str().unwrap(),
            script["version"],
            script["change"].as_str().unwrap()
        )
    });
    scripts.collect::<Vec<_>>().join(", ")
}

on_both_databases! {
    async fn a_folder_is_saved_in_any_order(shop: Shop) {
        let pushed = push(&shop, json!([
            { "name": "orders", "kind": "endpoint", "source": r#"import "cart" as c; c::sum()"#,
              "routes": [{ "method": "POST", "pattern": "/orders" }] },
            script("cart", "module", r#"import "money" as m; fn sum() { m::one() }"#),
            script("money", "module", "fn one() { 1 }"),
        ])).await.expect(200);
        assert_eq!(changes(&pushed), "orders 1 created, cart 1 created, money 1 created");
        assert_eq!(pushed["routes"][0]["pattern"], "/orders");
        assert_eq!(shop.run("orders").await, "1");
    }

    async fn what_is_the_same_is_left_alone(shop: Shop) {
        shop.endpoint("page", "let x = 1; x").await;
        let folder = |n: i64| json!([
            { "name": "orders", "kind": "endpoint", "source": r#"import "money" as m; m::one()"#,
              "routes": [{ "method": "POST", "pattern": "/orders" }] },
            script("money", "module", &format!("fn one() {{ {n} }}")),
        ]);
        push(&shop, folder(1)).await.expect(200);
        let again = push(&shop, folder(1)).await.expect(200);
        assert_eq!(changes(&again), "orders 1 unchanged, money 1 unchanged");
        assert_eq!(again["routes"], json!([]));
        let other = push(&shop, folder(2)).await.expect(200);
        assert_eq!(changes(&other), "orders 2 relinked, money 2 changed");
        assert_eq!(other["relinked"], json!([]));
        assert_eq!(shop.run("orders").await, "2");
    }

    async fn one_that_is_wrong_stops_all(shop: Shop) {
        shop.module("money", "fn one() { 1 }").await;
        shop.endpoint("orders", r#"import "money" as m; m::one()"#).await;
        let good = script("money", "module", "fn one() { 2 }");
        let refused = push(&shop, json!([good, script("bad", "endpoint", "let = 1")])).await;
        assert_eq!(refused.json["error"]["details"]["script"], "bad");
        refused.refused(422, "compile_failed");
        push(&shop, json!([good, script("bad", "endpoint", r#"import "nothing" as n;"#)])).await.refused(422, "compile_failed");
        push(&shop, json!([good, script("log", "module", "")])).await.refused(422, "invalid");
        let told = push(&shop, json!([good, good])).await.refused(422, "invalid");
        assert_eq!(told, "scripts: \"money\" is there twice");
        push(&shop, json!([
            script("a", "module", r#"import "b" as b;"#), script("b", "module", r#"import "a" as a;"#),
        ])).await.refused(422, "import_cycle");
        let routed = |name: &str| json!({ "name": name, "kind": "endpoint", "source": "1",
            "routes": [{ "method": "GET", "pattern": "/x" }] });
        push(&shop, json!([good, routed("one"), routed("two")])).await.refused(409, "route_conflict");
        assert_eq!(shop.run("orders").await, "1");
        assert_eq!(shop.versions("money").await.len(), 1);
        shop.0.operator.get("/apps/shop/scripts/one").await.refused(404, "not_found");
    }

    async fn a_module_and_its_importer_may_change_together(shop: Shop) {
        shop.module("money", "fn one() { 1 }").await;
        shop.endpoint("orders", r#"import "money" as m; m::one()"#).await;
        shop.put("money", "module", "fn uno() { 1 }").await.refused(409, "link_failed");
        push(&shop, json!([
            script("money", "module", "fn uno() { 5 }"),
            script("orders", "endpoint", r#"import "money" as m; m::uno()"#),
        ])).await.expect(200);
        assert_eq!(shop.run("orders").await, "5");
    }

    async fn a_warning_is_told_and_in_nobodys_way(shop: Shop) {
        let pushed = push(&shop, json!([
            script("orders", "endpoint", r#"import "money" as m; m::two()"#), script("money", "module", "fn one() { 1 }"),
        ])).await.expect(200);
        assert_eq!(pushed["scripts"][0]["warnings"][0]["code"], "unknown_member");
        assert_eq!(
            pushed["scripts"][0]["warnings"][0]["message"],
            "m::two with 0 arguments: the module \"money\" has no function of that name"
        );
    }
}
