//! What sets the scripts of an example off besides requests: `triggers.json` of its folder, which says what to set, and then,
//! step by step, what is asked and done, each when nothing is on its way any more.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{json_beside, visit};
use crate::harness::binary::{Ended, picloud};
use crate::harness::server::Server;

/// Looks at what is on its way at most; each is a process of its own.
const LOOKS_MAX: usize = 3_000;

/// What a folder says of them, if it does.
pub(super) fn of(folder: &Path) -> Option<Value> {
    let file = folder.join("triggers.json");
    file.exists().then(|| json_beside(&file, "json"))
}

/// The commands that have something set off a script, as its author would write them.
pub(super) fn that_set(folder: &Path, script: &str) -> Vec<String> {
    let triggers = of(folder).unwrap_or_default();
    let set = triggers["set"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let of_script = set.filter(|command| format!("{command} ").contains(&format!("--script {script} ")));
    of_script
        .map(|command| format!("picloud {command} --app demo"))
        .collect()
}

/// Sets what a folder says.
pub(super) fn set(server: &Server, folder: &Path) {
    let triggers = of(folder).unwrap_or_default();
    for command in triggers["set"].as_array().into_iter().flatten() {
        done(server, command.as_str().expect("a command"));
    }
}

/// Does what a folder says.
pub(super) fn play(server: &Server, folder: &Path) {
    let triggers = of(folder).unwrap_or_default();
    for step in triggers["steps"].as_array().into_iter().flatten() {
        until_nothing_waits(server);
        if let Some(command) = step["picloud"].as_str() {
            let said = done(server, command);
            let says = step["says"].as_str().expect("what it says");
            assert!(said.contains(says), "{}: {command} says {said}", folder.display());
            continue;
        }
        let mut event = step.clone();
        event["body"] = step.get("body").map_or_else(String::new, Value::to_string).into();
        let (status, body) = visit(server, &event);
        assert_eq!(status, step["status"], "{}: {step}: {body}", folder.display());
        if let Some(json) = step.get("json") {
            let body: Value = serde_json::from_str(&body).expect("the reply is JSON");
            assert_eq!(body, *json, "{}: {step}", folder.display());
        }
    }
}

fn done(server: &Server, command: &str) -> String {
    let mut picloud = picloud(command.split(' '));
    picloud
        .args(["--app", "demo"])
        .env("PICLOUD_URL", server.url())
        .env("PICLOUD_TOKEN", server.token());
    let ended = Ended::of(&mut picloud);
    assert_eq!(ended.code, 0, "{command}: {}", ended.stderr);
    ended.text().to_owned()
}

fn until_nothing_waits(server: &Server) {
    let nothing_waits = (0..LOOKS_MAX).any(|_| {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-H", &format!("authorization: Bearer {}", server.token())])
            .arg(format!("{}/api/v1/apps/demo/messages", server.url()));
        Ended::of(&mut curl).json()["items"] == Value::Array(Vec::new())
    });
    assert!(nothing_waits, "something is always on its way");
}
