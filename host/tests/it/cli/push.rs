//! `picloud push` of a folder: what its files become, what is refused, and what a server makes of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{fill, folder};
use crate::harness::binary::{Ended, picloud};
use crate::harness::server::Server;

/// `picloud push FOLDER --app acme ARGS`
fn push(folder: &Path, args: &[&str]) -> Command {
    let mut command = picloud(["push", "--app", "acme"]);
    command.args(args).arg(folder);
    command
}

fn push_to(server: &Server, folder: &Path, args: &[&str]) -> Ended {
    let mut command = push(folder, args);
    Ended::of(
        command
            .env("PICLOUD_URL", server.url())
            .env("PICLOUD_TOKEN", server.token()),
    )
}

fn server(data: &Path) -> Server {
    let server = Server::start(data);
    let mut create = picloud(["app", "create", "acme"]);
    let made = Ended::of(
        create
            .env("PICLOUD_URL", server.url())
            .env("PICLOUD_TOKEN", server.token()),
    );
    assert_eq!(made.code, 0, "{}", made.stderr);
    server
}

/// What `path` of the app answers.
fn visit(server: &Server, path: &str) -> String {
    let port = server.at("scripts").rsplit(':').next().expect("a port");
    let url = format!("http://127.0.0.1:{port}/~acme{path}");
    let output = Command::new("curl").args(["-sS", &url]).output().expect("curl");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn a_file_becomes_what_it_can_be() {
    let folder = folder(&[
        ("imported.rhai", "export const N = 1;"),
        ("empty_but_imported.rhai", ""),
        ("helpers.rhai", "// Helpers.\nfn f() { 1 }"),
        ("constants.rhai", "import \"imported\" as i;\nexport const M = i::N;"),
        ("empty.rhai", "// Nothing yet.\n"),
        ("runs.rhai", "import \"empty_but_imported\" as e;\nfn f() { 1 }\nf()"),
        (
            "routed.rhai",
            "// route: get /a/{id}\n//\n// What it does.\n\n// route: ANY /b\n//route:GET /a/{id}\nfn f() { 1 }",
        ),
        ("index.rhai", "1"),
        ("shop/index.rhai", "1"),
        ("shop/indexes.rhai", "1"),
        // Not in the first comment.
        ("late.rhai", "let x = 1;\n// route: GET /never\nx"),
    ]);
    let ended = Ended::of(&mut push(folder.path(), &["--dry-run"]));
    let expected = "\
        module   constants\n\
        endpoint empty\n         ANY /empty (if the app has no endpoint empty yet)\n\
        module   empty_but_imported\n\
        module   helpers\n\
        module   imported\n\
        endpoint index\n         ANY / (if the app has no endpoint index yet)\n\
        endpoint late\n         ANY /late (if the app has no endpoint late yet)\n\
        endpoint routed\n         GET /a/{id}\n         ANY /b\n\
        endpoint runs\n         ANY /runs (if the app has no endpoint runs yet)\n\
        endpoint shop/index\n         ANY /shop (if the app has no endpoint shop/index yet)\n\
        endpoint shop/indexes\n         ANY /shop/indexes (if the app has no endpoint shop/indexes yet)\n";
    assert_eq!((ended.code, ended.text()), (0, expected), "{}", ended.stderr);
    assert!(ended.stderr.contains("11 scripts; nothing is sent"), "{}", ended.stderr);

    let scripts = &Ended::of(&mut push(folder.path(), &["--dry-run", "--json"])).json()["scripts"];
    let routed = json!({
        "name": "routed", "kind": "endpoint", "route_when_new": null,
        "routes": [{ "method": "GET", "pattern": "/a/{id}" }, { "method": "ANY", "pattern": "/b" }],
    });
    assert_eq!(scripts[7], routed);
    assert_eq!(scripts[5]["route_when_new"], json!({ "method": "ANY", "pattern": "/" }));
}

#[test]
fn everything_wrong_with_a_folder_is_shown_and_nothing_is_sent() {
    let folder = folder(&[
        (
            "good.rhai",
            "import \"routed\" as r; import \"loud\" as l; import \"log\" as g; 1",
        ),
        ("syntax.rhai", "let b 2;"),
        ("lib/Money.rhai", "1"),
        ("a-b.rhai", "1"),
        ("routed.rhai", "// route: GET /x\nfn f() { 1 }"),
        ("loud.rhai", "fn f() { 1 }\nprint(1);"),
        ("log.rhai", "fn f() { 1 }"),
        (
            "routes.rhai",
            "// route: GET\n// route: FETCH /x\n//   route: GET /{\n1",
        ),
    ]);
    let ended = Ended::of(&mut push(folder.path(), &[]));
    assert_eq!((ended.code, ended.text()), (1, ""), "{}", ended.stderr);
    for word in [
        "error[syntax]",
        "syntax.rhai:1:7",
        "1 | let b 2;",
        "error[name]: no script can have this file's name",
        "lower-case letters, digits and _",
        "lib/Money.rhai",
        "a-b.rhai",
        "error[route]: a module has no routes, and \"good\" imports this file as one",
        "routed.rhai:1:4",
        "error[not_in_module]",
        "loud.rhai:2:1",
        "error[name]: \"log\" is a word",
        "routes.rhai:1:4",
        "such as 'GET /orders/{id}'",
        "routes.rhai:2:4",
        "FETCH is no method",
        "routes.rhai:3:6",
        "nothing is pushed: 9 errors",
    ] {
        assert!(ended.stderr.contains(word), "no {word} in {}", ended.stderr);
    }
}

#[test]
fn a_folder_is_walked_within_bounds() {
    let folder = folder(&[
        ("seen.rhai", "1"),
        (".hidden.rhai", "(("),
        (".git/hidden.rhai", "(("),
        ("notes.txt", "(("),
    ]);
    std::os::unix::fs::symlink("seen.rhai", folder.path().join("linked.rhai")).expect("a link");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).expect("a link");
    let ended = Ended::of(&mut push(folder.path(), &["--dry-run"]));
    assert!(
        ended.stderr.contains("linked.rhai is skipped: it is a symbolic link"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("1 script; nothing is sent"), "{}", ended.stderr);

    for n in 0..1000 {
        fs::write(folder.path().join(format!("s{n}.rhai")), "1").expect("a file");
    }
    let ended = Ended::of(&mut push(folder.path(), &["--dry-run"]));
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("more than 1000 scripts"), "{}", ended.stderr);
}

#[test]
fn options_for_a_file_are_not_for_a_folder() {
    let folder = folder(&[("a.rhai", "fn f() { 1 }")]);
    for args in [&["--name", "x"][..], &["--kind", "module"], &["--route", "GET /"]] {
        let ended = Ended::of(&mut push(folder.path(), args));
        assert!(
            ended.code == 2 && ended.stderr.contains("is a folder"),
            "{args:?}: {}",
            ended.stderr
        );
    }
    let file = folder.path().join("a.rhai");
    let ended = Ended::of(&mut push(&file, &["--kind", "module", "--route", "GET /"]));
    assert!(
        ended.code == 2 && ended.stderr.contains("no routes"),
        "{}",
        ended.stderr
    );
    let ended = Ended::of(&mut push(&file, &["--kind", "module", "--dry-run"]));
    assert_eq!((ended.code, ended.text()), (0, "module   a\n"), "{}", ended.stderr);
}

#[test]
fn a_folder_is_saved_whole_and_says_what_changed() {
    let data = tempfile::tempdir().expect("a folder");
    let server = server(data.path());
    let money = |unit: &str| format!("export const UNIT = {unit};\nfn text(n) {{ `${{n}} ${{global::UNIT}}` }}");
    let folder = folder(&[
        ("index.rhai", "import \"lib/money\" as m;\nm::text(5)"),
        ("lib/money.rhai", &money("\"EUR\"")),
        (
            "prices.rhai",
            "// route: GET /prices/{n}\nimport \"lib/money\" as m;\nm::text(req.params.n)",
        ),
    ]);
    let pushed = push_to(&server, folder.path(), &[]);
    let expected = "\
        created   endpoint index version 1\n\
        created   module   lib/money version 1\n\
        created   endpoint prices version 1\n\
        ANY / → index\n\
        GET /prices/{n} → prices\n";
    assert_eq!((pushed.code, pushed.text()), (0, expected), "{}", pushed.stderr);
    assert!(
        pushed
            .stderr
            .ends_with("3 created, 0 changed, 0 unchanged, 0 relinked, 2 new routes\n"),
        "{}",
        pushed.stderr
    );
    assert_eq!(
        (visit(&server, "/").as_str(), visit(&server, "/prices/7").as_str()),
        ("5 EUR", "7 EUR")
    );

    // A script outside the folder that imports a module of it is linked anew, too.
    let other = data.path().join("other.rhai");
    fs::write(&other, "import \"lib/money\" as m;\nlet x = m::text(1, 2);\nx").expect("a file");
    let warned = push_to(&server, &other, &[]);
    assert_eq!(
        (warned.code, warned.text()),
        (0, "other version 1\n"),
        "{}",
        warned.stderr
    );
    for word in ["warning[unknown_member]", "other.rhai:2:12"] {
        assert!(warned.stderr.contains(word), "no {word} in {}", warned.stderr);
    }

    fill(folder.path(), &[("lib/money.rhai", &money("\"CHF\""))]);
    let pushed = push_to(&server, folder.path(), &[]);
    let expected = "\
        relinked  endpoint index version 2\n\
        changed   module   lib/money version 2\n\
        relinked  endpoint prices version 2\n\
        relinked  endpoint other version 2\n";
    assert_eq!((pushed.code, pushed.text()), (0, expected), "{}", pushed.stderr);
    assert_eq!(visit(&server, "/"), "5 CHF");

    let pushed = push_to(&server, folder.path(), &["--json"]);
    let answer = pushed.json();
    let changes = answer["scripts"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|script| &script["change"]);
    assert_eq!(
        changes.collect::<Vec<_>>(),
        ["unchanged", "unchanged", "unchanged"],
        "{answer}"
    );
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn what_the_server_refuses_is_shown_at_its_file_and_nothing_is_saved() {
    let data = tempfile::tempdir().expect("a folder");
    let server = server(data.path());
    let folder = folder(&[("a.rhai", "1"), ("b.rhai", "\nimport \"gone\" as g;\n1")]);
    let refused = push_to(&server, folder.path(), &[]);
    assert_eq!((refused.code, refused.text()), (1, ""), "{}", refused.stderr);
    for word in ["error[unknown_module]", "b.rhai:2:8", "2 | import"] {
        assert!(refused.stderr.contains(word), "no {word} in {}", refused.stderr);
    }
    fill(
        folder.path(),
        &[
            ("b.rhai", "1"),
            ("c.rhai", "import \"d\" as d; fn f() { 1 }"),
            ("d.rhai", "import \"c\" as c; fn f() { 1 }"),
        ],
    );
    let refused = push_to(&server, folder.path(), &[]);
    assert!(
        refused.code == 1 && refused.stderr.contains("c → d → c"),
        "{}",
        refused.stderr
    );
    let token = server.token();
    let scripts = Command::new("curl")
        .args([
            "-sS",
            "-H",
            &format!("authorization: Bearer {token}"),
            &format!("{}/api/v1/apps/acme/scripts", server.url()),
        ])
        .output()
        .expect("curl");
    assert_eq!(String::from_utf8_lossy(&scripts.stdout), r#"{"items":[],"next":null}"#);

    // Two endpoints of one address: the message is the server's.
    fs::remove_file(folder.path().join("d.rhai")).expect("gone");
    fill(folder.path(), &[("c.rhai", "// route: ANY /b\n1")]);
    let refused = push_to(&server, folder.path(), &[]);
    assert!(
        refused.code == 1 && refused.stderr.contains("route_conflict"),
        "{}",
        refused.stderr
    );
    assert_eq!(server.stop(), Some(0));
}
