//! Secrets and settings from the command line.

use std::fs;
use std::process::Command;

use super::data::Shell;
use crate::harness::binary::{Ended, picloud};

impl Shell {
    fn set_secret(&self, name: &str, value: &[u8]) -> Ended {
        let file = self.file("value");
        fs::write(&file, value).expect("a file");
        let mut command = picloud(["secret", "set", name, "--app", "shop"]);
        command.stdin(fs::File::open(&file).expect("the file"));
        Ended::of(
            command
                .env("PICLOUD_URL", self.server.url())
                .env("PICLOUD_TOKEN", self.server.token()),
        )
    }
}

#[test]
fn secrets_are_set_from_stdin_and_never_shown() {
    let shell = Shell::with(&[("PICLOUD_LOG", "debug")]);
    let set = shell.set_secret("KEY", b"hunter2 hunter2\r\n");
    assert_eq!((set.code, set.text()), (0, "KEY set\n"), "{}", set.stderr);
    let listed = shell.done(&["secret", "list", "--app", "shop"]);
    assert!(listed.starts_with("KEY 20") && listed.lines().count() == 1, "{listed}");
    for bad in [b"".as_slice(), b"\n", b"\xff\xfe", &vec![b'x'; (64 << 10) + 1]] {
        let refused = shell.set_secret("KEY", bad);
        assert_eq!(refused.code, 2, "{}", refused.stderr);
    }
    assert_eq!(shell.set_secret("1KEY", b"value").code, 2);
    let script = shell.file("hello.rhai");
    fs::write(&script, "log::info(secret::get(\"KEY\")); secret::get(\"KEY\").len()").expect("a file");
    shell.done(&["push", &script, "--app", "shop", "--route", "GET /hello"]);
    let url = format!("http://{}/~shop/hello", shell.server.address("scripts"));
    assert_eq!(Ended::of(Command::new("curl").args(["-sS", &url])).text(), "15");
    assert!(shell.done(&["logs", "--app", "shop"]).contains("[secret:KEY]"));
    let changed = shell.done(&["secret", "rotate-key"]);
    assert!(changed.starts_with("1 values are sealed with the key "), "{changed}");
    assert_eq!(
        shell.done(&["secret", "delete", "KEY", "--app", "shop"]),
        "KEY deleted\n"
    );
    let refused = shell.ended(&["secret", "delete", "KEY", "--app", "shop"]);
    assert!(
        refused.code == 1 && refused.stderr.contains("no secret \"KEY\""),
        "{}",
        refused.stderr
    );
    assert!(shell.server.log().contains("DEBUG"), "{}", shell.server.log());
    assert!(!shell.server.log().contains("hunter2"));
    for file in ["picloud.db", "picloud.db-wal"] {
        let bytes = fs::read(shell.file(file)).expect("the database");
        assert!(!bytes.windows(7).any(|window| window == b"hunter2"), "{file} has it");
    }
}

#[test]
fn settings_are_set_shown_and_deleted() {
    let shell = Shell::start();
    shell.done(&["env", "set", "MODE", "--app", "shop", "-test = \u{e9}"]);
    assert_eq!(shell.done(&["env", "get", "MODE", "--app", "shop"]), "-test = \u{e9}\n");
    assert_eq!(shell.done(&["env", "list", "--app", "shop"]), "MODE=-test = \u{e9}\n");
    shell.done(&["env", "delete", "MODE", "--app", "shop"]);
    assert_eq!(shell.ended(&["env", "get", "MODE", "--app", "shop"]).code, 1);
    assert_eq!(shell.done(&["env", "list", "--app", "shop"]), "");
}

#[test]
fn a_run_without_a_server_is_given_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).expect("a file");
        file.display().to_string()
    };
    let script = file(
        "x.rhai",
        "let s = secret::get(\"KEY\"); log::info(`s ${s}`); `${s.len()} ${env::get(\"MODE\")} ${env::get(\"X\", 1)}`",
    );
    let secret = format!("KEY={}", file("key", "hunter2 hunter2\n"));
    let ran = Ended::of(&mut picloud(["run", &script, "--secret", &secret, "--env", "MODE=a=b"]));
    assert_eq!((ran.code, ran.text()), (0, "15 a=b 1"), "{}", ran.stderr);
    assert!(ran.stderr.contains("s [secret:KEY]"), "{}", ran.stderr);
    let ran = Ended::of(&mut picloud(["run", &script]));
    assert!(
        ran.code == 1 && ran.stderr.contains("error[no_secret]"),
        "{}",
        ran.stderr
    );
    for bad in ["KEY", "1=x", "KEY=/no/such/file"] {
        assert_eq!(
            Ended::of(&mut picloud(["run", &script, "--secret", bad])).code,
            2,
            "{bad}"
        );
    }
}

#[test]
fn a_capsule_says_which_secret_it_needs() {
    let shell = Shell::start();
    shell.set_secret("KEY", b"hunter2 hunter2");
    let script = shell.file("hello.rhai");
    fs::write(&script, "log::info(secret::get(\"KEY\")); secret::get(\"KEY\")").expect("a file");
    shell.done(&["push", &script, "--app", "shop", "--route", "GET /hello"]);
    let url = format!("http://{}/~shop/hello", shell.server.address("scripts"));
    let asked = Ended::of(Command::new("curl").args(["-sS", &url]));
    assert_eq!(asked.text(), "hunter2 hunter2");
    let listed = shell.ended(&["executions", "--app", "shop", "--json"]).json();
    let items = listed
        .as_array()
        .or_else(|| listed["items"].as_array())
        .expect("a list");
    let id = items[0]["id"].as_str().expect("an id");
    for with in [&[][..], &["--without-bodies"]] {
        let exported = shell.ended(&[&["export", id, "--app", "shop"], with].concat());
        assert!(
            exported.stderr.contains("not the secrets that it was told: KEY"),
            "{}",
            exported.stderr
        );
        let capsule = shell.file("capsule");
        fs::write(&capsule, &exported.stdout).expect("a file");
        let refused = Ended::of(&mut picloud(["replay", &capsule]));
        assert!(
            refused.code == 2 && refused.stderr.contains("--secret KEY=FILE"),
            "{}",
            refused.stderr
        );
        let secret = format!("KEY={}", shell.file("value"));
        let replayed = Ended::of(&mut picloud(["replay", &capsule, "--secret", &secret]));
        assert!(
            replayed.code == 0 && replayed.text().starts_with("same"),
            "{}",
            replayed.stderr
        );
    }
}
