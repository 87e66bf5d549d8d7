//! No circles: of the files and folders that stand beside each other, none needs another that needs it.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Source, sources};

/// Where a crate's root module stands.
const CRATES: &[&str] = &[
    "sdk/src/",
    "guest/src/",
    "guest/build/src/",
    "host/executor/src/",
    "host/src/",
];

/// Files whose own needs do not count, and why. This list may only shrink.
const EXCEPT: &[(&str, &str)] = &[(
    "guest/src/host.rs",
    "a wasm module's exports begin everything, and stand with its imports at the guest's wall",
)];

/// A module, as the names on the way to it.
type Module = Vec<String>;

/// What names mean in a crate.
#[derive(Default)]
struct Names {
    modules: BTreeSet<Module>,
    /// What a module has from another one: (module, name) → that one.
    passed_on: BTreeMap<(Module, String), Module>,
}

#[test]
fn nothing_needs_what_needs_it() {
    let sources = sources();
    let mut found = Vec::new();
    for root in CRATES {
        let files: Vec<(Module, &Source)> = sources
            .iter()
            .filter_map(|file| Some((module_of(file.path.strip_prefix(root)?)?, file)))
            .collect();
        assert!(!files.is_empty(), "{root} has no sources");
        let mut names = Names {
            modules: files.iter().map(|(module, _)| module.clone()).collect(),
            ..Names::default()
        };
        // What is passed on may be passed on again.
        for _ in 0..3 {
            for (module, file) in &files {
                for (path, name, public) in imports(&file.code()) {
                    if let Some(to) = names.resolve(module, &path).filter(|to| public && to != module) {
                        names.passed_on.insert((module.clone(), name), to);
                    }
                }
            }
        }
        let mut needs: BTreeMap<Module, BTreeMap<String, BTreeMap<String, String>>> = BTreeMap::new();
        let counting = files
            .iter()
            .filter(|(_, file)| EXCEPT.iter().all(|(path, _)| *path != file.path));
        for (module, file) in counting {
            for path in named(&file.code()) {
                let Some(to) = names.resolve(module, &path) else {
                    continue;
                };
                let shared = module.iter().zip(&to).take_while(|(one, other)| one == other).count();
                if let (Some(here), Some(there)) = (module.get(shared), to.get(shared)) {
                    let beside = needs.entry(module[..shared].to_vec()).or_default();
                    let why = format!("{} names {}", file.path, path.join("::"));
                    beside
                        .entry(here.clone())
                        .or_default()
                        .entry(there.clone())
                        .or_insert(why);
                }
            }
        }
        for (folder, beside) in &needs {
            for start in beside.keys() {
                if let Some(circle) = circle(beside, start) {
                    let whys: Vec<_> = circle.windows(2).map(|pair| &*beside[&pair[0]][&pair[1]]).collect();
                    found.push(format!(
                        "{root}{}: {}\n  {}",
                        folder.join("/"),
                        circle.join(" → "),
                        whys.join("\n  ")
                    ));
                }
            }
        }
    }
    assert!(
        found.is_empty(),
        "circles: move what both need into a third\n{}",
        found.join("\n")
    );
}

/// From the file's path below its crate's root; none for programs beside the library.
fn module_of(path: &str) -> Option<Module> {
    let mut module: Module = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    match module.last().map(String::as_str) {
        Some("main") => return None,
        Some("mod" | "lib") => drop(module.pop()),
        _ => {}
    }
    Some(module)
}

impl Names {
    /// The module that a path written in `from` leads to, as far as it leads through this crate.
    fn resolve(&self, from: &Module, path: &[String]) -> Option<Module> {
        let mut path = path.iter();
        let mut at = from.clone();
        let first = path.next()?;
        match first.as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => drop(at.pop()),
            _ => {
                at.push(first.clone());
                if !self.modules.contains(&at) {
                    return None;
                }
            }
        }
        for name in path {
            if name == "super" {
                at.pop();
                continue;
            }
            let mut below = at.clone();
            below.push(name.clone());
            if self.modules.contains(&below) {
                at = below;
            } else {
                return Some(self.passed_on.get(&(at.clone(), name.clone())).cloned().unwrap_or(at));
            }
        }
        Some(at)
    }
}

/// Every path that a source names: those that it imports, and those it writes out.
fn named(code: &str) -> Vec<Vec<String>> {
    let mut found: Vec<_> = imports(code).into_iter().map(|(path, _, _)| path).collect();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let rest = &code[at..];
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            let path = &rest[..end.unwrap_or(rest.len())];
            found.push(
                path.split("::")
                    .filter(|name| !name.is_empty())
                    .map(str::to_owned)
                    .collect(),
            );
        }
    }
    found
}

/// Every import: its path, the name it is known by here, whether others may have it from here.
fn imports(code: &str) -> Vec<(Vec<String>, String, bool)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = code[..at].rfind('\n').map_or(0, |at| at + 1);
        let before = code[line..at].trim();
        if before.is_empty() || before.starts_with("pub") {
            let text = code[at + 4..].split(';').next().unwrap_or_default();
            spread(&mut found, &[], text.trim(), !before.is_empty());
        }
    }
    found
}

fn spread(found: &mut Vec<(Vec<String>, String, bool)>, before: &[String], text: &str, public: bool) {
    if let Some((start, group)) = text.split_once('{') {
        let names = start.split("::").filter(|name| !name.is_empty()).map(str::to_owned);
        let before: Vec<String> = before.iter().cloned().chain(names).collect();
        for member in members(group) {
            spread(found, &before, member, public);
        }
        return;
    }
    let (path, name) = text.split_once(" as ").unwrap_or((text, ""));
    let names = path.split("::").map(|name| name.trim().to_owned());
    let path: Vec<String> = before.iter().cloned().chain(names).collect();
    let own = path.iter().rfind(|name| *name != "self").cloned().unwrap_or_default();
    let path: Vec<String> = path
        .iter()
        .enumerate()
        .filter(|(at, name)| *at == 0 || *name != "self")
        .map(|(_, name)| name.clone())
        .collect();
    let name = if name.is_empty() { own } else { name.trim().to_owned() };
    found.push((path, name, public));
}

/// What stands between commas, up to the brace that ends the group.
fn members(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.push(group[start..at].trim());
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|member| !member.is_empty());
    found
}

/// A way from `start` back to it.
fn circle(needs: &BTreeMap<String, BTreeMap<String, String>>, start: &str) -> Option<Vec<String>> {
    let mut waiting = vec![vec![start.to_owned()]];
    let mut seen = BTreeSet::new();
    while let Some(way) = waiting.pop() {
        for next in needs.get(way.last()?).into_iter().flat_map(BTreeMap::keys) {
            let longer: Vec<String> = way.iter().cloned().chain([next.clone()]).collect();
            if next == start {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                waiting.push(longer);
            }
        }
    }
    None
}

#[test]
fn imports_are_read_as_they_are_written() {
    let code = "use a::{b, c::{d, self}};\npub(crate) use super::e as f;\nfn g() { crate::h::i(); }\n";
    let paths: Vec<String> = named(code).iter().map(|path| path.join("::")).collect();
    assert_eq!(
        paths,
        ["a::b", "a::c::d", "a::c", "super::e", "crate::h::i", "super::e"]
    );
    assert_eq!(imports(code)[3].1, "f");
}
