//! What a script sees and says.

use picloud_executor::{Ending, Run as _};
use picloud_sdk::event::HttpRequest;

use crate::harness::{Recording, check, check_with, compile, executor, get, job, run};

#[tokio::test]
async fn plain_values_are_replies() {
    assert_eq!(check(r#""hello""#).await, "200 text/plain; charset=utf-8 hello");
    assert_eq!(
        check("#{a: 1, b: [true, 2.5, ()]}").await,
        r#"200 application/json {"a":1,"b":[true,2.5,null]}"#
    );
    assert_eq!(check("[1, 'c']").await, r#"200 application/json [1,"c"]"#);
    assert_eq!(check("40 + 2").await, "200 application/json 42");
    assert_eq!(check("true").await, "200 application/json true");
    assert_eq!(check("()").await, "204 -");
    assert_eq!(check("let b = blob(2, 65); b").await, "200 application/octet-stream AA");
    assert_eq!(check("return 1; 2").await, "200 application/json 1");
    assert_eq!(check("0.0 / 0.0").await, "200 application/json null");
}

#[tokio::test]
async fn a_value_without_a_json_form_is_an_error() {
    let ended = check("|x| x").await;
    assert!(
        ended.starts_with(
            "threw bad_reply: the script's last value cannot be a reply: a value of type Fn has no JSON form"
        ),
        "{ended}"
    );
}

#[tokio::test]
async fn a_reply_is_built_step_by_step() {
    assert_eq!(
        check(r#"reply(201).header("X-A", "1").json(#{ok: true})"#).await,
        r#"201 application/json {"ok":true}"#
    );
    assert_eq!(
        check(r#"let r = reply(); r.status(404); r.text("none"); r"#).await,
        "404 text/plain; charset=utf-8 none"
    );
    assert_eq!(
        check(r#"reply().html("<p>")"#).await,
        "200 text/html; charset=utf-8 <p>"
    );
    assert_eq!(
        check(r#"reply().header("content-type", "text/csv").text("a;b")"#).await,
        "200 text/csv a;b"
    );
    assert_eq!(check("let a = reply(200); let b = a; b.status(500); a").await, "200 -");
}

#[tokio::test]
async fn headers_that_would_break_the_message_are_refused() {
    let broken = check(r#"reply().header("x", "a\r\nset-cookie: b=1")"#).await;
    assert!(
        broken.starts_with("threw bad_header: the value of the header x has the control character '\\r' @ 1:"),
        "{broken}"
    );
    for name in ["content-length", "Proxy-Authorization", "http2-settings"] {
        let refused = check(&format!("reply().header({name:?}, \"1\")")).await;
        assert!(refused.contains("belongs to the connection"), "{refused}");
    }
    let long = check(r#"let s = "a"; s.pad(70000, "b"); reply().header(s, "x")"#).await;
    assert!(long.contains("has 70000 bytes, 256 are allowed"), "{long}");
    assert!(
        check(r#"reply().header("a b", "1")"#)
            .await
            .contains("is not a header name")
    );
    let long = check(r#"let s = "a"; s.pad(9000, "b"); reply().header("x", s)"#).await;
    assert!(long.contains("has 9000 bytes, 8192 are allowed"), "{long}");
    assert!(
        check("reply(99)")
            .await
            .contains("the status 99 is not between 200 and 599")
    );
    assert!(
        check(r#"reply().cookie("a;b", "1")"#)
            .await
            .contains("is not a cookie name")
    );
}

#[tokio::test]
async fn cookies_are_safe_unless_said_otherwise() {
    let program =
        compile(r#"reply().cookie("s", "1").cookie("t", "2", #{max_age: 60, same_site: "none", secure: true})"#)
            .await
            .unwrap();
    let execution = run(job(program, get(), b"")).await;
    let Ending::Replied(reply) = execution.ending else {
        panic!("{execution:?}")
    };
    let cookies: Vec<_> = reply.headers.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(
        cookies,
        [
            "s=1; Path=/; HttpOnly; SameSite=Lax",
            "t=2; Max-Age=60; SameSite=None; Secure"
        ]
    );
}

#[tokio::test]
async fn a_request_is_read_piece_by_piece() {
    let request = || HttpRequest {
        method: "POST",
        path: "/orders/7",
        query: "a=1&b=x+y&a=%32&flag",
        params: vec![("id", "7")],
        headers: vec![
            ("x-user", b"ann"),
            ("accept", b"a/b"),
            ("accept", b"c/d"),
            ("cookie", b"s=abc; t=\"1\""),
        ],
        ..get()
    };
    for (script, answer) in [
        ("req.method", "POST"),
        ("req.path", "/orders/7"),
        ("req.params.id", "7"),
        ("req.host", "acme.localhost:8080"),
        ("req.ip", "192.0.2.1"),
        (r#"req.query["b"]"#, "x y"),
        (r"req.query.b", "x y"),
        (r#"req.query.all("a")"#, r#"["1","2"]"#),
        (r#"type_of(req.query["c"])"#, "()"),
        (r#""flag" in req.query"#, "true"),
        (r#"req.headers["X-User"]"#, "ann"),
        (r#"req.headers.all("Accept")"#, r#"["a/b","c/d"]"#),
        ("req.query", r#"{"a":["1","2"],"b":"x y","flag":""}"#),
        ("req.cookies.s + req.cookies.t", "abc1"),
        ("req.text()", "héllo"),
        ("req.blob().len", "6"),
        (r#"fn user() { req.headers["x-user"] + ctx.app } user()"#, "annacme"),
        (
            "`${ctx.script} ${ctx.version} ${ctx.attempt} ${ctx.now}`",
            "test 3 1 1700000000000",
        ),
    ] {
        let ended = check_with(script, request(), "héllo".as_bytes()).await;
        assert!(ended.ends_with(&format!(" {answer}")), "{script}: {ended}");
    }
}

#[tokio::test]
async fn bodies_are_json_forms_or_bytes() {
    let with = |script, body: &'static [u8]| check_with(script, get(), body);
    assert!(
        with("req.json().items.len", br#"{"items":[1,2,3]}"#)
            .await
            .ends_with(" 3")
    );
    assert!(
        with(r#"req.form()["name"]"#, b"name=Ann+B&x=1")
            .await
            .ends_with(" Ann B")
    );
    assert_eq!(
        with("req.json()", b"{").await,
        "threw bad_json: the body is not JSON: EOF while parsing an object at line 1 column 1 @ 1:5"
    );
    assert!(
        with("try { req.json() } catch (e) { e.code }", b"{")
            .await
            .ends_with("204 -")
    );
    assert!(
        with("let c = (); try { req.json() } catch (e) { c = e.code } c", b"{")
            .await
            .ends_with(" bad_json")
    );
    assert!(
        with("req.text()", b"\xff")
            .await
            .starts_with("threw bad_text: the body is not UTF-8")
    );
    let program = compile("req.blob()").await.unwrap();
    let bytes: Vec<u8> = (0..=255).collect();
    let execution = run(job(program, get(), &bytes)).await;
    let Ending::Replied(reply) = execution.ending else {
        panic!("{execution:?}")
    };
    assert_eq!(reply.body, bytes);
}

#[tokio::test]
async fn the_log_takes_text_and_fields() {
    let source = r#"log::info("one"); log::warn("two", #{n: 2}); print("three"); debug("four"); log::error(#{a: 1}); log::debug(5)"#;
    let program = compile(source).await.unwrap();
    let (_, world) = executor().run(job(program, get(), b"")).await;
    let lines = Recording::of(world).lines;
    assert_eq!(
        lines,
        [
            "info one",
            r#"warn two {"n":2}"#,
            "info three",
            "debug \"four\"",
            r#"error {"a":1}"#,
            "debug 5"
        ]
    );
}

#[tokio::test]
async fn errors_have_a_place_and_a_stack() {
    assert_eq!(
        check("let x = 1;\nlet y = x / 0;").await,
        "threw arithmetic: Division by zero: 1 / 0 @ 2:11"
    );
    assert_eq!(
        check("fn inner(n) {\n  throw `no ${n}`;\n}\nfn outer(n) {\n  inner(n + 1)\n}\n\nouter(1)").await,
        "threw thrown: no 2 @inner 2:3 <outer 5:3 < 8:1"
    );
    assert_eq!(
        check(r#"throw #{code: "mine", message: "why"}"#).await,
        "threw mine: why @ 1:1"
    );
    assert!(
        check("nothing")
            .await
            .starts_with("threw variable_not_found: Variable not found: nothing @ 1:1")
    );
    assert_eq!(
        check("[1, 2].map(|x| x + nothing)").await,
        "threw variable_not_found: Variable not found: nothing @ 1:20"
    );
    assert!(check("let a = #{}; a.b.c.d").await.starts_with("threw "));
}

#[tokio::test]
async fn a_source_is_refused_with_a_place() {
    assert_eq!(check("let x = ;").await, "refused 1:9 syntax: Unexpected ';'");
    assert_eq!(
        check("let x = 1;\neval(\"x\")").await,
        "refused 2:1 eval: eval cannot run here: scripts are compiled ahead of time"
    );
    assert!(
        check(&"(".repeat(30_000)).await.starts_with("refused 1:"),
        "nested parentheses"
    );
    assert!(check("const A = #{a: 1}; A.a = 2").await.contains("constant"));
}

#[tokio::test]
async fn what_blocks_or_reaches_out_is_not_there() {
    assert!(
        check("sleep(1)")
            .await
            .starts_with("threw function_not_found: Function not found: sleep (int)")
    );
    assert!(check("timestamp()").await.starts_with("threw function_not_found"));
    assert!(
        check(r#"let path = "/etc/passwd"; import path as p; 1"#)
            .await
            .starts_with("threw module_not_found")
    );
    assert!(check(r#"Fn("eval").call("1")"#).await.starts_with("threw"));
}

#[tokio::test]
async fn the_generated_script_api_is_as_published() {
    let described = executor().describe().await.unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/api/script.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &described).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap_or_default();
    assert!(published == described, "sdk/api/script.json is stale: run make docs");
    let api: serde_json::Value = serde_json::from_str(&described).unwrap();
    for function in api["functions"].as_array().unwrap() {
        let documented = !function["doc"].as_str().unwrap().is_empty();
        assert!(
            documented || function["standard"] == true,
            "{} has no doc comment",
            function["signature"]
        );
    }
}

#[tokio::test]
async fn a_reply_has_room_for_so_many_headers() {
    let ended = check(r#"let r = reply(); for i in 0..300 { r.header(`x-${i}`, "1"); } r"#).await;
    assert!(
        ended.starts_with("threw bad_header: a reply has at most 255 headers and cookies"),
        "{ended}"
    );
    let full = r#"let r = reply(); for i in 0..255 { r.header(`x-${i}`, "1"); } r.text("full")"#;
    assert_eq!(check(full).await, "200 text/plain; charset=utf-8 full");
}

#[tokio::test]
async fn a_variable_that_is_changed_while_it_is_read_is_the_scripts_error() {
    let ended = check("let a = 20; let f = |x| { this += a + x }; a.call(f, 1); a").await;
    assert!(ended.starts_with("threw data_race: "), "{ended}");
}
