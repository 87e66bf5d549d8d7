//! Everything the host keeps for one run: what it may use, what it used, and what it may reach.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use picloud_sdk::limits::{Limit, Limits, Stop, Usage};
use picloud_sdk::report::Frame;
use tokio::time::Instant;
use wasmtime::{Caller, Memory, ResourceLimiter};

use crate::budget::Share;
use crate::random::Random;
use crate::seam::{GivenUp, Identity};
use crate::within::{Held, Within};

/// Longer panic messages are cut: they are for our log.
const PANIC_BYTES_MAX: usize = 4096;
/// After this much fuel a run lets others have their turn.
pub(crate) const SLICE_FUEL: u64 = 1_000_000;
/// What a run is given on top of its budget: to say where it was when that was gone. It does not count as used.
pub(crate) const LAST_WORDS_FUEL: u64 = 1_000_000;

/// A run that asks for more memory than it may have gets it, up to so many times its bound, where the machine has it: to
/// say where it was. It is over then, and what it got does not count as used.
pub(crate) const LAST_WORDS_MEMORY: u32 = 3;

/// All the fuel that a run is given.
pub(crate) const fn fuel_given(limits: Limits) -> u64 {
    limits.fuel_max.saturating_add(LAST_WORDS_FUEL)
}

/// The data of a wasmtime store.
pub(crate) struct Sandbox {
    pub(crate) meter: Meter,
    pub(crate) turn: Turn,
    pub(crate) world: Held,
    /// Of what runs within it; none of a guest within which nothing runs.
    pub(crate) origin: Option<Origin>,
    /// The run's randomness.
    pub(crate) random: Random,
    /// Whether the run waits for a host call right now, rather than computes.
    pub(crate) waits: Arc<AtomicBool>,
    /// The world gave the run up.
    pub(crate) given_up: Option<GivenUp>,
    /// Bytes that wait for the guest to take them.
    pub(crate) parked: Vec<u8>,
    /// What the guest wrote to standard error: a panic of ours.
    pub(crate) panic: Vec<u8>,
}

/// What a run within another has of that.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) identity: Arc<Identity>,
    /// Which try.
    pub(crate) attempt: u32,
    pub(crate) started: Instant,
    pub(crate) runs: Arc<dyn Within>,
}

/// Counts slices of fuel across host calls.
pub(crate) struct Turn {
    ends_at: u64,
}

impl Turn {
    pub(crate) const fn begin(fuel: u64) -> Self {
        Self {
            ends_at: fuel.saturating_sub(SLICE_FUEL),
        }
    }

    /// Whether a run with so much fuel left has had its turn; the next one begins then.
    pub(crate) fn is_over(&mut self, fuel_left: u64) -> bool {
        let over = fuel_left <= self.ends_at;
        if over {
            *self = Self::begin(fuel_left);
        }
        over
    }
}

impl Sandbox {
    pub(crate) fn new(
        (limits, memory_bytes_given): (Limits, u32),
        share: Share,
        (world, seed): (Held, [u8; 32]),
        parked: Vec<u8>,
    ) -> Self {
        let meter = Meter {
            limits,
            usage: Usage::default(),
            share,
            memory_bytes: 0,
            memory_bytes_given,
            late_ms: Arc::default(),
            stop: None,
            over: false,
            told: false,
            inner_stack: Vec::new(),
        };
        Self {
            meter,
            turn: Turn::begin(fuel_given(limits)),
            world,
            origin: None,
            random: Random::of(seed),
            waits: Arc::default(),
            given_up: None,
            parked,
            panic: Vec::new(),
        }
    }

    pub(crate) fn note_panic(&mut self, text: &[u8]) {
        let room = PANIC_BYTES_MAX - self.panic.len();
        self.panic.extend_from_slice(&text[..text.len().min(room)]);
    }
}

/// Counts and bounds. Fuel and wall time are counted by the engine and the clock.
pub(crate) struct Meter {
    pub(crate) limits: Limits,
    pub(crate) usage: Usage,
    /// What it has of the memory that all share.
    share: Share,
    /// The size of its own memory.
    memory_bytes: u32,
    /// Memory that it is given, which may be more than it may have.
    memory_bytes_given: u32,
    /// How long it has taken, once that is too long.
    pub(crate) late_ms: Arc<AtomicU64>,
    /// The first bound that was met.
    pub(crate) stop: Option<Stop>,
    /// Whether that was the end of the run: one that is told "no more memory" may live with it.
    over: bool,
    /// Whether it was told so.
    told: bool,
    /// Where a run within was that met its bound, innermost first.
    pub(crate) inner_stack: Vec<Frame>,
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
    /// One more question.
    pub(crate) fn count_host_call(&mut self) -> Result<(), Stopped> {
        let used = u64::from(self.usage.host_calls) + 1;
        let allowed = u64::from(self.limits.host_calls_max);
        if used > allowed {
            self.end(Limit::HostCalls, used, allowed);
            return Err(Stopped);
        }
        self.usage.host_calls += 1;
        Ok(())
    }

    /// What a run within may use.
    pub(crate) const fn left(&self, fuel: u64) -> Limits {
        Limits {
            fuel_max: fuel,
            memory_bytes_max: self.limits.memory_bytes_max.saturating_sub(self.memory_bytes),
            host_calls_max: self.limits.host_calls_max.saturating_sub(self.usage.host_calls),
            ..self.limits
        }
    }

    /// A share of the memory that all share, for a run within.
    pub(crate) fn another_share(&self) -> Share {
        self.share.another()
    }

    /// Counts what a run within used, but for its fuel.
    pub(crate) fn add(&mut self, usage: &Usage) {
        let memory_bytes = self.memory_bytes.saturating_add(usage.memory_bytes);
        let memory_bytes = memory_bytes.min(self.limits.memory_bytes_max);
        self.usage.memory_bytes = self.usage.memory_bytes.max(memory_bytes);
        self.usage.host_calls = self.usage.host_calls.saturating_add(usage.host_calls);
    }

    /// The bound of its own that a run within met with what was left of it.
    pub(crate) fn as_own(&self, stop: Stop) -> Stop {
        let allowed = match stop.limit {
            Limit::Fuel => self.limits.fuel_max,
            Limit::Memory => self.limits.memory_bytes_max.into(),
            Limit::HostCalls => self.limits.host_calls_max.into(),
            _ => return stop,
        };
        Stop {
            limit: stop.limit,
            used: stop.used.saturating_add(allowed.saturating_sub(stop.allowed)),
            allowed,
        }
    }

    /// The run met this bound, and is over.
    pub(crate) fn end(&mut self, limit: Limit, used: u64, allowed: u64) {
        self.stop_at(Stop { limit, used, allowed });
    }

    /// Looks at how much fuel is left, and at the clock; ends the run when either is over.
    pub(crate) fn look(&mut self, fuel_left: u64) {
        let late_ms = self.late_ms.load(Ordering::Relaxed);
        if late_ms > 0 {
            self.end(Limit::Wall, late_ms, self.limits.wall_ms_max.into());
        }
        if fuel_left < LAST_WORDS_FUEL {
            let allowed = self.limits.fuel_max;
            self.end(Limit::Fuel, allowed, allowed);
        }
    }

    /// The same.
    pub(crate) fn stop_at(&mut self, stop: Stop) {
        if !std::mem::replace(&mut self.over, true) {
            self.stop = Some(stop);
        }
    }

    /// Whether a bound was met that ends the run.
    pub(crate) const fn is_over(&self) -> bool {
        self.over
    }

    /// The run is told that it is over; whether it was told before.
    pub(crate) const fn tell(&mut self) -> bool {
        std::mem::replace(&mut self.told, true)
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = u64::from(self.limits.memory_bytes_max);
        let wanted = desired as u64;
        let too_much = (wanted > allowed).then_some(Stop {
            limit: Limit::Memory,
            used: wanted,
            allowed,
        });
        let refused = if wanted > u64::from(self.memory_bytes_given) {
            too_much
        } else {
            self.share.grow_to(wanted).err().map(|spent| {
                too_much.unwrap_or(Stop {
                    limit: Limit::SharedMemory,
                    used: spent.wanted,
                    allowed: spent.bytes_max,
                })
            })
        };
        if let Some(stop) = refused {
            // The guest is told "no"; if it cannot live with that, the stop is on record.
            self.stop.get_or_insert(stop);
            return Ok(false);
        }
        if let Some(stop) = too_much {
            self.stop_at(stop);
        }
        self.memory_bytes = u32::try_from(wanted.min(allowed)).unwrap_or(u32::MAX);
        self.usage.memory_bytes = self.usage.memory_bytes.max(self.memory_bytes);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

/// The memory of a guest that asks.
pub(crate) fn memory_of(guest: &mut Caller<'_, Sandbox>) -> wasmtime::Result<Memory> {
    match guest.get_export("memory").and_then(wasmtime::Extern::into_memory) {
        Some(memory) => Ok(memory),
        None => wasmtime::bail!("the guest exports no memory"),
    }
}
