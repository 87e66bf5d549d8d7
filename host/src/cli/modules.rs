//! The modules of a file, from the files beside it: linked as a server would link them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use picloud_executor::Linked;
use picloud_sdk::compile::{Artifact, Diagnostic};

use super::sandbox::Sandbox;
use super::source::Source;
use super::{Failure, excerpt, say};
use crate::graph::{Graph, arrows};
use crate::manager::names::ScriptName;

/// Where a file's modules are when nobody says.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).to_owned()
}

/// A script with all that it imports, directly or through another. `None` when that cannot be linked: it has been said.
pub(super) async fn link(
    folder: &Path,
    name: &str,
    script: Artifact,
    sandbox: &Sandbox,
) -> Result<Option<Linked>, Failure> {
    let mut modules: BTreeMap<String, Artifact> = BTreeMap::new();
    let mut graph = Graph::default();
    graph.set(name, names(&script));
    let mut wanted: Vec<String> = names(&script).map(str::to_owned).collect();
    let mut good = true;
    while let Some(module) = wanted.pop() {
        if modules.contains_key(&module) || module == name {
            continue;
        }
        let Some(source) = read(folder, &module, sandbox).await? else {
            continue;
        };
        match source.compiled {
            Ok(ref artifact) if artifact.unfit.is_empty() => {
                graph.set(&module, names(artifact));
                wanted.extend(names(artifact).map(str::to_owned));
                modules.insert(module, artifact.clone());
            }
            Ok(ref artifact) => good &= tell(&source, &artifact.unfit),
            Err(ref diagnostics) => good &= tell(&source, diagnostics),
        }
    }
    if let Some(cycle) = graph.cycle(name) {
        say::note(&format!(
            "error[import_cycle]: the imports go in a circle: {}",
            arrows(&cycle)
        ));
        return Ok(None);
    }
    let (chain, allowed) = (graph.longest(name), sandbox.module_depth_max as usize);
    if chain.len() - 1 > allowed {
        say::note(&format!(
            "error[imports_too_deep]: the imports are {} deep, {allowed} are allowed (PICLOUD_MODULE_DEPTH_MAX): {}",
            chain.len() - 1,
            arrows(&chain)
        ));
        return Ok(None);
    }
    let modules = modules.into_iter().map(|(name, artifact)| (Arc::from(name), artifact));
    Ok(good.then(|| Linked::of(script, modules)))
}

/// A module's file; what is not there is for the run to miss.
async fn read(folder: &Path, module: &str, sandbox: &Sandbox) -> Result<Option<Source>, Failure> {
    // A name that is none would leave the folder.
    if module.parse::<ScriptName>().is_err() {
        return Ok(None);
    }
    let path = folder.join(format!("{module}.rhai"));
    if !path.is_file() {
        say::note(&format!(
            "warning: there is no module {module:?}: no file {}",
            path.display()
        ));
        return Ok(None);
    }
    Source::read(&path, sandbox.source_bytes_max, &sandbox.executor)
        .await
        .map(Some)
}

fn tell(source: &Source, diagnostics: &[Diagnostic]) -> bool {
    for diagnostic in diagnostics {
        say::note(excerpt::render(&source.file, &source.text, diagnostic).trim_end());
    }
    false
}

fn names(artifact: &Artifact) -> impl Iterator<Item = &str> {
    artifact.imports.iter().map(|import| import.name.as_str())
}
