//! What a source takes from modules, against what those have.

use std::collections::BTreeMap;

use picloud_sdk::compile::{Artifact, Use, as_written};

/// Compiled sources by name.
pub type Artifacts<'a> = BTreeMap<&'a str, &'a Artifact>;

/// Something that is taken from a module which does not have it.
#[derive(Debug)]
pub struct Missing<'a> {
    /// Where and how.
    pub used: &'a Use,
    /// A sentence.
    pub message: String,
}

/// What `source` takes from modules in `all` that do not have it. Of what cannot be told from the text nothing is said.
#[must_use]
pub fn missing<'a>(source: &'a Artifact, all: &Artifacts<'a>) -> Vec<Missing<'a>> {
    let mut missing = Vec::new();
    for used in &source.uses {
        if let Some((name, module)) = resolve(source, &used.path, all)
            && !has(module, used)
        {
            let message = sentence(used, name, module);
            missing.push(Missing { used, message });
        }
    }
    missing
}

/// The module that a path means, when only one can be meant.
fn resolve<'a>(source: &'a Artifact, path: &str, all: &Artifacts<'a>) -> Option<(&'a str, &'a Artifact)> {
    let mut at = source;
    let mut name = None;
    for (depth, alias) in path.split("::").enumerate() {
        let mut imports = at
            .imports
            .iter()
            .filter(|import| import.alias == alias && (depth == 0 || import.outermost));
        let import = imports.next()?;
        if imports.any(|other| other.name != import.name) {
            return None;
        }
        at = all.get(import.name.as_str())?;
        name = Some(import.name.as_str());
    }
    name.map(|name| (name, at))
}

fn has(module: &Artifact, used: &Use) -> bool {
    match used.arguments {
        Some(count) => module
            .functions
            .iter()
            .any(|function| !function.private && function.name == used.name && function.params.len() == count as usize),
        None => module.constants.contains(&used.name),
    }
}

fn sentence(used: &Use, name: &str, module: &Artifact) -> String {
    let path = as_written(&used.path);
    let Some(count) = used.arguments else {
        let declared = if module.constants.is_empty() {
            "it exports none".to_owned()
        } else {
            format!("it exports {}", module.constants.join(", "))
        };
        return format!(
            "{path}::{}: the module {name:?} exports no constant of that name; {declared}",
            used.name
        );
    };
    let named = module.functions.iter().filter(|function| function.name == used.name);
    let (private, public): (Vec<_>, Vec<_>) = named.partition(|function| function.private);
    let arguments = |count: usize| format!("{count} argument{}", if count == 1 { "" } else { "s" });
    let why = match (&public[..], &private[..]) {
        ([], []) => "has no function of that name".to_owned(),
        ([], _) => "keeps that function private".to_owned(),
        (public, _) => {
            let counts: Vec<_> = public
                .iter()
                .map(|function| function.params.len().to_string())
                .collect();
            format!("has that function with {} only", counts.join(" or "))
        }
    };
    format!(
        "{path}::{} with {}: the module {name:?} {why}",
        used.name,
        arguments(count as usize)
    )
}

/// What `importer` finds in modules before a change and would not find after it.
#[must_use]
pub fn broken<'a>(importer: &'a Artifact, before: &Artifacts<'a>, after: &Artifacts<'a>) -> Vec<Missing<'a>> {
    let worked = importer.uses.iter().filter(|used| {
        let found = resolve(importer, &used.path, before);
        found.is_some_and(|(_, module)| has(module, used))
    });
    let broken = worked.filter_map(|used| match resolve(importer, &used.path, after) {
        Some((_, module)) if has(module, used) => None,
        Some((name, module)) => Some((used, sentence(used, name, module))),
        None => {
            let path = as_written(&used.path);
            Some((
                used,
                format!("{path}::{}: {path} would be no module any more", used.name),
            ))
        }
    });
    broken.map(|(used, message)| Missing { used, message }).collect()
}
