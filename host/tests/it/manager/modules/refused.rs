//! Every refusal, with a code and words that tell a person what to do.

use serde_json::json;

use super::Shop;
use crate::harness::database::on_both_databases;

on_both_databases! {
    async fn a_module_holds_nothing_that_runs(shop: Shop) {
        let answer = shop.put("m", "module", "const A = 1;\nlet b = 2;\nfn f() { 1 }\nf();\n;\n").await;
        let told = &answer.json["error"]["details"]["diagnostics"];
        assert_eq!((&told[0]["line"], &told[0]["column"], &told[0]["code"]), (&json!(2), &json!(1), &json!("not_in_module")));
        assert_eq!((&told[1]["line"], &told[2]), (&json!(4), &json!(null)));
        assert_eq!(
            answer.refused(422, "compile_failed"),
            "m is no module: line 2: a module holds constants, imports and functions only; `let` makes a variable, and a \
             module has none: write `const`"
        );
        for source in ["1", "if true { }", "{ }", "f()", "return 1;", "throw 1;", "let x;", "export let x = 1;", "for i in 0..2 { }", "x.y = 1"] {
            shop.put("m", "module", source).await.refused(422, "compile_failed");
        }
        for source in ["", ";;", "// nothing", "const A = 1; export A as B;", "export const C = [1, #{ d: 2 }];", "private fn f() { 1 }"] {
            shop.module("m", source).await;
        }
    }

    async fn names_that_mean_something_are_reserved(shop: Shop) {
        for name in ["log", "json", "kv", "global", "fn", "import", "default"] {
            let told = shop.put(name, "module", "").await.refused(422, "invalid");
            assert!(told.starts_with(&format!("name: {name:?} is a word of the script language")), "{told}");
            shop.endpoint(name, "1").await;
        }
    }

    async fn an_import_has_to_be_there(shop: Shop) {
        shop.module("cart", "").await;
        shop.endpoint("page", "1").await;
        let answer = shop.put("orders", "endpoint", "let x = 1;\n  import \"prices\" as p;").await;
        let told = &answer.json["error"]["details"]["diagnostics"][0];
        assert_eq!((&told["code"], &told["line"], &told["column"]), (&json!("unknown_module"), &json!(2), &json!(10)));
        assert_eq!(
            answer.refused(422, "compile_failed"),
            "orders cannot be linked: line 2: the app has no module \"prices\": it has cart"
        );
        let told = shop.put("orders", "endpoint", r#"import "page" as p;"#).await.refused(422, "compile_failed");
        assert!(told.contains("\"page\" is an endpoint, and only modules can be imported"), "{told}");
        for name in ["../shop/cart", "/cart", "cart\\n", "CART", ""] {
            let source = format!("import \"{name}\" as p;");
            shop.put("orders", "endpoint", &source).await.refused(422, "compile_failed");
        }
    }

    async fn a_circle_is_named_whole(shop: Shop) {
        shop.module("a", "").await;
        shop.module("b", r#"import "a" as a;"#).await;
        shop.module("c", r#"import "b" as b;"#).await;
        let answer = shop.put("a", "module", r#"fn f() { import "c" as c; }"#).await;
        assert_eq!(answer.json["error"]["details"]["cycle"], json!(["a", "c", "b", "a"]));
        let told = answer.refused(422, "import_cycle");
        assert!(told.starts_with("the imports go in a circle: a → c → b → a; move "), "{told}");
        let told = shop.put("a", "module", r#"import "a" as me;"#).await.refused(422, "import_cycle");
        assert!(told.contains("a → a"), "{told}");
    }

    async fn a_chain_that_is_too_long_is_named_whole(shop: Shop) {
        shop.module("a", "").await;
        shop.module("b", r#"import "a" as a;"#).await;
        shop.module("c", r#"import "b" as b;"#).await;
        shop.endpoint("page", r#"import "c" as c; 1"#).await;
        let answer = shop.put("d", "module", r#"import "c" as c;"#).await.expect(200);
        assert_eq!(answer["version"], 1);
        let answer = shop.put("other", "endpoint", r#"import "d" as d; 1"#).await;
        assert_eq!(answer.json["error"]["details"]["chain"], json!(["other", "d", "c", "b", "a"]));
        assert_eq!(
            answer.refused(422, "imports_too_deep"),
            "the imports are 4 deep, 3 are allowed (PICLOUD_MODULE_DEPTH_MAX): other → d → c → b → a"
        );
        // Also when it is an importer's chain that grows.
        shop.module("z", "").await;
        let told = shop.put("a", "module", r#"import "z" as z;"#).await.refused(422, "imports_too_deep");
        assert!(told.contains("d → c → b → a → z") || told.contains("page → c → b → a → z"), "{told}");
    }

    async fn a_module_keeps_what_its_importers_use(shop: Shop) {
        shop.module("pricing", "export const VAT = 20; fn total(items) { 1 } fn other() { 2 }").await;
        shop.module("cart", r#"import "pricing" as pricing; fn sum() { 1 }"#).await;
        shop.endpoint("orders", "import \"pricing\" as p;\nimport \"cart\" as cart;\n\np::total([]) + p::VAT + cart::pricing::total(1)").await;
        let refusal = async |source: &str| shop.put("pricing", "module", source).await;
        let answer = refusal("export const VAT = 20; fn total(items, tax) { 1 }").await;
        assert_eq!(answer.json["error"]["details"]["script"], "orders");
        assert_eq!(answer.json["error"]["details"]["line"], 4);
        assert_eq!(
            answer.refused(409, "link_failed"),
            "\"orders\" could not be linked any more: line 4: p::total with 1 argument: the module \"pricing\" has that \
             function with 2 only"
        );
        let told = refusal("export const VAT = 20; private fn total(items) { 1 }").await.refused(409, "link_failed");
        assert!(told.ends_with("the module \"pricing\" keeps that function private"), "{told}");
        let told = refusal("const VAT = 20; fn total(items) { 1 }").await.refused(409, "link_failed");
        assert!(told.ends_with("the module \"pricing\" exports no constant of that name; it exports none"), "{told}");
        let told = shop.put("cart", "module", "fn sum() { 1 }").await.refused(409, "link_failed");
        assert!(told.ends_with("cart::pricing::total: cart::pricing would be no module any more"), "{told}");
        // What nobody uses may go.
        refusal("export const VAT = 21; fn total(items) { 1 }").await.expect(200);
        assert_eq!(shop.run("orders").await, "23");
    }

    async fn what_is_imported_stays_and_stays_a_module(shop: Shop) {
        shop.module("m", "fn f() { 1 }").await;
        shop.endpoint("a", r#"import "m" as m; m::f()"#).await;
        shop.endpoint("b", r#"fn g() { import "m" as m; m::f() } g()"#).await;
        let answer = shop.0.operator.delete("/apps/shop/scripts/m").await;
        assert_eq!(answer.json["error"]["details"]["importers"], json!(["a", "b"]));
        assert_eq!(answer.refused(409, "in_use"), "\"m\" cannot be deleted while scripts import it: a, b");
        let told = shop.put("m", "endpoint", "1").await.refused(409, "in_use");
        assert_eq!(told, "\"m\" cannot become an endpoint while scripts import it: a, b");
        shop.endpoint("a", "1").await;
        shop.endpoint("b", "1").await;
        shop.endpoint("m", "1").await;
    }

    async fn an_endpoint_with_routes_stays_one(shop: Shop) {
        shop.endpoint("page", "fn f() { 1 }").await;
        let route = json!({ "method": "GET", "pattern": "/page", "script": "page" });
        let route = shop.0.operator.post("/apps/shop/routes", route).await.expect(201);
        let answer = shop.put("page", "module", "fn f() { 1 }").await;
        assert_eq!(answer.json["error"]["details"]["routes"], json!([route["id"]]));
        assert_eq!(answer.refused(409, "in_use"), "\"page\" cannot become a module while routes point at it: GET /page");
    }
}
