//! Servers on both databases, and two on one.

use std::sync::Arc;

use picloud::orchestrator::Engine;

use super::host::{Kind, TestHost, played};
use super::names::Names;
use super::puppet::Puppet;
use super::sandbox;

impl TestHost {
    /// With a [`Puppet`], once on each database; on SQLite only, with a notice, on a machine without PostgreSQL.
    pub(crate) async fn on_both(settings: &[(&str, &str)]) -> Vec<Self> {
        let mut hosts = Vec::new();
        for kind in [Kind::Sqlite, Kind::Postgres] {
            let puppet = Arc::new(Puppet::default());
            let engine = played(&puppet);
            hosts.extend(Self::build(engine, puppet, settings, kind).await);
        }
        hosts
    }

    /// With the real executor, once on each database; on SQLite only, with a notice, on a machine without PostgreSQL.
    pub(crate) async fn real_on_both(settings: &[(&str, &str)]) -> Vec<Self> {
        let mut hosts = Vec::new();
        for kind in [Kind::Sqlite, Kind::Postgres] {
            hosts.extend(Self::build(sandbox::engine(), Arc::default(), settings, kind).await);
        }
        hosts
    }

    /// The same, with `names` for whom scripts call.
    pub(crate) async fn calling_on_both(names: &Arc<Names>, settings: &[(&str, &str)]) -> Vec<Self> {
        let mut hosts = Vec::new();
        for kind in [Kind::Sqlite, Kind::Postgres] {
            let engine = Engine {
                resolver: Arc::clone(names) as _,
                ..sandbox::engine()
            };
            hosts.extend(Self::build(engine, Arc::default(), settings, kind).await);
        }
        hosts
    }

    /// Two servers with the real executor on one PostgreSQL; none, with a notice, on a machine without it.
    pub(crate) async fn two_on_postgres(settings: &[(&str, &str)]) -> Option<[Self; 2]> {
        let one = Self::build(sandbox::engine(), Arc::default(), settings, Kind::Postgres).await?;
        let url = one.database.url.clone().unwrap();
        let other = Kind::SecondOn(url, one.secret.clone());
        let other = Self::build(sandbox::engine(), Arc::default(), settings, other).await?;
        Some([one, other])
    }
}
