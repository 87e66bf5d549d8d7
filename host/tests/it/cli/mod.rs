//! The command line, run as people run it.

mod carried;
mod data;
mod events;
mod fake;
mod follow;
mod modules;
mod nouns;
mod output;
mod push;
mod remote;
mod rules;
mod secrets;

use std::fs;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use crate::harness::binary::{Ended, picloud};

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path(), files);
    folder
}

fn fill(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("its folder")).expect("its folder");
        fs::write(path, text).expect("a file");
    }
}

#[test]
fn unknown_arguments_are_usage() {
    for args in [
        &["frobnicate"][..],
        &["check"],
        &["run"],
        &["push", "a.rhai"],
        &["push", "a.rhai", "--app", "a", "--route", "/x"],
    ] {
        let ended = Ended::of(&mut picloud(args));
        assert_eq!(ended.code, 2, "{args:?}");
        assert!(
            ended.stdout.is_empty() && ended.stderr.contains("--help"),
            "{args:?}: {}",
            ended.stderr
        );
    }
}

#[test]
fn help_and_version_are_results() {
    for args in [&["--help"][..], &["run", "--help"], &["--version"], &["version"]] {
        let ended = Ended::of(&mut picloud(args));
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{args:?}");
        assert!(ended.text().contains("picloud"), "{args:?}");
        // Who is no terminal is told without colours.
        assert!(!ended.text().contains('\x1b'), "{args:?}");
    }
    let version = Ended::of(&mut picloud(["version", "--json"])).json();
    assert_eq!(version["sdk_version"], picloud_sdk::SDK_VERSION);
    for guest in ["runner", "compiler"] {
        let hash = version["guests"][guest].as_str().unwrap_or_default();
        assert_eq!(hash.len(), 64, "{guest}: {version}");
    }
}

#[test]
fn a_wrong_source_is_shown_with_the_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let (good, bad) = (folder.path().join("good.rhai"), folder.path().join("bad.rhai"));
    fs::write(&good, "1 + 1").expect("a file");
    fs::write(&bad, "let a = 1;\nlet b 2;\n").expect("a file");

    let ended = Ended::of(picloud(["check"]).arg(&good).arg(&bad));
    assert_eq!(ended.code, 1);
    assert!(
        ended.text().contains("bad.rhai:2:7") && ended.text().contains("2 | let b 2;\n"),
        "{}",
        ended.text()
    );
    assert!(ended.stderr.contains("2 checked, 1 with errors"), "{}", ended.stderr);

    let ended = Ended::of(picloud(["check", "--json"]).arg(&good).arg(&bad));
    let verdicts = ended.json();
    assert_eq!((&verdicts[0]["ok"], &verdicts[1]["ok"]), (&json!(true), &json!(false)));
    assert_eq!(verdicts[1]["diagnostics"][0]["line"], 2);
    assert_eq!(Ended::of(picloud(["run"]).arg(&bad)).code, 1);
}

#[test]
fn a_run_keeps_the_reply_and_the_rest_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("a.rhai");
    fs::write(
        &script,
        r#"log::warn("a \x1b[2J line", #{ n: 1 }); reply(201).header("x-a", "b").blob(blob(2, 255))"#,
    )
    .expect("a file");
    let ended = Ended::of(picloud(["run"]).arg(&script));
    assert_eq!((ended.code, &ended.stdout[..]), (0, &[255, 255][..]));
    for word in ["warn", "a ·[2J line", r#"{"n":1}"#, "201", "x-a: b", "used: fuel"] {
        assert!(ended.stderr.contains(word), "{word}: {}", ended.stderr);
    }
    let ran = Ended::of(picloud(["run", "--json"]).arg(&script)).json();
    assert_eq!(ran["reply"]["body_base64"], "//8=");
    assert_eq!(
        ran["log"],
        json!([{ "level": "warn", "message": "a \u{1b}[2J line", "fields": { "n": 1 } }])
    );
}

#[test]
fn a_failing_run_says_where_and_through_which_functions() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("a.rhai");
    fs::write(
        &script,
        "fn deep(n) {\n    if n == 0 { throw \"no\"; }\n    deep(n - 1)\n}\ndeep(2)\n",
    )
    .expect("a file");
    let ended = Ended::of(picloud(["run"]).arg(&script));
    assert_eq!((ended.code, &ended.stdout[..]), (1, &b""[..]));
    assert!(ended.stderr.contains("error[thrown]: no"), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("a.rhai:2:17 in deep") && ended.stderr.contains("a.rhai:5:1"),
        "{}",
        ended.stderr
    );
}

#[test]
fn limits_can_be_given_and_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("a.rhai");
    fs::write(&script, "loop {}").expect("a file");
    let ended = Ended::of(picloud(["run", "--fuel", "5000000"]).arg(&script));
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("stopped by the limit fuel") && ended.stderr.contains("allowed 5000000"),
        "{}",
        ended.stderr
    );

    fs::write(&script, "let a = blob(1000000); loop { a += a; }").expect("a file");
    let ran = Ended::of(picloud(["run", "--json", "--memory", "16777216"]).arg(&script)).json();
    assert_eq!(
        (&ran["error"]["limit"], &ran["error"]["allowed"]),
        (&json!("memory"), &json!(16_777_216))
    );
}

#[test]
fn files_and_events_that_are_none_are_usage() {
    let folder = tempfile::tempdir().expect("a folder");
    let (script, event) = (folder.path().join("a.rhai"), folder.path().join("event.json"));
    assert_eq!(Ended::of(picloud(["check"]).arg(&script)).code, 2);
    fs::write(&script, "1").expect("a file");
    for (text, word) in [
        ("{", "is not an event"),
        (r#"{"method": "get"}"#, "method"),
        (r#"{"verb": "GET"}"#, "verb"),
    ] {
        fs::write(&event, text).expect("a file");
        let ended = Ended::of(picloud(["run"]).arg(&script).arg("--event").arg(&event));
        assert_eq!(ended.code, 2, "{text}");
        assert!(ended.stderr.contains(word), "{text}: {}", ended.stderr);
    }
}

#[test]
fn a_server_that_is_not_there_and_a_token_that_is_not_are_said_so() {
    let folder = tempfile::tempdir().expect("a folder");
    // A port that was free a moment ago, and that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a port")
        .port();
    let url = format!("http://127.0.0.1:{port}");

    let ended = Ended::of(picloud(["app", "list", "--url", &url]).env("PICLOUD_TOKEN", "pic_x"));
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("cannot reach") && ended.stderr.contains(&url),
        "{}",
        ended.stderr
    );

    let ended = Ended::of(picloud(["app", "list", "--url", &url]).env("PICLOUD_DATA", folder.path()));
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("PICLOUD_TOKEN is not set"), "{}", ended.stderr);
}
