//! Why a change is refused, in words that say what to do, and what is worth a warning.

use std::collections::BTreeMap;

use picloud_sdk::compile::Artifact;
use serde_json::json;

use super::super::check::{Diagnostic, must_be_empty};
use super::super::error::{Error, Result};
use super::super::names;
use super::super::scripts::{self, Draft, Kind, refuse_while_routed};
use super::members::{self, Artifacts};
use super::{Pinned, Town, queries};
use crate::graph::arrows;
use crate::host::Host;
use crate::ids::{AppId, VersionId};
use crate::problem::{Code, Problem};
use crate::store::Tx;

/// So many names are listed, and no more.
const NAMES_SHOWN: usize = 10;

/// Whether the draft may be what it is to be, and stop being what it was.
pub(super) async fn kind(tx: &mut Tx, app: AppId, town: &Town, draft: &Draft) -> Result<()> {
    let name = draft.name.as_str();
    if draft.kind == Kind::Module {
        names::of_module(name).map_err(|why| Error::invalid("name", why))?;
        let unfit: Vec<_> = draft.artifact.unfit.iter().cloned().map(Diagnostic::from).collect();
        must_be_empty(name, "is no module", &unfit)?;
    }
    match (town.live.get(name), draft.kind) {
        (Some(live), Kind::Module) if live.kind == Kind::Endpoint => {
            refuse_while_routed(tx, app, (live.id, name), "become a module").await
        }
        (Some(live), Kind::Endpoint) if live.kind == Kind::Module => not_imported(town, name, "become an endpoint"),
        _ => Ok(()),
    }
}

/// Nothing imports it.
pub(super) fn not_imported(town: &Town, name: &str, what: &str) -> Result<()> {
    let importers: Vec<String> = town
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
    Err(Problem::new(Code::InUse, message)
        .with(json!({ "importers": importers }))
        .into())
}

/// Everything that the draft imports is a module of the app.
pub(super) fn imports_exist(town: &Town, draft: &Draft) -> Result<()> {
    must_be_empty(draft.name.as_str(), "cannot be linked", &unknown_imports(town, draft))
}

/// Imports of what is no module of the app.
pub(super) fn unknown_imports(town: &Town, draft: &Draft) -> Vec<Diagnostic> {
    let imports = draft.artifact.imports.iter();
    let unknown = imports.filter_map(|import| {
        let message = why_not(town, &import.name)?;
        let end = Some((import.line, import.column + 6));
        Some(Diagnostic::error(
            "unknown_module",
            message,
            (import.line, import.column),
            end,
        ))
    });
    unknown.collect()
}

fn why_not(town: &Town, name: &str) -> Option<String> {
    match town.kinds.get(name) {
        Some(Kind::Module) => None,
        Some(Kind::Endpoint) => Some(format!(
            "{name:?} is an endpoint, and only modules can be imported: move what is shared into a module"
        )),
        None => {
            let modules = town.kinds.iter().filter(|(_, kind)| **kind == Kind::Module);
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
pub(super) fn still_imports(town: &Town, name: &str, imports: &[queries::Import]) -> Result<()> {
    let Some((import, why)) = imports
        .iter()
        .find_map(|import| Some((import, why_not(town, &import.name)?)))
    else {
        return Ok(());
    };
    Err(link_failed(name, (import.line, import.col), &why).into())
}

/// No cycle is to be met from `names`, and no chain of imports is too long.
pub(super) fn shape<'a>(town: &Town, host: &Host, names: impl Iterator<Item = &'a str>) -> Result<()> {
    let allowed = host.config.limits.module_depth_max as usize;
    for name in names {
        if let Some(cycle) = town.graph.cycle(name) {
            let message = format!(
                "the imports go in a circle: {}; move what both sides need into a module that imports neither",
                arrows(&cycle)
            );
            return Err(Problem::new(Code::ImportCycle, message)
                .with(json!({ "cycle": cycle }))
                .into());
        }
        let chain = town.graph.longest(name);
        let used = chain.len() - 1;
        if used > allowed {
            let message = format!(
                "the imports are {used} deep, {allowed} are allowed (PICLOUD_MODULE_DEPTH_MAX): {}",
                arrows(&chain)
            );
            let details = json!({ "chain": chain, "used": used, "allowed": allowed });
            return Err(Problem::new(Code::ImportsTooDeep, message).with(details).into());
        }
    }
    Ok(())
}

/// What importers take from modules is still there after a change; an importer that was rolled back takes it from those
/// it is `pinned` to.
pub(super) fn members(
    importers: &BTreeMap<String, String>,
    before: &Artifacts<'_>,
    pinned: &Pinned,
    after: &Artifacts<'_>,
) -> Result<()> {
    for name in importers.keys() {
        let Some(importer) = after.get(name.as_str()) else {
            continue;
        };
        let own = pinned.get(name).into_iter().flatten();
        let mut before = before.clone();
        before.extend(own.map(|(module, artifact)| (module.as_str(), artifact)));
        if let Some(broken) = members::broken(importer, &before, after).first() {
            let at = (broken.used.line.into(), broken.used.column.into());
            return Err(link_failed(name, at, &broken.message).into());
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
pub(super) fn still_fit(script: &scripts::queries::Row, number: i64, artifact: Option<&Artifact>) -> Result<()> {
    let unfit = artifact.and_then(|artifact| artifact.unfit.first());
    let Some(first) = unfit.filter(|_| script.kind == Kind::Module) else {
        return Ok(());
    };
    let why = format!(
        "version {number} is no module: {}; save its source as an endpoint instead",
        first.message
    );
    Err(link_failed(&script.name, (first.line.into(), first.column.into()), &why).into())
}

/// A version can be live only with all the modules that it was linked with.
pub(super) async fn links_are_there(
    tx: &mut Tx,
    app: AppId,
    version: VersionId,
    name: &str,
    number: i64,
) -> Result<()> {
    let lost = queries::lost_links(tx, app, version).await?;
    if lost.is_empty() {
        return Ok(());
    }
    let message = format!(
        "version {number} of {name:?} was linked with modules that are deleted: {}; save its source again instead",
        shown(&lost)
    );
    Err(Problem::new(Code::LinkFailed, message)
        .with(json!({ "script": name, "modules": lost }))
        .into())
}

/// What the author of a draft should know.
pub(super) fn warnings(draft: &Draft, all: &Artifacts<'_>) -> Vec<Diagnostic> {
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
