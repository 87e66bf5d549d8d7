//! `kv::*`, from a script's side.

use serde_json::json;

use super::answer;
use crate::harness::host::TestHost;

#[tokio::test]
async fn values_come_back_as_they_were_in_the_same_run_and_in_the_next() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("GET /", "0")]).await;
        let look = r#"
            let v = kv::get("v");
            [type_of(v.i), type_of(v.f), type_of(v.c), type_of(v.b), type_of(v.a[0]), v.i, v.f, v.c, v.b.len(), v.a, v.t]
        "#;
        let keep = r#"
            let b = blob(2); b[1] = 255;
            kv::set("v", #{ i: 1, f: 1.0, c: 'x', b: b, a: [(), true, -5], t: "é\x00" });
        "#;
        let expected = json!([
            "i64",
            "f64",
            "char",
            "blob",
            "()",
            1,
            1.0,
            "x",
            2,
            [null, true, -5],
            "é\u{0}"
        ]);
        assert_eq!(answer(&host, "a", &format!("{keep} {look}")).await, expected);
        assert_eq!(answer(&host, "a", look).await, expected);
        assert_eq!(
            answer(
                &host,
                "a",
                r#"[kv::get("none"), kv::get("none", 5), kv::exists("v"), kv::exists("none")]"#
            )
            .await,
            json!([null, 5, true, false])
        );
    }
}

#[tokio::test]
async fn keys_are_listed_in_order_by_pages_both_ways() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("GET /", "0")]).await;
        let fill = r#"for i in 0..25 { kv::set(`u:${if i < 10 { "0" } else { "" }}${i}`, i); } kv::set("t", 0); kv::set("v", 0); kv::delete("u:03")"#;
        assert_eq!(answer(&host, "a", fill).await, json!(true));
        let walk = |options: &str| {
            format!(
                r#"
                kv::set("u:05a", "own"); kv::delete("u:07");
                let all = []; let cursor = (); let pages = 0;
                loop {{
                    let page = kv::list("u:", #{{ limit: 7, cursor: cursor, {options} }});
                    for entry in page.entries {{ all.push(entry.key); }}
                    pages += 1;
                    cursor = page.cursor;
                    if cursor == () {{ break; }}
                }}
                throw #{{ code: "seen", message: [pages, all].to_json() }}
                "#
            )
        };
        let mut expected: Vec<String> = (0..25)
            .filter(|i| *i != 3 && *i != 7)
            .map(|i| format!("u:{i:02}"))
            .collect();
        expected.push("u:05a".to_owned());
        expected.sort();
        for (options, reversed) in [("reverse: false", false), ("reverse: true, values: false", true)] {
            if reversed {
                expected.reverse();
            }
            let source = walk(options).replace(
                "throw #{ code: \"seen\", message: [pages, all].to_json() }",
                "[pages, all]",
            );
            host.script(
                "a",
                "script_0",
                &format!("let out = {{ {source} }}; reply(500).json(out)"),
            )
            .await;
            // Nothing is left of it: the next one starts anew.
            let answer = host.visit("GET http://a.localhost/").await;
            assert_eq!(answer.json(), json!([4, expected]), "{options}");
        }
    }
}

#[tokio::test]
async fn numbers_are_added_and_values_swapped() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("GET /", "0")]).await;
    let source = r#"[kv::incr("n"), kv::incr("n", 5), kv::incr("n", -7), kv::get("n"),
        kv::cas("c", (), "one"), kv::cas("c", (), "two"), kv::cas("c", "one", "two"), kv::get("c"), kv::cas("c", "two", ()), kv::exists("c")]"#;
    assert_eq!(
        answer(&host, "a", source).await,
        json!([1, 6, -1, -1, true, false, true, "two", true, false])
    );
    let many = r#"kv::set_many(#{ a: 1, b: "x" }); kv::get_many(["a", "b", "none", "a"])"#;
    assert_eq!(answer(&host, "a", many).await, json!({ "a": 1, "b": "x" }));
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_by_name_and_can_be_caught() {
    let host = TestHost::real(&[
        ("PICLOUD_VALUE_BYTES_MAX", "2048"),
        ("PICLOUD_WRITES_PER_RUN_MAX", "3"),
        ("PICLOUD_READS_PER_RUN_MAX", "5"),
    ])
    .await;
    host.app("a", &[("GET /", "0")]).await;
    for (source, code, words) in [
        ("kv::set(\"\", 1)", "bad_key", "1 to 512"),
        ("let k = \"\"; k.pad(513, 'x'); kv::get(k)", "bad_key", "513"),
        (
            "kv::set(\"f\", #{ a: [1, #{ f: |x| x }] })",
            "cannot_be_kept",
            "a Fn at `a[1].f`",
        ),
        ("kv::set(\"f\", 1..3)", "cannot_be_kept", "range"),
        ("kv::set(\"b\", blob(3000))", "value_too_large", "3003, 2048 allowed"),
        (
            "for i in 0..4 { kv::set(`${i}`, 1) }",
            "limit_exceeded",
            "4, 3 allowed (PICLOUD_WRITES_PER_RUN_MAX)",
        ),
        (
            "for i in 0..6 { kv::get(`${i}`) }",
            "limit_exceeded",
            "6, 5 allowed (PICLOUD_READS_PER_RUN_MAX)",
        ),
        ("kv::set(\"s\", \"x\"); kv::incr(\"s\")", "not_an_int", "no int"),
        (
            "kv::set(\"i\", 9223372036854775807); kv::incr(\"i\")",
            "overflow",
            "9223372036854775807 + 1",
        ),
        ("kv::list(\"\", #{ cursor: \"?\" })", "bad_cursor", "cursor"),
        ("kv::list(\"b\", #{ cursor: \"YQ\" })", "bad_cursor", "cursor"),
        ("kv::list(\"\", #{ limit: 0 })", "bad_option", "1 to 1000"),
        ("kv::list(\"\", #{ limits: 1 })", "bad_option", "`limits`"),
        (
            "kv::set(\"t\", 1, #{ ttl: 60 })",
            "bad_option",
            "`ttl` is an int, it has to be a string",
        ),
        ("kv::set(\"t\", 1, #{ ttl: \"soon\" })", "bad_option", "soon"),
        ("kv::set_many(#{ ok1: 1, bad: |x| x })", "cannot_be_kept", "at `bad`"),
        (
            "kv::set_many(#{ ok1: 1, bad: [#{ f: |x| x }] })",
            "cannot_be_kept",
            "at `bad[0].f`",
        ),
    ] {
        let caught = format!("try {{ {source} }} catch (e) {{ return reply(200).json([e.code, e.message]); }} ");
        let told = answer(&host, "a", &caught).await;
        assert_eq!(told[0], json!(code), "{source}: {told}");
        assert!(told[1].as_str().unwrap().contains(words), "{source}: {told}");
    }
}

#[tokio::test]
async fn what_has_expired_is_not_there() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("GET /", "0")]).await;
    let set = r#"kv::set("s", 1, #{ ttl: "1h30m" }); kv::set("now", 1, #{ ttl: "0s" }); kv::set("stays", 1); [kv::get("s"), kv::get("now")]"#;
    assert_eq!(answer(&host, "a", set).await, json!([1, null]));
    let look = r#"[kv::get("s"), kv::incr("s"), kv::list("").entries.map(|e| e.key)]"#;
    host.advance_ms(5_399_999);
    assert_eq!(answer(&host, "a", look).await, json!([1, 2, ["s", "stays"]]));
    host.advance_ms(1);
    assert_eq!(answer(&host, "a", look).await, json!([null, 1, ["s", "stays"]]));
}

#[tokio::test]
async fn a_run_that_ends_badly_leaves_nothing() {
    for host in TestHost::real_on_both(&[
        ("PICLOUD_FUEL_MAX", "10000000"),
        ("PICLOUD_MEMORY_BYTES_MAX", "8000000"),
    ])
    .await
    {
        host.app("a", &[("GET /", "0")]).await;
        for (bad, status) in [
            ("throw 1", 500),
            ("loop {}", 500),
            ("let s = \"x\"; loop { s += s; }", 500),
            ("reply(503)", 503),
            ("reply(500).text(\"no\")", 500),
            ("let f = |x| x; f", 500),
        ] {
            let source = format!("kv::set(\"x\", kv::get(\"x\", 0) + 1); kv::set(\"y\", 1); {bad}");
            host.script("a", "script_0", &source).await;
            let answer = host.visit("GET http://a.localhost/").await;
            assert_eq!(answer.status, status, "{bad}");
        }
        assert_eq!(answer(&host, "a", "kv::list(\"\").entries").await, json!([]));
        assert_eq!(host.number("select count(*) from entries").await, 0);
        // Anything below is an end like any other.
        host.script("a", "script_0", "kv::set(\"x\", 1); reply(404)").await;
        assert_eq!(host.visit("GET http://a.localhost/").await.status, 404);
        assert_eq!(answer(&host, "a", "kv::get(\"x\")").await, json!(1));
    }
}

#[tokio::test]
async fn apps_do_not_see_each_other() {
    for host in TestHost::real_on_both(&[]).await {
        for app in ["a", "b"] {
            host.app(app, &[("GET /", "0")]).await;
        }
        answer(&host, "a", "kv::set(\"secret\", 1); kv::set(\"shared\", \"a\"); 0").await;
        answer(&host, "b", "kv::set(\"shared\", \"b\"); 0").await;
        assert_eq!(
            answer(
                &host,
                "b",
                "[kv::get(\"secret\"), kv::get(\"shared\"), kv::list(\"\").entries.len()]"
            )
            .await,
            json!([null, "b", 1])
        );
        let cursor = answer(&host, "a", "[kv::list(\"\", #{ limit: 1 }).cursor]").await;
        let forged = format!(
            "try {{ kv::list(\"\", #{{ cursor: {} }}).entries }} catch (e) {{ e.code }}",
            cursor[0]
        );
        assert_eq!(
            answer(&host, "b", &forged).await,
            json!([{ "key": "shared", "value": "b" }])
        );
    }
}

#[tokio::test]
async fn a_refused_call_leaves_nothing_and_what_was_before_it_stays() {
    for host in TestHost::real_on_both(&[("PICLOUD_VALUE_BYTES_MAX", "2048")]).await {
        host.app("a", &[("GET /", "0")]).await;
        let source = r#"
            kv::set("a", "before");
            try { kv::set_many(#{ a: 1, b: 2, c: blob(3000), d: 4 }); } catch {}
            kv::delete("none"); kv::set("e", 5);
            kv::list("").entries.map(|e| [e.key, e.value])
        "#;
        assert_eq!(answer(&host, "a", source).await, json!([["a", "before"], ["e", 5]]));
        assert_eq!(answer(&host, "a", "kv::list(\"\").entries.len()").await, json!(2));
    }
}

#[tokio::test]
async fn keys_of_large_values_are_listed_and_too_many_values_refused() {
    let host = TestHost::real(&[("PICLOUD_READ_BYTES_PER_RUN_MAX", "1000000")]).await;
    host.app("a", &[("GET /", "0")]).await;
    for part in 0..5 {
        answer(
            &host,
            "a",
            &format!("for i in 0..10 {{ kv::set(`k{part}${{i}}`, blob(50000)); }} 0"),
        )
        .await;
    }
    assert_eq!(
        answer(&host, "a", "kv::list(\"\", #{ values: false }).entries.len()").await,
        json!(50)
    );
    let all = "try { kv::list(\"\"); 0 } catch (e) { return reply(200).json([e.code]); }";
    assert_eq!(answer(&host, "a", all).await, json!(["limit_exceeded"]));
}

#[tokio::test]
async fn no_more_is_read_than_a_run_may_read() {
    for host in TestHost::real_on_both(&[
        ("PICLOUD_READ_BYTES_PER_RUN_MAX", "1000000"),
        ("PICLOUD_DATA_CACHE_BYTES", "0"),
    ])
    .await
    {
        host.app("a", &[("GET /", "0")]).await;
        answer(&host, "a", "for i in 0..40 { kv::set(`k${i}`, blob(100000)); } 0").await;
        let told = "return reply(200).json(e.message);";
        for all in [
            "let keys = []; for i in 0..1000 { keys.push(`none${i}`); } for i in 0..40 { keys.push(`k${i}`); } kv::get_many(keys)",
            "kv::list(\"k\", #{ limit: 100 })",
        ] {
            let source = format!("try {{ {all} }} catch (e) {{ {told} }}");
            let message = answer(&host, "a", &source).await;
            let message = message.as_str().unwrap();
            let read = message
                .strip_prefix("bytes read: ")
                .and_then(|rest| rest.split(',').next());
            let read: u64 = read.unwrap_or_else(|| panic!("{message}")).parse().unwrap();
            assert!((1_000_000..1_200_000).contains(&read), "{message}");
        }
        // What it wrote itself is not what is there.
        let own = "for i in 0..40 { kv::set(`k${i}`, i); } kv::list(\"k\", #{ limit: 100 }).entries.len()";
        assert_eq!(answer(&host, "a", own).await, json!(40));
    }
}

#[tokio::test]
async fn what_is_written_over_is_weighed() {
    for host in TestHost::real_on_both(&[("PICLOUD_DATA_BYTES_PER_APP", "100000")]).await {
        host.app("a", &[("GET /", "0")]).await;
        answer(&host, "a", "for i in 0..9 { kv::set(`k${i}`, blob(10000)); } 0").await;
        let over = "for i in 0..9 { kv::set(`k${i}`, blob(9000)); } kv::delete(\"k0\"); kv::set(\"new\", blob(15000)); \
                    try { kv::set(\"more\", blob(14000)); } catch (e) { return reply(200).json(e.code); }";
        assert_eq!(answer(&host, "a", over).await, json!("quota_exceeded"));
        assert_eq!(
            answer(&host, "a", "kv::list(\"\", #{ values: false }).entries.len()").await,
            json!(9)
        );
    }
}
