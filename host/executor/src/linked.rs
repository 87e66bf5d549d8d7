//! A script with the modules that it was linked with.

use std::collections::BTreeSet;
use std::sync::Arc;

use picloud_sdk::compile::Artifact;

use crate::seam::Program;

/// What a run may load: a script, and the modules that it was linked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The script.
    pub script: Arc<Program>,
    /// By name. The script can import these, and through them or by itself no other.
    pub modules: Vec<(Arc<str>, Arc<Program>)>,
}

impl From<Arc<Program>> for Linked {
    /// A script that imports nothing.
    fn from(script: Arc<Program>) -> Self {
        let modules = Vec::new();
        Self { script, modules }
    }
}

impl Linked {
    /// A script with all that it imports, directly or through another.
    #[must_use]
    pub fn of(script: Artifact, modules: impl IntoIterator<Item = (Arc<str>, Artifact)>) -> Self {
        let modules: Vec<(Arc<str>, Artifact)> = modules.into_iter().collect();
        let wants: Vec<Wants> = modules
            .iter()
            .map(|(_, artifact)| Wants::of(artifact))
            .chain([Wants::of(&script)])
            .collect();
        let used = Wants::used(&wants.iter().collect::<Vec<_>>());
        let modules = modules.into_iter().map(|(name, artifact)| {
            let program = if used.contains(&*name) {
                artifact.into()
            } else {
                Program::default()
            };
            (name, Arc::new(program))
        });
        Self {
            modules: modules.collect(),
            script: Arc::new(script.into()),
        }
    }
}

/// What a source may reach through modules, as far as its text shows.
#[derive(Debug, Clone, Default)]
pub struct Wants {
    /// Alias and name of each literal import.
    imports: Vec<(String, String)>,
    /// Every name that stands before a `::`.
    paths: BTreeSet<String>,
    /// It also imports names that only a run knows.
    computes: bool,
}

impl Wants {
    /// Those of an artifact.
    #[must_use]
    pub fn of(artifact: &Artifact) -> Self {
        let uses = artifact.uses.iter();
        Self {
            imports: artifact
                .imports
                .iter()
                .map(|import| (import.alias.clone(), import.name.clone()))
                .collect(),
            paths: uses.flat_map(|used| used.path.split("::")).map(str::to_owned).collect(),
            computes: artifact.computes_imports(),
        }
    }

    /// Of everything that `all` of a version's sources import, what a run may use. The rest need not be loaded: it is
    /// imported, and nothing of it is ever named.
    #[must_use]
    pub fn used<'a>(all: &[&'a Self]) -> BTreeSet<&'a str> {
        let named = |alias: &str| all.iter().any(|wants| wants.paths.contains(alias));
        let computed = all.iter().any(|wants| wants.computes);
        all.iter()
            .flat_map(|wants| &wants.imports)
            .filter(|(alias, _)| computed || named(alias))
            .map(|(_, name)| name.as_str())
            .collect()
    }
}
