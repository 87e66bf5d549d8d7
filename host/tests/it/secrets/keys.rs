//! The file of keys: made, kept, lost, wrong, and changed while scripts run.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{again, newest, set};
use crate::harness::binary::{Ended, picloud};
use crate::harness::host::TestHost;
use crate::harness::server::Server;

/// A key, as a line.
pub(super) fn line(byte: u8) -> String {
    format!("{}\n", BASE64.encode(&[byte; 32]))
}

fn secret_set(server: &Server, name: &str, value: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("value");
    std::fs::write(&file, value).expect("a file");
    let mut command = picloud(["secret", "set", name, "--app", "shop"]);
    command.stdin(std::fs::File::open(&file).expect("the file"));
    let ended = Ended::of(
        command
            .env("PICLOUD_URL", server.url())
            .env("PICLOUD_TOKEN", server.token()),
    );
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

#[test]
fn a_server_does_not_start_without_the_keys_of_its_secrets() {
    let data = tempfile::tempdir().expect("a folder");
    let file = data.path().join("secrets.key");
    let server = Server::start(data.path());
    let kept = std::fs::read(&file).expect("the keys were made");
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    server.app("shop", &[("/", "secret::get(\"KEY\")")]);
    server.stop();

    // Nothing needs it yet.
    std::fs::remove_file(&file).expect("a file");
    let server = Server::start(data.path());
    assert_ne!(std::fs::read(&file).expect("made anew"), kept);
    let kept = std::fs::read(&file).expect("a file");
    secret_set(&server, "KEY", "hunter2 hunter2\n");
    server.stop();

    let refusal = || Server::refusal(data.path(), "", &[]);
    std::fs::remove_file(&file).expect("a file");
    let said = refusal();
    assert!(
        said.contains("there is no file of keys") && said.contains("put it back"),
        "{said}"
    );
    assert!(!file.exists(), "one was made in its place");
    for (text, says) in [
        (line(9), "is not the file of keys that belongs to this database"),
        ("nonsense\n".to_owned(), "line 1: a key is 32 bytes in base64"),
        (String::new(), "has no key"),
    ] {
        std::fs::write(&file, text).expect("a file");
        let said = refusal();
        assert!(said.contains(says), "{said}");
    }
    std::fs::write(&file, &kept).expect("a file");
    let elsewhere = data.path().join("elsewhere");
    let setting = [("PICLOUD_SECRETS_KEY_FILE", elsewhere.to_str().expect("a path"))];
    let said = Server::refusal(data.path(), "", &setting);
    assert!(said.contains("PICLOUD_SECRETS_KEY_FILE"), "{said}");
    std::fs::rename(&file, &elsewhere).expect("a file");
    let server = Server::with(data.path(), "", &setting);
    assert_eq!(get(&server), "hunter2 hunter2");
    server.stop();
}

fn get(server: &Server) -> String {
    let url = format!("http://{}/~shop/", server.address("scripts"));
    let output = std::process::Command::new("curl")
        .args(["-s", &url])
        .output()
        .expect("curl");
    String::from_utf8(output.stdout).expect("text")
}

#[tokio::test]
async fn the_key_is_changed_while_scripts_are_told() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("GET /", "secret::get(\"K\" + req.query[\"n\"])")])
        .await;
    for n in 0..100 {
        set(&host, "a", &format!("K{n}"), &format!("before {n}")).await;
        set(&host, "a", &format!("K{n}"), &format!("value {n}")).await;
    }
    host.visit("GET http://a.localhost/?n=7").await;
    let id = newest(&host, "a").await;
    let over = AtomicBool::new(false);
    let reading = async {
        let mut reads = 0;
        while !over.load(Ordering::Relaxed) {
            let n = reads % 100;
            let told = host.visit(&format!("GET http://a.localhost/?n={n}")).await;
            assert_eq!(told.text(), format!("value {n}"));
            reads += 1;
        }
        reads
    };
    let changing = async {
        let mut keys = Vec::new();
        for turn in 0..3 {
            let changed = host.manage("POST /secrets/key", Value::Null).await.json();
            assert_eq!(changed["sealed"], json!(200), "{changed}");
            assert_eq!(changed["unused"].as_array().unwrap().len(), turn + 1);
            keys.push(changed["key"].clone());
            // What is loaded anew is opened with the new key.
            host.change("a", json!({ "show_errors": turn % 2 == 0 })).await;
        }
        over.store(true, Ordering::Relaxed);
        keys
    };
    let (reads, mut keys) = tokio::join!(reading, changing);
    assert!(reads > 3, "{reads}");
    keys.dedup();
    assert_eq!(keys.len(), 3);
    assert_eq!(host.number("select count(distinct key_id) from secrets").await, 1);
    assert_eq!(again(&host, &id).await.1["same"], json!(true));
    let file = host.host.config.store.data.join("secrets.key");
    assert_eq!(lines(&file), 4);
    let viewer = host.token("a", "owner").await;
    assert_eq!(
        host.manage_as(&viewer, "POST /secrets/key", Value::Null).await.status,
        403
    );
}

fn lines(file: &Path) -> usize {
    let text = std::fs::read_to_string(file).expect("the keys");
    text.lines().filter(|line| !line.starts_with('#')).count()
}

#[tokio::test]
async fn what_was_moved_in_the_database_is_not_told() {
    let host = TestHost::real(&[]).await;
    for app in ["a", "b"] {
        host.app(
            app,
            &[(
                "GET /",
                "try { return secret::get(\"KEY\"); } catch (e) { return e.code; }",
            )],
        )
        .await;
    }
    set(&host, "a", "KEY", "of the one").await;
    set(&host, "b", "KEY", "of the other").await;
    let moved = "update secrets set sealed =
        (select s.sealed from secrets s join apps a on a.id = s.app_id where a.name = 'b')";
    host.tamper(moved).await;
    for app in ["a", "b"] {
        host.change(app, json!({ "show_errors": true })).await;
    }
    assert_eq!(host.visit("GET http://a.localhost/").await.text(), "secret_unreadable");
    assert_eq!(host.visit("GET http://b.localhost/").await.text(), "of the other");
}

#[test]
fn a_change_of_the_key_that_is_killed_loses_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(data.path());
    server.app(
        "shop",
        &[(
            "/",
            "let all = \"\"; for n in 0..40 { all += secret::get(`K${n}`); } all",
        )],
    );
    for n in 0..40 {
        secret_set(&server, &format!("K{n}"), &format!("value {n}"));
    }
    let expected = (0..40).map(|n| format!("value {n}")).collect::<Vec<_>>().concat();
    for turn in 0..6 {
        let mut command = picloud(["secret", "rotate-key"]);
        let changing = command
            .env("PICLOUD_URL", server.url())
            .env("PICLOUD_TOKEN", server.token());
        let mut changing = changing.stderr(std::process::Stdio::null()).spawn().expect("it starts");
        std::thread::sleep(std::time::Duration::from_millis(20 + 15 * turn));
        server.kill();
        let _ = changing.wait();
        server = Server::start(data.path());
        assert_eq!(get(&server), expected, "turn {turn}");
    }
    server.stop();
}
