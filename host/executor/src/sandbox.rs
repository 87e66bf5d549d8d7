//! Everything the host keeps for one run: what it may use, what it used, and what it may reach.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use picloud_sdk::limits::{Limit, Limits, Stop, Usage};
use wasmtime::ResourceLimiter;

use crate::seam::Capabilities;

/// Longer panic messages are cut: they are for our log.
const PANIC_BYTES_MAX: usize = 4096;

/// The data of a wasmtime store.
pub(crate) struct Sandbox {
    pub(crate) meter: Meter,
    pub(crate) world: World,
    /// Bytes that wait for the guest to take them.
    pub(crate) parked: Vec<u8>,
    /// What the guest wrote to standard error: a panic of ours.
    pub(crate) panic: Vec<u8>,
}

/// What a run may reach, all of it fixed before it starts.
pub(crate) struct World {
    pub(crate) capabilities: Option<Arc<dyn Capabilities>>,
    pub(crate) body: Bytes,
    pub(crate) random: u64,
    /// Whether the run waits for a host call right now, rather than computes.
    pub(crate) waits: Arc<AtomicBool>,
}

impl Sandbox {
    pub(crate) fn new(limits: Limits, world: World, parked: Vec<u8>) -> Self {
        let meter = Meter {
            limits,
            usage: Usage::default(),
            stop: None,
        };
        Self {
            meter,
            world,
            parked,
            panic: Vec::new(),
        }
    }

    pub(crate) fn note_panic(&mut self, text: &[u8]) {
        let room = PANIC_BYTES_MAX - self.panic.len();
        self.panic.extend_from_slice(&text[..text.len().min(room)]);
    }

    /// The next of the run's random numbers (SplitMix64): seeded, so that a run can be repeated.
    pub(crate) fn random(&mut self) -> u64 {
        self.world.random = self.world.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.world.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Counts and bounds. Fuel and wall time are counted by the engine and the clock.
pub(crate) struct Meter {
    pub(crate) limits: Limits,
    pub(crate) usage: Usage,
    /// The first bound that was met.
    pub(crate) stop: Option<Stop>,
}

/// A bound was met; [`Meter::stop`] says which.
#[derive(Debug)]
pub(crate) struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stopped by a limit")
    }
}

impl std::error::Error for Stopped {}

impl Meter {
    pub(crate) fn count_host_call(&mut self) -> Result<(), Stopped> {
        self.usage.host_calls = self.usage.host_calls.saturating_add(1);
        let allowed = self.limits.host_calls_max;
        self.bound(Limit::HostCalls, u64::from(self.usage.host_calls), u64::from(allowed))
    }

    pub(crate) fn count_log(&mut self, bytes: usize) -> Result<(), Stopped> {
        let used = u64::from(self.usage.log_bytes) + bytes as u64;
        self.bound(Limit::LogBytes, used, u64::from(self.limits.log_bytes_max))?;
        self.usage.log_bytes = u32::try_from(used).unwrap_or(u32::MAX);
        Ok(())
    }

    fn bound(&mut self, limit: Limit, used: u64, allowed: u64) -> Result<(), Stopped> {
        if used <= allowed {
            return Ok(());
        }
        self.stop.get_or_insert(Stop { limit, used, allowed });
        Err(Stopped)
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = u64::from(self.limits.memory_bytes_max);
        if self.bound(Limit::Memory, desired as u64, allowed).is_err() {
            // The guest is told "no"; if it cannot live with that, the stop is on record.
            return Ok(false);
        }
        self.usage.memory_bytes = u32::try_from(desired).unwrap_or(u32::MAX);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
