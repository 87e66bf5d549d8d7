//! Every script that the docs show runs and answers what stands beside it.

mod triggers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use picloud::routing::Pattern;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::binary::{Ended, picloud, root};
use crate::harness::peer::{Peer, response};
use crate::harness::server::Server;

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

/// Those that have modules.
fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("sdk/examples")).expect("the examples are there");
    let mut folders: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(folders.len() >= 2, "{folders:?}");
    folders
}

/// What a push makes of a folder's files, as its dry run says.
fn planned(folder: &Path) -> Vec<Value> {
    let ended = Ended::of(picloud(["push", "--app", "demo", "--dry-run", "--json"]).arg(folder));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    ended.json()["scripts"].as_array().expect("scripts").clone()
}

/// The files of a folder that answer requests; the others of its endpoints are run for something else.
fn endpoints(folder: &Path) -> Vec<PathBuf> {
    let planned = planned(folder);
    let answers = |script: &&Value| script["kind"] == "endpoint" && script["routes"] != Value::Array(Vec::new());
    let endpoints = planned.iter().filter(answers);
    let files = endpoints.map(|script| folder.join(format!("{}.rhai", script["name"].as_str().expect("a name"))));
    files.collect()
}

fn beside(script: &Path, ending: &str) -> PathBuf {
    script.with_extension(ending)
}

fn json_beside(script: &Path, ending: &str) -> Value {
    let file = beside(script, ending);
    let text = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn every_example_answers_as_expected() {
    for script in examples()
        .into_iter()
        .chain(folders().iter().flat_map(|folder| endpoints(folder)))
    {
        let expected = json_beside(&script, "expect.json");
        let event = beside(&script, "event.json");
        let mut run = picloud(["run", "--json"]);
        run.arg(&script).arg("--event").arg(event);
        let stand_in = beside(&script, "peer.json")
            .exists()
            .then(|| StandIn::of(&script, &mut run));
        let ended = Ended::of(&mut run);
        let ran = ended.json();
        let reply = &ran["reply"];
        assert_eq!(ended.code, 0, "{}: {ran:#}", script.display());
        assert_eq!(ended.stderr, "", "{}", script.display());
        if let Some(stand_in) = stand_in {
            stand_in.was_asked(&script);
        }
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

/// The other service of an example: what it is asked, in order, and what it answers.
struct StandIn {
    peer: Peer,
    exchanges: Vec<Value>,
    _secrets: TempDir,
}

impl StandIn {
    /// As it stands beside a script, which `run` is to call.
    fn of(script: &Path, run: &mut Command) -> Self {
        let told = json_beside(script, "peer.json");
        let exchanges = told["exchanges"].as_array().expect("exchanges").clone();
        let (asked, answers) = (AtomicUsize::new(0), exchanges.clone());
        let peer = Peer::answering("127.0.0.1:0", move |request| {
            let exchange = answers.get(asked.fetch_add(1, Ordering::SeqCst));
            exchange.map_or_else(
                || response(418, &[], b""),
                |exchange| answer(&exchange["response"], request),
            )
        });
        let secrets = tempfile::tempdir().expect("a folder");
        for (name, value) in told["secrets"].as_object().expect("secrets") {
            let file = secrets.path().join(name);
            fs::write(&file, value.as_str().expect("a text")).expect("a file");
            run.arg(format!("--secret={name}={}", file.display()));
        }
        for (name, value) in told["settings"].as_object().expect("settings") {
            run.arg(format!("--env={name}={}", value.as_str().expect("a text")));
        }
        let setting = told["setting"].as_str().expect("a text");
        if !setting.is_empty() {
            run.arg(format!("--env={setting}=http://{}", peer.address));
        }
        run.arg("--allow-net").env("PICLOUD_OUTBOUND_NETWORKS", "127.0.0.1");
        Self {
            peer,
            exchanges,
            _secrets: secrets,
        }
    }

    /// All of it was asked, and nothing else.
    fn was_asked(&self, script: &Path) {
        let requests = self.peer.requests();
        let shown = script.display();
        assert_eq!(requests.len(), self.exchanges.len(), "{shown}: {requests:#?}");
        for (exchange, request) in self.exchanges.iter().zip(&requests) {
            let request = request.to_lowercase();
            for part in exchange["request"].as_array().expect("parts") {
                let part = part.as_str().expect("a text").to_lowercase();
                assert!(request.contains(&part), "{shown}: {part} is not in {request}");
            }
        }
    }
}

/// What a stand-in says; `PEER` is itself.
fn answer(told: &Value, request: &str) -> Vec<u8> {
    if let Some(raw) = told["raw"].as_str() {
        return raw.as_bytes().to_vec();
    }
    let host = request
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default();
    let own = |text: &Value| {
        text.as_str()
            .unwrap_or_default()
            .replace("PEER", &format!("http://{host}"))
    };
    let headers: Vec<(String, String)> = told["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), own(value)))
        .collect();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let body = own(&told["body"]);
    let body = if told["latin1"] == true {
        body.chars()
            .map(|c| u8::try_from(u32::from(c)).expect("Latin-1"))
            .collect()
    } else {
        body.into_bytes()
    };
    let status = u16::try_from(told["status"].as_u64().expect("a status")).expect("a status");
    response(status, &headers, &body)
}

#[test]
fn every_folder_is_pushed_and_answers_by_http() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    for folder in folders() {
        let mut push = picloud(["push", "--app", "demo"]);
        push.arg(&folder)
            .env("PICLOUD_URL", server.url())
            .env("PICLOUD_TOKEN", server.token());
        let pushed = Ended::of(&mut push);
        assert_eq!(pushed.code, 0, "{}", pushed.stderr);
        assert!(!pushed.stderr.contains("warning"), "{}", pushed.stderr);
        triggers::set(&server, &folder);
        for script in endpoints(&folder) {
            let (status, body) = visit(&server, &json_beside(&script, "event.json"));
            let expected = json_beside(&script, "expect.json");
            assert_eq!(status, expected["status"], "{}: {body}", script.display());
            let body: Value = serde_json::from_str(&body).expect("the reply is JSON");
            assert_eq!(body, expected["json"], "{}", script.display());
        }
        triggers::play(&server, &folder);
    }
    assert_eq!(server.stop(), Some(0));
}

/// Status and body of what the app `demo` answers to an event.
fn visit(server: &Server, event: &Value) -> (u16, String) {
    let text = |field: &str| event[field].as_str().unwrap_or_default();
    let port = server.at("scripts").rsplit(':').next().expect("a port");
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-w", "\n%{http_code}"])
        .arg(format!("http://127.0.0.1:{port}/~demo{}", text("path")));
    if event.get("method").is_some() {
        curl.args(["-X", text("method"), "--data-binary", text("body")]);
    }
    for (name, value) in event["headers"].as_object().into_iter().flatten() {
        curl.arg("-H")
            .arg(format!("{name}: {}", value.as_str().expect("one value")));
    }
    let output = String::from_utf8(curl.output().expect("curl").stdout).expect("text");
    let (body, status) = output.rsplit_once('\n').expect("a status");
    (status.parse().expect("a number"), body.to_owned())
}

#[test]
fn every_example_checks() {
    let ended = Ended::of(picloud(["check", "--json"]).args(examples()).args(folders()));
    assert_eq!(ended.code, 0, "{}", ended.text());
    for file in ended.json().as_array().expect("a list") {
        assert_eq!(
            (&file["ok"], &file["diagnostics"]),
            (&true.into(), &Value::Array(Vec::new())),
            "{file}"
        );
    }
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

#[test]
fn every_file_of_a_folder_says_what_it_does_and_every_endpoint_how_to_call_it() {
    for folder in folders() {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let planned = planned(&folder);
        assert!(
            planned.iter().any(|script| script["kind"] == "module") || triggers::of(&folder).is_some(),
            "{name}: a folder is here for its modules, or for what sets its scripts off"
        );
        for script in planned {
            let file = folder.join(format!("{}.rhai", script["name"].as_str().expect("a name")));
            let text = fs::read_to_string(&file).expect("a readable script");
            let head: Vec<&str> = text.lines().take_while(|line| line.starts_with("//")).collect();
            let head = head.join("\n");
            let mut words = Vec::new();
            if script["kind"] == "endpoint" {
                words.push(format!("picloud push {name} --app demo"));
                words.extend(triggers::that_set(&folder, script["name"].as_str().expect("a name")));
            }
            if endpoints(&folder).contains(&file) {
                words.push("http://demo.localhost:8080/".to_owned());
            }
            assert!(!head.is_empty(), "{}: begin with what it does", file.display());
            for word in &words {
                assert!(
                    head.contains(word),
                    "{}: no {word} in its first comment",
                    file.display()
                );
            }
        }
    }
}
