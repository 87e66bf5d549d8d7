//! Follows the control plane's changes: what they are of is loaded anew and swapped into the snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::clock::Clock;
use crate::commit::{CHANGES_CHANNEL, changes_since, last_change};
use crate::config::Config;
use crate::ids::AppId;
use crate::store::Db;

use super::host::{Engine, Host, Parts};
use super::queries;

/// Apps that are loaded at a time.
const LOADS_MAX: usize = 4;
/// How long to wait before changes are tried again that could not be loaded.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

impl Host {
    /// Loads the snapshots, puts the parts together and follows what is changed from then on. Opens no socket.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn build(config: Config, db: Db, engine: Engine, clock: Clock) -> anyhow::Result<Self> {
        let host = Self::assemble(config, db, engine, clock).await?;
        tokio::spawn(follow(host.downgrade()));
        let (db, changes) = (host.db.clone(), Arc::clone(&host.changes));
        tokio::spawn(async move { db.listen(CHANGES_CHANNEL, || changes.tell()).await });
        Ok(host)
    }
}

/// Follows every change after those by which the host serves, until the host is dropped.
async fn follow(host: Weak<Parts>) {
    let mut failing = false;
    loop {
        let Some(host) = host.upgrade().map(Host::from) else {
            return;
        };
        match step(&host).await {
            Ok(true) => {}
            Ok(false) => {
                let changes = Arc::clone(&host.changes);
                drop(host);
                changes.told().await;
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::error!("changes could not be loaded, apps stay as they were for now: {error:#}");
                }
                drop(host);
                tokio::time::sleep(RETRY_PAUSE).await;
                continue;
            }
        }
        if std::mem::take(&mut failing) {
            tracing::info!("changes can be loaded again");
        }
    }
}

/// Follows some changes; whether there were any.
async fn step(host: &Host) -> anyhow::Result<bool> {
    let seen = host.changes.followed();
    let changes = changes_since(&host.db, seen).await?;
    let (Some((first, _)), Some((last, _))) = (changes.first(), changes.last()) else {
        return Ok(false);
    };
    if *first == seen + 1 {
        let apps: BTreeSet<AppId> = changes.iter().filter_map(|(_, app)| *app).collect();
        let loads = apps.into_iter().map(async |app| {
            let rows = queries::load_apps(&host.db, Some(app)).await?.pop();
            Ok::<_, sqlx::Error>((app, rows))
        });
        let loaded = stream::iter(loads).buffer_unordered(LOADS_MAX).try_collect().await?;
        host.routes.swap((&host.keys, &host.admission), loaded);
        host.changes.follow(*last);
    } else {
        // Changes that were missed are forgotten by now: everything may be different.
        let last = last_change(&host.db).await?;
        let there = queries::load_apps(&host.db, None).await?;
        let mut apps: BTreeMap<AppId, _> = host.routes.current().ids().map(|app| (app, None)).collect();
        apps.extend(there.into_iter().map(|rows| (rows.id, Some(rows))));
        let apps = apps.into_iter().collect();
        host.routes.swap((&host.keys, &host.admission), apps);
        host.changes.follow(last);
    }
    Ok(true)
}
