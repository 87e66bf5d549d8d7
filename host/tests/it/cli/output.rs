//! What becomes of results that cannot be written, and of text that would be more than text.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use super::fake::Fake;
use crate::harness::binary::{Ended, picloud};
use crate::harness::server::Server;

fn full() -> File {
    OpenOptions::new().write(true).open("/dev/full").expect("/dev/full")
}

#[test]
fn a_result_that_is_not_written_is_a_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.rhai").display().to_string();
    fs::write(&file, "1").expect("a file");
    let fake = Fake::answering(
        "200 OK",
        "application/json",
        r#"{"items":[{"id":"app_1","name":"a","created_at":"2026-11-30T00:00:00Z"}],"next":null}"#,
    );
    let url = fake.url();
    for args in [
        &["--help"][..],
        &["run", "--help"],
        &["--version"],
        &["version"],
        &["version", "--json"],
        &["check", "--json", &file],
        &["run", &file],
        &["run", "--json", &file],
        &["push", "--dry-run", "--app", "a", &file],
        &["app", "list", "--url", &url],
        &["app", "list", "--json", "--url", &url],
    ] {
        let ended = Ended::of(picloud(args).env("PICLOUD_TOKEN", "pic_x").stdout(full()));
        assert_eq!(ended.code, 1, "{args:?}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("cannot write the result"),
            "{args:?}: {}",
            ended.stderr
        );
    }
}

#[test]
fn a_secret_that_nobody_saw_is_revoked() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let (url, token) = (server.url(), server.token());
    let of_server = |args: &[&str]| {
        let mut command = picloud(args);
        command.env("PICLOUD_URL", url).env("PICLOUD_TOKEN", &token);
        command
    };
    let create = ["token", "create", "--app", "demo", "--role", "owner"];
    let (reader, closed) = std::io::pipe().expect("a pipe");
    drop(reader);
    for out in [Stdio::from(full()), Stdio::from(closed)] {
        let ended = Ended::of(of_server(&create).stdout(out));
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        assert!(ended.stderr.contains("the token is revoked again"), "{}", ended.stderr);
    }
    assert_eq!(
        Ended::of(&mut of_server(&["token", "list", "--app", "demo"])).text(),
        ""
    );

    let made = Ended::of(&mut of_server(&create));
    assert!(
        made.code == 0 && made.stderr.starts_with("an owner of demo"),
        "{}",
        made.stderr
    );
    let listed = Ended::of(&mut of_server(&["token", "list", "--app", "demo"]));
    let id = listed.text().split(' ').next().expect("an id").to_owned();
    assert!(
        id.starts_with("tok_") && listed.text().contains(" owner pic_"),
        "{}",
        listed.text()
    );
    let viewer = |code| {
        let seen = Ended::of(of_server(&["app", "list"]).env("PICLOUD_TOKEN", made.text().trim()));
        assert_eq!(seen.code, code, "{}", seen.stderr);
    };
    viewer(0);
    let revoked = Ended::of(&mut of_server(&["token", "revoke", &id, "--app", "demo"]));
    assert_eq!(revoked.code, 0, "{}", revoked.stderr);
    viewer(1);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let fake = Fake::answering("200 OK", "application/json", r#"{"items":[],"next":null}"#);
    let (reader, closed) = std::io::pipe().expect("a pipe");
    let mut command = picloud([
        "logs",
        "--follow",
        "--app",
        "a",
        "--token",
        "pic_x",
        "--url",
        &fake.url(),
    ]);
    let child = command
        .stdout(closed)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be started");
    drop(command);
    // Nothing is ever written, so that only a look at the pipe tells.
    drop(reader);
    let ended = child.wait_with_output().expect("its end");
    assert_eq!(
        (ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()),
        (Some(0), "")
    );

    let (reader, closed) = std::io::pipe().expect("a pipe");
    drop(reader);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("wrong.rhai");
    fs::write(&file, "let b 2;").expect("a file");
    // What was found out stays so.
    let ended = Ended::of(picloud(["check"]).arg(&file).stdout(closed));
    assert_eq!((ended.code, ended.stderr.as_str()), (1, "1 checked, 1 with errors\n"));
}

#[test]
fn foreign_text_makes_no_line_of_its_own() {
    let evil = "x\\n2026-11-26T00:00:00.000000Z exe_0 forged replied\\r\\u001b[2J\\u202e\\u2028\\u0085y";
    let time = "2026-11-30T00:00:00Z";
    let run = format!(
        r#""id":"{evil}","created_at":"{time}","started_at":"{time}","script":"{evil}","version":1,"seq":1,"status":200,
        "ending":"threw","summary":"{evil}","kind":"{evil}","method":"{evil}","path":"{evil}","usage":{{"fuel":1,"memory_bytes":1,"wall_us":1,"host_calls":1,"log_bytes":1}}"#
    );
    let log = format!(
        r#""log":[{{"level":"info","message":"{evil}","fields":{{"{evil}":"{evil}"}}}}],
        "error":{{"code":"thrown","message":"{evil}","stack":[{{"module":"{evil}","function":"{evil}","line":1,"column":1}}]}}"#
    );
    let page = format!(r#"{{"items":[{{"name":"{evil}",{run},{log}}}],"next":null,{run},{log}}}"#);
    let fake = Fake::answering("200 OK", "application/json", &page);
    for (command, lines) in [
        (&["logs", "--app", "a"][..], 2),
        (&["executions", "--app", "a"], 1),
        (&["app", "list"], 1),
    ] {
        let ended = Ended::of(picloud(command).args(["--token", "pic_x", "--url", &fake.url()]));
        assert_eq!(ended.code, 0, "{command:?}: {}", ended.stderr);
        let text = ended.text();
        assert_eq!(text.lines().count(), lines, "{command:?}: {text}");
        let acts = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2028}".contains(c));
        assert!(!text.contains(acts), "{command:?}: {text:?}");
    }

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.rhai");
    let source = "print(\"a\\nerror[b]: c\\x1b[2J\"); reply(200).header(\"x-a\", \"é\"); throw \"d\\n  at e:1:1\"";
    fs::write(&file, source).expect("a file");
    let ended = Ended::of(picloud(["run"]).arg(&file));
    for line in ["info  a\\nerror[b]: c·[2J", "error[thrown]: d\\n  at e:1:1"] {
        assert!(
            ended.stderr.lines().any(|shown| shown == line),
            "no {line} in {}",
            ended.stderr
        );
    }
}

#[test]
fn a_start_that_is_written_down_has_no_token_in_it() {
    let data = tempfile::tempdir().expect("a folder");
    let mut command = picloud(["serve"]);
    command.env("PICLOUD_DATA", data.path());
    let mut child = command
        .env("PICLOUD_BIND", "127.0.0.1:0")
        .env("PICLOUD_ADMIN_BIND", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let said: Vec<String> = lines.take(5).map(|line| line.expect("a line")).collect();
    child.kill().and_then(|()| child.wait()).expect("its end");
    let said = said.join("\n");
    assert!(
        said.contains("operator.token") && said.contains("try             curl "),
        "{said}"
    );
    assert!(!said.contains("pic_"), "{said}");
}
