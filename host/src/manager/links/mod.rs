//! Which modules scripts run with. Whatever changes what is live goes through here: [`save`] and [`make_live`] link
//! everything that is concerned anew, or refuse.
//!
//! ```text
//! drafts ── Town (who is live, who imports whom) ── check ── versions, imports ── importers anew ── links
//! ```
//!
//! *Invariant*: of live versions, each is linked with the live versions of all that it imports, directly or through
//! another; only an endpoint that was rolled back runs with what it ran with then.
//! *Invariant*: names are looked up among the scripts of one app.

mod check;
pub(crate) mod members;
pub(super) mod queries;
pub mod read;

use std::collections::{BTreeMap, BTreeSet};

use picloud_sdk::compile::{Artifact, Import};
use picloud_sdk::wire;

use super::check::Diagnostic;
use super::error::{Error, Result};
use super::scripts::{self, Draft, Kind, SCRIPTS_MAX, Script};
use super::time::Time;
use super::versions::{self, VERSIONS_KEPT};
use crate::graph::Graph;
use crate::host::Host;
use crate::ids::{AppId, ScriptId, VersionId};
use crate::orchestrator::LinkedModule;
use crate::store::Tx;
use members::Artifacts;
use queries::{Live, Relinked};

pub(super) use read::router;

/// Larger than anything the compiler makes of a source that may be saved.
const ARTIFACT_BYTES_MAX: usize = 64 << 20;

/// The live scripts of an app, as they are or as a change would make them.
pub(super) struct Town {
    live: BTreeMap<String, Live>,
    imports: Vec<queries::Import>,
    /// Everything that is live, with what a change brings.
    kinds: BTreeMap<String, Kind>,
    graph: Graph,
}

/// What a change came to.
pub(super) struct Saved {
    /// In the order of the drafts, each with what its author should know.
    pub(super) scripts: Vec<(Script, Vec<Diagnostic>)>,
    /// Scripts that were linked anew: name and number of the new version.
    pub(super) relinked: Vec<(String, i64)>,
}

impl Town {
    pub(super) async fn load(tx: &mut Tx, app: AppId) -> Result<Self> {
        let live = queries::live(tx, app).await?;
        let imports = queries::live_imports(tx, app).await?;
        let mut town = Self {
            kinds: live.iter().map(|live| (live.name.clone(), live.kind)).collect(),
            live: live.into_iter().map(|live| (live.name.clone(), live)).collect(),
            graph: Graph::default(),
            imports,
        };
        // In the order of their scripts, so those of one stand together.
        for imports in town.imports.chunk_by(|one, next| one.script == next.script) {
            let names = imports.iter().map(|import| import.name.as_str());
            town.graph.set(&imports[0].script, names);
        }
        Ok(town)
    }

    fn put(&mut self, name: &str, kind: Kind, imports: &[Import]) {
        self.kinds.insert(name.to_owned(), kind);
        self.graph.set(name, imports.iter().map(|import| import.name.as_str()));
    }

    /// All that is to be linked anew when `changed` change, and the change that is to blame for each.
    fn importers_of<'a>(&self, changed: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, String> {
        let mut importers = BTreeMap::new();
        for name in changed {
            for importer in self.graph.importers(name).into_keys() {
                importers.entry(importer).or_insert_with(|| name.to_owned());
            }
        }
        importers
    }
}

/// Saves `drafts` as the next versions of their scripts, live, and everything that imports them linked anew. The
/// transaction holds the app's lock.
pub(super) async fn save(tx: &mut Tx, host: &Host, app: AppId, drafts: &[Draft], by: &str, now: Time) -> Result<Saved> {
    let mut town = Town::load(tx, app).await?;
    for draft in drafts {
        town.put(draft.name.as_str(), draft.kind, &draft.artifact.imports);
    }
    for draft in drafts {
        check::kind(tx, app, &town, draft).await?;
        check::imports_exist(&town, draft)?;
    }
    let changed: BTreeSet<&str> = drafts.iter().map(|draft| draft.name.as_str()).collect();
    let mut importers = town.importers_of(changed.iter().copied());
    importers.retain(|name, _| !changed.contains(name.as_str()));
    check::shape(
        &town,
        host,
        changed.iter().copied().chain(importers.keys().map(String::as_str)),
    )?;

    let before = artifacts(tx, host, app, &town, changed.iter().copied(), &importers).await?;
    let before: Artifacts<'_> = before
        .iter()
        .map(|(name, artifact)| (name.as_str(), artifact))
        .collect();
    let mut after = before.clone();
    after.extend(drafts.iter().map(|draft| (draft.name.as_str(), &draft.artifact)));
    let pinned = pinned(tx, host, app).await?;
    check::members(&importers, &before, &pinned, &after)?;

    let mut made = BTreeMap::new();
    let mut saved = Vec::new();
    for draft in drafts {
        let (script, version) = write(tx, app, &town, draft, by, now).await?;
        made.insert(draft.name.as_str(), (script.id(), version));
        saved.push((script, check::warnings(draft, &after)));
    }
    for draft in drafts {
        let (_, version) = made[draft.name.as_str()];
        queries::insert_imports(tx, app, version, &draft.artifact.imports).await?;
    }
    let fresh: Vec<_> = made.iter().map(|(name, (_, version))| (*name, *version)).collect();
    let relinked = relink(tx, app, &town, &made, &fresh, &importers, (by, now)).await?;
    Ok(Saved {
        scripts: saved,
        relinked,
    })
}

/// Makes a version live that was saved before. An endpoint then runs with the modules it ran with; what imports a module
/// is linked with the version that is live now.
pub(super) async fn make_live(
    tx: &mut Tx,
    host: &Host,
    app: AppId,
    mut script: scripts::queries::Row,
    number: i64,
    (by, now): (&str, Time),
) -> Result<(Script, Vec<(String, i64)>)> {
    let Some((version, artifact)) = versions::queries::find_artifact(tx, app, script.id, number).await? else {
        return Err(versions::no_such_version(number));
    };
    check::links_are_there(tx, app, version, &script.name, number).await?;
    let artifact = decode(host, &artifact.0, &artifact.1);
    check::still_fit(&script, number, artifact.as_ref())?;
    let mut town = Town::load(tx, app).await?;
    let mut importers = town.importers_of([script.name.as_str()]);
    importers.remove(&script.name);
    if !importers.is_empty() {
        let imports = queries::imports(tx, app, version).await?;
        town.graph
            .set(&script.name, imports.iter().map(|import| import.name.as_str()));
        check::still_imports(&town, &script.name, &imports)?;
        check::shape(
            &town,
            host,
            importers.keys().map(String::as_str).chain([script.name.as_str()]),
        )?;
        let before = artifacts(tx, host, app, &town, [script.name.as_str()], &importers).await?;
        let before: Artifacts<'_> = before
            .iter()
            .map(|(name, artifact)| (name.as_str(), artifact))
            .collect();
        if let Some(artifact) = &artifact {
            let mut after = before.clone();
            after.insert(&script.name, artifact);
            let pinned = pinned(tx, host, app).await?;
            check::members(&importers, &before, &pinned, &after)?;
        }
    }
    script.live_version = number;
    script.updated_at = now;
    scripts::queries::update(tx, app, &script).await?;
    let made = BTreeMap::from([(script.name.as_str(), (script.id, version))]);
    // Its own links stay what they were.
    let relinked = relink(tx, app, &town, &made, &[], &importers, (by, now)).await?;
    Ok((script.into(), relinked))
}

/// Writes a draft's script and version, without its imports and links.
async fn write(
    tx: &mut Tx,
    app: AppId,
    town: &Town,
    draft: &Draft,
    by: &str,
    now: Time,
) -> Result<(Script, VersionId)> {
    let name = draft.name.as_str();
    let live = town.live.get(name);
    if live.is_none() && scripts::queries::count(tx, app).await? >= SCRIPTS_MAX {
        return Err(Error::too_many("scripts", SCRIPTS_MAX));
    }
    let row = scripts::queries::Row {
        id: live.map_or_else(|| ScriptId::new(now.0), |live| live.id),
        name: name.to_owned(),
        kind: draft.kind,
        live_version: live.map_or(1, |live| live.last_number + 1),
        created_at: live.map_or(now, |live| live.created_at),
        updated_at: now,
    };
    if live.is_some() {
        scripts::queries::update(tx, app, &row).await?;
    } else {
        scripts::queries::insert(tx, app, &row).await?;
    }
    let version = versions::NewVersion {
        id: VersionId::new(now.0),
        script: row.id,
        number: row.live_version,
        source: &draft.source,
        artifact: wire::encode(&draft.artifact),
        guest_hash: draft.guest_hash,
        by,
    };
    let id = version.id;
    versions::queries::insert(tx, app, version, now).await?;
    Ok((row.into(), id))
}

/// Scripts that were made, by name.
type Made<'a> = BTreeMap<&'a str, (ScriptId, VersionId)>;

/// Makes new versions of what imports something that was made, and links them and the `fresh` ones.
async fn relink(
    tx: &mut Tx,
    app: AppId,
    town: &Town,
    made: &Made<'_>,
    fresh: &[(&str, VersionId)],
    importers: &BTreeMap<String, String>,
    (by, now): (&str, Time),
) -> Result<Vec<(String, i64)>> {
    let mut versions = Vec::with_capacity(importers.len());
    let mut told = Vec::with_capacity(importers.len());
    let mut newest: BTreeMap<&str, VersionId> = made.iter().map(|(name, (_, version))| (*name, *version)).collect();
    for (live, because_of) in importers
        .iter()
        .filter_map(|(name, why)| Some((town.live.get(name)?, why)))
    {
        let version = Relinked {
            script: live.id,
            version: VersionId::new(now.0),
            number: live.last_number + 1,
            before: live.version,
            because_of: because_of.clone(),
        };
        newest.insert(&live.name, version.version);
        told.push((live.name.clone(), version.number));
        versions.push(version);
    }
    queries::relink(tx, app, &versions, by, now).await?;

    let anew = told
        .iter()
        .zip(&versions)
        .map(|((name, _), relinked)| (name.as_str(), relinked.version));
    let links: Vec<_> = anew
        .chain(fresh.iter().copied())
        .flat_map(|(name, version)| links_of(town, name, version, &newest))
        .collect();
    queries::insert_links(tx, app, &links).await?;
    let scripts = made.values().map(|(script, _)| *script);
    let scripts: Vec<_> = scripts.chain(versions.iter().map(|relinked| relinked.script)).collect();
    queries::forget(tx, app, &scripts, VERSIONS_KEPT).await?;
    Ok(told)
}

/// Everything that `name` imports, directly or through another, in the version that is live when all is done.
fn links_of(
    town: &Town,
    name: &str,
    version: VersionId,
    newest: &BTreeMap<&str, VersionId>,
) -> Vec<(VersionId, LinkedModule)> {
    let live = |module: &str| {
        let newest = newest.get(module).copied();
        newest.or_else(|| town.live.get(module).map(|live| live.version))
    };
    let imports = town.graph.imports(name).into_keys();
    let links = imports.filter_map(|name| {
        let version = live(&name)?;
        Some(LinkedModule { name, version })
    });
    links.map(|link| (version, link)).collect()
}

/// What a draft that is not saved may import: all that is there of it.
pub(super) async fn for_draft(tx: &mut Tx, app: AppId, name: &str, artifact: &Artifact) -> Result<Vec<LinkedModule>> {
    let mut town = Town::load(tx, app).await?;
    town.put(name, Kind::Endpoint, &artifact.imports);
    if town.graph.cycle(name).is_some() {
        // It could only be imported by itself; the run says so.
        town.graph.set(name, []);
    }
    let modules = town.graph.imports(name).into_keys().filter_map(|name| {
        let live = town.live.get(&name).filter(|live| live.kind == Kind::Module)?;
        let version = live.version;
        Some(LinkedModule { name, version })
    });
    Ok(modules.collect())
}

/// What is to be known of a draft that is not saved: errors if it could not be, warnings otherwise.
pub(super) async fn warnings(tx: &mut Tx, host: &Host, app: AppId, draft: &Draft) -> Result<Vec<Diagnostic>> {
    let mut town = Town::load(tx, app).await?;
    town.put(draft.name.as_str(), draft.kind, &draft.artifact.imports);
    let known = artifacts(tx, host, app, &town, [draft.name.as_str()], &BTreeMap::new()).await?;
    let mut after: Artifacts<'_> = known.iter().map(|(name, artifact)| (name.as_str(), artifact)).collect();
    after.insert(draft.name.as_str(), &draft.artifact);
    let unknown = check::unknown_imports(&town, draft)
        .into_iter()
        .map(Diagnostic::into_warning);
    Ok(unknown.chain(check::warnings(draft, &after)).collect())
}

/// Refuses what would leave importers without their module.
pub(super) async fn refuse_while_imported(tx: &mut Tx, app: AppId, name: &str, what: &str) -> Result<()> {
    let town = Town::load(tx, app).await?;
    check::not_imported(&town, name, what)
}

/// The live artifacts of `changed`, of what imports them, and of all that any of those import.
async fn artifacts<'a>(
    tx: &mut Tx,
    host: &Host,
    app: AppId,
    town: &Town,
    changed: impl IntoIterator<Item = &'a str>,
    importers: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Artifact>> {
    let mut names: BTreeSet<String> = changed.into_iter().map(str::to_owned).collect();
    names.extend(importers.keys().cloned());
    for name in names.clone() {
        names.extend(town.graph.imports(&name).into_keys());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let stored = queries::live_artifacts(tx, app, &names).await?;
    let decoded = stored
        .into_iter()
        .filter_map(|stored| Some((stored.name, decode(host, &stored.artifact, &stored.guest_hash)?)));
    Ok(decoded.collect())
}

/// Modules that a script runs with, other than the live ones: by script, then by name.
type Pinned = BTreeMap<String, BTreeMap<String, Artifact>>;

async fn pinned(tx: &mut Tx, host: &Host, app: AppId) -> Result<Pinned> {
    let mut pinned = Pinned::new();
    for row in queries::pinned(tx, app).await? {
        if let Some(artifact) = decode(host, &row.artifact, &row.guest_hash) {
            pinned.entry(row.script).or_default().insert(row.name, artifact);
        }
    }
    Ok(pinned)
}

/// An artifact of this build's guest; nothing is known of another's until it is compiled anew.
fn decode(host: &Host, artifact: &[u8], guest_hash: &str) -> Option<Artifact> {
    let own = guest_hash == host.guest_hash;
    own.then(|| wire::decode(artifact, ARTIFACT_BYTES_MAX).ok()).flatten()
}
