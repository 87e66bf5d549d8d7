//! Queues, subscriptions, changes and dead letters from the command line.

use std::fs;

use serde_json::{Value, json};

use super::data::Shell;
use super::fake::Fake;
use crate::harness::binary::{Ended, picloud};

/// Looks at most; each is a process of its own.
const LOOKS_MAX: usize = 3_000;

impl Shell {
    /// Saves a script of that name.
    fn script(&self, name: &str, source: &str) {
        let file = self.file(&format!("{name}.rhai"));
        fs::write(&file, source).expect("a file");
        self.done(&["push", &file, "--app", "shop"]);
    }

    fn json(&self, args: &[&str]) -> Value {
        let ended = self.ended(&[args, &["--app", "shop", "--json"]].concat());
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.stderr);
        ended.json()
    }

    /// Waits until nothing waits for one of them.
    fn until_done(&self, noun: &str, name: &str) -> Value {
        let mut looks = (0..LOOKS_MAX).map(|_| self.json(&[noun, "show", name]));
        looks.find(|told| told["waiting"] == 0).expect("it is never done")
    }
}

/// For the app.
fn of_app<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &["--app", "shop"]].concat()
}

#[test]
fn queues_are_set_changed_and_paused() {
    let shell = Shell::start();
    let done = |args: &[&str]| shell.done(&of_app(args));
    let refused = shell.ended(&of_app(&["queue", "set", "work"]));
    assert!(
        refused.code == 2 && refused.stderr.contains("no queue \"work\"; a new queue needs --script"),
        "{}",
        refused.stderr
    );
    shell.script("take", "1");
    let set = [
        "queue",
        "set",
        "work",
        "--script",
        "take",
        "--attempts",
        "3",
        "--backoff",
        "1m30s",
    ];
    assert_eq!(done(&set), "work set\n");
    assert_eq!(done(&["queue", "pause", "work"]), "work paused\n");
    // What is not said stays as it is.
    done(&["queue", "set", "work", "--batch", "10"]);
    done(&["queue", "set", "work", "--concurrency", "2", "--backoff-max", "2h"]);
    let told = shell.json(&["queue", "show", "work"]);
    for (field, value) in [
        ("script", json!("take")),
        ("attempts", json!(3)),
        ("backoff_ms", json!(90_000)),
        ("backoff_ms_max", json!(7_200_000)),
        ("concurrency", json!(2)),
        ("batch", json!(10)),
        ("paused", json!(true)),
    ] {
        assert_eq!(told[field], value, "{field}: {told}");
    }
    assert_eq!(done(&["queue", "resume", "work"]), "work resumed\n");
    assert_eq!(shell.json(&["queue", "show", "work"])["paused"], false);
    for (args, code) in [
        (&["queue", "set", "work", "--backoff", "1"][..], 2),
        (&["queue", "show", ".."], 2),
        (&["queue", "set", "work", "--concurrency", "0"], 1),
        (&["queue", "set", "work", "--script", "nobody"], 1),
        (&["queue", "pause", "nobody"], 1),
    ] {
        let ended = shell.ended(&of_app(args));
        assert_eq!((ended.code, ended.text()), (code, ""), "{args:?}");
    }
    assert_eq!(done(&["queue", "delete", "work"]), "work deleted\n");
    assert_eq!(done(&["queue", "list"]), "");
    assert_eq!(shell.server.stop(), Some(0));
}

#[test]
fn queues_are_sent_to() {
    let shell = Shell::start();
    let done = |args: &[&str]| shell.done(&of_app(args));
    shell.script("take", "kv::set(`got/${event.id}`, event.body); kv::incr(\"count\")");
    done(&["queue", "set", "work", "--script", "take"]);
    done(&["queue", "pause", "work"]);
    done(&["queue", "send", "work", "-5", "--delay", "10m", "--expires", "1h"]);
    done(&["queue", "send", "work"]);
    for _ in 0..2 {
        let send = [
            "queue",
            "send",
            "work",
            "{\"n\": 1.0}",
            "--key",
            "k",
            "--dedup",
            "d",
            "--attempts",
            "2",
        ];
        assert_eq!(done(&send), "work sent\n");
    }
    assert_eq!(
        done(&["queue", "list"]),
        "work  take  batch=1  3 waiting  0 dead  paused\n"
    );
    assert_eq!(done(&["queue", "purge", "work"]), "3 messages deleted\n");
    let body = shell.file("body");
    fs::write(&body, "{\"text\": \"\\u00e4\"}\n").expect("a file");
    let mut send = picloud(of_app(&["queue", "send", "work", "-"]));
    send.stdin(fs::File::open(&body).expect("the file"))
        .env("PICLOUD_URL", shell.server.url())
        .env("PICLOUD_TOKEN", shell.server.token());
    assert_eq!(Ended::of(&mut send).text(), "work sent\n");
    done(&["queue", "resume", "work"]);
    shell.until_done("queue", "work");
    assert_eq!(shell.done(&["kv", "get", "shop", "count"]), "1\n");
    let listed = shell.done(&["kv", "list", "shop", "--prefix", "got/", "--values"]);
    assert!(listed.ends_with(" {\"text\":\"\u{e4}\"}\n"), "{listed}");
    for (args, code) in [
        (&["queue", "send", "work", "{"][..], 2),
        (&["queue", "send", "work", "1", "--delay", "soon"], 2),
        (&["queue", "send", "nobody", "1"], 1),
        (&["queue", "send", "work", "1", "--attempts", "101"], 1),
    ] {
        let ended = shell.ended(&of_app(args));
        assert_eq!((ended.code, ended.text()), (code, ""), "{args:?}");
    }
}

/// An app with a queue, in which three messages died.
fn with_dead_letters() -> Shell {
    let shell = Shell::start();
    let throws = "if event.body.n > 6 { throw #{ code: \"poison\", message: \"a\\nb\" } } kv::incr(\"count\")";
    shell.script("take", throws);
    shell.done(&of_app(&[
        "queue",
        "set",
        "work",
        "--script",
        "take",
        "--attempts",
        "1",
    ]));
    for n in 6..10 {
        shell.done(&of_app(&["queue", "send", "work", &format!("{{\"n\":{n}}}")]));
    }
    assert_eq!(shell.until_done("queue", "work")["dead"], 3);
    shell
}

#[test]
fn dead_letters_are_listed_and_shown() {
    let shell = with_dead_letters();
    let done = |args: &[&str]| shell.done(&of_app(args));
    let listed = done(&["letter", "list"]);
    assert_eq!(listed.lines().count(), 3, "{listed}");
    for line in listed.lines() {
        for part in ["  queue work  1 attempts  20", "  poison: a\\nb"] {
            assert!(line.contains(part), "no {part} in {line}");
        }
    }
    let page = shell.ended(&of_app(&["letter", "list", "--limit", "2", "--queue", "work"]));
    let next = page.stderr.trim().rsplit(' ').next().expect("where it goes on");
    let rest = done(&["letter", "list", "--after", next]);
    assert_eq!(format!("{}{rest}", page.text()), listed);
    assert_eq!(done(&["letter", "list", "--change", "work"]), "");
    let id = listed.split(' ').next().expect("an id");
    let shown = done(&["letter", "show", id]);
    for line in [
        &format!("id: {id}"),
        "name: work",
        "attempt: 1",
        "body: {\"n\":9}",
        "chain: queue work",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "no {line} in {shown}");
    }
    assert_eq!(shell.json(&["letter", "show", id])["error"]["code"], "poison");
    for (args, code) in [
        (&["letter", "requeue"][..], 2),
        (&["letter", "requeue", "1", "--all"], 2),
        (&["letter", "requeue", "--all"], 2),
        (&["letter", "requeue", "1", "--body", "/no/such/file"], 2),
        (&["letter", "purge"], 2),
        (&["letter", "purge", "--queue", "a", "--change", "b"], 2),
        (&["letter", "show", "999"], 1),
    ] {
        let ended = shell.ended(&of_app(args));
        assert_eq!((ended.code, ended.text()), (code, ""), "{args:?}: {}", ended.stderr);
    }
}

#[test]
fn dead_letters_are_mended_and_handed_out_again() {
    let shell = with_dead_letters();
    let done = |args: &[&str]| shell.done(&of_app(args));
    let listed = done(&["letter", "list"]);
    let ids: Vec<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    // One with another body, the others with another script.
    let body = shell.file("body");
    fs::write(&body, "{\"n\": 1}").expect("a file");
    let mended = format!("{} handed out again\n", ids[0]);
    assert_eq!(done(&["letter", "requeue", ids[0], "--body", &body]), mended);
    assert_eq!(shell.until_done("queue", "work")["dead"], 2);
    assert_eq!(done(&["letter", "delete", ids[1]]), format!("{} deleted\n", ids[1]));
    shell.script("take", "kv::incr(\"count\")");
    let again = done(&["letter", "requeue", "--all", "--queue", "work"]);
    assert_eq!(again, "1 dead letters handed out again\n");
    assert_eq!(shell.until_done("queue", "work")["dead"], 0);
    assert_eq!(shell.done(&["kv", "get", "shop", "count"]), "3\n");
    assert_eq!(
        done(&["letter", "purge", "--queue", "work"]),
        "0 dead letters deleted\n"
    );
}

#[test]
fn subscriptions_and_changes_are_set_and_told() {
    let shell = Shell::start();
    let done = |args: &[&str]| shell.done(&[args, &["--app", "shop"]].concat());
    shell.script("note", "kv::set(`got/${event.kind}`, event.name)");
    done(&["subscription", "set", "paid", "--script", "note", "--topic", "orders.*"]);
    assert_eq!(
        done(&["subscription", "list"]),
        "paid  note  topic=orders.*  0 waiting  0 dead\n"
    );
    done(&["subscription", "set", "paid", "--attempts", "2"]);
    assert_eq!(shell.json(&["subscription", "show", "paid"])["topic"], "orders.*");
    done(&["change", "set", "users", "--script", "note", "--prefix", "user/"]);
    done(&["change", "pause", "users"]);
    // The one takes the place of the other, and the rest stays.
    done(&["change", "set", "users", "--collection", "users"]);
    assert_eq!(
        done(&["change", "list"]),
        "users  note  collection=users  0 waiting  0 dead  paused\n"
    );
    done(&["change", "set", "users", "--prefix", ""]);
    done(&["change", "resume", "users"]);
    let shown = done(&["change", "show", "users"]);
    assert!(shown.contains("prefix: \n") && !shown.contains("collection"), "{shown}");
    done(&["change", "set", "users", "--prefix", "user/"]);
    shell.done(&["kv", "set", "shop", "user/1", "1"]);
    shell.until_done("change", "users");
    assert_eq!(shell.done(&["kv", "get", "shop", "got/change"]), "\"users\"\n");
    let both = [
        "change",
        "set",
        "users",
        "--prefix",
        "a",
        "--collection",
        "b",
        "--app",
        "shop",
    ];
    assert_eq!(shell.ended(&both).code, 2);
    let neither = ["change", "set", "new", "--script", "note", "--app", "shop"];
    assert_eq!(shell.ended(&neither).code, 1);
    let none = ["subscription", "set", "new", "--script", "note", "--app", "shop"];
    assert_eq!(shell.ended(&none).code, 1);
    for noun in ["subscription", "change"] {
        let name = if noun == "change" { "users" } else { "paid" };
        assert_eq!(done(&[noun, "delete", name]), format!("{name} deleted\n"));
        assert_eq!(done(&[noun, "list"]), "");
    }
}

#[test]
fn what_is_no_queue_is_not_shown_as_one() {
    for body in ["{\"items\": [{}], \"next\": null}", "{\"items\": [{\"name\": \"a\"}]}"] {
        let fake = Fake::answering("200 OK", "application/json", body);
        let args = ["queue", "list", "--app", "a", "--token", "t", "--url"];
        let ended = Ended::of(picloud(args).arg(fake.url()));
        assert!(
            ended.code == 1 && ended.text().is_empty() && ended.stderr.contains("not what was expected"),
            "{}",
            ended.stderr
        );
        assert!(fake.heard()[0].starts_with("GET /api/v1/apps/a/queues?limit=100 "));
    }
}

#[test]
fn schedules_are_set_tried_and_run() {
    let shell = Shell::start();
    let done = |args: &[&str]| shell.done(&[args, &["--app", "shop"]].concat());
    shell.script("note", "kv::set(`got/${event.kind}`, event.name)");
    let times = done(&["schedule", "preview", "0 9 1 1 *", "--zone", "Asia/Tokyo"]);
    assert_eq!(times.lines().count(), 5, "{times}");
    assert!(times.lines().all(|time| time.contains("-01-01T00:00:00")), "{times}");
    let set = [
        "schedule",
        "set",
        "new",
        "--script",
        "note",
        "--when",
        "0 0 1 1 *",
        "--overlap",
        "queue",
        "--jitter",
        "1s",
    ];
    assert_eq!(done(&set), "new set\n");
    done(&["schedule", "set", "new", "--zone", "Asia/Tokyo", "--catch-up", "none"]);
    let told = shell.json(&["schedule", "show", "new"]);
    for (field, value) in [
        ("when", json!("0 0 1 1 *")),
        ("zone", json!("Asia/Tokyo")),
        ("overlap", json!("queue")),
        ("catch_up", json!("none")),
        ("jitter_ms", json!(1000)),
        ("paused", json!(false)),
    ] {
        assert_eq!(told[field], value, "{field}: {told}");
    }
    assert!(told["next_at"].is_string(), "{told}");
    done(&["schedule", "pause", "new"]);
    assert_eq!(shell.json(&["schedule", "show", "new"])["next_at"], Value::Null);
    done(&["schedule", "resume", "new"]);
    assert_eq!(done(&["schedule", "run", "new"]), "new run\n");
    shell.until_done("schedule", "new");
    assert_eq!(shell.done(&["kv", "get", "shop", "got/schedule"]), "\"new\"\n");
    let runs = done(&["schedule", "runs", "new", "--limit", "5"]);
    assert!(
        runs.lines().count() == 1 && runs.contains(" replied v1 note new "),
        "{runs}"
    );
    let shown = done(&["schedule", "show", "new"]);
    assert!(shown.contains("last: ") && shown.contains("ending=replied"), "{shown}");
    let runs = shell.json(&["schedule", "runs", "new"]);
    assert_eq!(runs.as_array().map(Vec::len), Some(1), "{runs}");
    assert_eq!(
        (&runs[0]["kind"], &runs[0]["name"]),
        (&"schedule".into(), &"new".into())
    );
    for (wrong, code) in [
        (&["schedule", "set", "new", "--overlap", "often"][..], 2),
        (&["schedule", "set", "new", "--when", "soon"], 1),
        (&["schedule", "preview", "61 * * * *"], 1),
        (&["schedule", "run", "other"], 1),
    ] {
        assert_eq!(
            shell.ended(&[wrong, &["--app", "shop"]].concat()).code,
            code,
            "{wrong:?}"
        );
    }
    assert_eq!(done(&["schedule", "delete", "new"]), "new deleted\n");
}
