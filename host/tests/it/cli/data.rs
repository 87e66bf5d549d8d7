//! What an app keeps, from the command line.

use std::fs;
use std::io::Write as _;

use crate::harness::binary::{Ended, picloud};
use crate::harness::server::Server;

/// A server with the app `shop`, and a folder for files.
pub(super) struct Shell {
    folder: tempfile::TempDir,
    pub(super) server: Server,
}

impl Shell {
    pub(super) fn start() -> Self {
        Self::with(&[])
    }

    pub(super) fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::with(folder.path(), "", settings);
        let shell = Self { folder, server };
        shell.done(&["app", "create", "shop"]);
        shell
    }

    pub(super) fn ended(&self, args: &[&str]) -> Ended {
        let mut command = picloud(args);
        let command = command.env("PICLOUD_URL", self.server.url());
        Ended::of(command.env("PICLOUD_TOKEN", self.server.token()))
    }

    pub(super) fn done(&self, args: &[&str]) -> String {
        let ended = self.ended(args);
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.stderr);
        ended.text().to_owned()
    }

    pub(super) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

#[test]
fn keys_are_set_listed_and_carried_elsewhere() {
    let shell = Shell::start();
    shell.done(&["kv", "set", "shop", "a/b c", r#"{"n": 1.0, "c": {"$char": "x"}}"#]);
    shell.done(&["kv", "set", "shop", "text", "1.50 €\u{202e}", "--text", "--ttl", "1h"]);
    shell.done(&["kv", "set", "shop", "minus", "-5"]);
    shell.done(&["kv", "set", "shop", "null", "null"]);
    assert_eq!(
        shell.done(&["kv", "get", "shop", "a/b c"]),
        "{\"c\":{\"$char\":\"x\"},\"n\":1.0}\n"
    );
    assert_eq!(shell.done(&["kv", "get", "shop", "text", "--text"]), "1.50 €\u{202e}");
    let listed = shell.done(&["kv", "list", "shop", "--values"]);
    assert_eq!(
        listed,
        "a/b c {\"c\":{\"$char\":\"x\"},\"n\":1.0}\nminus -5\nnull null\ntext \"1.50 €·\"\n"
    );
    let page = shell.ended(&["kv", "list", "shop", "--limit", "1", "--reverse"]);
    assert_eq!(page.text(), "text\n");
    let next = page.stderr.trim().rsplit(' ').next().expect("where it goes on");
    let rest = shell.done(&["kv", "list", "shop", "--reverse", "--after", next, "--prefix", ""]);
    assert_eq!(rest, "null\nminus\na/b c\n");

    let file = shell.file("keys");
    assert_eq!(shell.ended(&["kv", "export", "shop", &file]).code, 0);
    shell.done(&["app", "create", "other"]);
    assert_eq!(shell.done(&["kv", "import", "other", &file]), "4 imported\n");
    for app in ["shop", "other"] {
        let exported = shell.done(&["kv", "export", app, "-", "--prefix", "text"]);
        assert!(
            exported.starts_with(r#"{"key":"text","value":"1.50 €"#) && exported.contains("expires_at"),
            "{exported}"
        );
        assert_eq!(exported.lines().count(), 1);
    }
    shell.done(&["kv", "delete", "shop", "minus"]);
    let gone = shell.ended(&["kv", "get", "shop", "minus"]);
    assert!(
        gone.code == 1 && gone.stderr.contains("no key \"minus\""),
        "{}",
        gone.stderr
    );
    for args in [
        &["kv", "set", "shop", "k", "no json"][..],
        &["kv", "import", "shop", "/nowhere/at/all"],
        &["docs", "find", "shop", "c", "--filter", "{"],
    ] {
        assert_eq!(shell.ended(args).code, 2, "{args:?}");
    }
    assert_eq!(shell.server.stop(), Some(0));
}

#[test]
fn documents_are_imported_indexed_found_and_exported() {
    let shell = Shell::start();
    let file = shell.file("people");
    let mut lines = fs::File::create(&file).expect("a file");
    for n in 0..1200 {
        writeln!(
            lines,
            r#"{{"id":"p{n:04}","n":{n},"at":{{"city":"{}"}}}}"#,
            ["Bern", "Thun"][n % 2]
        )
        .expect("a line");
        if n == 7 {
            writeln!(lines).expect("an empty line");
        }
    }
    drop(lines);
    assert_eq!(
        shell.done(&["docs", "import", "shop", "people", &file]),
        "1200 imported\n"
    );
    assert_eq!(
        shell.done(&["docs", "index", "shop", "people", "at.city", "n"]),
        "at_city_n ready\n"
    );
    let name = shell.done(&["docs", "index", "shop", "people", "n", "--unique", "--name", "by_n"]);
    assert_eq!(name, "by_n ready\n");
    assert_eq!(
        shell.done(&["docs", "indexes", "shop", "people"]),
        "at_city_n ready at.city n\nby_n ready unique n\n"
    );
    let filter = r#"{"at.city": "Thun", "n": {"lt": 1000}}"#;
    let found = shell.ended(&[
        "docs",
        "find",
        "shop",
        "people",
        "--filter",
        filter,
        "--sort",
        "-n",
        "--limit",
        "2",
        "--fields",
        "n",
        "--explain",
    ]);
    assert_eq!(
        found.text(),
        "{\"id\":\"p0999\",\"n\":999}\n{\"id\":\"p0997\",\"n\":997}\n"
    );
    assert!(
        found.stderr.contains("\"index\":\"at_city_n\"") && found.stderr.contains("there is more: --after "),
        "{}",
        found.stderr
    );

    let failed = shell.ended(&["docs", "index", "shop", "people", "at.city", "--unique"]);
    assert!(
        failed.code == 1 && failed.stderr.contains("have the same values"),
        "{}",
        failed.stderr
    );
    assert_eq!(
        shell.done(&["docs", "unindex", "shop", "people", "by_n"]),
        "by_n removed\n"
    );
    assert_eq!(shell.server.stop(), Some(0));
}

#[test]
fn documents_are_put_got_deleted_and_exported() {
    let shell = Shell::start();
    assert_eq!(
        shell.done(&["docs", "put", "shop", "people", r#"{"id": "own", "x": 1}"#]),
        "own\n"
    );
    assert_eq!(
        shell.done(&["docs", "put", "shop", "people", r#"{"x": 2}"#, "--id", "other"]),
        "other\n"
    );
    let id = shell.done(&["docs", "put", "shop", "people", r#"{"x": 3}"#]);
    let got = shell.done(&["docs", "get", "shop", "people", id.trim()]);
    assert!(got.contains("\"x\":3"), "{got}");
    shell.done(&["docs", "delete", "shop", "people", id.trim()]);
    let exported = shell.done(&["docs", "export", "shop", "people", "-"]);
    assert_eq!(exported.lines().count(), 2);
    assert_eq!(
        shell
            .done(&["--json", "docs", "export", "shop", "people", &shell.file("out")])
            .split_whitespace()
            .collect::<String>(),
        "{\"exported\":2}"
    );
    assert_eq!(fs::read_to_string(shell.file("out")).expect("the file"), exported);
    assert_eq!(shell.server.stop(), Some(0));
}

#[test]
fn what_is_too_much_at_once_goes_in_smaller_parts() {
    let shell = Shell::with(&[
        ("PICLOUD_READS_PER_RUN_MAX", "90"),
        ("PICLOUD_WRITES_PER_RUN_MAX", "70"),
    ]);
    let file = shell.file("many");
    let lines: Vec<String> = (0..600).map(|n| format!(r#"{{"id":"d{n:03}","n":{n}}}"#)).collect();
    fs::write(&file, lines.join("\n")).expect("a file");
    assert_eq!(shell.done(&["docs", "import", "shop", "c", &file]), "600 imported\n");
    assert_eq!(
        shell.done(&["docs", "index", "shop", "c", "n", "--unique"]),
        "n ready\n"
    );
    let exported = shell.done(&["docs", "export", "shop", "c", "-"]);
    assert_eq!(exported.lines().collect::<Vec<_>>(), lines);
    assert_eq!(shell.server.stop(), Some(0));
}

#[test]
fn an_index_is_built_across_a_restart() {
    let mut shell = Shell::start();
    let file = shell.file("many");
    let lines: Vec<String> = (0..3000).map(|n| format!(r#"{{"n":{n}}}"#)).collect();
    fs::write(&file, lines.join("\n")).expect("a file");
    shell.done(&["docs", "import", "shop", "c", &file]);
    shell.done(&["docs", "index", "shop", "c", "n", "--no-wait"]);
    let server = std::mem::replace(
        &mut shell.server,
        Server::start(tempfile::tempdir().expect("a folder").path()),
    );
    assert_eq!(server.stop(), Some(0));
    shell.server = Server::start(shell.folder.path());
    assert_eq!(shell.done(&["docs", "index", "shop", "c", "n"]), "n ready\n");
    let found = shell.ended(&[
        "docs",
        "find",
        "shop",
        "c",
        "--filter",
        r#"{"n": 2999}"#,
        "--fields",
        "n",
        "--explain",
    ]);
    assert!(
        found.text().contains("\"n\":2999") && found.stderr.contains("\"looked_at\":1"),
        "{}",
        found.stderr
    );
    assert_eq!(shell.server.stop(), Some(0));
}

#[test]
fn an_import_says_where_it_stopped() {
    let shell = Shell::start();
    let file = shell.file("lines");
    let mut lines: Vec<String> = (1..=700).map(|n| format!(r#"{{"id":"d{n}"}}"#)).collect();
    lines[617] = r#"{"id":5}"#.to_owned();
    fs::write(&file, lines.join("\n")).expect("a file");
    let ended = shell.ended(&["docs", "import", "shop", "c", &file]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("stopped at line 618; 617 are in") && ended.stderr.contains("string"),
        "{}",
        ended.stderr
    );
    assert_eq!(shell.done(&["docs", "export", "shop", "c", "-"]).lines().count(), 617);
    fs::write(
        &file,
        "{\"key\":\"a\",\"value\":1}\n{\"key\":\"b\",\"value\":123456789012345678901234567890}\n",
    )
    .expect("a file");
    let ended = shell.ended(&["kv", "import", "shop", &file]);
    assert!(
        ended.code == 1
            && ended.stderr.contains("line 2; 1 are in")
            && ended.stderr.contains("123456789012345678901234567890"),
        "{}",
        ended.stderr
    );
    fs::write(&file, "{\"key\":\"c\",\"value\":1}\nno json\n").expect("a file");
    let ended = shell.ended(&["kv", "import", "shop", &file]);
    assert!(
        ended.code == 1 && ended.stderr.contains("stopped at line 2; 1 are in: no JSON"),
        "{}",
        ended.stderr
    );
    assert_eq!(shell.done(&["kv", "list", "shop"]), "a\nc\n");
    assert_eq!(shell.server.stop(), Some(0));
}

#[test]
fn a_run_has_a_file_of_what_it_keeps() {
    let folder = tempfile::tempdir().unwrap();
    let (script, data) = (folder.path().join("s.rhai"), folder.path().join("data.jsonl"));
    let run = |source: &str| {
        std::fs::write(&script, source).unwrap();
        Ended::of(picloud(["run"]).arg(&script).arg("--data").arg(&data))
    };
    let count = "docs::upsert(\"c\", \"one\", #{ v: 'x' }); kv::incr(\"n\")";
    assert_eq!(run(count).text(), "1");
    assert_eq!(run(count).text(), "2");
    let lines = std::fs::read_to_string(&data).unwrap();
    let document = "{\"collection\":\"c\",\"document\":{\"id\":\"one\",\"v\":{\"$char\":\"x\"}}}";
    assert_eq!(lines, format!("{{\"key\":\"n\",\"value\":2}}\n{document}\n"));
    // What ends badly leaves nothing.
    assert_eq!(run("kv::incr(\"n\"); throw 1").code, 1);
    assert_eq!(std::fs::read_to_string(&data).unwrap(), lines);
    std::fs::write(&data, "{\"key\": \"n\"}\n").unwrap();
    let refused = run(count);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("data.jsonl:1"), "{}", refused.stderr);
    // In memory without one.
    std::fs::write(&script, "kv::incr(\"n\")").unwrap();
    assert_eq!(Ended::of(picloud(["run"]).arg(&script)).text(), "1");
}

#[test]
fn a_schema_is_set_shown_and_removed() {
    let shell = Shell::start();
    let file = shell.file("schema.json");
    let schema = "{\n  \"required\": [\"n\"]\n}";
    fs::write(&file, format!("{schema}\n")).expect("a file");
    let run = |rest: &[&str]| shell.ended(&[&["docs", "schema", "shop", "c"], rest].concat());
    assert_eq!(run(&[]).code, 1);
    assert_eq!(run(&["--set", &file]).text(), "schema of c set\n");
    assert_eq!(run(&[]).text(), format!("{schema}\n"));
    let refused = shell.ended(&["docs", "put", "shop", "c", "{\"m\": 1}"]);
    assert!(
        refused.code == 1 && refused.stderr.contains("\"n\" is a required property"),
        "{}",
        refused.stderr
    );
    let lines = shell.file("lines");
    fs::write(&lines, "{\"n\":1}\n{\"m\":1}\n").expect("a file");
    let imported = shell.ended(&["docs", "import", "shop", "c", &lines]);
    assert!(
        imported.stderr.contains("stopped at line 2; 1 are in"),
        "{}",
        imported.stderr
    );
    fs::write(&file, "{\"type\": 5}").expect("a file");
    let wrong = run(&["--set", &file]);
    assert!(wrong.code == 1 && wrong.stderr.contains("`type`"), "{}", wrong.stderr);
    assert_eq!(run(&["--set", &file, "--remove"]).code, 2);
    assert_eq!(run(&["--set", "/nowhere/at/all"]).code, 2);
    assert_eq!(run(&["--remove"]).text(), "schema of c removed\n");
    assert_eq!(run(&["--remove"]).code, 1);
    assert_eq!(shell.server.stop(), Some(0));
}

#[test]
fn what_collections_take_is_listed() {
    let shell = Shell::start();
    shell.done(&["kv", "set", "shop", "a", "1"]);
    for id in ["x", "y"] {
        shell.done(&["docs", "put", "shop", "people", "{}", "--id", id]);
    }
    shell.done(&["docs", "put", "shop", "orders", "{}", "--id", "x"]);
    let listed = shell.ended(&["docs", "collections", "shop"]);
    let lines: Vec<&str> = listed.text().lines().collect();
    assert!(
        lines.len() == 2
            && lines[0].starts_with("orders documents=1 bytes=")
            && lines[1].starts_with("people documents=2 bytes="),
        "{lines:?}"
    );
    assert!(listed.stderr.contains("keys and values: 1 keys, "), "{}", listed.stderr);
    assert!(listed.stderr.contains("in all: 4 of "), "{}", listed.stderr);
    let json = shell.done(&["--json", "docs", "collections", "shop"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        (&json["collections"][1]["documents"], &json["usage"]["keys"]),
        (&2.into(), &4.into())
    );
    assert_eq!(shell.server.stop(), Some(0));
}
