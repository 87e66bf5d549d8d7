//! `docs::*`, from a script's side.

use serde_json::json;

use super::answer;
use crate::harness::host::TestHost;

#[tokio::test]
async fn documents_are_kept_changed_and_found() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("GET /", "0")]).await;
        let fill = r#"
            for i in 0..30 {
                docs::insert("people", #{ name: `p${i}`, age: 10 + i, tags: if i % 3 == 0 { ["x", "y"] } else { ["y"] }, address: #{ city: if i % 2 == 0 { "Bern" } else { "Thun" } } });
            }
            let own = docs::insert("people", #{ id: "own", name: "own", age: 99 });
            docs::delete("people", docs::insert("people", #{ id: () }));
            let some = docs::find("people", #{ age: #{ "in": [12, 13] } }).documents.len();
            if docs::find("people").documents.len() != 31 || some != 2 { throw "find" }
            [own, docs::count("people"), docs::count("people", #{ age: #{ lt: 20 } })]
        "#;
        assert_eq!(answer(&host, "a", fill).await, json!(["own", 31, 10]));
        let find = r#"
            let page = docs::find("people", #{ age: #{ ge: 18 }, tags: #{ has: "x" }, "address.city": "Bern" }, #{ sort: "-age", limit: 2, fields: ["name", "age"] });
            let seen = page.documents.map(|d| [d.name, d.age, d.keys().len()]);
            let next = docs::find("people", #{ age: #{ ge: 18 }, tags: #{ has: "x" }, "address.city": "Bern" }, #{ sort: "-age", limit: 2, cursor: page.cursor });
            [seen, next.documents.map(|d| d.age), next.cursor]
        "#;
        assert_eq!(
            answer(&host, "a", find).await,
            json!([[["p24", 34, 3], ["p18", 28, 3]], [22], null])
        );
        let change = r#"
            let before = docs::get("people", "own");
            let after = docs::update("people", "own", #{ "address.city": "Bern", age: 100, name: () });
            [before.name, after.address.city, after.age, "name" in after, docs::update("people", "none", #{ a: 1 }),
             docs::replace("people", "own", #{ a: 1 }), docs::replace("people", "none", #{ a: 1 }), docs::upsert("people", "new", #{ id: (), b: 2 }),
             docs::get("people", "own"), docs::delete("people", "own"), docs::delete("people", "own"), docs::first("people", #{ b: 2 }).id]
        "#;
        assert_eq!(
            answer(&host, "a", change).await,
            json!(["own", "Bern", 100, false, null, true, false, false, { "a": 1, "id": "own" }, true, false, "new"])
        );
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_by_name() {
    let host = TestHost::real(&[("PICLOUD_LOOKED_AT_MAX", "100")]).await;
    host.app("a", &[("GET /", "0")]).await;
    answer(&host, "a", "for i in 0..120 { docs::insert(\"c\", #{ n: i }); } 0").await;
    for (source, code, words) in [
        ("docs::insert(\"a b\", #{})", "bad_collection", "a b"),
        ("docs::insert(\"c\", #{ id: 5 })", "bad_id", "string"),
        ("docs::insert(\"c\", #{ id: \"\" })", "bad_id", "1 to 128"),
        ("docs::insert(\"c\", #{ id: \"..\" })", "bad_id", "not . or .."),
        ("docs::insert(\".\", #{})", "bad_collection", "not . or .."),
        ("kv::set(\"..\", 1)", "bad_key", "no address"),
        ("docs::find(\"c\", #{}, #{ sort: \"--n\" })", "bad_query", "`--n`"),
        (
            "docs::insert(\"c\", #{ id: \"x\" }); docs::insert(\"c\", #{ id: \"x\" })",
            "exists",
            "\"x\"",
        ),
        ("docs::upsert(\"c\", \"x\", #{ id: \"y\" })", "bad_id", "\"y\""),
        ("docs::find(\"c\", #{ n: #{ gee: 1, lt: 2 } })", "bad_query", "gee"),
        ("docs::find(\"c\", #{ n: #{ gte: 1 } })", "bad_query", "`ge`"),
        ("docs::find(\"c\", #{ n: #{ not: 1 } })", "bad_query", "`ne` or `nin`"),
        (
            "docs::update(\"c\", \"x\", #{ a: 1 }); docs::insert(\"c\", #{ id: \"w\" }); docs::update(\"c\", \"w\", #{ a: #{ \"b.c\": 1 } })",
            "bad_change",
            "`b.c`",
        ),
        (
            "docs::find(\"c\", #{ n: -1 })",
            "too_broad",
            "picloud docs index APP c n",
        ),
        ("docs::find(\"c\", #{}, #{ cursor: \"?\" })", "bad_cursor", "malformed"),
        ("docs::find(\"c\", #{}, #{ sort: 5 })", "bad_option", "sort"),
        (
            "docs::update(\"c\", docs::first(\"c\", #{}).id, #{ id: \"z\" })",
            "bad_change",
            "id",
        ),
        ("docs::insert(\"c\", #{ f: || 1 })", "cannot_be_kept", "`f`"),
    ] {
        let caught = format!("try {{ {source} }} catch (e) {{ return reply(200).json([e.code, e.message]); }} ");
        let told = answer(&host, "a", &caught).await;
        assert_eq!(told[0], json!(code), "{source}: {told}");
        assert!(told[1].as_str().unwrap().contains(words), "{source}: {told}");
    }
}

#[tokio::test]
async fn a_refused_change_leaves_document_and_indexes_as_they_were() {
    for host in TestHost::real_on_both(&[("PICLOUD_VALUE_BYTES_MAX", "2048")]).await {
        host.app("a", &[("GET /", "0")]).await;
        let index = json!({ "fields": ["mail"], "unique": true });
        let declared = host.manage("PUT /apps/a/collections/acc/indexes/mail", index).await;
        assert_eq!(declared.status, 202, "{}", declared.text());
        while host
            .manage("GET /apps/a/collections/acc/indexes", json!(null))
            .await
            .json()["items"][0]["state"]
            != json!("ready")
        {
            tokio::task::yield_now().await;
        }
        let source = r#"
            docs::insert("acc", #{ id: "one", mail: "old" });
            try { docs::update("acc", "one", #{ mail: "new", big: blob(3000) }); } catch {}
            try { docs::update("acc", "one", #{ mail: "old", big: blob(3000) }); } catch {}
            let found = docs::find("acc", #{ mail: "old" }, #{ explain: true });
            [found.documents.len(), found.explain.index, docs::count("acc", #{ mail: "new" })]
        "#;
        assert_eq!(answer(&host, "a", source).await, json!([1, "mail", 0]));
        let again =
            "try { docs::insert(\"acc\", #{ mail: \"old\" }); 0 } catch (e) { return reply(200).json([e.code]); }";
        assert_eq!(answer(&host, "a", again).await, json!(["not_unique"]));
        assert_eq!(
            answer(
                &host,
                "a",
                "docs::insert(\"acc\", #{ id: \"two\", mail: \"new\" }); docs::count(\"acc\")"
            )
            .await,
            json!(2)
        );
    }
}

#[tokio::test]
async fn a_change_that_leads_too_deep_is_refused() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("GET /", "0")]).await;
    let source = r#"
        docs::insert("c", #{ id: "d" });
        let change = #{ a: 1 };
        for i in 0..115 { change = #{ a: change }; }
        docs::update("c", "d", change);
        change = #{ "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a": change };
        try { docs::update("c", "d", change); 0 } catch (e) { return reply(200).json([e.code]); }
    "#;
    assert_eq!(answer(&host, "a", source).await, json!(["bad_change"]));
}
