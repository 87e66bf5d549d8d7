//! How many runs at once, and how long they get to finish at the end.

use std::time::Duration;

use anyhow::bail;

use super::section::section;
use super::setting::number;
use super::{Env, machine};

section! {
    /// Places and patience.
    #[derive(Debug, Clone, Copy)]
    pub struct RunsConfig {
        /// Places for runs in the whole installation.
        runs_max: u32 = PICLOUD_RUNS_MAX number(64, 1..=4096, "runs");
        /// Places that one app may hold of them.
        per_app_max: u32 = PICLOUD_RUNS_PER_APP_MAX number(16, 1..=4096, "runs");
        /// How long a request waits for a place when all are taken, in order; with too many waiting, or 0, it is refused at once.
        wait_max: Duration = PICLOUD_RUN_WAIT_MS_MAX number(5_000, 0..=60_000, "ms");
        /// Memory of all runs together; one app may have half of it. 0: half of what the machine, or the cgroup, has.
        memory_bytes_max: u64 = PICLOUD_RUN_MEMORY_BYTES_MAX number(0, 0..=1 << 40, "bytes");
        /// Time that admitted requests get to finish when the server is told to stop.
        drain_max: Duration = PICLOUD_DRAIN_MS_MAX number(20_000, 0..=600_000, "ms");
    }
    then Self::fitted
}

impl RunsConfig {
    /// An app has no more places than there are, and what is left to the machine is what fits it.
    fn fitted(self, env: &Env<'_>) -> anyhow::Result<Self> {
        let runs_max = self.runs_max;
        if self.per_app_max > runs_max
            && let Some(given) = env.given(&Self::PICLOUD_RUNS_PER_APP_MAX)
        {
            bail!("PICLOUD_RUNS_PER_APP_MAX={given:?} is more than PICLOUD_RUNS_MAX={runs_max}");
        }
        Ok(Self {
            per_app_max: self.per_app_max.min(runs_max),
            memory_bytes_max: match self.memory_bytes_max {
                0 => machine::memory_bytes() / 2,
                given => given,
            },
            ..self
        })
    }
}
