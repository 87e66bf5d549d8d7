//! Version → what it runs with: a cache bounded by bytes, over the database, over compiling the source anew.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use moka::sync::Cache;
use picloud_executor::{Linked, Module, Program, Wants};
use picloud_sdk::compile::Artifact;
use tokio::sync::Mutex;

use crate::host::Host;
use crate::ids::{AppId, VersionId};

use super::modules::Key;
use super::{artifact, queries};

/// What a program takes besides its bytes: keys, counters, the tables around it.
const OVERHEAD_BYTES: usize = 256;
/// Misses on different versions rarely share a lane; misses on one version always do.
const LANES: usize = 32;

/// Programs that were needed lately.
pub struct Programs {
    cache: Cache<VersionId, Arc<Loaded>>,
    lanes: Lanes,
}

/// Whoever misses waits here for its turn, and then mostly finds that another has loaded it.
pub(super) struct Lanes {
    lanes: [Mutex<()>; LANES],
    hasher: RandomState,
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            lanes: [const { Mutex::const_new(()) }; LANES],
            hasher: RandomState::new(),
        }
    }
}

impl Lanes {
    pub(super) fn of(&self, key: impl Hash) -> &Mutex<()> {
        let hash = self.hasher.hash_one(key);
        &self.lanes[usize::try_from(hash % LANES as u64).unwrap_or(0)]
    }
}

/// A script's program with the modules that it was linked with, and whether it has proved to be this guest's.
pub struct Loaded {
    script: Arc<Linked>,
    modules: Vec<Link>,
    has_run: AtomicBool,
}

/// A module that a script was linked with.
struct Link {
    module: Key,
    /// Those of its programs that a run may use; with none it is not even looked up.
    programs: Vec<usize>,
}

/// A name that may be imported, and the version that it means.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LinkedModule {
    /// The module's name.
    pub name: String,
    /// Its version.
    pub version: VersionId,
}

impl Loaded {
    /// A script of `app` that is, or was not, saved, with what it may import.
    ///
    /// # Errors
    /// When a module cannot be loaded.
    pub(super) async fn link(
        host: &Host,
        app: AppId,
        artifact: Artifact,
        links: Vec<LinkedModule>,
    ) -> anyhow::Result<Self> {
        let own = Wants::of(&artifact);
        let mut keys = Vec::with_capacity(links.len());
        let mut modules = Vec::with_capacity(links.len());
        for LinkedModule { name, version } in links {
            let name = name.into();
            let key = Key { app, name, version };
            modules.push(host.modules.get(host, &key).await?);
            keys.push(key);
        }
        let named: Vec<(&str, &Module)> = keys
            .iter()
            .zip(&modules)
            .map(|(key, module)| (&*key.name, &**module))
            .collect();
        let used = picloud_executor::used(&own, &named);
        let modules = keys
            .into_iter()
            .zip(used)
            .map(|(module, programs)| Link { module, programs });
        Ok(Self {
            modules: modules.collect(),
            script: Arc::new(Arc::new(Program::from(artifact)).into()),
            has_run: AtomicBool::new(false),
        })
    }

    /// All that a run may load.
    pub(super) async fn linked(&self, host: &Host) -> anyhow::Result<Arc<Linked>> {
        if self.modules.is_empty() {
            return Ok(Arc::clone(&self.script));
        }
        let mut modules = Vec::with_capacity(self.modules.len());
        for Link { module, programs } in &self.modules {
            let programs = if programs.is_empty() {
                Vec::new()
            } else {
                host.modules.get(host, module).await?.programs_at(programs)
            };
            modules.push((Arc::clone(&module.name), programs));
        }
        Ok(Arc::new(Linked {
            script: Arc::clone(&self.script.script),
            modules,
        }))
    }

    pub(super) fn has_run(&self) -> bool {
        self.has_run.load(Ordering::Relaxed)
    }

    pub(super) fn note_run(&self) {
        if !self.has_run() {
            self.has_run.store(true, Ordering::Relaxed);
        }
    }
}

impl Programs {
    /// A cache of at most `bytes_max`.
    #[must_use]
    pub fn new(bytes_max: u64) -> Self {
        let weight = |_: &VersionId, loaded: &Arc<Loaded>| {
            let links: usize = loaded
                .modules
                .iter()
                .map(|link| OVERHEAD_BYTES + link.module.name.len())
                .sum();
            u32::try_from(bytes_of(&loaded.script.script) + links).unwrap_or(u32::MAX)
        };
        Self {
            cache: Cache::builder().max_capacity(bytes_max).weigher(weight).build(),
            lanes: Lanes::default(),
        }
    }

    /// The program of `version`, which is one of `app`: read when it is not in the cache, however many ask at once.
    ///
    /// # Errors
    /// When the version is gone, the database cannot be read, or the source does not compile any more.
    pub async fn get(&self, host: &Host, app: AppId, version: VersionId) -> anyhow::Result<Arc<Loaded>> {
        if let Some(program) = self.cache.get(&version) {
            return Ok(program);
        }
        let _turn = self.lanes.of(version).lock().await;
        if let Some(program) = self.cache.get(&version) {
            return Ok(program);
        }
        let artifact = artifact::load(host, app, version).await?;
        self.keep(host, app, version, artifact).await
    }

    /// The program of `version`, compiled anew with its modules: the guest would not load the one in `stale`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn renew(
        &self,
        host: &Host,
        app: AppId,
        version: VersionId,
        stale: &Arc<Loaded>,
    ) -> anyhow::Result<Arc<Loaded>> {
        let _turn = self.lanes.of(version).lock().await;
        if let Some(program) = self.cache.get(&version)
            && !Arc::ptr_eq(&program, stale)
        {
            return Ok(program);
        }
        for link in &stale.modules {
            host.modules.renew(host, &link.module).await?;
        }
        let artifact = artifact::renew(host, app, version).await?;
        self.keep(host, app, version, artifact).await
    }

    async fn keep(
        &self,
        host: &Host,
        app: AppId,
        version: VersionId,
        artifact: Artifact,
    ) -> anyhow::Result<Arc<Loaded>> {
        let links = if artifact.imports.is_empty() && !artifact.computes_imports() {
            Vec::new()
        } else {
            queries::links(&host.db, app, version).await?
        };
        let loaded = Arc::new(Loaded::link(host, app, artifact, links).await?);
        self.cache.insert(version, Arc::clone(&loaded));
        Ok(loaded)
    }
}

/// What a program takes in memory.
pub(super) fn bytes_of(program: &Program) -> usize {
    let positions = program.sidecar.addresses.len() + program.sidecar.slots.len();
    OVERHEAD_BYTES + program.bytecode.len() + positions * size_of::<(u32, picloud_sdk::sidecar::Site)>()
}
