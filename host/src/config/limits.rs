//! What one run, and one source, may use.

use picloud_sdk::limits::Limits;

use super::{Env, Setting};

pub(super) const FUEL_MAX: Setting = Setting::number(
    "PICLOUD_FUEL_MAX",
    "1000000000",
    "units",
    (1_000_000, 1_000_000_000_000),
    "Work one run may do; the same event always burns the same fuel.",
);
pub(super) const MEMORY_BYTES_MAX: Setting = Setting::number(
    "PICLOUD_MEMORY_BYTES_MAX",
    "67108864",
    "bytes",
    (4 << 20, 2 << 30),
    "Linear memory one run may have.",
);
pub(super) const WALL_MS_MAX: Setting = Setting::number(
    "PICLOUD_WALL_MS_MAX",
    "10000",
    "ms",
    (10, 3_600_000),
    "Wall time of one run, waiting included.",
);
pub(super) const HOST_CALLS_MAX: Setting = Setting::number(
    "PICLOUD_HOST_CALLS_MAX",
    "10000",
    "calls",
    (1, 10_000_000),
    "Questions one run may ask the host.",
);
pub(super) const LOG_BYTES_MAX: Setting = Setting::number(
    "PICLOUD_LOG_BYTES_MAX",
    "65536",
    "bytes",
    (0, 16 << 20),
    "Text and fields one run may log.",
);
pub(super) const REPLY_BYTES_MAX: Setting = Setting::number(
    "PICLOUD_REPLY_BYTES_MAX",
    "8388608",
    "bytes",
    (1024, 1 << 30),
    "Headers and body of one run's reply.",
);
pub(super) const CALL_DEPTH_MAX: Setting = Setting::number(
    "PICLOUD_CALL_DEPTH_MAX",
    "64",
    "levels",
    (1, 1024),
    "How deep script functions may call each other.",
);
pub(super) const SOURCE_BYTES_MAX: Setting = Setting::number(
    "PICLOUD_SOURCE_BYTES_MAX",
    "65536",
    "bytes",
    (1, 1 << 20),
    "Size of one script's source; parsing is quadratic in places.",
);
pub(super) const MODULE_DEPTH_MAX: Setting = Setting::number(
    "PICLOUD_MODULE_DEPTH_MAX",
    "8",
    "imports",
    (1, 32),
    "How many imports may follow each other, from a script to a module to a module and so on.",
);

/// Every bound on a run and on a source.
#[derive(Debug, Clone, Copy)]
pub struct LimitsConfig {
    /// What the installation allows a run.
    pub run: Limits,
    /// `PICLOUD_SOURCE_BYTES_MAX`
    pub source_bytes_max: u32,
    /// `PICLOUD_MODULE_DEPTH_MAX`
    pub module_depth_max: u32,
}

impl LimitsConfig {
    pub(super) fn from_env(env: &Env<'_>) -> anyhow::Result<Self> {
        Ok(Self {
            run: Limits {
                fuel_max: env.number(&FUEL_MAX)?,
                memory_bytes_max: env.number(&MEMORY_BYTES_MAX)?,
                wall_ms_max: env.number(&WALL_MS_MAX)?,
                host_calls_max: env.number(&HOST_CALLS_MAX)?,
                log_bytes_max: env.number(&LOG_BYTES_MAX)?,
                reply_bytes_max: env.number(&REPLY_BYTES_MAX)?,
                call_depth_max: env.number(&CALL_DEPTH_MAX)?,
            },
            source_bytes_max: env.number(&SOURCE_BYTES_MAX)?,
            module_depth_max: env.number(&MODULE_DEPTH_MAX)?,
        })
    }
}
