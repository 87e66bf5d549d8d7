//! Linking anew what imports something that changed.

use std::collections::BTreeMap;

use super::By;
use super::links::queries::{self, Relinked};
use super::versions::VERSIONS_KEPT;
use crate::error::Result;
use crate::ids::{AppId, ScriptId, VersionId};
use crate::linking::LiveScripts;
use crate::store::Tx;

/// Scripts that were made, by name.
pub(super) type Made<'a> = BTreeMap<&'a str, (ScriptId, VersionId)>;

/// Makes new versions of what imports something that was made, and links them and the `fresh` ones.
pub(super) async fn relink(
    tx: &mut Tx,
    app: AppId,
    all: &LiveScripts,
    made: &Made<'_>,
    fresh: &[(&str, VersionId)],
    importers: &BTreeMap<String, String>,
    By { who, now }: By<'_>,
) -> Result<Vec<(String, i64)>> {
    let mut versions = Vec::with_capacity(importers.len());
    let mut told = Vec::with_capacity(importers.len());
    let mut newest: BTreeMap<&str, VersionId> = made.iter().map(|(name, (_, version))| (*name, *version)).collect();
    for (live, because_of) in importers
        .iter()
        .filter_map(|(name, why)| Some((all.live.get(name)?, why)))
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
    queries::relink(tx, app, &versions, who, now).await?;

    let anew = told
        .iter()
        .zip(&versions)
        .map(|((name, _), relinked)| (name.as_str(), relinked.version));
    let links: Vec<_> = anew
        .chain(fresh.iter().copied())
        .flat_map(|(name, version)| {
            let links = all.links_of(name, &newest).into_iter();
            links.map(move |link| (version, link))
        })
        .collect();
    queries::insert_links(tx, app, &links).await?;
    let scripts = made.values().map(|(script, _)| *script);
    let scripts: Vec<_> = scripts.chain(versions.iter().map(|relinked| relinked.script)).collect();
    queries::forget(tx, app, &scripts, VERSIONS_KEPT).await?;
    Ok(told)
}
