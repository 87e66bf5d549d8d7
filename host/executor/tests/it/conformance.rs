//! Rhai's own snippets through both guests, compared with what native Rhai answers.
//!
//! `../shared/corpus/rhai` is measuring data that lies beside the project; without it the test says so and passes.
//! `differences.txt` lists every snippet that ends differently here, each with its reason; the list must be exact.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use picloud_executor::{Ending, Reply};
use picloud_sdk::limits::Limits;
use serde_json::Value;

use crate::harness::{compile, get, job, render, run};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/rhai");
const DIFFERENCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/differences.txt");

#[tokio::test]
async fn snippets_end_as_in_native_rhai() {
    let mut found = BTreeMap::new();
    for file in ["snippets.jsonl", "probes.jsonl"] {
        let Ok(text) = fs::read_to_string(Path::new(CORPUS).join(file)) else {
            println!("notice: {file} of the conformance corpus is not beside the project; skipped");
            return;
        };
        for line in text.lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            if case["mode"] == "script"
                && let Some(difference) = difference(&case).await
            {
                found.insert(case["name"].as_str().unwrap().to_owned(), difference);
            }
        }
    }
    let known = fs::read_to_string(DIFFERENCES).unwrap_or_default();
    let known: BTreeMap<&str, &str> = known
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(" — ").expect("`name — reason`"))
        .collect();
    for (name, difference) in &found {
        assert!(
            known.contains_key(name.as_str()),
            "{name} differs and is not listed: {difference}"
        );
    }
    for name in known.keys() {
        assert!(
            found.contains_key(*name),
            "{name} no longer differs: strike it off differences.txt"
        );
    }
}

/// How `case` ends differently here, if it does.
async fn difference(case: &Value) -> Option<String> {
    let program = match compile(case["source"].as_str().unwrap()).await {
        Ok(program) => program,
        Err(_) if case["expect_error"] == true => return None,
        Err(diagnostics) => return Some(format!("refused: {}", diagnostics[0].message)),
    };
    let mut job = job(program, get(), b"");
    job.limits = Limits {
        fuel_max: 5_000_000_000,
        call_depth_max: 64,
        memory_bytes_max: 64 << 20,
        ..Limits::for_tests()
    };
    let execution = run(job).await;
    match &execution.ending {
        Ending::Replied(reply) if case["expect_error"] == true => {
            Some(format!("answers {reply:?} instead of an error"))
        }
        Ending::Replied(reply) => {
            let value = value_of(reply);
            (!same(&value, &case["expect"])).then(|| format!("{value} instead of {}", case["expect"]))
        }
        Ending::Threw(_) | Ending::Stopped(..) if case["expect_error"] == true => None,
        _ => Some(render(&execution)),
    }
}

/// A reply as the JSON that the corpus writes for the script's value.
fn value_of(reply: &Reply) -> Value {
    let kind = reply
        .headers
        .iter()
        .find(|(name, _)| name == "content-type")
        .map(|(_, kind)| kind.as_str());
    match kind {
        None => Value::Null,
        Some("application/json") => serde_json::from_slice(&reply.body).unwrap(),
        Some("application/octet-stream") => serde_json::json!({ "$blob": reply.body.to_vec() }),
        Some(_) => String::from_utf8_lossy(&reply.body).into_owned().into(),
    }
}

/// Equal, but for a blob inside a value, which JSON writes as an array of its bytes.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Array(_), Value::Object(blob)) if blob.contains_key("$blob") => ours == &blob["$blob"],
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => ours == theirs,
    }
}
