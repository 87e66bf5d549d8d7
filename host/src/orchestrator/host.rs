//! What every request may reach: built once, in `main` or in a test, the same way.

use std::ops::Deref;
use std::sync::{Arc, Weak};

use anyhow::Context;
use picloud_executor::{Compile, Run};

use crate::clock::Clock;
use crate::commit::spaces::{Quota, Spaces};
use crate::commit::{Changes, Committer, last_change};
use crate::config::{Config, DataConfig};
use crate::ids::AppId;
use crate::jobs::{Jobs, Means};
use crate::outbound::{Outbound, Resolve};
use crate::random;
use crate::secrets::Keys;
use crate::store::Db;
use crate::world::{Keeping, Mailing};

use super::admission::Admission;
use super::idempotency::InFlight;
use super::library::{Modules, Programs, Source};
use super::snapshot::Snapshots;
use super::underway::Underway;

/// What every request may reach. Cheap to clone.
#[derive(Clone)]
pub struct Host(Arc<Parts>);

/// The parts of a [`Host`].
pub struct Parts {
    /// What the operator set.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The wasm executor, or a stand-in for it in tests.
    pub runner: Arc<dyn Run>,
    /// The same, for sources.
    pub compiler: Arc<dyn Compile>,
    /// Names the guest whose artifacts run here.
    pub guest_hash: &'static str,
    /// What time it is.
    pub clock: Clock,
    /// What secrets are sealed with.
    pub keys: Keys,
    /// Who answers where; replaced whole when something changes.
    pub routes: Snapshots,
    /// Programs that were needed lately, with their modules.
    pub programs: Programs,
    /// Who may run now.
    pub admission: Admission,
    /// Requests under way that are to be done once.
    pub in_flight: Arc<InFlight>,
    /// Accepted requests that run here.
    pub underway: Arc<Underway>,
    /// What people change, and how far it is followed here.
    pub changes: Arc<Changes>,
    /// Finished runs on their way to the database.
    pub committer: Arc<Committer>,
    /// What scripts keep.
    pub spaces: Arc<Spaces>,
    /// What scripts call others through.
    pub outbound: Arc<Outbound>,
    /// Housekeeping.
    pub jobs: Jobs,
}

/// What runs scripts, what compiles them, and what finds whom they call.
pub struct Engine {
    /// Runs programs.
    pub runner: Arc<dyn Run>,
    /// Compiles sources.
    pub compiler: Arc<dyn Compile>,
    /// Names the guest whose artifacts run here.
    pub guest_hash: &'static str,
    /// Looks up the names of whom scripts call.
    pub resolver: Arc<dyn Resolve>,
}

impl Host {
    /// Loads the snapshots and puts the parts together. Starts no task.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn assemble(config: Config, db: Db, engine: Engine, clock: Clock) -> anyhow::Result<Self> {
        let admission = Admission::new(
            (config.runs.runs_max, config.runs.per_app_max),
            config.runs.wait_max,
            config.runs.memory_bytes_max,
        );
        let keys = Keys::open(&config.store, &db).await?;
        // Before the rest is read: what is changed meanwhile is read again.
        let changes = Arc::new(Changes::default());
        changes.follow(last_change(&db).await.context("reading how far changes are")?);
        let routes = Snapshots::load(&db, &keys, &admission).await;
        let routes = routes.context("loading the routes")?;
        let Engine {
            runner,
            compiler,
            guest_hash,
            resolver,
        } = engine;
        let source = Source {
            db: db.clone(),
            compiler: Arc::clone(&compiler),
            guest_hash,
        };
        let (bytes_max, modules_max) = (config.history.program_cache_bytes, config.history.module_cache_size);
        let modules = Modules::new(source.clone(), bytes_max, modules_max);
        let spaces = Arc::new(Spaces::new(Some(db.clone()), quota(&config.data)));
        let jobs = Jobs::new(Means {
            changes: Arc::clone(&changes),
            db: db.clone(),
            spaces: Arc::clone(&spaces),
            data: config.data,
            clock: clock.clone(),
        });
        Ok(Self(Arc::new(Parts {
            keys,
            routes,
            programs: Programs::new(source, bytes_max, modules),
            admission,
            in_flight: Arc::default(),
            underway: Arc::default(),
            changes,
            committer: Arc::default(),
            spaces,
            outbound: Arc::new(Outbound::new(config.outbound.clone(), resolver)),
            jobs,
            config,
            db,
            runner,
            compiler,
            guest_hash,
            clock,
        })))
    }

    /// What an app keeps, for others than its scripts.
    #[must_use]
    pub fn keeping(&self, app: AppId) -> Keeping {
        let wiring = self.routes.current().by_id(app).map(|app| Arc::clone(&app.wiring));
        Keeping {
            mailing: Mailing {
                wiring: wiring.unwrap_or_default(),
                ..Mailing::default()
            },
            spaces: Arc::clone(&self.spaces),
            app,
            limits: self.config.data,
            now_ms: self.clock.now_us() / 1000,
            seed: random::seed(),
        }
    }

    /// The same, not kept alive by whoever has only this.
    pub(super) fn downgrade(&self) -> Weak<Parts> {
        Arc::downgrade(&self.0)
    }
}

impl From<Arc<Parts>> for Host {
    fn from(parts: Arc<Parts>) -> Self {
        Self(parts)
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        // The follower looks once more, and ends.
        self.changes.tell();
    }
}

/// What apps may keep.
#[must_use]
pub const fn quota(data: &DataConfig) -> Quota {
    Quota {
        keys: data.keys_per_app,
        bytes: data.bytes_per_app,
        cache_bytes: data.cache_bytes,
    }
}

impl Deref for Host {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
