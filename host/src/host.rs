//! What every request may reach: built once, in `main` or in a test, the same way.

use std::ops::Deref;
use std::sync::Arc;

use anyhow::Context;
use picloud_executor::{Compile, Run};

use crate::clock::Clock;
use crate::commit::Committer;
use crate::config::Config;
use crate::orchestrator::{Admission, Modules, Programs, Snapshots};
use crate::store::Db;

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
    /// Who answers where; replaced whole when something changes.
    pub routes: Snapshots,
    /// Programs that were needed lately.
    pub programs: Programs,
    /// The same for modules, apart for each app.
    pub modules: Modules,
    /// Who may run now.
    pub admission: Admission,
    /// Finished runs on their way to the database.
    pub committer: Committer,
}

/// What runs scripts, and what compiles them.
pub struct Engine {
    /// Runs programs.
    pub runner: Arc<dyn Run>,
    /// Compiles sources.
    pub compiler: Arc<dyn Compile>,
    /// Names the guest whose artifacts run here.
    pub guest_hash: &'static str,
}

impl Host {
    /// Loads the snapshots and puts the parts together. Opens no socket and starts no task.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn build(config: Config, db: Db, engine: Engine, clock: Clock) -> anyhow::Result<Self> {
        let admission = Admission::new(
            (config.runs.runs_max, config.runs.per_app_max),
            config.runs.memory_bytes_max,
        );
        let routes = Snapshots::load(&db, &admission).await.context("loading the routes")?;
        let Engine {
            runner,
            compiler,
            guest_hash,
        } = engine;
        Ok(Self(Arc::new(Parts {
            routes,
            programs: Programs::new(config.history.program_cache_bytes),
            modules: Modules::new(config.history.program_cache_bytes, config.history.module_cache_size),
            admission,
            committer: Committer::default(),
            config,
            db,
            runner,
            compiler,
            guest_hash,
            clock,
        })))
    }
}

impl Deref for Host {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
