//! `picloud run` and `picloud check` with modules, from the files of a folder.

use std::fs;

use super::folder;
use crate::harness::binary::{Ended, picloud};

const MONEY: (&str, &str) = (
    "lib/money.rhai",
    "export const UNIT = 100;\nfn text(cents) { cents / global::UNIT }",
);

#[test]
fn a_run_finds_modules_beside_the_file_and_below() {
    let folder = folder(&[
        MONEY,
        (
            "cart.rhai",
            r#"import "lib/money" as money; fn total(n) { money::text(n * 250) }"#,
        ),
        (
            "main.rhai",
            r#"import "cart" as cart; fn f() { import "lib/money" as m; m::UNIT } [cart::total(4), f()]"#,
        ),
    ]);
    let ended = Ended::of(picloud(["run"]).arg(folder.path().join("main.rhai")));
    assert_eq!((ended.code, ended.text()), (0, "[10,100]"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("warning"), "{}", ended.stderr);
    // A path without a folder means the one we are in.
    let ended = Ended::of(picloud(["run", "main.rhai"]).current_dir(folder.path()));
    assert_eq!((ended.code, ended.text()), (0, "[10,100]"), "{}", ended.stderr);
}

#[test]
fn modules_may_be_in_another_folder() {
    let folder = folder(&[
        ("app/lib/money.rhai", MONEY.1),
        (
            "app/admin/report.rhai",
            r#"import "lib/money" as m; `${ctx.script} ${m::UNIT}`"#,
        ),
        // Not the module, though it has its name.
        ("money.rhai", r#"import "money" as m; m::UNIT"#),
        ("app/money.rhai", MONEY.1),
    ]);
    let run = |file: &str| {
        let (file, modules) = (folder.path().join(file), folder.path().join("app"));
        Ended::of(picloud(["run"]).arg(file).arg("--modules").arg(modules))
    };
    let (below, elsewhere) = (run("app/admin/report.rhai"), run("money.rhai"));
    assert_eq!((below.code, below.text()), (0, "admin/report 100"), "{}", below.stderr);
    assert_eq!((elsewhere.code, elsewhere.text()), (0, "100"), "{}", elsewhere.stderr);
}

#[test]
fn a_module_that_is_not_there_is_warned_of_and_missed_when_it_is_imported() {
    let main = "let n = 1;\nif req.path == \"/x\" {\n    import \"lib/gone\" as g;\n    n = g::n();\n}\nn";
    let folder = folder(&[("main.rhai", main), ("x.json", r#"{ "path": "/x" }"#)]);
    let file = folder.path().join("main.rhai");
    let ended = Ended::of(picloud(["run"]).arg(&file));
    assert_eq!((ended.code, ended.text()), (0, "1"), "{}", ended.stderr);
    for word in [
        "warning[unknown_module]",
        "\"lib/gone\"",
        "main.rhai:3:12",
        "3 |     import",
    ] {
        assert!(ended.stderr.contains(word), "no {word} in {}", ended.stderr);
    }
    let ended = Ended::of(
        picloud(["run"])
            .arg(&file)
            .arg("--event")
            .arg(folder.path().join("x.json")),
    );
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("error[module_not_found]"), "{}", ended.stderr);

    let ended = Ended::of(picloud(["check", "--json"]).arg(&file));
    let verdict = &ended.json()[0];
    assert_eq!((ended.code, &verdict["ok"]), (0, &true.into()), "{verdict}");
    let found = &verdict["diagnostics"][0];
    assert_eq!(
        (
            &found["severity"],
            &found["code"],
            &found["line"],
            &found["end"]["column"]
        ),
        (&"warning".into(), &"unknown_module".into(), &3.into(), &22.into())
    );
}

#[test]
fn what_cannot_be_linked_is_not_run() {
    let deep: Vec<(String, String)> = (0..10)
        .map(|n| {
            (
                format!("d{n}.rhai"),
                format!("import \"d{}\" as d; fn f() {{ d::f() }}", n + 1),
            )
        })
        .chain([("d10.rhai".to_owned(), "fn f() { 1 }".to_owned())])
        .collect();
    let mut files: Vec<(&str, &str)> = deep.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.extend([
        ("a.rhai", "\nimport \"b\" as b; fn f() { 1 }"),
        ("b.rhai", "import \"a\" as a; fn f() { 1 }"),
        ("itself.rhai", "import \"itself\" as i; 1"),
        ("loud.rhai", "fn f() { 1 }\nprint(\"imported\");"),
        ("wrong.rhai", "fn f( { 1 }"),
        ("circle.rhai", "import \"a\" as a; a::f()"),
        ("depth.rhai", "import \"d0\" as d; d::f()"),
        ("unfit.rhai", "import \"loud\" as l; l::f()"),
        ("broken.rhai", "import \"wrong\" as w; w::f()"),
    ]);
    let folder = folder(&files);
    for (file, code, place, words) in [
        ("circle", "import_cycle", "a.rhai:2:8", "a → b → a"),
        ("itself", "import_cycle", "itself.rhai:1:8", "itself → itself"),
        (
            "depth",
            "imports_too_deep",
            "depth.rhai:1:8",
            "11 deep, 8 are allowed (PICLOUD_MODULE_DEPTH_MAX)",
        ),
        (
            "unfit",
            "not_in_module",
            "loud.rhai:2:1",
            "(\"unfit\" imports this file)",
        ),
        ("broken", "syntax", "wrong.rhai:1:7", "wrong.rhai"),
    ] {
        let path = folder.path().join(format!("{file}.rhai"));
        for command in ["run", "check"] {
            let ended = Ended::of(picloud([command]).arg(&path));
            let said = format!("{}{}", ended.text(), ended.stderr);
            assert_eq!(ended.code, 1, "{command} {file}: {said}");
            for word in [&format!("error[{code}]"), place, words] {
                assert!(said.contains(word), "{command} {file}: no {word} in {said}");
            }
        }
        let ran = Ended::of(picloud(["run", "--json"]).arg(&path)).json();
        let found = &ran["diagnostics"][0];
        let (name, _) = place.split_once(':').expect("a file");
        assert_eq!(
            (&ran["ending"], &found["code"]),
            (&"refused".into(), &code.into()),
            "{ran}"
        );
        assert!(found["file"].as_str().is_some_and(|file| file.ends_with(name)), "{ran}");
    }
    let depth = folder.path().join("depth.rhai");
    let ended = Ended::of(picloud(["run"]).arg(depth).env("PICLOUD_MODULE_DEPTH_MAX", "11"));
    assert_eq!((ended.code, ended.text()), (0, "1"), "{}", ended.stderr);
}

#[test]
fn no_import_leaves_the_folder() {
    let folder = folder(&[
        ("secret.rhai", "export const SECRET = 42;"),
        ("elsewhere/secret.rhai", "export const SECRET = 42;"),
        ("app/sub/here.rhai", "export const N = 1;"),
    ]);
    let app = folder.path().join("app");
    std::os::unix::fs::symlink(folder.path().join("secret.rhai"), app.join("linked.rhai")).expect("a link");
    std::os::unix::fs::symlink(folder.path().join("elsewhere"), app.join("folder")).expect("a link");
    let absolute = folder.path().join("secret").display().to_string();
    for name in [
        "../secret",
        "sub/../../secret",
        "./../secret",
        "linked",
        "folder/secret",
        &absolute,
    ] {
        let file = app.join("main.rhai");
        fs::write(&file, format!("import \"{name}\" as s; s::SECRET")).expect("a file");
        let ended = Ended::of(picloud(["run"]).arg(&file));
        assert_eq!((ended.code, ended.text()), (1, ""), "{name}");
        let could_be = matches!(name, "linked" | "folder/secret");
        let told: &[&str] = if could_be {
            &["warning[unknown_module]", "error[module_not_found]"]
        } else {
            &["error[bad_module_name]"]
        };
        for word in told {
            assert!(ended.stderr.contains(word), "{name}: no {word} in {}", ended.stderr);
        }
    }
}

#[test]
fn an_error_in_a_module_names_its_file() {
    let folder = folder(&[
        ("lib/inner.rhai", "fn divide(a, b) {\n    a / b\n}"),
        (
            "outer.rhai",
            "import \"lib/inner\" as i;\nfn half(a) { i::divide(a, 0) }",
        ),
        ("main.rhai", "import \"outer\" as o;\no::half(1)"),
    ]);
    let file = folder.path().join("main.rhai");
    let ended = Ended::of(picloud(["run"]).arg(&file));
    let lines: Vec<&str> = ended.stderr.lines().filter(|line| line.starts_with("  at ")).collect();
    let at = |line: usize, place: &str| {
        let start = format!("  at {}/{place}", folder.path().display());
        assert!(
            lines.get(line).is_some_and(|line| line.starts_with(&start)),
            "{start}: {lines:#?}"
        );
    };
    at(0, "lib/inner.rhai:2:");
    at(1, "outer.rhai:2:");
    at(2, "main.rhai:2:");
    let ran = Ended::of(picloud(["run", "--json"]).arg(&file)).json();
    assert_eq!(ran["error"]["stack"][0]["module"], "lib/inner", "{ran}");
}

#[test]
fn a_check_of_a_folder_checks_each_file_with_what_it_imports() {
    let folder = folder(&[
        MONEY,
        (
            "main.rhai",
            "import \"lib/money\" as m;\nlet x = m::text(1, 2);\nlet n = \"lib/money\";\nimport n as o;\nm::NOPE",
        ),
        ("odd_name.rhai", "1"),
        (".hidden.rhai", "(("),
        (".git/hidden.rhai", "(("),
        ("notes.txt", "(("),
    ]);
    let ended = Ended::of(picloud(["check"]).arg(folder.path()));
    assert_eq!(ended.code, 0, "{}", ended.text());
    for word in [
        "warning[unknown_member]: m::text with 2 arguments",
        "main.rhai:2:12",
        "warning[unknown_member]: m::NOPE",
        "it exports UNIT",
        "warning[computed_import]",
        "main.rhai:4:8",
    ] {
        assert!(ended.text().contains(word), "no {word} in {}", ended.text());
    }
    assert!(
        ended.stderr.contains("3 checked, 0 with errors, 3 warnings"),
        "{}",
        ended.stderr
    );

    fs::write(folder.path().join("lib/money.rhai"), "fn text( {").expect("a file");
    let ended = Ended::of(picloud(["check"]).arg(folder.path()));
    assert_eq!(ended.code, 1);
    // It is wrong once, though two look at it.
    assert_eq!(ended.text().matches("error[").count(), 1, "{}", ended.text());

    let empty = tempfile::tempdir().expect("a folder");
    let ended = Ended::of(picloud(["check"]).arg(empty.path()));
    assert!(
        ended.code == 2 && ended.stderr.contains("no .rhai file"),
        "{}",
        ended.stderr
    );
}
