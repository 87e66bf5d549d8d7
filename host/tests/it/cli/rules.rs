//! What one command refuses, all do: `check`, `run`, `push --dry-run` and `push` have one set of rules.

use std::fs;

use super::folder;
use crate::harness::binary::{Ended, picloud};
use crate::harness::server::Server;

#[test]
fn what_no_app_would_take_is_an_error_everywhere() {
    let folder = folder(&[
        ("Upper.rhai", "1"),
        ("a-b.rhai", "1"),
        ("1.rhai", "1"),
        ("nul.rhai", "let x = \"a\0b\";\nx"),
        ("method.rhai", "// Route: FETCH /x\n1"),
    ]);
    for (file, code, place) in [
        ("Upper.rhai", "error[name]", ""),
        ("a-b.rhai", "error[name]", ""),
        ("1.rhai", "error[name]", ""),
        ("nul.rhai", "error[syntax]: a source has no NUL", ":1:11"),
        ("method.rhai", "error[route]: FETCH is no method", ":1:4"),
    ] {
        for command in [
            &["check"][..],
            &["run"],
            &["push", "--dry-run", "--app", "a"],
            &["push", "--app", "a"],
        ] {
            let ended = Ended::of(picloud(command).arg(folder.path().join(file)));
            let said = format!("{}{}", ended.text(), ended.stderr);
            assert_eq!(ended.code, 1, "{command:?} {file}: {said}");
            assert!(
                said.contains(code) && said.contains(&format!("{file}{place}")),
                "{command:?}: {said}"
            );
        }
    }
}

#[test]
fn two_files_on_one_route_are_an_error_before_anything_is_sent() {
    for (a, b, message) in [
        (
            "// route: GET /x\n1",
            "// route: GET /x\n1",
            "a.rhai answers the same requests as GET /x",
        ),
        ("// route: GET /{a}/x\n1", "/* Route: get /{b}/x */\n1", "as GET /{b}/x"),
        ("// route: ANY /b\n1", "1", "a new endpoint of this name answers ANY /b"),
    ] {
        let folder = folder(&[("a.rhai", a), ("b.rhai", b), ("c.rhai", "// route: POST /x\n1")]);
        for command in [&["check"][..], &["push", "--dry-run", "--app", "a"]] {
            let ended = Ended::of(picloud(command).arg(folder.path()));
            let said = format!("{}{}", ended.text(), ended.stderr);
            assert_eq!(ended.code, 1, "{command:?} {b}: {said}");
            for word in ["error[route]", message, "b.rhai"] {
                assert!(said.contains(word), "{command:?} {b}: no {word} in {said}");
            }
        }
    }
}

#[test]
fn a_file_is_saved_with_its_routes_or_not_at_all() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let push = |file: &str, args: &[&str]| {
        let mut command = picloud(["push", "--app", "demo"]);
        command
            .env("PICLOUD_URL", server.url())
            .env("PICLOUD_TOKEN", server.token());
        Ended::of(command.arg(data.path().join(file)).args(args))
    };
    let scripts = || {
        let found = format!("{}/api/v1/apps/demo/scripts", server.url());
        let header = format!("authorization: Bearer {}", server.token());
        let output = std::process::Command::new("curl")
            .args(["-sS", "-H", &header, &found])
            .output();
        String::from_utf8(output.expect("curl").stdout).expect("text")
    };
    fs::write(data.path().join("greet.rhai"), "\u{feff}// Route: GET /greet\n`hi`").expect("a file");
    fs::write(data.path().join("late.rhai"), "1;\n// route: GET /late\n2").expect("a file");

    // The demo's own route is taken.
    let refused = push("greet.rhai", &["--route", "GET /hello"]);
    assert_eq!((refused.code, refused.text()), (1, ""), "{}", refused.stderr);
    assert!(refused.stderr.contains("route_conflict"), "{}", refused.stderr);
    assert!(!scripts().contains("\"greet\""), "{}", scripts());

    let made = push("greet.rhai", &[]);
    assert_eq!(
        (made.code, made.text()),
        (0, "greet version 1\nGET /greet\n"),
        "{}",
        made.stderr
    );
    let again = push("greet.rhai", &[]);
    assert_eq!(
        (again.code, again.text()),
        (0, "greet version 1 (unchanged)\nGET /greet\n"),
        "{}",
        again.stderr
    );
    let warned = push("late.rhai", &[]);
    assert_eq!(
        (warned.code, warned.text()),
        (0, "late version 1\n"),
        "{}",
        warned.stderr
    );
    assert!(
        warned.stderr.contains("warning[route]: this route is not made"),
        "{}",
        warned.stderr
    );

    // What is a module stays one, whoever pushes it.
    fs::write(data.path().join("lib.rhai"), "fn f() { 1 }").expect("a file");
    for kind in [&["--kind", "module"][..], &[]] {
        let pushed = push("lib.rhai", &[kind, &["--json"]].concat()).json();
        assert_eq!(pushed["script"]["kind"], "module", "{pushed}");
    }
    assert_eq!(server.stop(), Some(0));
}
