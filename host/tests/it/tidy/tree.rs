//! Reads our sources the way the rules need them; knows rustfmt's layout, not Rust.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) struct Source {
    /// From the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl Source {
    /// Without comment lines and unit tests.
    pub(super) fn code(&self) -> String {
        let text = self.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        text.lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The module of crate `picloud` that the file belongs to; none for its roots.
    pub(super) fn module(&self) -> Option<String> {
        let below = self.path.strip_prefix("host/src/")?;
        let name = below.split('/').next()?.trim_end_matches(".rs");
        (!["lib", "main"].contains(&name)).then(|| name.to_owned())
    }
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("host/ has a parent")
        .to_owned()
}

pub(super) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file of ours.
pub(super) fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for folder in ["sdk", "guest", "host", "bench", "fuzz"] {
        collect(&root().join(folder), &mut found);
    }
    assert!(found.len() > 10, "the sources were not found");
    found
}

pub(super) fn host_sources() -> Vec<Source> {
    sources()
        .into_iter()
        .filter(|file| file.path.starts_with("host/src/"))
        .collect()
}

fn collect(folder: &Path, found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path
                .strip_prefix(root())
                .expect("below the root")
                .to_string_lossy()
                .replace('\\', "/");
            found.push(Source {
                path: name,
                text: fs::read_to_string(&path).expect("a readable source"),
            });
        }
    }
}

/// Names and lengths of the functions in rustfmt's layout: one ends at the brace in its own column.
pub(super) fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line.trim_start()) else {
            continue;
        };
        // The signature ends at its body's brace, or it has no body, or a body on the same line.
        let Some(opens) = lines[at..].iter().find(|line| line.ends_with(['{', ';', '}'])) else {
            continue;
        };
        if !opens.ends_with('{') {
            continue;
        }
        let close = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
        if let Some(length) = lines[at..].iter().position(|line| *line == close) {
            found.push((name.to_owned(), length + 1));
        }
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("fn ")?;
    let qualifiers = [
        "pub",
        "pub(crate)",
        "pub(super)",
        "const",
        "async",
        "extern",
        "\"C\"",
        "unsafe",
    ];
    before
        .split_whitespace()
        .all(|word| qualifiers.contains(&word))
        .then_some(())?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .filter(|name| !name.is_empty())
}

/// `crate::a::b` and `use crate::{a::b, c}` as (a, b); b is empty when only the module is named.
pub(super) fn crate_paths(code: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        if let Some(group) = after.strip_prefix('{') {
            for path in split_group(group) {
                found.extend(modules_of(path));
            }
        } else {
            found.extend(modules_of(after));
        }
    }
    found
}

/// The members of a use group, up to its closing brace.
fn split_group(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut members) = (0_usize, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                members.push(group[start..at].trim());
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                members.push(group[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    members
}

/// `a::{b, c}` as (a, b) and (a, c).
fn modules_of(path: &str) -> Vec<(String, String)> {
    let word = |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let module = word(path);
    if module.is_empty() {
        return Vec::new();
    }
    let rest = path[module.len()..].strip_prefix("::").unwrap_or_default();
    match rest.strip_prefix('{') {
        Some(group) => split_group(group)
            .into_iter()
            .map(|item| (module.clone(), word(item)))
            .collect(),
        None => vec![(module, word(rest))],
    }
}
