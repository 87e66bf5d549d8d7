//! Saving drafts as the next versions of their scripts.

use std::collections::{BTreeMap, BTreeSet};

use picloud_sdk::api::{Diagnostic, Kind};
use picloud_sdk::wire;

use super::links::{artifacts, borrowed, load, pinned};
use super::relink::relink;
use super::routes::refuse_while_routed;
use super::scripts::{self, SCRIPTS_MAX};
use super::{By, links, versions};
use crate::error::{Error, Result};
use crate::ids::{AppId, ScriptId, VersionId};
use crate::linking::check::{self, not_imported};
use crate::linking::{Draft, LiveScripts};
use crate::orchestrator::Host;
use crate::store::Tx;
use crate::triggers::refuse_while_triggered;

/// What a change came to.
pub struct Saved {
    /// In the order of the drafts, each with what its author should know.
    pub(crate) scripts: Vec<(scripts::queries::Row, Vec<Diagnostic>)>,
    /// Scripts that were linked anew: name and number of the new version.
    pub(crate) relinked: Vec<(String, i64)>,
}

/// Saves `drafts` as the next versions of their scripts, live, and everything that imports them linked anew. The
/// transaction holds the app's lock.
///
/// # Errors
/// When something would not fit together any more; then nothing is to be committed.
pub async fn save(tx: &mut Tx, host: &Host, app: AppId, drafts: &[Draft], by: By<'_>) -> Result<Saved> {
    let mut all = load(tx, app).await?;
    for draft in drafts {
        all.put(draft.name.as_str(), draft.kind, &draft.artifact.imports);
    }
    for draft in drafts {
        may_be_its_kind(tx, app, &all, draft).await?;
        check::imports_exist(&all, draft)?;
    }
    let changed: BTreeSet<&str> = drafts.iter().map(|draft| draft.name.as_str()).collect();
    let mut importers = all.importers_of(changed.iter().copied());
    importers.retain(|name, _| !changed.contains(name.as_str()));
    let concerned = changed.iter().copied().chain(importers.keys().map(String::as_str));
    check::shape(&all, host.config.limits.module_depth_max as usize, concerned)?;

    let before = artifacts(tx, host, app, &all, changed.iter().copied(), &importers).await?;
    let before = borrowed(&before);
    let mut after = before.clone();
    after.extend(drafts.iter().map(|draft| (draft.name.as_str(), &draft.artifact)));
    let pinned = pinned(tx, host, app).await?;
    check::members(&importers, &before, &pinned, &after)?;

    let mut made = BTreeMap::new();
    let mut saved = Vec::new();
    for draft in drafts {
        let (script, version) = write(tx, app, &all, draft, by).await?;
        made.insert(draft.name.as_str(), (script.id, version));
        saved.push((script, check::warnings(draft, &after)));
    }
    for draft in drafts {
        let (_, version) = made[draft.name.as_str()];
        links::queries::insert_imports(tx, app, version, &draft.artifact.imports).await?;
    }
    let fresh: Vec<_> = made.iter().map(|(name, (_, version))| (*name, *version)).collect();
    let relinked = relink(tx, app, &all, &made, &fresh, &importers, by).await?;
    Ok(Saved {
        scripts: saved,
        relinked,
    })
}

/// Whether the draft may be what it is to be, and stop being what it was.
async fn may_be_its_kind(tx: &mut Tx, app: AppId, all: &LiveScripts, draft: &Draft) -> Result<()> {
    let name = draft.name.as_str();
    check::fits_its_kind(draft)?;
    match (all.live.get(name), draft.kind) {
        (Some(live), Kind::Module) if live.kind == Kind::Endpoint => {
            refuse_while_routed(tx, app, (live.id, name), "become a module").await?;
            refuse_while_triggered(tx, (live.id, name), "become a module").await
        }
        (Some(live), Kind::Endpoint) if live.kind == Kind::Module => Ok(not_imported(all, name, "become an endpoint")?),
        _ => Ok(()),
    }
}

/// Writes a draft's script and version, without its imports and links.
async fn write(
    tx: &mut Tx,
    app: AppId,
    all: &LiveScripts,
    draft: &Draft,
    By { who, now }: By<'_>,
) -> Result<(scripts::queries::Row, VersionId)> {
    let name = draft.name.as_str();
    let live = all.live.get(name);
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
        by: who,
    };
    let id = version.id;
    versions::queries::insert(tx, app, version, now).await?;
    Ok((row, id))
}
