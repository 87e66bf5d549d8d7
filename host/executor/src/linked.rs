//! A script with the modules that it was linked with.

use std::collections::BTreeSet;
use std::sync::Arc;

use picloud_sdk::compile::Artifact;
use picloud_sdk::outcome::CLOSURE;
use picloud_sdk::sidecar::Sidecar;

/// A compiled version, or a part of one, as the executor needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Program {
    /// Opaque to the host.
    pub bytecode: Vec<u8>,
    /// Positions for errors.
    pub sidecar: Sidecar,
    /// Names of its functions, closures among them: what an error names is looked for here.
    pub functions: Vec<String>,
}

impl From<Artifact> for Program {
    fn from(artifact: Artifact) -> Self {
        let named = artifact.functions.into_iter().map(|function| function.name);
        let closures = artifact.mentions.into_iter().filter(|name| name.starts_with(CLOSURE));
        Self {
            functions: named.chain(closures).collect(),
            bytecode: artifact.program,
            sidecar: artifact.sidecar,
        }
    }
}

/// What a run may load: a script, and the modules that it was linked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The script.
    pub script: Arc<Program>,
    /// By name, each with the parts that are loaded when it is imported. The script can import these, and through them or
    /// by itself no other.
    pub modules: Vec<(Arc<str>, Vec<Arc<Program>>)>,
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
        let own = Wants::of(&script);
        let modules: Vec<(Arc<str>, Module)> = modules
            .into_iter()
            .map(|(name, artifact)| (name, Module::from(artifact)))
            .collect();
        let used = used(
            &own,
            &modules
                .iter()
                .map(|(name, module)| (&**name, module))
                .collect::<Vec<_>>(),
        );
        let modules = modules.into_iter().zip(used);
        Self {
            modules: modules
                .map(|((name, module), programs)| (name, module.programs_at(&programs)))
                .collect(),
            script: Arc::new(script.into()),
        }
    }
}

/// A module as runs need it: whole, and in parts of which each is loaded only where it may be used.
#[derive(Debug, Clone)]
pub struct Module {
    /// The whole one first.
    programs: Vec<Arc<Program>>,
    wants: Wants,
}

impl From<Artifact> for Module {
    fn from(mut artifact: Artifact) -> Self {
        let wants = Wants::of(&artifact);
        let parts = std::mem::take(&mut artifact.parts).into_iter().map(|part| Program {
            bytecode: part.program,
            sidecar: part.sidecar,
            functions: part.functions,
        });
        let parts: Vec<Program> = parts.collect();
        let programs = [Program::from(artifact)].into_iter().chain(parts);
        Self {
            programs: programs.map(Arc::new).collect(),
            wants,
        }
    }
}

impl Module {
    /// All of its programs.
    #[must_use]
    pub fn programs(&self) -> &[Arc<Program>] {
        &self.programs
    }

    /// Some of its programs.
    #[must_use]
    pub fn programs_at(&self, indices: &[usize]) -> Vec<Arc<Program>> {
        indices.iter().map(|index| Arc::clone(&self.programs[*index])).collect()
    }
}

/// Of each module that a script is linked with, the programs that a run may use. What is imported and never named again
/// has none.
#[must_use]
pub fn used(script: &Wants, modules: &[(&str, &Module)]) -> Vec<Vec<usize>> {
    let everybody = || modules.iter().map(|(_, module)| &module.wants).chain([script]);
    let paths: BTreeSet<&str> = everybody().flat_map(|wants| &wants.paths).map(String::as_str).collect();
    let computed = everybody().any(|wants| wants.computes);
    let reached: BTreeSet<&str> = everybody()
        .flat_map(|wants| &wants.imports)
        .filter(|(alias, _)| computed || paths.contains(alias.as_str()))
        .map(|(_, name)| name.as_str())
        .collect();
    let makes_names = everybody().any(|wants| wants.makes_names);
    let programs = modules.iter().map(|(name, module)| {
        let [whole, parts @ ..] = &module.programs[..] else {
            return Vec::new();
        };
        let others = || everybody().filter(|wants| !std::ptr::eq(*wants, &raw const module.wants));
        // A closure from elsewhere would see all of the module's functions: such a name may mean one of them.
        let meant = |function: &String| others().any(|wants| wants.mentions.contains(function));
        if module.wants.has_methods || (reached.contains(name) && (parts.is_empty() || makes_names)) {
            return vec![0];
        } else if !reached.contains(name) {
            return Vec::new();
        } else if whole.functions.iter().any(meant) {
            return vec![0];
        }
        let called = |function: &String| others().any(|wants| wants.called.contains(function));
        let parts = parts.iter().enumerate();
        let parts = parts.filter(|(_, part)| part.functions.iter().any(called));
        let parts: Vec<usize> = parts.map(|(index, _)| index + 1).collect();
        // Each part has the constants.
        if parts.is_empty() { vec![1] } else { parts }
    });
    programs.collect()
}

/// What a source may reach through modules, as far as its text shows.
#[derive(Debug, Clone, Default)]
pub struct Wants {
    /// Alias and name of each literal import.
    imports: Vec<(String, String)>,
    /// Every name that stands before a `::`.
    paths: BTreeSet<String>,
    /// Every name that is called behind a `::`.
    called: BTreeSet<String>,
    /// Every name that it mentions without a path.
    mentions: BTreeSet<String>,
    /// It also imports names that only a run knows.
    computes: bool,
    /// [`Artifact::makes_names`]
    makes_names: bool,
    /// [`Artifact::has_methods`]
    has_methods: bool,
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
            called: artifact.uses.iter().map(|used| used.name.clone()).collect(),
            mentions: artifact.mentions.iter().cloned().collect(),
            computes: artifact.computes_imports(),
            makes_names: artifact.makes_names,
            has_methods: artifact.has_methods,
        }
    }
}
