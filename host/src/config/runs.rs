//! How many runs at once, and how long they get to finish at the end.

use std::time::Duration;

use anyhow::bail;

use super::{Env, Setting, machine};

pub(super) const RUNS_MAX: Setting = Setting::number(
    "PICLOUD_RUNS_MAX",
    "64",
    "runs",
    (1, 4096),
    "Places for runs in the whole installation.",
);
pub(super) const RUNS_PER_APP_MAX: Setting = Setting::number(
    "PICLOUD_RUNS_PER_APP_MAX",
    "16",
    "runs",
    (1, 4096),
    "Places that one app may hold of them.",
);
pub(super) const DRAIN_MS_MAX: Setting = Setting::number(
    "PICLOUD_DRAIN_MS_MAX",
    "20000",
    "ms",
    (0, 600_000),
    "Time that admitted requests get to finish when the server is told to stop.",
);

pub(super) const RUN_MEMORY_BYTES_MAX: Setting = Setting::number(
    "PICLOUD_RUN_MEMORY_BYTES_MAX",
    "0",
    "bytes",
    (0, 1 << 40),
    "Memory of all runs together; one app may have half of it. 0: half of what the machine, or the cgroup, has.",
);

/// Places and patience.
#[derive(Debug, Clone, Copy)]
pub struct RunsConfig {
    /// `PICLOUD_RUNS_MAX`
    pub runs_max: u32,
    /// `PICLOUD_RUNS_PER_APP_MAX`; never more than [`Self::runs_max`].
    pub per_app_max: u32,
    /// `PICLOUD_RUN_MEMORY_BYTES_MAX`, or what fits the machine.
    pub memory_bytes_max: u64,
    /// `PICLOUD_DRAIN_MS_MAX`
    pub drain_max: Duration,
}

impl RunsConfig {
    pub(super) fn from_env(env: &Env<'_>) -> anyhow::Result<Self> {
        let runs_max = env.number(&RUNS_MAX)?;
        let mut per_app_max = env.number(&RUNS_PER_APP_MAX)?;
        if per_app_max > runs_max {
            if let Some(given) = env.given(&RUNS_PER_APP_MAX) {
                bail!(
                    "{}={given:?} is more than {}={runs_max}",
                    RUNS_PER_APP_MAX.name,
                    RUNS_MAX.name
                );
            }
            per_app_max = runs_max;
        }
        Ok(Self {
            runs_max,
            per_app_max,
            memory_bytes_max: match env.number(&RUN_MEMORY_BYTES_MAX)? {
                0 => machine::memory_bytes() / 2,
                given => given,
            },
            drain_max: Duration::from_millis(env.number(&DRAIN_MS_MAX)?),
        })
    }
}
