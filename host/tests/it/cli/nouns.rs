//! What an app has, seen and changed from the command line: scripts, versions, routes, and the app itself.

use std::fs;

use crate::harness::binary::{Ended, picloud};
use crate::harness::server::Server;

#[test]
fn scripts_versions_and_routes_can_be_seen_and_undone() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let of_server = |args: &[&str]| {
        let mut command = picloud(args);
        Ended::of(
            command
                .env("PICLOUD_URL", server.url())
                .env("PICLOUD_TOKEN", server.token()),
        )
    };
    let done = |args: &[&str]| {
        let ended = of_server(args);
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.stderr);
        ended.text().to_owned()
    };
    let file = |name: &str, text: &str| {
        fs::write(data.path().join(name), text).expect("a file");
        data.path().join(name).display().to_string()
    };
    done(&["app", "create", "shop"]);
    for source in ["// route: GET /x\n1", "// route: GET /x\n2"] {
        done(&["push", &file("old.rhai", source), "--app", "shop"]);
    }
    assert!(done(&["script", "list", "--app", "shop"]).starts_with("endpoint old version 2, "));
    assert_eq!(done(&["script", "show", "old", "--app", "shop"]), "// route: GET /x\n2");
    let shown = done(&["script", "show", "old", "1", "--app", "shop"]);
    assert_eq!(shown, "// route: GET /x\n1");
    done(&["script", "rollback", "old", "1", "--app", "shop"]);
    let versions = done(&["script", "versions", "old", "--app", "shop"]);
    assert!(
        versions.starts_with("2 ") && versions.contains("\n1 (live) "),
        "{versions}"
    );

    // A renamed file is told how to take the place of what it was.
    let renamed = file("new.rhai", "// route: GET /x\n3");
    let refused = of_server(&["push", &renamed, "--app", "shop"]);
    assert!(
        refused.code == 1 && refused.stderr.contains("picloud script delete"),
        "{}",
        refused.stderr
    );
    assert_eq!(of_server(&["script", "delete", "old", "--app", "shop"]).code, 1);
    done(&["script", "delete", "old", "--app", "shop", "--routes"]);
    done(&["push", &renamed, "--app", "shop"]);

    let added = done(&["route", "add", "post /y/{id}", "--app", "shop", "--script", "new"]);
    assert!(added.ends_with(" POST /y/{id} → new\n"), "{added}");
    let id = added.split(' ').next().expect("an id");
    done(&["route", "delete", id, "--app", "shop"]);
    let left = done(&["route", "list", "--app", "shop"]);
    assert!(left.lines().count() == 1 && left.contains("GET /x → new"), "{left}");

    assert!(done(&["app", "show", "shop"]).contains("name \"shop\""));
    assert_eq!(of_server(&["app", "delete", "shop"]).code, 2);
    done(&["app", "delete", "shop", "--everything"]);
    let gone = of_server(&["script", "list", "--app", "shop"]);
    for word in ["there is no app \"shop\"", "picloud app list", "picloud app create"] {
        assert!(gone.stderr.contains(word), "no {word} in {}", gone.stderr);
    }
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_route_says_what_a_key_does_when_that_was_said() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    server.app("shop", &[("/x", "1")]);
    let route = |arguments: &[&str]| {
        let mut command = picloud([&["route"], arguments, &["--app", "shop"]].concat());
        let ended = Ended::of(
            command
                .env("PICLOUD_URL", server.url())
                .env("PICLOUD_TOKEN", server.token()),
        );
        assert_eq!(ended.code, 0, "{arguments:?}: {}", ended.stderr);
        ended.text().to_owned()
    };
    let said = "POST /y → script_0, idempotency: require\n";
    let added = route(&["add", "POST /y", "--script", "script_0", "--idempotency", "require"]);
    assert!(added.ends_with(said), "{added}");
    assert!(route(&["list"]).contains(said));
    let id = added.split(' ').next().expect("an id");
    let changed = route(&["change", id, "--idempotency", "off"]);
    assert!(changed.ends_with("POST /y → script_0, idempotency: off\n"), "{changed}");
    let changed = route(&["change", id, "--idempotency", "accept"]);
    assert!(changed.ends_with("POST /y → script_0\n"), "{changed}");
    let changed = route(&["change", id, "--async", "always"]);
    assert!(changed.contains(", async: always"), "{changed}");
    let both = route(&["change", id, "--async", "off", "--idempotency", "require"]);
    assert!(both.contains(", idempotency: require, async: off"), "{both}");
    let added = route(&["add", "GET /z", "--script", "script_0", "--async", "always"]);
    assert!(added.contains(", async: always"), "{added}");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_folder_can_be_the_whole_app() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let folder = super::folder(&[
        ("old.rhai", "// route: GET /x\nimport \"lib/a\" as a;\na::f()"),
        ("lib/a.rhai", "import \"lib/b\" as b;\nfn f() { b::f() }"),
        ("lib/b.rhai", "fn f() { 1 }"),
    ]);
    let of_server = |args: &[&str]| {
        let mut command = picloud(args);
        command
            .env("PICLOUD_URL", server.url())
            .env("PICLOUD_TOKEN", server.token());
        Ended::of(&mut command)
    };
    let path = folder.path().display().to_string();
    let push = |args: &[&str]| of_server(&[&["push", &path, "--app", "shop"], args].concat());
    assert_eq!(of_server(&["app", "create", "shop"]).code, 0);
    assert_eq!(push(&["--prune"]).code, 0);

    fs::rename(folder.path().join("old.rhai"), folder.path().join("new.rhai")).expect("a new name");
    let refused = push(&[]);
    assert!(
        refused.code == 1 && refused.stderr.contains("--prune"),
        "{}",
        refused.stderr
    );
    let would = push(&["--prune", "--dry-run"]);
    assert!(
        would.text().ends_with("deleted  old\n"),
        "{}{}",
        would.text(),
        would.stderr
    );
    let pushed = push(&["--prune"]);
    assert!(
        pushed.text().contains("deleted   endpoint old\nGET /x → new\n"),
        "{}{}",
        pushed.text(),
        pushed.stderr
    );

    // Modules go with what imports them, and none that is still imported goes.
    fs::remove_file(folder.path().join("lib/b.rhai")).expect("gone");
    let refused = push(&["--prune"]);
    assert!(
        refused.code == 1 && refused.stderr.contains("in_use"),
        "{}",
        refused.stderr
    );
    fs::remove_file(folder.path().join("lib/a.rhai")).expect("gone");
    fs::write(folder.path().join("new.rhai"), "// route: GET /x\n2").expect("a file");
    let pushed = push(&["--prune", "--json"]).json();
    assert_eq!(pushed["deleted"], serde_json::json!(["lib/a", "lib/b"]), "{pushed}");
    assert_eq!(
        of_server(&["script", "list", "--app", "shop"]).text().lines().count(),
        1
    );
    assert_eq!(push(&["--prune"]).code, 0);
    let file = folder.path().join("new.rhai").display().to_string();
    assert_eq!(of_server(&["push", &file, "--app", "shop", "--prune"]).code, 2);
    assert_eq!(server.stop(), Some(0));
}
