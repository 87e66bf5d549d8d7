//! Version → what it runs with: a cache bounded by bytes, over the database, over compiling the source anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::anyhow;
use moka::future::Cache;
use picloud_executor::{Linked, Module, Program, Wants};
use picloud_sdk::compile::Artifact;

use super::modules::{Key, Modules, OVERHEAD_BYTES, bytes_of};
use super::{Source, artifact, queries};
use crate::ids::{AppId, VersionId};
use crate::linking::LinkedModule;

/// Programs that were needed lately.
pub struct Programs {
    source: Source,
    cache: Cache<VersionId, Arc<Loaded>>,
    modules: Modules,
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

impl Loaded {
    async fn link(app: AppId, artifact: Artifact, links: Vec<LinkedModule>, all: &Modules) -> anyhow::Result<Self> {
        let own = Wants::of(&artifact);
        let mut keys = Vec::with_capacity(links.len());
        let mut modules = Vec::with_capacity(links.len());
        for LinkedModule { name, version } in links {
            let name = name.into();
            let key = Key { app, name, version };
            modules.push(all.get(&key).await?);
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
    async fn linked(&self, all: &Modules) -> anyhow::Result<Arc<Linked>> {
        if self.modules.is_empty() {
            return Ok(Arc::clone(&self.script));
        }
        let mut modules = Vec::with_capacity(self.modules.len());
        for Link { module, programs } in &self.modules {
            let programs = if programs.is_empty() {
                Vec::new()
            } else {
                all.get(module).await?.programs_at(programs)
            };
            modules.push((Arc::clone(&module.name), programs));
        }
        Ok(Arc::new(Linked {
            script: Arc::clone(&self.script.script),
            modules,
        }))
    }

    /// Whether the guest has taken it once.
    #[must_use]
    pub fn has_run(&self) -> bool {
        self.has_run.load(Ordering::Relaxed)
    }

    /// The guest took it.
    pub fn note_run(&self) {
        if !self.has_run() {
            self.has_run.store(true, Ordering::Relaxed);
        }
    }
}

impl Programs {
    /// A cache over `source` of at most `bytes_max`, with the modules that programs run with.
    #[must_use]
    pub fn new(source: Source, bytes_max: u64, modules: Modules) -> Self {
        let weight = |_: &VersionId, loaded: &Arc<Loaded>| {
            let links: usize = loaded
                .modules
                .iter()
                .map(|link| OVERHEAD_BYTES + link.module.name.len())
                .sum();
            u32::try_from(bytes_of(&loaded.script.script) + links).unwrap_or(u32::MAX)
        };
        Self {
            source,
            cache: Cache::builder().max_capacity(bytes_max).weigher(weight).build(),
            modules,
        }
    }

    /// The modules.
    #[must_use]
    pub fn modules(&self) -> &Modules {
        &self.modules
    }

    /// The program of `version`, which is one of `app`: read when it is not in the cache, however many ask at once.
    ///
    /// # Errors
    /// When the version is gone, the database cannot be read, or the source does not compile any more.
    pub async fn get(&self, app: AppId, version: VersionId) -> anyhow::Result<Arc<Loaded>> {
        if let Some(program) = self.cache.get(&version).await {
            return Ok(program);
        }
        let loading = async {
            let artifact = artifact::load(&self.source, app, version).await?;
            self.load(app, version, artifact).await
        };
        let loaded = Box::pin(self.cache.try_get_with(version, loading)).await;
        loaded.map_err(|error: Arc<anyhow::Error>| anyhow!("{error:#}"))
    }

    /// The program of `version`, compiled anew with its modules: the guest would not load the one in `stale`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn renew(&self, app: AppId, version: VersionId, stale: &Arc<Loaded>) -> anyhow::Result<Arc<Loaded>> {
        if let Some(program) = self.cache.get(&version).await
            && Arc::ptr_eq(&program, stale)
        {
            self.cache.invalidate(&version).await;
        }
        let renewing = async {
            for link in &stale.modules {
                self.modules.renew(&link.module).await?;
            }
            let artifact = artifact::renew(&self.source, app, version).await?;
            self.load(app, version, artifact).await
        };
        let loaded = Box::pin(self.cache.try_get_with(version, renewing)).await;
        loaded.map_err(|error: Arc<anyhow::Error>| anyhow!("{error:#}"))
    }

    /// A script of `app` that was not saved, with what it may import.
    ///
    /// # Errors
    /// When a module cannot be loaded.
    pub async fn of_draft(
        &self,
        app: AppId,
        artifact: Artifact,
        links: Vec<LinkedModule>,
    ) -> anyhow::Result<Arc<Loaded>> {
        Ok(Arc::new(Loaded::link(app, artifact, links, &self.modules).await?))
    }

    /// All that a run of it may load.
    ///
    /// # Errors
    /// When a module cannot be loaded.
    pub async fn linked(&self, loaded: &Loaded) -> anyhow::Result<Arc<Linked>> {
        loaded.linked(&self.modules).await
    }

    /// The source of `version`, and the names and sources of the modules that it was linked with.
    ///
    /// # Errors
    /// When one of them is gone, or the database cannot be read.
    pub async fn sources(&self, app: AppId, version: VersionId) -> anyhow::Result<(String, Vec<(String, String)>)> {
        let own = artifact::find(&self.source, app, version).await?.source;
        let mut modules = Vec::new();
        for LinkedModule { name, version } in queries::links(&self.source.db, app, version).await? {
            modules.push((name, artifact::find(&self.source, app, version).await?.source));
        }
        Ok((own, modules))
    }

    async fn load(&self, app: AppId, version: VersionId, artifact: Artifact) -> anyhow::Result<Arc<Loaded>> {
        let links = if artifact.imports.is_empty() && !artifact.computes_imports() {
            Vec::new()
        } else {
            queries::links(&self.source.db, app, version).await?
        };
        self.of_draft(app, artifact, links).await
    }
}
