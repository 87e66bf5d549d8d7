//! Where the command line finds a server, what it shows there, and what it believes.

use std::fs;

use super::fake::Fake;
use crate::harness::binary::{Ended, picloud};
use crate::harness::server::Server;

const NO_APPS: &str = r#"{"items":[],"next":null}"#;

#[test]
fn global_options_stand_before_and_after_the_command() {
    let fake = Fake::answering("200 OK", "application/json", NO_APPS);
    for args in [
        &["--url", &fake.url(), "--token", "pic_x", "--json", "app", "list"][..],
        &["app", "--url", &fake.url(), "list", "--token", "pic_x", "--json"],
        &["--json", "app", "--token", "pic_x", "list", "--url", &fake.url()],
    ] {
        let ended = Ended::of(&mut picloud(args));
        assert_eq!((ended.code, ended.text()), (0, "[]\n"), "{args:?}: {}", ended.stderr);
        let heard = fake.heard();
        assert!(heard[0].contains("authorization: Bearer pic_x"), "{heard:?}");
    }
}

#[test]
fn a_blank_variable_is_as_good_as_none() {
    let data = tempfile::tempdir().expect("a folder");
    fs::write(data.path().join("operator.token"), "\u{feff}pic_operators\n").expect("a file");
    let fake = Fake::answering("200 OK", "application/json", NO_APPS);
    for blank in ["", " ", "\t\n"] {
        let mut command = picloud(["app", "list", "--url", &fake.url()]);
        let ended = Ended::of(command.env("PICLOUD_TOKEN", blank).env("PICLOUD_DATA", data.path()));
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let heard = fake.heard();
        assert!(
            heard[0].contains("authorization: Bearer pic_operators\r\n"),
            "{heard:?}"
        );

        let ended = Ended::of(picloud(["app", "list", "--token", "pic_x"]).env("PICLOUD_URL", blank));
        assert!(!ended.stderr.contains("is not an address"), "{}", ended.stderr);
        // Who gives an option means it.
        let ended = Ended::of(&mut picloud(["app", "list", "--url", &fake.url(), "--token", blank]));
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert!(fake.heard().is_empty());
    }
}

#[test]
fn a_variable_that_is_no_setting_is_warned_of() {
    let ended = Ended::of(picloud(["version"]).env("PICLOUD_RUN_MAX", "1"));
    assert_eq!(ended.code, 0);
    assert!(
        ended.stderr.starts_with("warning: PICLOUD_RUN_MAX is set"),
        "{}",
        ended.stderr
    );
    // A server that cannot start says it, too.
    let mut command = picloud(["serve"]);
    let ended = Ended::of(
        command
            .env("PICLOUD_RUN_MAX", "1")
            .env("PICLOUD_DATA", "/dev/null/data"),
    );
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("PICLOUD_RUN_MAX is set, and is no setting"),
        "{}",
        ended.stderr
    );
}

#[test]
fn what_is_no_picloud_is_not_believed() {
    for (status, kind, body) in [
        ("200 OK", "text/html", "<!doctype html>"),
        ("200 OK", "text/html", NO_APPS),
        ("200 OK", "application/json", "{\"ok\":true}"),
        ("200 OK", "application/json", "[]"),
        ("200 OK", "application/json", "{"),
        ("200 OK", "application/json", ""),
        ("302 Found", "text/html", ""),
        ("404 Not Found", "text/plain", "404 page not found"),
        ("500 Internal Server Error", "application/json", "{\"message\":\"no\"}"),
    ] {
        let fake = Fake::answering(status, kind, body);
        for command in [
            &["app", "list"][..],
            &["executions", "--app", "a"],
            &["logs", "--app", "a"],
        ] {
            let mut picloud = picloud(command);
            let ended = Ended::of(picloud.args(["--url", &fake.url(), "--token", "pic_x"]));
            assert_eq!((ended.code, ended.text()), (1, ""), "{command:?} {status} {body:?}");
            assert!(
                ended.stderr.contains("this is no PiCloud API"),
                "{body:?}: {}",
                ended.stderr
            );
        }
    }
    // A path too many leads to the dashboard's page.
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let url = format!("{}/base", server.url());
    let ended = Ended::of(&mut picloud(["app", "list", "--url", &url, "--token", &server.token()]));
    assert_eq!((ended.code, ended.text()), (1, ""));
    assert!(ended.stderr.contains("this is no PiCloud API"), "{}", ended.stderr);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_token_is_for_no_proxy() {
    let proxy = Fake::answering("502 Bad Gateway", "text/plain", "");
    let fake = Fake::answering("200 OK", "application/json", NO_APPS);
    let through = |url: &str| {
        let mut command = picloud(["app", "list", "--url", url, "--token", "pic_secret"]);
        for name in [
            "http_proxy",
            "HTTP_PROXY",
            "https_proxy",
            "HTTPS_PROXY",
            "all_proxy",
            "ALL_PROXY",
        ] {
            command.env(name, proxy.url());
        }
        for name in ["no_proxy", "NO_PROXY"] {
            command.env_remove(name);
        }
        Ended::of(&mut command)
    };
    let port = fake.address.port();
    for url in [format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}")] {
        let ended = through(&url);
        assert_eq!(ended.code, 0, "{url}: {}", ended.stderr);
    }
    // A name that nobody has: with or without an answer, plain HTTP goes to no proxy.
    let ended = through("http://picloud.invalid:8081");
    assert!(
        ended.code == 1 && ended.stderr.contains("cannot reach"),
        "{}",
        ended.stderr
    );
    assert_eq!(proxy.heard(), Vec::<String>::new());
    // What is encrypted for the server goes through it, and the proxy sees no token.
    assert_eq!(through("https://picloud.invalid").code, 1);
    let heard = proxy.heard();
    assert!(heard[0].starts_with("CONNECT picloud.invalid:443"), "{heard:?}");
    assert!(!heard.concat().contains("pic_secret"), "{heard:?}");
}

#[test]
fn the_operators_token_stays_on_its_machine() {
    let data = tempfile::tempdir().expect("a folder");
    fs::write(data.path().join("operator.token"), "pic_operators").expect("a file");
    let mut command = picloud(["app", "list", "--url", "http://picloud.invalid"]);
    let ended = Ended::of(command.env("PICLOUD_DATA", data.path()));
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("is not sent to http://picloud.invalid"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_refusal_is_json_where_json_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("wrong.rhai"), "let b 2;").expect("a file");
    let wrong = folder.path().join("wrong.rhai").display().to_string();
    let problem = r#"{"error":{"code":"in_use","message":"no\nway","details":{"routes":["rte_1"]}}}"#;
    let (refusing, page) = (
        Fake::answering("409 Conflict", "application/json", problem),
        Fake::answering("200 OK", "text/html", ""),
    );
    let (refusing, page) = (refusing.url(), page.url());
    for (args, exit, code) in [
        (&["frobnicate"][..], 2, "usage"),
        (&[], 2, "usage"),
        (&["app", "list", "--url", "nowhere"], 2, "usage"),
        (&["check", "gone.rhai"], 2, "usage"),
        (&["run", "gone.rhai"], 2, "usage"),
        (&["push", &wrong, "--app", "a"], 1, "refused"),
        (&["app", "list", "--url", &page], 1, "not_picloud"),
        (&["app", "list", "--url", "http://127.0.0.1:9"], 1, "unreachable"),
        (&["app", "create", "a", "--url", &refusing], 1, "in_use"),
        (&["app", "list", "--url", &refusing], 1, "in_use"),
        (&["logs", "--app", "a", "--url", &refusing], 1, "in_use"),
        (&["executions", "--app", "a", "--url", &refusing], 1, "in_use"),
        (&["token", "revoke", "t", "--app", "a", "--url", &refusing], 1, "in_use"),
    ] {
        let mut command = picloud(["--json"]);
        let ended = Ended::of(command.args(args).env("PICLOUD_TOKEN", "pic_x"));
        assert_eq!((ended.code, ended.text()), (exit, ""), "{args:?}: {}", ended.stderr);
        let error: serde_json::Value = serde_json::from_str(&ended.stderr).expect("one JSON document");
        let error = &error["error"];
        assert_eq!(error["code"], code, "{args:?}: {error}");
        assert!(
            error["message"].is_string() && error.get("details").is_some(),
            "{error}"
        );
        if code == "in_use" {
            assert_eq!(error["details"]["routes"][0], "rte_1", "{error}");
        }
    }
    // For a person what a server says is one line.
    let ended = Ended::of(picloud(["app", "list", "--url", &refusing]).env("PICLOUD_TOKEN", "pic_x"));
    assert_eq!(ended.stderr, "error: no\\nway (in_use, 409)\n");
}
