//! Every script that the docs show runs and answers what stands beside it.

use std::fs;
use std::path::{Path, PathBuf};

use picloud::orchestrator::pattern::Pattern;
use serde_json::Value;

use crate::harness::binary::{Ended, picloud, root};

fn examples() -> Vec<PathBuf> {
    let folder = root().join("sdk/examples");
    let entries = fs::read_dir(folder)
        .expect("the examples are there")
        .map(|entry| entry.expect("an entry").path());
    let mut scripts: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "rhai"))
        .collect();
    scripts.sort();
    assert!(scripts.len() >= 10, "{scripts:?}");
    scripts
}

fn beside(script: &Path, ending: &str) -> PathBuf {
    script.with_extension(ending)
}

#[test]
fn every_example_answers_as_expected() {
    for script in examples() {
        let expected: Value =
            serde_json::from_slice(&fs::read(beside(&script, "expect.json")).expect("an expectation beside it"))
                .expect("the expectation is JSON");
        let event = beside(&script, "event.json");
        let ended = Ended::of(picloud(["run", "--json"]).arg(&script).arg("--event").arg(event));
        let ran = ended.json();
        let reply = &ran["reply"];
        assert_eq!(ended.code, 0, "{}: {ran:#}", script.display());
        assert_eq!(reply["status"], expected["status"], "{}: {ran:#}", script.display());
        for (name, value) in expected["headers"].as_object().into_iter().flatten() {
            let headers = reply["headers"].as_array().into_iter().flatten();
            let found: Vec<_> = headers
                .filter(|header| header[0] == *name)
                .map(|header| &header[1])
                .collect();
            assert_eq!(found, [value], "{}: the header {name}", script.display());
        }
        if let Some(json) = expected.get("json") {
            let body: Value = serde_json::from_str(reply["body"].as_str().expect("a text")).expect("the reply is JSON");
            assert_eq!(body, *json, "{}", script.display());
        } else {
            for body in ["body", "body_base64"] {
                assert_eq!(reply[body], expected[body], "{}: {ran:#}", script.display());
            }
        }
    }
}

#[test]
fn every_example_checks() {
    let ended = Ended::of(picloud(["check", "--json"]).args(examples()));
    assert_eq!(ended.code, 0, "{}", ended.text());
    assert!(
        ended
            .json()
            .as_array()
            .expect("a list")
            .iter()
            .all(|file| file["ok"] == true)
    );
}

#[test]
fn every_example_says_what_it_does_and_how_to_call_it() {
    for script in examples() {
        let text = fs::read_to_string(&script).expect("a readable script");
        let name = script.file_name().expect("a name").to_string_lossy();
        let head: Vec<&str> = text.lines().take_while(|line| line.starts_with("//")).collect();
        assert!(
            head.len() >= 3,
            "{name}: begin with a comment that says what it does and how to call it"
        );
        let head = head.join("\n");
        assert!(
            head.contains(&format!("picloud push {name}")),
            "{name}: show how to push it"
        );
        assert!(
            head.contains("http://demo.localhost:8080/"),
            "{name}: show how to call it"
        );
        let routes: Vec<&str> = head
            .split("--route '")
            .skip(1)
            .filter_map(|rest| rest.split('\'').next())
            .collect();
        assert!(!routes.is_empty(), "{name}: show its route");
        for route in routes {
            let (_, pattern) = route.split_once(' ').expect("a method and a pattern");
            Pattern::parse(pattern).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
