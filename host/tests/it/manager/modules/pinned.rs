//! What a version runs with, from when it is saved.

use serde_json::{Value, json};

use super::Shop;
use crate::harness::database::on_both_databases;

on_both_databases! {
    async fn a_script_runs_with_its_modules(shop: Shop) {
        shop.module("lib/money", "fn cents(n) { `${n / 100} EUR` }").await;
        shop.module("pricing", r#"import "lib/money" as money; fn price(n) { money::cents(n * 250) }"#).await;
        shop.endpoint("orders", r#"import "pricing" as p; p::price(2)"#).await;
        assert_eq!(shop.run("orders").await, "5 EUR");
    }

    async fn saving_a_module_links_its_importers_anew(shop: Shop) {
        shop.module("money", "fn one() { 1 }").await;
        shop.module("pricing", r#"import "money" as m; fn two() { m::one() + 1 }"#).await;
        shop.endpoint("orders", r#"import "pricing" as p; p::two()"#).await;
        shop.endpoint("alone", "7").await;
        let saved = shop.module("money", "fn one() { 10 }").await;
        assert_eq!(saved["relinked"], json!([{ "name": "orders", "version": 2 }, { "name": "pricing", "version": 2 }]));
        assert_eq!(shop.run("orders").await, "11");
        assert_eq!(shop.versions("orders").await, [(2, Some("money".to_owned())), (1, None)]);
        assert_eq!(shop.versions("alone").await, [(1, None)]);
        assert_eq!(shop.0.operator.get("/apps/shop/scripts/pricing").await.expect(200)["version"], 2);
    }

    async fn rolling_a_script_back_rolls_back_its_modules_for_it(shop: Shop) {
        shop.module("m", "fn n() { 1 }").await;
        shop.endpoint("a", r#"import "m" as m; m::n()"#).await;
        shop.endpoint("b", r#"import "m" as m; m::n()"#).await;
        shop.module("m", "fn n() { 2 }").await;
        shop.0.operator.post("/apps/shop/scripts/a/versions/1/live", json!(null)).await.expect(200);
        assert_eq!((shop.run("a").await, shop.run("b").await), ("1".to_owned(), "2".to_owned()));
        // The next change of the module is for all its importers again.
        shop.module("m", "fn n() { 3 }").await;
        assert_eq!((shop.run("a").await, shop.run("b").await), ("3".to_owned(), "3".to_owned()));
    }

    async fn rolling_a_module_back_is_a_change_for_its_importers(shop: Shop) {
        shop.module("m", "fn n() { 1 }").await;
        shop.endpoint("a", r#"import "m" as m; m::n()"#).await;
        shop.module("m", "fn n() { 2 }").await;
        let back = shop.0.operator.post("/apps/shop/scripts/m/versions/1/live", json!(null)).await.expect(200);
        assert_eq!(back["relinked"], json!([{ "name": "a", "version": 3 }]));
        assert_eq!(shop.run("a").await, "1");
    }

    async fn a_version_whose_module_is_gone_stays_where_it_is(shop: Shop) {
        shop.module("m", "fn n() { 1 }").await;
        shop.endpoint("a", r#"import "m" as m; m::n()"#).await;
        shop.endpoint("a", "2").await;
        shop.0.operator.delete("/apps/shop/scripts/m").await.expect(204);
        shop.module("m", "fn n() { 666 }").await;
        let back = shop.0.operator.post("/apps/shop/scripts/a/versions/1/live", json!(null)).await;
        assert_eq!(
            back.refused(409, "link_failed"),
            "version 1 of \"a\" was linked with modules that are deleted: m; save its source again instead"
        );
        assert_eq!(shop.run("a").await, "2");
    }

    async fn what_is_no_module_does_not_become_one_by_a_rollback(shop: Shop) {
        shop.endpoint("x", "fn f() { 0 } f()").await;
        shop.module("x", "fn f() { 1 }").await;
        shop.endpoint("page", r#"import "x" as x; x::f()"#).await;
        let back = shop.0.operator.post("/apps/shop/scripts/x/versions/1/live", json!(null)).await;
        let told = back.refused(409, "link_failed");
        assert!(told.contains("version 1 is no module: a module holds constants, imports and functions only"), "{told}");
        assert_eq!(shop.run("page").await, "1");
    }

    async fn a_script_that_was_rolled_back_is_not_broken_by_the_next_module(shop: Shop) {
        shop.module("m", "fn f() { 1 }").await;
        shop.endpoint("page", r#"import "m" as m; m::f()"#).await;
        shop.module("m", "fn f() { 1 } fn g() { 2 }").await;
        shop.endpoint("page", r#"import "m" as m; m::g()"#).await;
        shop.module("m", "fn g() { 2 }").await;
        shop.0.operator.post("/apps/shop/scripts/page/versions/1/live", json!(null)).await.expect(200);
        assert_eq!(shop.run("page").await, "1");
        let told = shop.put("m", "module", "fn g() { 3 }").await.refused(409, "link_failed");
        assert!(told.contains("\"page\" could not be linked any more"), "{told}");
        assert_eq!(shop.run("page").await, "1");
        shop.module("m", "fn f() { 4 }").await;
        assert_eq!(shop.run("page").await, "4");
    }

    async fn who_imports_whom_is_told_both_ways(shop: Shop) {
        shop.module("money", "fn one() { 1 }").await;
        shop.module("pricing", "import \"money\" as m;\nfn two() { m::one() }").await;
        shop.endpoint("orders", "let x = 1;\nimport \"pricing\" as p;\np::two()").await;
        let get = async |path: &str| shop.0.operator.get(&format!("/apps/shop/scripts/{path}")).await.expect(200);
        assert_eq!(
            get("orders/imports").await,
            json!({ "items": [{
                "name": "pricing", "kind": "module", "version": 1, "chain": ["orders", "pricing"],
                "places": [{ "line": 2, "column": 8 }]
            }] })
        );
        let names = |linked: &Value| linked["items"].as_array().unwrap().iter().map(|item| item["chain"].clone()).collect::<Vec<_>>();
        assert_eq!(
            names(&get("orders/imports?transitive=true").await),
            [json!(["orders", "pricing", "money"]), json!(["orders", "pricing"])]
        );
        assert_eq!(names(&get("money/importers").await), [json!(["pricing", "money"])]);
        assert_eq!(
            names(&get("money/importers?transitive=true").await),
            [json!(["orders", "pricing", "money"]), json!(["pricing", "money"])]
        );
        assert_eq!(names(&get("orders/importers").await), Vec::<Value>::new());
    }

    async fn a_draft_runs_with_what_is_there(shop: Shop) {
        shop.module("m", "fn n() { 1 }").await;
        let run = async |source: &str| {
            let ran = shop.0.operator.post("/apps/shop/scripts/draft/run", json!({ "source": source })).await.expect(200);
            (ran["reply"]["body"].clone(), ran["error"]["code"].clone())
        };
        assert_eq!(run(r#"import "m" as m; m::n()"#).await, (json!("1"), json!(null)));
        assert_eq!(run(r#"import "gone" as m; m::n()"#).await, (json!(null), json!("module_not_found")));
        assert_eq!(run(r#"import "draft" as m; m::n()"#).await, (json!(null), json!("module_not_found")));
    }

    async fn a_draft_is_warned_of_what_a_save_would_refuse(shop: Shop) {
        shop.module("m", "fn n() { 1 } private fn hidden() { 2 }").await;
        let check = async |source: &str, kind: &str| {
            let draft = json!({ "source": source, "kind": kind, "app": "shop" });
            let checked = shop.0.operator.post("/check", draft).await.expect(200);
            let told = checked["diagnostics"].as_array().unwrap().iter().map(|told| {
                let (severity, code) = (told["severity"].as_str().unwrap(), told["code"].as_str().unwrap());
                format!("{severity} {code} {}:{}", told["line"], told["column"])
            });
            (checked["ok"].as_bool().unwrap(), told.collect::<Vec<_>>().join(", "))
        };
        let ok = |told: &str| (true, told.to_owned());
        assert_eq!(check(r#"import "m" as m; m::n()"#, "endpoint").await, ok(""));
        assert_eq!(check(r#"import "gone" as m; m::n()"#, "endpoint").await, ok("warning unknown_module 1:8"));
        assert_eq!(check(r#"import "m" as m; m::n(1)"#, "endpoint").await, ok("warning unknown_member 1:21"));
        assert_eq!(check(r#"import "m" as m; m::hidden()"#, "endpoint").await, ok("warning unknown_member 1:21"));
        assert_eq!(check("let x = \"m\"; import x as m;", "endpoint").await, ok("warning computed_import 1:21"));
        assert_eq!(check("fn f() { 1 }\nf()", "module").await, (false, "error not_in_module 2:1".to_owned()));
    }

    async fn versions_that_others_run_with_are_kept(shop: Shop) {
        shop.module("m", "fn n() { 0 }").await;
        shop.endpoint("a", r#"import "m" as m; m::n()"#).await;
        shop.endpoint("a", "1").await;
        for n in 1..=201 {
            shop.module("m", &format!("fn n() {{ {n} }}")).await;
        }
        shop.0.operator.post("/apps/shop/scripts/a/versions/1/live", json!(null)).await.expect(200);
        assert_eq!(shop.run("a").await, "0");
    }
}
