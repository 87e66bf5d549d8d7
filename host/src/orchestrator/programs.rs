//! Version → program: a cache bounded by bytes, over the database, over compiling the source anew.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};
use moka::sync::Cache;
use picloud_executor::{Compilation, Program};
use picloud_sdk::compile::{Artifact, Compiled};
use picloud_sdk::wire;
use tokio::sync::Mutex;

use crate::host::Host;
use crate::ids::VersionId;

use super::queries;

/// What a program takes besides its bytes: keys, counters, the tables around it.
const OVERHEAD_BYTES: usize = 256;
/// Larger than anything the compiler makes of a source that may be saved.
const ARTIFACT_BYTES_MAX: usize = 64 << 20;
/// Misses on different versions rarely share a lane; misses on one version always do.
const LANES: usize = 32;

/// Programs that were needed lately.
pub struct Programs {
    cache: Cache<VersionId, Arc<Loaded>>,
    /// Whoever misses waits here for its turn, and then mostly finds that another has loaded it.
    lanes: [Mutex<()>; LANES],
    hasher: RandomState,
}

/// A program, and whether it has proved to be this guest's.
pub struct Loaded {
    program: Arc<Program>,
    has_run: AtomicBool,
}

impl Loaded {
    pub(super) fn new(program: Arc<Program>) -> Self {
        Self {
            program,
            has_run: AtomicBool::new(false),
        }
    }

    pub(super) fn program(&self) -> Arc<Program> {
        Arc::clone(&self.program)
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
        let weight = |_: &VersionId, loaded: &Arc<Loaded>| u32::try_from(bytes_of(&loaded.program)).unwrap_or(u32::MAX);
        Self {
            cache: Cache::builder().max_capacity(bytes_max).weigher(weight).build(),
            lanes: [const { Mutex::const_new(()) }; LANES],
            hasher: RandomState::new(),
        }
    }

    /// The program of `version`: one query when it is not in the cache, however many ask at once.
    ///
    /// # Errors
    /// When the version is gone, the database cannot be read, or the source does not compile any more.
    pub async fn get(&self, host: &Host, version: VersionId) -> anyhow::Result<Arc<Loaded>> {
        if let Some(program) = self.cache.get(&version) {
            return Ok(program);
        }
        let _turn = self.lane(version).lock().await;
        if let Some(program) = self.cache.get(&version) {
            return Ok(program);
        }
        let stored = queries::find_version(&host.db, version)
            .await?
            .context("the version is gone")?;
        let usable = if stored.guest_hash == host.guest_hash {
            wire::decode::<Artifact>(&stored.artifact, ARTIFACT_BYTES_MAX).ok()
        } else {
            None
        };
        let artifact = match usable {
            Some(artifact) => artifact,
            None => compile(host, version, &stored).await?,
        };
        let program = Arc::new(Loaded::new(Arc::new(Program::from(artifact))));
        self.cache.insert(version, Arc::clone(&program));
        Ok(program)
    }

    /// The program of `version`, compiled anew: the guest would not load the one in `stale`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn renew(&self, host: &Host, version: VersionId, stale: &Arc<Loaded>) -> anyhow::Result<Arc<Loaded>> {
        let _turn = self.lane(version).lock().await;
        if let Some(program) = self.cache.get(&version)
            && !Arc::ptr_eq(&program, stale)
        {
            return Ok(program);
        }
        let stored = queries::find_version(&host.db, version)
            .await?
            .context("the version is gone")?;
        let artifact = compile(host, version, &stored).await?;
        let program = Arc::new(Loaded::new(Arc::new(Program::from(artifact))));
        self.cache.insert(version, Arc::clone(&program));
        Ok(program)
    }

    fn lane(&self, version: VersionId) -> &Mutex<()> {
        let hash = self.hasher.hash_one(version);
        &self.lanes[usize::try_from(hash % LANES as u64).unwrap_or(0)]
    }
}

fn bytes_of(program: &Program) -> usize {
    let positions = program.sidecar.addresses.len() + program.sidecar.slots.len();
    OVERHEAD_BYTES + program.bytecode.len() + positions * size_of::<(u32, picloud_sdk::sidecar::Site)>()
}

/// Compiles the source and keeps the artifact for the next start.
async fn compile(host: &Host, version: VersionId, stored: &queries::Version) -> anyhow::Result<Artifact> {
    tracing::info!(version.id = %version, "compiling {version} anew for this build's guest");
    let artifact = match host.compiler.compile(&stored.script, &stored.source).await {
        Compilation::Done(Compiled::Artifact(artifact)) => artifact,
        Compilation::Done(Compiled::Refused(diagnostics)) => {
            let first = diagnostics
                .first()
                .map(|first| format!("{}:{} {}", first.line, first.column, first.message));
            bail!(
                "the source of {version} does not compile any more: {}",
                first.unwrap_or_default()
            );
        }
        Compilation::Stopped(stop) => bail!("compiling {version} was {stop}"),
        Compilation::Broke(why) => bail!("compiling {version} broke: {why}"),
    };
    if let Err(error) = queries::keep_artifact(&host.db, version, &wire::encode(&artifact), host.guest_hash).await {
        tracing::warn!(version.id = %version, "the artifact of {version} was not kept, the next start compiles again: {error:#}");
    }
    Ok(artifact)
}
