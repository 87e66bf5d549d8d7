//! The rules of the tree, as tests. Each failure says the file, the rule and the remedy.

mod arrows;
mod circles;
mod tree;

use std::fs;
use std::process::Command;

use tree::{functions, host_sources, read, root, sources};

const LINES_PER_FILE_MAX: usize = 400;
const LINES_PER_FUNCTION_MAX: usize = 70;

/// Files and functions that are allowed to be longer, and why. This list may only shrink.
const LONGER: &[(&str, &str)] = &[];

/// Everything that stands at the top; tools' files are dotfiles where the tool allows it.
const TOP_LEVEL: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "Makefile",
    "README.md",
    "bench",
    "caddy",
    "dashboard",
    "docs",
    "fuzz",
    "guest",
    "host",
    "migrations",
    "rust-toolchain.toml",
    "sdk",
];

/// What git ignores and a build or a run leaves behind.
const LEFT_BY_TOOLS: &[&str] = &["target", "data"];

/// Left behind by accident, wherever it stands.
const NOT_TO_BE_LEFT: &[&str] = &[
    "todo!(",
    "unimplemented!(",
    "dbg!(",
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
];

/// Programs whose output is their result; build scripts talk to cargo, tests to whoever runs them.
const MAY_PRINT: &[&str] = &["host/src/cli/", "main.rs", "bench/", "build.rs", "/tests/it/"];

/// The only files with `unsafe`, and what for: the guest's two imports, the embedded native code.
const MAY_BE_UNSAFE: &[&str] = &["guest/src/host.rs", "host/executor/src/guest.rs"];

#[test]
fn files_fit_on_a_few_screens() {
    for file in sources() {
        let lines = file.text.lines().count();
        assert!(
            lines <= LINES_PER_FILE_MAX || may_be_longer(&file.path),
            "{}: {lines} lines, {LINES_PER_FILE_MAX} allowed: split it along the noun that grew",
            file.path
        );
    }
}

#[test]
fn functions_fit_on_one() {
    for file in sources() {
        for (name, lines) in functions(&file.text) {
            assert!(
                lines <= LINES_PER_FUNCTION_MAX || may_be_longer(&file.path),
                "{}: fn {name} has {lines} lines, {LINES_PER_FUNCTION_MAX} allowed: push ifs up, fors down",
                file.path
            );
        }
    }
}

#[test]
fn every_exception_is_needed() {
    for (path, _) in LONGER {
        let file = sources().into_iter().find(|file| file.path == *path);
        let file = file.unwrap_or_else(|| panic!("{path} is in LONGER but does not exist: take it out"));
        let long = file.text.lines().count() > LINES_PER_FILE_MAX
            || functions(&file.text)
                .iter()
                .any(|(_, lines)| *lines > LINES_PER_FUNCTION_MAX);
        assert!(long, "{path} is in LONGER but fits: take it out");
    }
}

#[test]
fn every_file_says_what_it_is() {
    for file in sources() {
        let first = file.text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("//!") && first.len() > 10,
            "{}: begin with a line of //! that says what it is",
            file.path
        );
    }
}

#[test]
fn nothing_is_left_behind() {
    for file in sources().iter().filter(|file| !file.path.ends_with("it/tidy/mod.rs")) {
        for word in NOT_TO_BE_LEFT {
            assert!(
                !file.text.contains(word),
                "{}: contains {word}: finish it or file an issue",
                file.path
            );
        }
        let prints = ["println!(", "print!("].iter().any(|print| file.code().contains(print));
        assert!(
            !prints || MAY_PRINT.iter().any(|may| file.path.contains(may)),
            "{}: prints: use tracing, or move it to host/src/cli",
            file.path
        );
    }
}

#[test]
fn unsafe_stays_in_its_files() {
    for file in sources().iter().filter(|file| !file.path.ends_with("it/tidy/mod.rs")) {
        let has = file.code().contains("unsafe ") || file.code().contains("unsafe(");
        assert!(
            !has || MAY_BE_UNSAFE.contains(&file.path.as_str()),
            "{}: unsafe is for {MAY_BE_UNSAFE:?}",
            file.path
        );
    }
}

#[test]
fn sql_stands_in_queries() {
    let sql = [
        "sqlx::query",
        "\"select ",
        "\"insert into ",
        "\"update ",
        "\"delete from ",
    ];
    for file in host_sources().iter().filter(|file| !file.path.ends_with("/queries.rs")) {
        for word in sql {
            assert!(
                !file.code().contains(word),
                "{}: contains {word}: SQL stands in queries.rs",
                file.path
            );
        }
    }
}

#[test]
fn what_people_change_is_committed_in_one_place() {
    for file in host_sources()
        .iter()
        .filter(|file| file.module().as_deref() == Some("manager"))
    {
        assert!(
            !file.code().contains(".commit().await"),
            "{}: commits by itself: `Changes::commit` also tells, whoever leaves",
            file.path
        );
    }
}

#[test]
fn only_the_edges_know_http_servers() {
    let edges = ["ingress", "manager", "serve"];
    for file in host_sources() {
        let module = file.module().unwrap_or_default();
        assert!(
            !file.code().contains("axum::") || edges.contains(&module.as_str()),
            "{}: axum is for {edges:?}",
            file.path
        );
    }
}

#[test]
fn the_executor_knows_no_tenants() {
    let manifest = read("host/executor/Cargo.toml");
    for word in ["axum", "sqlx", "reqwest", "picloud.workspace"] {
        assert!(
            !manifest.contains(word),
            "host/executor/Cargo.toml names {word}: the executor is wasmtime and nothing else"
        );
    }
    for manifest in ["host/Cargo.toml", "host/executor/Cargo.toml"] {
        // Tests compare the guests with it.
        let text = read(manifest);
        let shipped = text.split("[dev-dependencies]").next().unwrap_or_default();
        assert!(
            !shipped.contains("rhai"),
            "{manifest} names rhai: scripts are parsed and run in the sandbox only"
        );
    }
}

#[test]
fn the_binary_holds_no_rhai_and_no_compiler() {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "-p",
            "picloud",
            "-e",
            "normal",
            "--prefix",
            "none",
            "--offline",
            "--locked",
        ])
        .current_dir(root())
        .output()
        .expect("cargo tree");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8_lossy(&tree.stdout);
    for banned in ["rhai", "cranelift-codegen"] {
        let found = tree.lines().find(|line| line.split(' ').next() == Some(banned));
        assert!(
            found.is_none(),
            "picloud depends on {banned}: only the guest and the build script may"
        );
    }
}

#[test]
fn the_top_is_a_map() {
    for entry in fs::read_dir(root()).expect("the root is readable") {
        let name = entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a UTF-8 name");
        assert!(
            name.starts_with('.') || TOP_LEVEL.contains(&name.as_str()) || LEFT_BY_TOOLS.contains(&name.as_str()),
            "{name} stands at the top: it belongs into a folder (TOP_LEVEL)"
        );
    }
}

fn may_be_longer(path: &str) -> bool {
    LONGER.iter().any(|(longer, _)| *longer == path)
}
