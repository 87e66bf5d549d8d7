//! Two apps side by side, and load while a module changes.

use std::sync::Arc;

use serde_json::json;

use super::Shop;
use crate::harness::database::{TestDatabase, on_both_databases};

on_both_databases! {
    async fn modules_of_one_name_in_two_apps_never_meet(shop: Shop) {
        shop.0.app("rival").await;
        for app in ["shop", "rival"] {
            let module = json!({ "kind": "module", "source": format!("fn whose() {{ \"{app}\" }} fn same() {{ ctx.app }}") });
            shop.0.operator.put(&format!("/apps/{app}/scripts/m"), module).await.expect(200);
            let endpoint = json!({ "kind": "endpoint", "source": r#"import "m" as m; m::whose() + " " + m::same()"# });
            shop.0.operator.put(&format!("/apps/{app}/scripts/page"), endpoint).await.expect(200);
        }
        let operator = &shop.0.operator;
        let calls = (0..4).map(|_| {
            let operator = operator.clone();
            tokio::spawn(async move {
                for n in 0..250 {
                    let app = if n % 2 == 0 { "shop" } else { "rival" };
                    let ran = operator.post(&format!("/apps/{app}/scripts/page/run"), json!({})).await.expect(200);
                    assert_eq!(ran["reply"]["body"], format!("{app} {app}"));
                }
            })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap();
        }
        let system = operator.get("/system").await.expect(200);
        assert_eq!(system["load"]["modules"]["entries"], 2, "{system}");
        assert!(system["load"]["modules"]["hits"].as_u64().unwrap() >= 990, "{system}");
    }

    async fn an_app_has_no_module_of_another(shop: Shop) {
        shop.0.app("rival").await;
        let module = json!({ "kind": "module", "source": "fn f() { 1 }" });
        shop.0.operator.put("/apps/rival/scripts/recipe", module).await.expect(200);
        let told = shop.put("page", "endpoint", r#"import "recipe" as s;"#).await.refused(422, "compile_failed");
        assert_eq!(told, "page cannot be linked: line 1: the app has no module \"recipe\": it has no modules yet; save this one first");
        for name in ["recipe", "rival/recipe", "rival:recipe", "../rival/recipe", "~rival/recipe"] {
            shop.endpoint("page", &format!("let name = \"{name}\"; import name as s; s::f()")).await;
            let ran = shop.run("page").await;
            assert!(ran.contains("module_not_found"), "{name}: {ran}");
        }
    }

    async fn the_same_source_is_two_entries(shop: Shop) {
        shop.0.app("rival").await;
        for app in ["shop", "rival"] {
            for (name, kind, source) in [("m", "module", "fn f() { 1 }"), ("page", "endpoint", r#"import "m" as m; m::f()"#)] {
                let new = json!({ "kind": kind, "source": source });
                shop.0.operator.put(&format!("/apps/{app}/scripts/{name}"), new).await.expect(200);
            }
            shop.0.operator.post(&format!("/apps/{app}/scripts/page/run"), json!({})).await.expect(200);
        }
        let modules = shop.0.operator.get("/system").await.expect(200)["load"]["modules"].clone();
        assert_eq!((&modules["entries"], &modules["misses"]), (&json!(2), &json!(2)), "{modules}");
        assert!(modules["bytes"].as_u64().unwrap() > 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_module_that_changes_under_load_is_wholly_old_or_wholly_new() {
    let shop = Arc::new(Shop::from(TestDatabase::sqlite().await).await);
    let money = |n: u32| format!("export const N = {n}; fn n() {{ {n} }}");
    shop.module("money", &money(0)).await;
    shop.module("cart", r#"import "money" as m; fn n() { m::n() } fn deep() { m::N }"#)
        .await;
    shop.endpoint(
        "page",
        r#"import "money" as m; import "cart" as c; [m::n(), m::N, c::n(), c::deep()]"#,
    )
    .await;
    let callers = (0..3).map(|_| {
        let shop = Arc::clone(&shop);
        tokio::spawn(async move {
            let mut before = 0;
            for _ in 0..150 {
                let answer: Vec<u32> = serde_json::from_str(&shop.run("page").await).unwrap();
                assert!(answer.iter().all(|n| *n == answer[0]), "{answer:?}");
                assert!(answer[0] >= before, "{answer:?} after {before}");
                before = answer[0];
            }
        })
    });
    let callers: Vec<_> = callers.collect();
    for n in 1..=30 {
        shop.module("money", &money(n)).await;
    }
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(shop.run("page").await, "[30,30,30,30]");
}
