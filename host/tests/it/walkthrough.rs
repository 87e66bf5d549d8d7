//! The README's five minutes, command by command, against a server; and what a server prints when it starts.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::harness::binary::{Ended, picloud, root};
use crate::harness::server::Server;

/// What `script` prints, with `picloud` on the path and told of the server.
pub(crate) fn bash(script: &str, server: &Server) -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_picloud")).parent().expect("its folder");
    let script = format!("PATH=\"{}:$PATH\"\n{script}", bin.display());
    let Output { status, stdout, stderr } = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(root())
        .env("PICLOUD_URL", server.url())
        .env("PICLOUD_TOKEN", server.token())
        .output()
        .expect("bash");
    let output = String::from_utf8_lossy(&stdout).into_owned();
    assert!(
        status.success(),
        "{status}\n{script}\n{output}\n{}",
        String::from_utf8_lossy(&stderr)
    );
    output
}

/// The second block of commands under "Five minutes", without the line that sets the path.
fn five_minutes() -> String {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let (_, rest) = readme.split_once("## Five minutes").expect("its five minutes");
    let block = rest
        .split("```sh\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("a block of commands");
    let lines: Vec<&str> = block.lines().filter(|line| !line.starts_with("export PATH")).collect();
    lines.join(
        "
",
    )
}

#[test]
fn the_readmes_five_minutes_work_as_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let port = server.at("scripts").rsplit(':').next().expect("a port").to_owned();
    let output = bash(
        &five_minutes().replace("localhost:8080", &format!("localhost:{port}")),
        &server,
    );

    for word in [
        "books version 1",               // push
        "GET /books/{id}",               // its route
        r#""title":"Solaris""#,          // by name
        r#""title":"The Dispossessed""#, // by path
        "year is not a whole number",    // a 422 of the script's own
        "replied v1 books GET /books/2", // executions
        "threw the body is not JSON",    // a caller's mistake
        r#""total": "49.86""#,           // run
    ] {
        let found = output.contains(word) || output.contains(&word.replace("\": \"", "\":\""));
        assert!(found, "no {word} in:\n{output}");
    }
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn the_walk_through_the_api_works_as_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let port = server.at("scripts").rsplit(':').next().expect("a port").to_owned();
    let document = fs::read_to_string(root().join("docs/api.md")).expect("docs/api.md");
    let blocks = document
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    // What stands for an id of the reader's own has an ellipsis.
    let lines: Vec<&str> = blocks
        .flat_map(str::lines)
        .filter(|line| !line.contains("..."))
        .collect();
    let script = lines
        .join("\n")
        .replace("http://127.0.0.1:8081/api/v1", server.at("management"))
        .replace("data/operator.token", server.at("operator_token_file"))
        .replace("localhost:8080", &format!("localhost:{port}"));
    let output = bash(
        &format!("curl() {{ command curl -sS --fail-with-body \"$@\"; }}\n{script}"),
        &server,
    );
    for word in [
        r#""name":"shop""#,
        "Hello, world!",
        r#""pattern":"/hello/{*rest}""#,
        r#""ok":false"#,
        r#"{\"name\":\"Ada\"}"#,
        r#""role":"deployer""#,
    ] {
        assert!(output.contains(word), "no {word} in:\n{output}");
    }
}

#[test]
fn a_start_says_where_everything_is_and_its_curl_line_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let output = bash(&format!("curl -sS {}", server.at("try")), &server);
    assert_eq!(output, "Hello, world!");
    let api = bash(&format!("curl -sS {}/openapi.json", server.at("management")), &server);
    assert!(api.contains("\"openapi\":\"3.1"), "{api}");
}

#[test]
fn the_command_line_speaks_with_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let script = folder.path().join("greet.rhai");
    let remote = |args: &[&str]| {
        let mut command = picloud(args);
        command
            .env("PICLOUD_URL", server.url())
            .env("PICLOUD_DATA", folder.path());
        command
    };
    fs::write(&script, "log::info(\"greeted\", #{ who: 1 }); if req.params.name == \"nobody\" { throw \"who?\"; } `Hi ${req.params.name}`")
        .expect("a file");

    // The operator's token in the data folder is enough.
    assert_eq!(Ended::of(&mut remote(&["app", "create", "acme"])).text(), "acme\n");
    let pushed = Ended::of(remote(&["push", "--app", "acme", "--route", "get /hi/{name}"]).arg(&script));
    assert_eq!(
        (pushed.code, pushed.text()),
        (0, "greet version 1\nGET /hi/{name}\n"),
        "{}",
        pushed.stderr
    );
    // The same again changes nothing.
    let pushed = Ended::of(remote(&["push", "--json", "--app", "acme", "--route", "GET /hi/{name}"]).arg(&script));
    assert_eq!(pushed.json()["script"]["change"], "unchanged", "{}", pushed.stderr);

    let port = server.at("scripts").rsplit(':').next().expect("a port");
    assert_eq!(
        bash(&format!("curl -sS http://acme.localhost:{port}/hi/you"), &server),
        "Hi you"
    );
    bash(&format!("curl -sS http://acme.localhost:{port}/hi/nobody"), &server);
    let logs = Ended::of(&mut remote(&["logs", "--app", "acme"]));
    for word in ["greet info greeted {\"who\":1}", "greet threw who? at 1:"] {
        assert!(logs.text().contains(word), "no {word} in {}", logs.text());
    }
    let executions = Ended::of(&mut remote(&["executions", "--json", "--app", "acme", "--limit", "1"])).json();
    assert_eq!(
        (&executions[0]["ending"], executions.as_array().map(Vec::len)),
        (&"threw".into(), Some(1))
    );

    // A wrong source is shown as `check` shows it, and changes nothing.
    fs::write(&script, "let a = 1;\nlet b 2;").expect("a file");
    let refused = Ended::of(remote(&["push", "--app", "acme"]).arg(&script));
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("greet.rhai:2:7") && refused.stderr.contains("2 | let b 2;"),
        "{}",
        refused.stderr
    );

    // A token of the app sees the app, and is told what it may not do.
    let token = Ended::of(&mut remote(&["token", "create", "--app", "acme", "--role", "viewer"]));
    let viewer = |args: &[&str]| Ended::of(remote(args).env("PICLOUD_TOKEN", token.text().trim()));
    assert_eq!(viewer(&["app", "list"]).text(), "acme\n");
    assert!(viewer(&["app", "create", "other"]).stderr.contains("forbidden"));
    assert!(viewer(&["logs", "--app", "demo"]).stderr.contains("not_found"));
    let stranger = Ended::of(remote(&["app", "list"]).env("PICLOUD_TOKEN", "pic_x"));
    assert!(
        stranger.code == 1 && stranger.stderr.contains("PICLOUD_TOKEN is not accepted"),
        "{}",
        stranger.stderr
    );
}
