//! Making a version live that was saved before.

use std::collections::BTreeMap;

use super::links::{artifacts, borrowed, load, pinned, queries};
use super::relink::relink;
use super::{By, scripts, versions};
use crate::error::Result;
use crate::ids::AppId;
use crate::linking::check;
use crate::orchestrator::{Host, own_artifact};
use crate::store::Tx;

/// Makes version `number` of `script` live. An endpoint then runs with the modules it ran with; what imports a module is
/// linked with the version that is live now. Says what was linked anew: name and number of the new version.
pub(crate) async fn make_live(
    tx: &mut Tx,
    host: &Host,
    app: AppId,
    script: &mut scripts::queries::Row,
    number: i64,
    by: By<'_>,
) -> Result<Vec<(String, i64)>> {
    let Some((version, artifact)) = versions::queries::find_artifact(tx, app, script.id, number).await? else {
        return Err(versions::no_such_version(number));
    };
    let lost = queries::lost_links(tx, app, version).await?;
    check::links_are_there(&script.name, number, &lost)?;
    let artifact = own_artifact(&artifact.0, &artifact.1, host.guest_hash);
    check::still_fit((&script.name, script.kind), number, artifact.as_ref())?;
    let mut all = load(tx, app).await?;
    let mut importers = all.importers_of([script.name.as_str()]);
    importers.remove(&script.name);
    if !importers.is_empty() {
        let imports = queries::imports(tx, app, version).await?;
        all.graph
            .set(&script.name, imports.iter().map(|import| import.name.as_str()));
        check::still_imports(&all, &script.name, &imports)?;
        let concerned = importers.keys().map(String::as_str).chain([script.name.as_str()]);
        check::shape(&all, host.config.limits.module_depth_max as usize, concerned)?;
        let before = artifacts(tx, host, app, &all, [script.name.as_str()], &importers).await?;
        let before = borrowed(&before);
        if let Some(artifact) = &artifact {
            let mut after = before.clone();
            after.insert(&script.name, artifact);
            let pinned = pinned(tx, host, app).await?;
            check::members(&importers, &before, &pinned, &after)?;
        }
    }
    script.live_version = number;
    script.updated_at = by.now;
    scripts::queries::update(tx, app, script).await?;
    let made = BTreeMap::from([(script.name.as_str(), (script.id, version))]);
    // Its own links stay what they were.
    relink(tx, app, &all, &made, &[], &importers, by).await
}
