//! What an author reads of a run, and what of a value is lost on the way: nothing, silently.

use picloud_executor::{Ending, Run as _};

use crate::harness::{Recording, check, check_with, compile, executor, get, job};

#[tokio::test]
async fn the_log_takes_what_has_no_json_form() {
    let source = r#"
        let deep = []; for i in 0..200 { deep = [deep]; }
        log::info("m", #{ f: |x| x, r: 0..3, reply: reply(), map: #{ g: [Fn("max")] } });
        log::info(|x| x); log::info(0..=3); log::info([reply()]); log::info("deep", #{ deep: deep });
    "#;
    let program = compile(source).await.unwrap();
    let (execution, world) = executor().run(job(program, get(), b"")).await;
    assert!(matches!(execution.ending, Ending::Replied(_)), "{execution:?}");
    let lines = Recording::of(world).lines;
    assert_eq!(
        lines[..4],
        [
            r#"info m {"f":"<Fn>","map":{"g":["<Fn>"]},"r":"0..3","reply":"<Reply>"}"#,
            "info <Fn>",
            "info 0..=3",
            r#"info ["<Reply>"]"#
        ]
    );
    assert!(lines[4].contains(r#"["…"]"#), "{}", lines[4]);
}

#[tokio::test]
async fn integers_of_json_keep_their_digits_or_are_refused() {
    let with = |body: &'static str| check_with("req.json()", get(), body.as_bytes());
    for kept in [
        "9223372036854775807",
        "-9223372036854775808",
        "[1,-2]",
        r#"{"a":"18446744073709551616 \" 99999999999999999999"}"#,
    ] {
        assert_eq!(with(kept).await, format!("200 application/json {kept}"));
    }
    assert_eq!(with("1e300").await, "200 application/json 1e+300");
    assert_eq!(
        with("18446744073709551616.0").await,
        "200 application/json 1.8446744073709552e+19"
    );
    for (lost, line) in [
        ("9223372036854775808", 1),
        ("[1,\n18446744073709551615]", 2),
        ("-9223372036854775809", 1),
        (r#"{"a \" 1":123456789012345678901234567890}"#, 1),
    ] {
        let ended = with(lost).await;
        assert!(
            ended.starts_with("threw bad_json: the body is not JSON: the integer "),
            "{ended}"
        );
        assert!(ended.contains(&format!("has no room in an int, which holds -9223372036854775808 to 9223372036854775807; send it as a string, at line {line} @")), "{ended}");
    }
}

#[tokio::test]
async fn messages_have_the_words_of_an_author() {
    for (script, ended) in [
        (
            "throw;",
            "threw thrown: no value was thrown; `throw` takes a text, or a map with `code` and `message` @ 1:1",
        ),
        (
            "throw ()",
            "threw thrown: no value was thrown; `throw` takes a text, or a map with `code` and `message` @ 1:1",
        ),
        ("throw \"\"", "threw thrown: an empty text was thrown @ 1:1"),
        (
            "\"a\" - 1",
            "threw function_not_found: Function not found: - (string, int) @ 1:5",
        ),
        (
            "let f = 2.5; f.nope(1..2, [], #{})",
            "threw function_not_found: Function not found: nope (float, range, array, map) @ 1:16",
        ),
        (
            "let i = 5; i.foo",
            "threw property_not_found: Unknown property 'foo' - a getter is not registered for type 'int' @ 1:14",
        ),
        (
            "let i = 5.5; i[0]",
            "threw not_indexable: Indexer unavailable: float [int] @ 1:15",
        ),
        (
            "if 5 + 3 { 1 }",
            "threw type_mismatch: Data type incorrect: int (expecting bool) @ 1:6",
        ),
        (
            "\"a\".to_uper()",
            "threw function_not_found: Function not found: to_uper (string); did you mean `to_upper`? @ 1:5",
        ),
        (
            "fn total(x) { x }\ntotl(1)",
            "threw function_not_found: Function not found: totl (int); did you mean `total`? @ 2:1",
        ),
        (
            "let total = 1; [1].map(|x| x + totl)",
            "threw variable_not_found: Variable not found: totl; did you mean `total`? @ 1:32",
        ),
        (
            "reply().nope()",
            "threw function_not_found: Function not found: nope (Reply) @ 1:9",
        ),
        (
            "0..5",
            "threw bad_reply: the script's last value cannot be a reply: a value of type range has no JSON form @",
        ),
        (
            "json::stringify([reply()])",
            "threw bad_json: a value of type Reply has no JSON form @ 1:7",
        ),
    ] {
        assert_eq!(check(script).await.trim_end(), ended, "{script}");
    }
}
