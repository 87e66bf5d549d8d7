//! What a script imports, from the files of its folder: found, judged, and linked as a server would link it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use picloud_executor::Linked;
use picloud_sdk::api::ScriptName;
use picloud_sdk::compile::{Diagnostic, Import};

use super::Failure;
use super::finding::Finding;
use super::folder::Folder;
use super::source::Source;
use crate::linking::{self as members, Artifacts};
use crate::linking::{Graph, arrows};

/// The code for an import of what is not there, as on a server.
pub(super) const UNKNOWN_MODULE: &str = "unknown_module";

/// A script that compiles, and all that it imports, directly or through another.
pub(super) struct Imports {
    /// Where the script stands among the others; a file from elsewhere has no name there.
    key: String,
    script: Arc<Source>,
    modules: BTreeMap<String, Arc<Source>>,
    graph: Graph,
    /// Imports without a file.
    missing: Vec<Finding>,
}

/// Where a file's modules are when nobody says.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).to_owned()
}

impl Imports {
    /// Follows the imports of `script`.
    pub(super) async fn gather(folder: &mut Folder<'_>, path: &Path, script: &Arc<Source>) -> Result<Self, Failure> {
        let key = folder.name_of(path).unwrap_or_else(|| script.file.clone());
        let mut found = Self {
            key: key.clone(),
            script: Arc::clone(script),
            modules: BTreeMap::new(),
            graph: Graph::default(),
            missing: Vec::new(),
        };
        let mut waiting = vec![(key, Arc::clone(script))];
        while let Some((name, source)) = waiting.pop() {
            let imports = source.artifact().map_or(&[][..], |artifact| &artifact.imports);
            found
                .graph
                .set(&name, imports.iter().map(|import| import.name.as_str()));
            for import in imports {
                if import.name == found.key || found.modules.contains_key(&import.name) {
                    continue;
                }
                match folder.module(&import.name).await? {
                    Some(module) => {
                        waiting.push((import.name.clone(), Arc::clone(&module)));
                        found.modules.insert(import.name.clone(), module);
                    }
                    None => found.missing.push(Finding::warning(&source, unknown(folder, import))),
                }
            }
        }
        Ok(found)
    }

    /// What is in the way of linking, and imports without a file, which are for the run to miss.
    pub(super) fn findings(&self, depth_max: u32) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (name, module) in &self.modules {
            findings.extend(Finding::all_of(module));
            let unfit = module.artifact().map_or(&[][..], |artifact| &artifact.unfit);
            findings.extend(unfit.iter().map(|unfit| {
                let message = format!("{} ({:?} imports this file)", unfit.message, self.importer_of(name));
                let diagnostic = Diagnostic {
                    message,
                    ..unfit.clone()
                };
                Finding::error(module, diagnostic)
            }));
        }
        findings.extend(self.misshapen(depth_max));
        findings.extend(self.missing.iter().cloned());
        findings
    }

    fn importer_of(&self, module: &str) -> &str {
        let names = self.modules.keys().chain([&self.key]);
        let mut importers = names.filter(|name| self.graph.of(name).iter().any(|import| import == module));
        importers.next().map_or("", String::as_str)
    }

    /// A cycle, or a chain that is too long.
    fn misshapen(&self, depth_max: u32) -> Option<Finding> {
        if let Some(cycle) = self.graph.cycle(&self.key) {
            let message = format!(
                "the imports go in a circle: {}; move what both sides need into a module that imports neither",
                arrows(&cycle)
            );
            return self.at_import(&cycle, "import_cycle", message);
        }
        let chain = self.graph.longest(&self.key);
        let used = chain.len() - 1;
        if used <= depth_max as usize {
            return None;
        }
        let message = format!(
            "the imports are {used} deep, {depth_max} are allowed (PICLOUD_MODULE_DEPTH_MAX): {}",
            arrows(&chain)
        );
        self.at_import(&chain, "imports_too_deep", message)
    }

    /// At the first import of a chain.
    fn at_import(&self, chain: &[String], code: &str, message: String) -> Option<Finding> {
        let (importer, next) = (chain.first()?, chain.get(1)?);
        let source = self.modules.get(importer).unwrap_or(&self.script);
        let mut imports = source.artifact()?.imports.iter();
        let import = imports.find(|import| import.name == *next)?;
        Some(Finding::error(source, at(import, code, message)))
    }

    /// What the script itself takes from modules that do not have it.
    pub(super) fn missing_members(&self) -> Vec<Finding> {
        let Some(script) = self.script.artifact() else {
            return Vec::new();
        };
        let modules = self.modules.iter();
        let known: Artifacts<'_> = modules
            .filter_map(|(name, module)| Some((name.as_str(), module.artifact()?)))
            .collect();
        let missing = members::missing(script, &known).into_iter().map(|missing| {
            let diagnostic = Diagnostic {
                code: "unknown_member".to_owned(),
                message: missing.message,
                line: missing.used.line,
                column: missing.used.column,
                end: None,
            };
            Finding::warning(&self.script, diagnostic)
        });
        missing.collect()
    }

    /// The script and its modules, ready to run. They all compile.
    pub(super) fn linked(&self) -> Linked {
        let modules = self.modules.iter();
        let modules = modules.filter_map(|(name, module)| Some((Arc::from(name.as_str()), module.artifact()?.clone())));
        Linked::of(self.script.artifact().cloned().unwrap_or_default(), modules)
    }
}

fn unknown(folder: &Folder<'_>, import: &Import) -> Diagnostic {
    let name = &import.name;
    let message = match name.parse::<ScriptName>() {
        Err(why) => format!("no module can be called {name:?}: {why}"),
        Ok(_) => format!(
            "there is no module {name:?}: no file {}",
            folder.path_of(name).display()
        ),
    };
    at(import, UNKNOWN_MODULE, message)
}

fn at(import: &Import, code: &str, message: String) -> Diagnostic {
    let Import { line, column, .. } = *import;
    Diagnostic {
        code: code.to_owned(),
        message,
        line,
        column,
        end: Some(import.end()),
    }
}
