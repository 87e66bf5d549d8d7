//! `picloud check`: what is wrong with scripts, without running or saving them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::finding::Finding;
use super::folder::{self, Folder};
use super::grammar::count;
use super::modules::{self, Imports};
use super::plan::{Given, plan};
use super::sandbox::{self, Sandbox};
use super::source::Source;
use super::{Done, Failure, say};

/// Compile scripts in the sandbox and show what is wrong with them and with what they import; nothing is run or saved.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Rhai sources, or folders of them.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The folder of the modules that they import; when left out, a file's own, or the folder that is checked.
    #[arg(long, value_name = "DIR")]
    modules: Option<PathBuf>,
}

/// What was found, each once.
#[derive(Default)]
struct Verdict {
    /// Those that were asked for, and then those that they import and that something is wrong with.
    files: Vec<String>,
    findings: Vec<Finding>,
}

impl Check {
    pub(super) async fn run(self, json: bool) -> Done {
        let sandbox = sandbox::start()?;
        let mut folders = BTreeMap::new();
        let mut verdict = Verdict::default();
        for (root, path) in self.sources()? {
            let (folder, sources) = folders
                .entry(root.clone())
                .or_insert_with(|| (Folder::new(&root, &sandbox), Vec::new()));
            sources.push(verdict.look(folder, &path, &sandbox).await?);
        }
        for (_, sources) in folders.into_values() {
            verdict.add(plan(&sources, Given::Nothing).findings);
        }
        verdict.add_files();
        let (errors, warnings): (Vec<_>, Vec<_>) = verdict.findings.iter().partition(|finding| finding.is_error());
        if json {
            say::json(&verdict.json())?;
        } else {
            let texts = verdict.findings.iter().map(Finding::render);
            say::bytes(texts.collect::<String>().as_bytes())?;
            let wrong = verdict.files.iter().filter(|file| has(&errors, file)).count();
            let warned = match warnings.len() {
                0 => String::new(),
                some => format!(", {}", count(some, "warning")),
            };
            say::note(&format!("{} checked, {wrong} with errors{warned}", verdict.files.len()));
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Failure::Told(1))
        }
    }

    /// Each file to be checked, with the folder of its modules.
    fn sources(&self) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
        let mut sources = Vec::new();
        for path in &self.files {
            if path.is_dir() {
                let root = self.modules.as_ref().unwrap_or(path);
                sources.extend(folder::walk(path)?.into_iter().map(|file| (root.clone(), file)));
            } else {
                let root = self.modules.clone().unwrap_or_else(|| modules::folder_of(path));
                sources.push((root, path.clone()));
            }
        }
        Ok(sources)
    }
}

impl Verdict {
    async fn look(&mut self, folder: &mut Folder<'_>, path: &Path, sandbox: &Sandbox) -> Result<Arc<Source>, Failure> {
        let source = folder.open(path).await?;
        self.files.push(source.file.clone());
        let imports = Imports::gather(folder, path, &source).await?;
        let own = Finding::all_of(&source).chain(warnings(&source));
        let linking = imports.findings(sandbox.module_depth_max);
        self.add(own.chain(linking).chain(imports.missing_members()));
        Ok(source)
    }

    fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            if !self.findings.iter().any(|known| known.is(&finding)) {
                self.findings.push(finding);
            }
        }
    }

    /// What is imported and was not asked for is named when something is to be said of it.
    fn add_files(&mut self) {
        for finding in &self.findings {
            if !self.files.contains(&finding.source.file) {
                self.files.push(finding.source.file.clone());
            }
        }
    }

    fn json(&self) -> Vec<Value> {
        let of_file = |file: &String| {
            let found = self.findings.iter().filter(|finding| finding.source.file == *file);
            let ok = !found.clone().any(Finding::is_error);
            json!({ "file": file, "ok": ok, "diagnostics": found.map(|finding| &finding.diagnostic).collect::<Vec<_>>() })
        };
        self.files.iter().map(of_file).collect()
    }
}

fn has(findings: &[&Finding], file: &str) -> bool {
    findings.iter().any(|finding| finding.source.file == file)
}

fn warnings(source: &Arc<Source>) -> impl Iterator<Item = Finding> {
    let artifact = source.artifact().into_iter();
    artifact
        .flat_map(|artifact| &artifact.warnings)
        .map(|warning| Finding::warning(source, warning.clone()))
}
