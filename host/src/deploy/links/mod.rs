//! What an app's live scripts are linked with, from the database.

pub(crate) mod queries;

use std::collections::{BTreeMap, BTreeSet};

use picloud_sdk::api::Diagnostic;
use picloud_sdk::compile::Artifact;

use crate::error::Result;
use crate::ids::AppId;
use crate::linking::check::{self, Pinned};
use crate::linking::{Artifacts, Draft, LinkedModule, LiveScripts};
use crate::orchestrator::{Host, own_artifact};
use crate::store::Tx;

/// The live scripts of an app.
pub(crate) async fn load(tx: &mut Tx, app: AppId) -> Result<LiveScripts> {
    let live = queries::live(tx, app).await?;
    Ok(LiveScripts::of(live, queries::live_imports(tx, app).await?))
}

/// What a draft that is not saved may import: all that is there of it.
pub(crate) async fn for_draft(tx: &mut Tx, app: AppId, name: &str, artifact: &Artifact) -> Result<Vec<LinkedModule>> {
    Ok(load(tx, app).await?.links_of_draft(name, &artifact.imports))
}

/// What is to be known of a draft that is not saved: errors if it could not be, warnings otherwise.
pub(crate) async fn warnings(tx: &mut Tx, host: &Host, app: AppId, draft: &Draft) -> Result<Vec<Diagnostic>> {
    let mut scripts = load(tx, app).await?;
    scripts.put(draft.name.as_str(), draft.kind, &draft.artifact.imports);
    let known = artifacts(tx, host, app, &scripts, [draft.name.as_str()], &BTreeMap::new()).await?;
    let mut after = borrowed(&known);
    after.insert(draft.name.as_str(), &draft.artifact);
    let unknown = check::unknown_imports(&scripts, draft)
        .into_iter()
        .map(Diagnostic::into_warning);
    Ok(unknown.chain(check::warnings(draft, &after)).collect())
}

/// Refuses what would leave importers without their module.
pub(crate) async fn refuse_while_imported(tx: &mut Tx, app: AppId, name: &str, what: &str) -> Result<()> {
    Ok(check::not_imported(&load(tx, app).await?, name, what)?)
}

/// The live artifacts of `changed`, of what imports them, and of all that any of those import.
pub(super) async fn artifacts<'a>(
    tx: &mut Tx,
    host: &Host,
    app: AppId,
    scripts: &LiveScripts,
    changed: impl IntoIterator<Item = &'a str>,
    importers: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Artifact>> {
    let mut names: BTreeSet<String> = changed.into_iter().map(str::to_owned).collect();
    names.extend(importers.keys().cloned());
    for name in names.clone() {
        names.extend(scripts.graph.imports(&name).into_keys());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let stored = queries::live_artifacts(tx, app, &names).await?;
    let decoded = stored.into_iter().filter_map(|stored| {
        Some((
            stored.name,
            own_artifact(&stored.artifact, &stored.guest_hash, host.guest_hash)?,
        ))
    });
    Ok(decoded.collect())
}

pub(super) fn borrowed(artifacts: &BTreeMap<String, Artifact>) -> Artifacts<'_> {
    artifacts
        .iter()
        .map(|(name, artifact)| (name.as_str(), artifact))
        .collect()
}

/// Modules that live scripts run with, other than the live ones.
pub(super) async fn pinned(tx: &mut Tx, host: &Host, app: AppId) -> Result<Pinned> {
    let mut pinned = Pinned::new();
    for row in queries::pinned(tx, app).await? {
        if let Some(artifact) = own_artifact(&row.artifact, &row.guest_hash, host.guest_hash) {
            pinned.entry(row.script).or_default().insert(row.name, artifact);
        }
    }
    Ok(pinned)
}
