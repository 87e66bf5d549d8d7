//! What the prose names is there: commands with their options, settings with their defaults, error codes and other words,
//! files, links, make's targets, operations of the management API, what scripts see.

use std::collections::BTreeSet;
use std::fs;

use clap::error::ErrorKind;
use picloud::config::{Setting, remote_settings, settings};
use picloud::manager::BOUNDS;
use picloud_sdk::outcome::REPLY_HEADERS_MAX;
use serde_json::Value;

use super::text::{Document, documents, grouped, human, shell_words, tracked};
use crate::harness::binary::root;

/// Words with an underline that are others'.
const FOREIGN: &[&str] = &["http_proxy", "https_proxy", "pg_dump"];

/// What the dashboard's own tools read.
const DEVELOPERS: &[&str] = &["PICLOUD_ADMIN"];

/// Fails with every claim that does not hold.
fn all_hold(claims: impl Iterator<Item = Result<(), String>>) {
    let (mut held, mut wrong) = (0, Vec::new());
    for claim in claims {
        match claim {
            Ok(()) => held += 1,
            Err(why) => wrong.push(why),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(held > 0, "no claim was found");
}

/// A claim about the documents, one for each of what `find` finds in them.
fn about<T>(find: impl Fn(&Document) -> Vec<T>, holds: impl Fn(&T) -> Result<(), String>) {
    let documents = documents();
    let claims = documents.iter().flat_map(|document| {
        let found = find(document).into_iter();
        found.map(|claim| holds(&claim).map_err(|why| format!("{}: {why}", document.name)))
    });
    all_hold(claims.collect::<Vec<_>>().into_iter());
}

#[test]
fn commands_are_taken_as_written() {
    let parsed = |(line, whole): &(String, bool)| {
        let parsed = picloud::cli::command().try_get_matches_from(shell_words(line));
        let Err(error) = parsed else { return Ok(()) };
        // In prose a command may be named without its arguments, or with words that stand for them.
        let named = [
            ErrorKind::MissingRequiredArgument,
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
            ErrorKind::ValueValidation,
            ErrorKind::InvalidValue,
        ];
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(()),
            kind if !whole && named.contains(&kind) => Ok(()),
            _ => Err(format!("`{line}`: {error}")),
        }
    };
    about(Document::commands, parsed);
}

#[test]
fn variables_are_settings() {
    let known: BTreeSet<&str> = all_settings().iter().map(|setting| setting.name).collect();
    about(Document::variables, |name| {
        let holds = known.contains(name.as_str()) || DEVELOPERS.contains(&name.as_str());
        holds.then_some(()).ok_or_else(|| format!("{name} is no setting"))
    });
}

#[test]
fn defaults_are_the_settings_own() {
    let settings = all_settings();
    about(Document::defaults, |(name, shown)| {
        let setting = settings.iter().find(|setting| setting.name == *name);
        let Some(setting) = setting else { return Ok(()) };
        let holds = human(setting).iter().any(|form| form == shown);
        holds
            .then_some(())
            .ok_or_else(|| format!("{name} is {shown} here, its default is {:?}", human(setting)))
    });
}

/// Sentences with numbers that are the code's.
#[test]
fn numbers_are_the_codes_own() {
    let readme = "A run may use {PICLOUD_FUEL_MAX} units of fuel, {PICLOUD_MEMORY_BYTES_MAX} of memory, {PICLOUD_WALL_MS_MAX} of \
                  wall time, {PICLOUD_HOST_CALLS_MAX} host calls, {PICLOUD_LOG_BYTES_MAX} of log, {PICLOUD_REPLY_BYTES_MAX} of \
                  reply, and {PICLOUD_CALL_DEPTH_MAX} levels of calls. A source may have {PICLOUD_SOURCE_BYTES_MAX}, a \
                  request's body {PICLOUD_BODY_BYTES_MAX}. An app may hold {PICLOUD_RUNS_PER_APP_MAX} of the installation's \
                  {PICLOUD_RUNS_MAX} places for runs.";
    let claims = [
        ("README.md", readme),
        (
            "docs/scripts.md",
            "A source may have {PICLOUD_SOURCE_BYTES_MAX} by default",
        ),
        (
            "docs/scripts.md",
            "at most {headers beside the content type} headers and cookies",
        ),
        (
            "docs/modules.md",
            "at most {name of a script, folders included} bytes, with folders",
        ),
        (
            "docs/modules.md",
            "| scripts of an app, modules among them | {scripts of an app} |",
        ),
        ("docs/cli.md", "at most {scripts of an app} files are taken"),
    ];
    let value = |name: &str| {
        let setting = settings().into_iter().find(|setting| setting.name == name);
        let bound = BOUNDS.iter().find(|(what, ..)| *what == name).map(|(_, most, _)| *most);
        let headers = (name == "headers beside the content type").then_some(REPLY_HEADERS_MAX - 1);
        let known = setting.and_then(|setting| human(&setting).pop());
        let known = known.or_else(|| Some(grouped(bound.or(headers)? as u64)));
        known.unwrap_or_else(|| panic!("nothing is called {name}"))
    };
    all_hold(claims.into_iter().map(|(file, claim)| {
        let said = claim.split(['{', '}']).enumerate();
        let said: String = said
            .map(|(at, part)| if at % 2 == 0 { part.to_owned() } else { value(part) })
            .collect();
        let text = fs::read_to_string(root().join(file)).expect(file);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let holds = text.contains(&said);
        holds.then_some(()).ok_or_else(|| format!("{file} should say: {said}"))
    }));
}

#[test]
fn the_readme_asks_for_the_node_that_the_dashboard_needs() {
    let manifest: Value = read_json("dashboard/package.json");
    let wanted = manifest["engines"]["node"].as_str().expect("a version");
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let said = format!("{} or newer", wanted.trim_start_matches(">="));
    assert!(readme.contains(&said), "README.md should ask for Node.js {said}");
}

#[test]
fn files_are_in_the_tree() {
    let files = tracked();
    about(Document::files, |path| {
        let folder = format!("{}/", path.trim_end_matches('/'));
        let holds = files.iter().any(|file| file == path || file.starts_with(&folder));
        holds.then_some(()).ok_or_else(|| format!("{path} is not in the tree"))
    });
}

#[test]
fn words_of_the_product_are_words_of_the_product() {
    let sources: String = tracked()
        .iter()
        .filter(|file| {
            let folders = [
                "host/src/",
                "host/executor/src/",
                "sdk/",
                "guest/",
                "dashboard/src/",
                "migrations/",
            ];
            let prose = file.strip_suffix(".md").is_some();
            folders.iter().any(|of| file.starts_with(of)) && !prose
        })
        .filter_map(|file| fs::read_to_string(root().join(file)).ok())
        .collect();
    let words: BTreeSet<&str> = sources
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .collect();
    about(Document::words, |word| {
        let holds = words.contains(word.as_str()) || FOREIGN.contains(&word.as_str());
        holds
            .then_some(())
            .ok_or_else(|| format!("`{word}` is no word of ours"))
    });
}

#[test]
fn targets_are_makes() {
    let makefile = fs::read_to_string(root().join("Makefile")).expect("the Makefile");
    let targets = makefile.lines().find_map(|line| line.strip_prefix(".PHONY: "));
    let targets: BTreeSet<&str> = targets.expect("its targets").split(' ').collect();
    about(
        |document| document.told("make"),
        |target| {
            let holds = targets.contains(target.as_str());
            holds.then_some(()).ok_or_else(|| format!("make {target} is no target"))
        },
    );
}

#[test]
fn scripts_of_npm_are_the_dashboards() {
    let manifest: Value = read_json("dashboard/package.json");
    about(
        |document| document.told("npm run"),
        |script| {
            let holds = manifest["scripts"].get(script).is_some();
            holds
                .then_some(())
                .ok_or_else(|| format!("npm run {script} is no script"))
        },
    );
}

#[test]
fn operations_are_the_apis() {
    let api: Value = read_json("sdk/api/openapi.json");
    let paths = api["paths"].as_object().expect("its paths");
    let same = |segments: (&str, &str)| segments.0 == segments.1 || segments.0.starts_with('{');
    about(Document::operations, |(method, path)| {
        let holds = paths.iter().any(|(known, item)| {
            let known = known.trim_start_matches("/api/v1");
            let alike = known.split('/').count() == path.split('/').count();
            alike && known.split('/').zip(path.split('/')).all(same) && item.get(method.to_lowercase()).is_some()
        });
        holds
            .then_some(())
            .ok_or_else(|| format!("{method} {path} is no operation"))
    });
}

#[test]
fn scripts_see_what_is_said() {
    let api: Value = read_json("sdk/api/script.json");
    let functions = api["functions"].as_array().expect("its functions");
    about(Document::members, |(name, member)| {
        let of = if name == "req" { "Request" } else { "Context" };
        let holds = functions.iter().any(|function| {
            let own = function["params"][0]["type"]
                .as_str()
                .is_some_and(|first| first.ends_with(of));
            let called = function["name"].as_str().unwrap_or_default();
            own && called.trim_start_matches("get$") == member
        });
        holds
            .then_some(())
            .ok_or_else(|| format!("scripts see no {name}.{member}"))
    });
}

fn all_settings() -> Vec<Setting> {
    [settings(), remote_settings()].concat()
}

fn read_json(path: &str) -> Value {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}
