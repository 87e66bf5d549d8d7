//! Scripts that mean harm, through `check` and `run` with small limits: a positioned error, a named limit or an
//! ordinary answer. Never a crash, a hang, or a word about our own fault.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::harness::binary::{Ended, picloud};

/// What a script may use here: little, so that each ends soon.
const SMALL: [(&str, &str); 6] = [
    ("PICLOUD_FUEL_MAX", "100000000"),
    ("PICLOUD_MEMORY_BYTES_MAX", "33554432"),
    ("PICLOUD_WALL_MS_MAX", "60000"),
    ("PICLOUD_LOG_BYTES_MAX", "16384"),
    ("PICLOUD_REPLY_BYTES_MAX", "1048576"),
    ("PICLOUD_CALL_DEPTH_MAX", "32"),
];

fn corpus() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(files.len() >= 130, "{} scripts only", files.len());
    files
}

fn small(command: &mut Command) -> &mut Command {
    command.envs(SMALL)
}

/// `run --json`, and what it must always be.
fn run(file: &Path) -> Value {
    let ended = Ended::of(small(&mut picloud(["run", "--json"])).arg(file));
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    let ran = ended.json();
    match ran["ending"].as_str() {
        Some("replied") => assert_eq!(ended.code, 0, "{name}"),
        Some("refused") => {
            assert_eq!(ended.code, 1, "{name}");
            assert_diagnosed(&name, &ran["diagnostics"]);
        }
        Some("threw") => {
            assert_eq!(ended.code, 1, "{name}");
            let error = &ran["error"];
            assert!(
                !error["message"].as_str().expect("a message").is_empty(),
                "{name}: {ran:#}"
            );
            let placed = error["stack"][0]["line"].as_u64().is_some_and(|line| line > 0);
            // A last value that cannot be a reply has no place of its own.
            assert!(placed || error["code"] == "bad_reply", "{name}: {ran:#}");
        }
        Some("stopped") => {
            assert_eq!(ended.code, 1, "{name}");
            assert!(
                ran["error"]["limit"].is_string() && ran["error"]["allowed"].is_u64(),
                "{name}: {ran:#}"
            );
        }
        _ => panic!("{name}: {ran:#}"),
    }
    ran
}

fn assert_diagnosed(name: &str, diagnostics: &Value) {
    let diagnostics = diagnostics.as_array().expect("a list");
    assert!(!diagnostics.is_empty(), "{name}: refused for no reason");
    for diagnostic in diagnostics {
        let placed = diagnostic["line"].as_u64().is_some_and(|line| line > 0);
        let named = ["limit", "source_too_large"]
            .iter()
            .any(|code| diagnostic["code"] == *code);
        assert!(placed || named, "{name}: {diagnostic:#}");
    }
}

#[test]
fn the_whole_corpus_checks_to_a_verdict() {
    let files = corpus();
    let ended = Ended::of(small(&mut picloud(["check", "--json"])).args(&files));
    let verdicts = ended.json();
    let verdicts = verdicts.as_array().expect("a list");
    assert_eq!(verdicts.len(), files.len());
    for verdict in verdicts.iter().filter(|verdict| verdict["ok"] == false) {
        assert_diagnosed(verdict["file"].as_str().unwrap_or_default(), &verdict["diagnostics"]);
    }
}

#[test]
fn the_whole_corpus_runs_to_an_ending() {
    let files = corpus();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            run(file);
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
}

#[test]
fn what_has_to_be_stopped_is_stopped_by_its_limit() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    for (script, limit) in [
        ("inf_loop", "fuel"),
        ("try_catch_ops", "fuel"),
        ("str_double", "memory"),
        ("arr_double", "memory"),
        ("blob_double", "memory"),
        ("recur", "call_depth"),
        ("log_flood", "log_bytes"),
        ("reply_100_mb", "memory"),
    ] {
        let ran = run(&folder.join(script).with_extension("rhai"));
        assert_eq!(ran["error"]["limit"], limit, "{script}: {ran:#}");
    }
}

#[test]
fn what_has_to_be_refused_or_thrown_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    for (script, ending) in [
        ("eval_nest", "refused"),
        ("eval_define", "refused"),
        ("eval_deep2", "refused"),
        ("fnptr_name", "threw"),
        ("import_file", "refused"),
        ("sleep", "threw"),
        ("const_map", "threw"),
        ("header_break", "threw"),
        ("header_name", "threw"),
        ("status_range", "threw"),
        ("closure_reply", "threw"),
        ("json_deep", "threw"),
        ("throw_object", "threw"),
    ] {
        let ran = run(&folder.join(script).with_extension("rhai"));
        assert_eq!(ran["ending"], ending, "{script}: {ran:#}");
    }
}

/// `unit(0)`, `unit(1)`, ... between `before` and `after`, as many as the largest source may have.
fn filled(before: &str, unit: impl Fn(usize) -> String, after: &str) -> String {
    let room = (64 << 10) - before.len() - after.len();
    let mut text = before.to_owned();
    for unit in (0..).map(unit) {
        if text.len() - before.len() + unit.len() > room {
            break;
        }
        text.push_str(&unit);
    }
    text + after
}

#[test]
fn parser_bombs_get_a_verdict() {
    let same = |unit: &'static str| move |_: usize| unit.to_owned();
    let sources = [
        filled("", same("("), ""),
        filled("", same("["), ""),
        filled("", same("{"), ""),
        filled("", same("#{a:"), ""),
        filled("", same("!"), "true"),
        filled("", same("- "), "1"),
        filled("", same("f("), ""),
        filled("let a=#{};a", same(".a"), ""),
        filled("let a=[1];a", same("[0]"), ""),
        filled("2", same("**2"), ""),
        filled("true", same("&&true"), ""),
        filled("()", same("??()"), ""),
        filled("", same("if true {"), ""),
        filled("if true {1}", same(" else if true {1}"), ""),
        filled("", same("try{"), ""),
        filled("", same("`${"), ""),
        filled("||", same("|x| "), "1"),
        filled("", same("/*"), ""),
        filled("", same("\n"), "("),
        filled("\"", same("a"), ""),
        filled("let ", same("a"), " = 1;"),
        filled("1", same("1"), ""),
        filled("0x", same("f"), ""),
        filled("fn f(z", |i| format!(",a{i}"), ") {} 1"),
        filled("let f=|z", |i| format!(",a{i}"), "| 1; 1"),
        filled("", |i| format!("let v{i}={i};"), ""),
        filled("", |i| format!("const A{i}={i};"), ""),
        filled("switch 5 {", |i| format!("{i}=>{i},"), "}"),
        filled("#{", |i| format!("a{i}:{i},"), "}.len"),
        filled("", |i| format!("import \"m{i}\" as m{i};"), "1"),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let files: Vec<_> = (0..sources.len())
        .map(|at| folder.path().join(format!("bomb_{at}.rhai")))
        .collect();
    for (file, source) in files.iter().zip(&sources) {
        fs::write(file, source).expect("a file");
    }
    let ended = Ended::of(picloud(["check", "--json"]).args(&files));
    for (verdict, source) in ended.json().as_array().expect("a list").iter().zip(&sources) {
        if verdict["ok"] == false {
            assert_diagnosed(&source[..source.len().min(40)], &verdict["diagnostics"]);
        }
    }
}

#[test]
fn sources_that_are_no_text_or_too_much_of_it_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, source, code) in [
        ("parentheses", "(".repeat(100_000).into_bytes(), "source_too_large"),
        ("large", vec![b'/'; 10 << 20], "source_too_large"),
        ("not_utf8", b"let a = 1;\nlet s = \"\xff\xfe\"; s".to_vec(), "not_utf8"),
    ] {
        let file = folder.path().join(name).with_extension("rhai");
        fs::write(&file, source).expect("a file");
        let ran = run(&file);
        assert_eq!(ran["diagnostics"][0]["code"], code, "{name}: {ran:#}");
    }
}

#[test]
fn a_callers_bad_body_is_the_callers_fault_and_catchable() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("body.rhai");
    let event = folder.path().join("event.json");
    for (call, body, code) in [
        ("req.json()", r#"{"body": "{\"a\": "}"#, "bad_json"),
        ("req.text()", r#"{"body_base64": "//4="}"#, "bad_text"),
    ] {
        fs::write(&event, body).expect("a file");
        fs::write(&script, call).expect("a file");
        let ended = Ended::of(picloud(["run", "--json"]).arg(&script).arg("--event").arg(&event));
        assert_eq!(
            (ended.code, &ended.json()["error"]["code"]),
            (1, &code.into()),
            "{call}"
        );

        fs::write(
            &script,
            format!("try {{ {call} }} catch (problem) {{ return problem.code; }}"),
        )
        .expect("a file");
        let ended = Ended::of(picloud(["run"]).arg(&script).arg("--event").arg(&event));
        assert_eq!((ended.code, ended.text()), (0, code), "{call}");
    }
}
