//! The live scripts of one app and who imports whom, as they are or as a change would make them.

use std::collections::BTreeMap;

use picloud_sdk::api::{Kind, Time};
use picloud_sdk::compile;

use super::graph::Graph;
use crate::ids::{ScriptId, VersionId};

/// A script and its live version.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Live {
    /// The script.
    pub id: ScriptId,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[sqlx(try_from = "String")]
    pub kind: Kind,
    /// The number of its live version.
    pub number: i64,
    /// When the script was first saved.
    #[sqlx(try_from = "i64")]
    pub created_at: Time,
    /// Its live version.
    pub version: VersionId,
    /// The highest number of its versions.
    pub last_number: i64,
}

/// An import in the source of a version.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Import {
    /// The script that imports.
    pub script: String,
    /// What it imports.
    pub name: String,
    /// 1-based.
    pub line: i64,
    /// 1-based, in Unicode characters.
    pub col: i64,
}

/// A name that may be imported, and the version that it means.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LinkedModule {
    /// The module's name.
    pub name: String,
    /// Its version.
    pub version: VersionId,
}

/// All of one app.
pub struct LiveScripts {
    /// What is live, by name.
    pub live: BTreeMap<String, Live>,
    /// What live versions import.
    pub imports: Vec<Import>,
    /// Everything that is live, with what a change brings.
    pub kinds: BTreeMap<String, Kind>,
    /// Who imports whom, with what a change brings.
    pub graph: Graph,
}

impl LiveScripts {
    /// Of all that is live, and its imports in the order of their scripts.
    #[must_use]
    pub fn of(live: Vec<Live>, imports: Vec<Import>) -> Self {
        let mut graph = Graph::default();
        // Those of one script stand together.
        for imports in imports.chunk_by(|one, next| one.script == next.script) {
            let names = imports.iter().map(|import| import.name.as_str());
            graph.set(&imports[0].script, names);
        }
        Self {
            kinds: live.iter().map(|live| (live.name.clone(), live.kind)).collect(),
            live: live.into_iter().map(|live| (live.name.clone(), live)).collect(),
            imports,
            graph,
        }
    }

    /// As it would be with this script.
    pub fn put(&mut self, name: &str, kind: Kind, imports: &[compile::Import]) {
        self.kinds.insert(name.to_owned(), kind);
        self.graph.set(name, imports.iter().map(|import| import.name.as_str()));
    }

    /// All that is to be linked anew when `changed` change, and the change that is to blame for each.
    pub fn importers_of<'a>(&self, changed: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, String> {
        let mut importers = BTreeMap::new();
        for name in changed {
            for importer in self.graph.importers(name).into_keys() {
                importers.entry(importer).or_insert_with(|| name.to_owned());
            }
        }
        importers
    }

    /// Everything that `name` imports, directly or through another, in the version that is live when all is done: that in
    /// `newest`, or the one that is live now.
    #[must_use]
    pub fn links_of(&self, name: &str, newest: &BTreeMap<&str, VersionId>) -> Vec<LinkedModule> {
        let live = |module: &str| {
            let newest = newest.get(module).copied();
            newest.or_else(|| self.live.get(module).map(|live| live.version))
        };
        let links = self.graph.imports(name).into_keys().filter_map(|name| {
            let version = live(&name)?;
            Some(LinkedModule { name, version })
        });
        links.collect()
    }

    /// What a draft that is not saved may import: all that is there of it.
    #[must_use]
    pub fn links_of_draft(mut self, name: &str, imports: &[compile::Import]) -> Vec<LinkedModule> {
        self.put(name, Kind::Endpoint, imports);
        if self.graph.cycle(name).is_some() {
            // It could only be imported by itself; the run says so.
            self.graph.set(name, []);
        }
        let modules = self.graph.imports(name).into_keys().filter_map(|name| {
            let live = self.live.get(&name).filter(|live| live.kind == Kind::Module)?;
            let version = live.version;
            Some(LinkedModule { name, version })
        });
        modules.collect()
    }
}
