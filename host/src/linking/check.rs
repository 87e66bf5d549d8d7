//! Why a change is refused, in words that say what to do, and what is worth a warning.

use std::collections::BTreeMap;

use picloud_sdk::api::{Diagnostic, Kind};
use picloud_sdk::compile::Artifact;
use serde_json::json;

use super::diagnostic::refused;
use super::draft::Draft;
use super::graph::arrows;
use super::live::{Import, LiveScripts};
use super::members::{self, Artifacts};
use crate::names;
use crate::problem::{Code, Problem};

/// So many names are listed, and no more.
const NAMES_SHOWN: usize = 10;

/// Modules that a script runs with, other than the live ones: by script, then by name.
pub type Pinned = BTreeMap<String, BTreeMap<String, Artifact>>;

/// Whether the draft may be what it is to be.
///
/// # Errors
/// When its name or its source is none for a module.
pub fn fits_its_kind(draft: &Draft) -> Result<(), Problem> {
    if draft.kind == Kind::Endpoint {
        return Ok(());
    }
    let name = draft.name.as_str();
    names::of_module(name).map_err(|why| Problem::invalid("name", why))?;
    let unfit: Vec<_> = draft.artifact.unfit.iter().cloned().map(Diagnostic::from).collect();
    must_be_empty(name, "is no module", &unfit)
}

fn must_be_empty(name: &str, what: &str, errors: &[Diagnostic]) -> Result<(), Problem> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(refused(name, what, errors))
}

/// Nothing imports it.
///
/// # Errors
/// When it is not so.
pub fn not_imported(scripts: &LiveScripts, name: &str, what: &str) -> Result<(), Problem> {
    let importers: Vec<String> = scripts
        .graph
        .importers(name)
        .into_iter()
        .filter(|(_, chain)| chain.len() == 2)
        .map(|(importer, _)| importer)
        .collect();
    if importers.is_empty() {
        return Ok(());
    }
    let message = format!("{name:?} cannot {what} while scripts import it: {}", shown(&importers));
    Err(Problem::new(Code::InUse, message).with(json!({ "importers": importers })))
}

/// Everything that the draft imports is a module of the app.
///
/// # Errors
/// When it is not so.
pub fn imports_exist(scripts: &LiveScripts, draft: &Draft) -> Result<(), Problem> {
    must_be_empty(
        draft.name.as_str(),
        "cannot be linked",
        &unknown_imports(scripts, draft),
    )
}

/// Imports of what is no module of the app.
#[must_use]
pub fn unknown_imports(scripts: &LiveScripts, draft: &Draft) -> Vec<Diagnostic> {
    let imports = draft.artifact.imports.iter();
    let unknown = imports.filter_map(|import| {
        let message = why_not(scripts, &import.name)?;
        let end = Some(import.end());
        Some(Diagnostic::error(
            "unknown_module",
            message,
            (import.line, import.column),
            end,
        ))
    });
    unknown.collect()
}

fn why_not(scripts: &LiveScripts, name: &str) -> Option<String> {
    match scripts.kinds.get(name) {
        Some(Kind::Module) => None,
        Some(Kind::Endpoint) => Some(format!(
            "{name:?} is an endpoint, and only modules can be imported: move what is shared into a module"
        )),
        None => {
            let modules = scripts.kinds.iter().filter(|(_, kind)| **kind == Kind::Module);
            let modules: Vec<String> = modules.map(|(name, _)| name.clone()).collect();
            let known = if modules.is_empty() {
                "it has no modules yet; save this one first".to_owned()
            } else {
                format!("it has {}", shown(&modules))
            };
            Some(format!("the app has no module {name:?}: {known}"))
        }
    }
}

/// The imports of a version that is to be live again are modules now.
///
/// # Errors
/// When it is not so.
pub fn still_imports(scripts: &LiveScripts, name: &str, imports: &[Import]) -> Result<(), Problem> {
    let Some((import, why)) = imports
        .iter()
        .find_map(|import| Some((import, why_not(scripts, &import.name)?)))
    else {
        return Ok(());
    };
    Err(link_failed(name, (import.line, import.col), &why))
}

/// No cycle is to be met from `names`, and no chain of imports is too long.
///
/// # Errors
/// When it is not so.
pub fn shape<'a>(scripts: &LiveScripts, allowed: usize, names: impl Iterator<Item = &'a str>) -> Result<(), Problem> {
    for name in names {
        if let Some(cycle) = scripts.graph.cycle(name) {
            let message = format!(
                "the imports go in a circle: {}; move what both sides need into a module that imports neither",
                arrows(&cycle)
            );
            return Err(Problem::new(Code::ImportCycle, message).with(json!({ "cycle": cycle })));
        }
        let chain = scripts.graph.longest(name);
        let used = chain.len() - 1;
        if used > allowed {
            let message = format!(
                "the imports are {used} deep, {allowed} are allowed (PICLOUD_MODULE_DEPTH_MAX): {}",
                arrows(&chain)
            );
            let details = json!({ "chain": chain, "used": used, "allowed": allowed });
            return Err(Problem::new(Code::ImportsTooDeep, message).with(details));
        }
    }
    Ok(())
}

/// What importers take from modules is still there after a change; an importer that was rolled back takes it from those
/// it is `pinned` to.
///
/// # Errors
/// When it is not so.
pub fn members(
    importers: &BTreeMap<String, String>,
    before: &Artifacts<'_>,
    pinned: &Pinned,
    after: &Artifacts<'_>,
) -> Result<(), Problem> {
    for name in importers.keys() {
        let Some(importer) = after.get(name.as_str()) else {
            continue;
        };
        let own = pinned.get(name).into_iter().flatten();
        let mut before = before.clone();
        before.extend(own.map(|(module, artifact)| (module.as_str(), artifact)));
        if let Some(broken) = members::broken(importer, &before, after).first() {
            let at = (broken.used.line.into(), broken.used.column.into());
            return Err(link_failed(name, at, &broken.message));
        }
    }
    Ok(())
}

fn link_failed(script: &str, (line, column): (i64, i64), why: &str) -> Problem {
    let message = format!("{script:?} could not be linked any more: line {line}: {why}");
    Problem::new(Code::LinkFailed, message)
        .with(json!({ "script": script, "line": line, "column": column, "cause": why }))
}

/// A version of a module can be live only if it is one: it may have been saved as an endpoint.
///
/// # Errors
/// When it is not so.
pub fn still_fit((name, kind): (&str, Kind), number: i64, artifact: Option<&Artifact>) -> Result<(), Problem> {
    let unfit = artifact.and_then(|artifact| artifact.unfit.first());
    let Some(first) = unfit.filter(|_| kind == Kind::Module) else {
        return Ok(());
    };
    let why = format!(
        "version {number} is no module: {}; save its source as an endpoint instead",
        first.message
    );
    Err(link_failed(name, (first.line.into(), first.column.into()), &why))
}

/// A version can be live only with all the modules that it was linked with: none of them is `lost`.
///
/// # Errors
/// When it is not so.
pub fn links_are_there(name: &str, number: i64, lost: &[String]) -> Result<(), Problem> {
    if lost.is_empty() {
        return Ok(());
    }
    let message = format!(
        "version {number} of {name:?} was linked with modules that are deleted: {}; save its source again instead",
        shown(lost)
    );
    Err(Problem::new(Code::LinkFailed, message).with(json!({ "script": name, "modules": lost })))
}

/// What the author of a draft should know.
#[must_use]
pub fn warnings(draft: &Draft, all: &Artifacts<'_>) -> Vec<Diagnostic> {
    let computed = draft.artifact.warnings.iter().cloned().map(Diagnostic::from);
    let missing = members::missing(&draft.artifact, all).into_iter().map(|missing| {
        let at = (missing.used.line, missing.used.column);
        Diagnostic::error("unknown_member", missing.message, at, None)
    });
    computed.chain(missing).map(Diagnostic::into_warning).collect()
}

fn shown(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMES_SHOWN);
    let listed = names[..names.len() - more].join(", ");
    if more == 0 {
        listed
    } else {
        format!("{listed} and {more} more")
    }
}
