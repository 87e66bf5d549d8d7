//! (App, name, version) → module: a cache bounded by bytes and by count, over the database.
//!
//! *Invariant*: the key has the app in it, and what is loaded under it is looked up in that app alone. Modules of two apps
//! never share an entry, be their names and sources the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{anyhow, ensure};
use moka::future::Cache;
use picloud_executor::{Module, Program};
use picloud_sdk::compile::Artifact;

use crate::ids::{AppId, VersionId};

use super::{Source, artifact};

/// One module in one version.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) app: AppId,
    pub(super) name: Arc<str>,
    pub(super) version: VersionId,
}

/// Modules that were needed lately.
pub struct Modules {
    source: Source,
    cache: Cache<Key, Arc<Module>>,
    hits: AtomicU64,
    misses: AtomicU64,
    bytes: Arc<AtomicU64>,
}

/// How the cache does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModuleCount {
    /// Modules in it.
    pub entries: u64,
    /// What they take.
    pub bytes: u64,
    /// How often one was there.
    pub hits: u64,
    /// How often one was not.
    pub misses: u64,
}

impl Modules {
    /// A cache over `source` of at most `bytes_max` and `count_max` modules.
    #[must_use]
    pub fn new(source: Source, bytes_max: u64, count_max: u64) -> Self {
        // Each weighs at least its share: so many fit, however small.
        let share = u32::try_from(bytes_max / count_max.max(1)).unwrap_or(u32::MAX).max(1);
        let bytes = Arc::new(AtomicU64::new(0));
        let freed = Arc::clone(&bytes);
        let cache = Cache::builder()
            .max_capacity(u64::from(share) * count_max)
            .weigher(move |_, module: &Arc<Module>| u32::try_from(all_bytes_of(module)).unwrap_or(u32::MAX).max(share))
            .eviction_listener(move |_, module: Arc<Module>, _| {
                freed.fetch_sub(all_bytes_of(&module) as u64, Ordering::Relaxed);
            })
            .build();
        Self {
            source,
            cache,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            bytes,
        }
    }

    /// The module; one query when it is not in the cache, however many ask at once.
    pub(super) async fn get(&self, key: &Key) -> anyhow::Result<Arc<Module>> {
        if let Some(module) = self.cache.get(key).await {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(module);
        }
        let loading = async {
            self.misses.fetch_add(1, Ordering::Relaxed);
            let artifact = artifact::load(&self.source, key.app, key.version).await?;
            self.module(key, artifact)
        };
        let loaded = Box::pin(self.cache.try_get_with_by_ref(key, loading)).await;
        loaded.map_err(|error: Arc<anyhow::Error>| anyhow!("{error:#}"))
    }

    /// The module, compiled anew.
    pub(super) async fn renew(&self, key: &Key) -> anyhow::Result<()> {
        let artifact = artifact::renew(&self.source, key.app, key.version).await?;
        let module = self.module(key, artifact)?;
        self.cache.insert(key.clone(), module).await;
        Ok(())
    }

    fn module(&self, key: &Key, artifact: Artifact) -> anyhow::Result<Arc<Module>> {
        // Checked when it was saved, and again here: nothing runs by being imported.
        ensure!(
            artifact.unfit.is_empty(),
            "{} is linked as the module {:?} and is none",
            key.version,
            key.name
        );
        let module = Arc::new(Module::from(artifact));
        self.bytes.fetch_add(all_bytes_of(&module) as u64, Ordering::Relaxed);
        Ok(module)
    }

    /// How it does.
    pub async fn count(&self) -> ModuleCount {
        self.cache.run_pending_tasks().await;
        ModuleCount {
            entries: self.cache.entry_count(),
            bytes: self.bytes.load(Ordering::Relaxed),
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }
}

fn all_bytes_of(module: &Module) -> usize {
    module.programs().iter().map(|program| bytes_of(program)).sum()
}

/// What a program takes besides its bytes: keys, counters, the tables around it.
pub(super) const OVERHEAD_BYTES: usize = 256;

/// What a program takes in memory.
pub(super) fn bytes_of(program: &Program) -> usize {
    let positions = program.sidecar.len();
    OVERHEAD_BYTES + program.bytecode.len() + positions * size_of::<(u32, picloud_sdk::sidecar::Site)>()
}
