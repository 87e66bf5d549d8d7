//! Files that carry what an app keeps: to a server, from one, and to where a script is tried out.

use std::fs;
use std::process::Stdio;

use super::data::Shell;
use crate::harness::binary::{Ended, picloud};

#[test]
fn an_export_that_fails_leaves_the_file_as_it_was() {
    let shell = Shell::start();
    let file = shell.file("backup");
    fs::write(&file, "precious").expect("a file");
    for what in ["kv", "docs"] {
        let collection = (what == "docs").then_some("c");
        let args: Vec<&str> = [what, "export", "none"].into_iter().chain(collection).collect();
        let ended = shell.ended(&[&args[..], &[&file]].concat());
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        assert_eq!(fs::read_to_string(&file).expect("a file"), "precious");
    }
    shell.done(&["kv", "set", "shop", "a", "1"]);
    let ended = shell.ended(&["kv", "export", "shop", &file]);
    assert!(ended.stderr.contains("1 line exported"), "{}", ended.stderr);
    assert_eq!(
        fs::read_to_string(&file).expect("a file"),
        "{\"key\":\"a\",\"value\":1}\n"
    );
    assert_eq!(shell.server.stop(), Some(0));
}

#[test]
fn what_a_server_has_is_tried_out_at_home_and_goes_back() {
    let shell = Shell::start();
    shell.done(&["kv", "set", "shop", "rate", "1.0"]);
    shell.done(&["kv", "set", "shop", "soon", "null", "--ttl", "1h"]);
    shell.done(&["docs", "put", "shop", "c", r#"{"id": "one", "n": 1}"#]);
    let (keys, documents, data) = (shell.file("keys"), shell.file("documents"), shell.file("data"));
    assert_eq!(shell.ended(&["kv", "export", "shop", &keys]).code, 0);
    let exported = shell.ended(&["docs", "export", "shop", "c", &documents, "--with-collection"]);
    assert_eq!(exported.code, 0, "{}", exported.stderr);
    let over = r#"{"key":"over","value":1,"expires_at":"2020-01-01T00:00:00Z"}"#;
    let old = r#"{"key":"old","value":1,"expires_at_ms":9999999999999}"#;
    let read = |file: &str| fs::read_to_string(file).expect("a file");
    fs::write(&data, format!("{}{}{over}\n{old}\n", read(&keys), read(&documents))).expect("a file");
    let script = shell.file("s.rhai");
    let source = r#"docs::update("c", "one", #{ n: 2 }); [kv::get("rate"), kv::get("over"), kv::exists("old"), kv::exists("soon")]"#;
    fs::write(&script, source).expect("a file");
    let ran = Ended::of(&mut picloud(["run", &script, "--data", &data]));
    assert_eq!((ran.text(), ran.code), ("[1.0,null,true,true]", 0), "{}", ran.stderr);
    let after = read(&data);
    assert!(!after.contains("over") && !after.contains("expires_at_ms"), "{after}");
    assert!(
        after.contains(r#"{"key":"old","value":1,"expires_at":"2286-11-20T17:46:39.999000Z"}"#),
        "{after}"
    );

    let only = |of: &str| {
        after
            .lines()
            .filter(|line| line.contains(of))
            .collect::<Vec<_>>()
            .join("\n")
    };
    fs::write(&documents, only("\"collection\"")).expect("a file");
    fs::write(&keys, format!("{}\n{old}", only("\"key\""))).expect("a file");
    assert_eq!(shell.done(&["docs", "import", "shop", "c", &documents]), "1 imported\n");
    assert_eq!(
        shell.done(&["docs", "get", "shop", "c", "one"]),
        "{\"id\":\"one\",\"n\":2}\n"
    );
    assert_eq!(shell.done(&["kv", "import", "shop", &keys]), "4 imported\n");
    assert_eq!(shell.done(&["kv", "list", "shop"]), "old\nrate\nsoon\n");
    for args in [
        &["docs", "import", "shop", "d", &documents][..],
        &["kv", "import", "shop", &documents],
    ] {
        let elsewhere = shell.ended(args);
        assert!(
            elsewhere.code == 1 && elsewhere.stderr.contains("document of the collection \"c\""),
            "{}",
            elsewhere.stderr
        );
    }
    assert_eq!(shell.server.stop(), Some(0));
}

#[test]
fn runs_of_one_file_at_once_come_one_after_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (script, data) = (path("s.rhai"), path("data"));
    fs::write(&script, "kv::incr(\"n\")").expect("a script");
    let start = || {
        let mut run = picloud(["run", &script, "--data", &data]);
        run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a run")
    };
    let mut runs: Vec<_> = (0..4).map(|_| start()).collect();
    for run in &mut runs {
        assert!(run.wait().expect("an end").success());
    }
    assert_eq!(
        fs::read_to_string(&data).expect("a file"),
        "{\"key\":\"n\",\"value\":4}\n"
    );
    // What writes nothing makes no file.
    fs::write(&script, "throw 1").expect("a script");
    let other = path("other");
    assert_eq!(Ended::of(&mut picloud(["run", &script, "--data", &other])).code, 1);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
}

#[test]
fn documents_are_counted_and_changed_and_collections_listed() {
    let shell = Shell::start();
    for (collection, document) in [
        ("a", r#"{"id": "x", "n": 1, "m": 1}"#),
        ("a", r#"{"n": 2}"#),
        ("b", r#"{"n": 3}"#),
    ] {
        shell.done(&["docs", "put", "shop", collection, document]);
    }
    let listed = shell.done(&["docs", "collections", "shop"]);
    let listed: Vec<_> = listed.lines().map(|line| line.rsplit_once(' ').unwrap().0).collect();
    assert_eq!(listed, ["a documents=2", "b documents=1"]);
    assert_eq!(shell.done(&["docs", "count", "shop", "a"]), "2\n");
    assert_eq!(
        shell.done(&["docs", "count", "shop", "a", "--filter", r#"{"n": {"gt": 1}}"#]),
        "1\n"
    );
    let changed = shell.done(&["docs", "update", "shop", "a", "x", r#"{"to.city": "Bern", "m": null}"#]);
    assert_eq!(changed, "{\"id\":\"x\",\"n\":1,\"to\":{\"city\":\"Bern\"}}\n");
    assert_eq!(shell.ended(&["docs", "update", "shop", "a", "none", "{}"]).code, 1);
    // An advised index can be typed as it is advised.
    shell.done(&["docs", "put", "shop", "a", r#"{"x'y $(z)": 1}"#]);
    assert_eq!(
        shell.done(&["docs", "index", "shop", "a", "x'y $(z)"]),
        "x_y___z_ ready\n"
    );
    assert_eq!(shell.done(&["docs", "index", "--", "shop", "a", "-rf"]), "-rf ready\n");
    shell.done(&["kv", "set", "shop", "...", "1"]);
    assert_eq!(shell.done(&["kv", "get", "shop", "..."]), "1\n");
    assert_eq!(shell.ended(&["kv", "set", "shop", "..", "1"]).code, 2);
    assert_eq!(shell.server.stop(), Some(0));
}
