//! Whatever is assigned to arrives, or is an error: in the bytecode VM as in native Rhai, over generated paths.

use picloud_executor::Ending;
use picloud_sdk::limits::Limits;
use serde_json::{Value, json};

use crate::harness::{check, compile, get, job, run};
use crate::native;

/// A value of every type.
const BASE: &str = r#"#{ map: #{ k: #{} }, int: 5, float: 2.5, string: "text", bool: true, char: 'c', unit: (),
    array: [1, [2], #{ k: 1 }], blob: blob(3, 7), range: 0..5, inclusive: 0..=5, function: |x| x }"#;

const FIELDS: [&str; 15] = [
    "map",
    "int",
    "float",
    "string",
    "bool",
    "char",
    "unit",
    "array",
    "blob",
    "range",
    "inclusive",
    "function",
    "missing",
    "floor",
    "len",
];
const STEPS: [&str; 14] = [
    ".k",
    ".missing",
    ".floor",
    ".len",
    ".start",
    ".name",
    "[0]",
    "[1]",
    "[-1]",
    "[99]",
    "[\"k\"]",
    "[\"missing\"]",
    "[true]",
    "[0..2]",
];
const VALUES: [&str; 6] = ["= 77", "= \"s\"", "= 'x'", "= #{ a: 1 }", "+= 77", "= false"];
/// So many in one script.
const BATCH: usize = 60;

/// `m.field` with up to three steps behind it, and something that is assigned to it.
fn assignments() -> Vec<String> {
    let mut paths = Vec::new();
    for (turn, field) in FIELDS.iter().enumerate() {
        let root = if turn % 2 == 0 {
            format!("m.{field}")
        } else {
            format!("m[{field:?}]")
        };
        paths.push(root.clone());
        for first in STEPS {
            paths.push(format!("{root}{first}"));
            for (place, second) in STEPS.iter().enumerate() {
                let third = STEPS[(turn + place) % STEPS.len()];
                paths.push(format!("{root}{first}{second}"));
                paths.push(format!("{root}{first}{second}{third}"));
            }
        }
    }
    let assign = |(turn, path): (usize, String)| format!("{path} {}", VALUES[turn % VALUES.len()]);
    paths.into_iter().enumerate().map(assign).collect()
}

/// Makes each assignment to a value of its own, and shows whether it was an error and what became of the value.
fn script(assignments: &[String]) -> String {
    let tries = assignments.iter().map(|assignment| {
        format!(
            "{{
                let m = base(); let done = true;
                try {{ {assignment}; }} catch {{ done = false; }}
                // No part of a reply.
                for gone in [\"range\", \"inclusive\", \"function\"] {{ m.remove(gone); }}
                all.push([done, m]);
            }}"
        )
    });
    let tries: String = tries.collect();
    format!("fn base() {{ {BASE} }} let all = []; {tries} all")
}

#[tokio::test]
async fn an_assignment_arrives_or_is_an_error() {
    let engine = native::engine();
    let base = script(&["let unused = 1".to_owned()]);
    let base = native::json(&engine.eval(&base).unwrap())[0][1].clone();
    let assignments = assignments();
    assert!(assignments.len() > 5000, "{}", assignments.len());
    for batch in assignments.chunks(BATCH) {
        let script = script(batch);
        let native = native::json(&engine.eval(&script).unwrap());
        let mut job = job(compile(&script).await.unwrap(), get(), b"");
        job.limits.fuel_max = Limits::for_tests().fuel_max * 10;
        let Ending::Replied(reply) = run(job).await.ending else {
            panic!("{script}")
        };
        let ours: Value = serde_json::from_slice(&reply.body).unwrap();
        for (index, assignment) in batch.iter().enumerate() {
            // Native Rhai takes some and loses them: here they arrive, or are an error.
            let is_lost = native[index] == json!([true, base]);
            assert!(
                ours[index] == native[index] || is_lost,
                "{assignment}: {} {}",
                ours[index],
                native[index]
            );
        }
    }
}

#[tokio::test]
async fn what_takes_no_elements_says_so() {
    for (script, message) in [
        (
            r#"let m = #{}; m["x"]["k"] = 1; m"#,
            r#"a value of type () has no "k" to assign to; maps take new fields @ 1:20"#,
        ),
        (
            r#"let m = #{}; m.x["k"] = 1; m"#,
            r#"a value of type () has no "k" to assign to; maps take new fields @ 1:17"#,
        ),
        (
            "let a = 2.5; a[0] = 1",
            "a value of type float has no elements to assign to with an index of type int @ 1:15",
        ),
        (
            "let f = |x| x; f[0] = 1",
            "a value of type Fn has no elements to assign to with an index of type int @ 1:17",
        ),
        (
            "let r = 0..5; r[0] += 1",
            "a value of type range has no elements to assign to with an index of type int @ 1:16",
        ),
        (
            r#"let h = req.headers; h["x"] = "1""#,
            "a value of type Values can only be read; `to_map()` makes a map of it @ 1:23",
        ),
        (
            r#"let r = req; r.method = "PUT""#,
            "a value of type Request can only be read; `to_map()` makes a map of it @ 1:16",
        ),
        (
            r#"let c = ctx; c["app"] = "x""#,
            "a value of type Context can only be read; `to_map()` makes a map of it @ 1:15",
        ),
        (
            r#"let r = reply(); r.body = "x""#,
            r#"a value of type Reply has no "body" to assign to; maps take new fields @ 1:20"#,
        ),
    ] {
        assert_eq!(
            check(script).await,
            format!("threw not_assignable: {message}"),
            "{script}"
        );
    }
}

/// Rhai puts back what a method was called on, and there is no setter for these either.
#[tokio::test]
async fn methods_of_what_can_only_be_read_run() {
    for (script, answer) in [
        ("req.method.to_lower()", "get"),
        ("let r = req; r.method.to_lower()", "get"),
        (r#"type_of(req.query["none"].to_string())"#, "string"),
        ("req.headers.none.to_string().len", "0"),
        (
            "let c = req.cookies; c.remove(\"x\"); req.cookies.remove(\"x\"); 1",
            "1",
        ),
        ("ctx.app.to_upper()", "ACME"),
        ("const HALF = 2.5; HALF.floor.to_string()", "2.0"),
        ("let r = 1..5; r.start.to_string()", "1"),
        (r#"let s = "abc"; s[0].to_upper() + s.len.to_string()"#, "A3"),
    ] {
        let ended = check(script).await;
        assert!(ended.ends_with(&format!(" {answer}")), "{script}: {ended}");
    }
}
