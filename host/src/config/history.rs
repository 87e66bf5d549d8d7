//! How much is remembered, on disk and in memory.

use super::{Env, Setting};

pub(super) const HISTORY_BYTES_PER_APP: Setting = Setting::number(
    "PICLOUD_HISTORY_BYTES_PER_APP",
    "16777216",
    "bytes",
    (65_536, 1 << 40),
    "What an app's executions and their logs may take in the database; the oldest go first, failures last.",
);
pub(super) const PROGRAM_CACHE_BYTES: Setting = Setting::number(
    "PICLOUD_PROGRAM_CACHE_BYTES",
    "67108864",
    "bytes",
    (1 << 20, 1 << 40),
    "What compiled scripts may take in memory, and compiled modules again; others are read again when asked for.",
);
pub(super) const MODULE_CACHE_SIZE: Setting = Setting::number(
    "PICLOUD_MODULE_CACHE_SIZE",
    "512",
    "modules",
    (1, 1_000_000),
    "How many compiled modules are kept in memory, those of all apps together.",
);

/// Bounds on what is kept.
#[derive(Debug, Clone, Copy)]
pub struct HistoryConfig {
    /// `PICLOUD_HISTORY_BYTES_PER_APP`
    pub bytes_per_app: u64,
    /// `PICLOUD_PROGRAM_CACHE_BYTES`
    pub program_cache_bytes: u64,
    /// `PICLOUD_MODULE_CACHE_SIZE`
    pub module_cache_size: u64,
}

impl HistoryConfig {
    pub(super) fn from_env(env: &Env<'_>) -> anyhow::Result<Self> {
        Ok(Self {
            bytes_per_app: env.number(&HISTORY_BYTES_PER_APP)?,
            program_cache_bytes: env.number(&PROGRAM_CACHE_BYTES)?,
            module_cache_size: env.number(&MODULE_CACHE_SIZE)?,
        })
    }
}
