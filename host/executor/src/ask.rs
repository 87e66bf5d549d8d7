//! One question to a new instance of a guest: the message in, the answer out, and what that took.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use picloud_sdk::limits::{Limits, Usage};
use tokio::time::Instant;
use wasmtime::{Store, TypedFunc};

use crate::budget::{Budget, Share};
use crate::deadline::Deadline;
use crate::ending::{self, Fall};
use crate::guest::Guest;
use crate::memory;
use crate::sandbox::{Meter, Origin, SLICE_FUEL, Sandbox, fuel_given};
use crate::seam::{Boxed, Said, World};
use crate::within::Held;

/// What one sandbox is given beside its message.
pub(crate) struct Setting {
    pub(crate) limits: Limits,
    pub(crate) memory_bytes_given: u32,
    pub(crate) share: Share,
    pub(crate) world: Held,
    pub(crate) seed: [u8; 32],
    pub(crate) waits: Arc<AtomicBool>,
    pub(crate) started: Instant,
    /// None of a guest within which nothing runs.
    pub(crate) origin: Option<Origin>,
}

impl Setting {
    /// For a guest that asks for nothing and shares nothing.
    pub(crate) fn alone(limits: Limits) -> Self {
        Self {
            limits,
            memory_bytes_given: limits.memory_bytes_max,
            share: Budget::new(u64::MAX).share(),
            world: Held::new(Box::new(Nowhere)),
            seed: [0; 32],
            waits: Arc::default(),
            started: Instant::now(),
            origin: None,
        }
    }

    pub(crate) fn store(self, guest: &Guest, parked: Vec<u8>) -> anyhow::Result<Store<Sandbox>> {
        let limits = self.limits;
        let mut sandbox = Sandbox::new(
            (limits, self.memory_bytes_given),
            self.share,
            (self.world, self.seed),
            parked,
        );
        sandbox.waits = self.waits;
        sandbox.origin = self.origin;
        let mut store = Store::new(&guest.engine, sandbox);
        store.limiter(|sandbox| &mut sandbox.meter);
        store.set_fuel(fuel_given(limits))?;
        store.fuel_async_yield_interval(Some(SLICE_FUEL))?;
        Ok(store)
    }
}

/// The world of a guest that has none.
pub(crate) struct Nowhere;

impl World for Nowhere {
    fn call<'a>(&'a mut self, _: &'a [u8], _: usize) -> Boxed<'a, Said> {
        Box::pin(async { Said::Fault(anyhow::anyhow!("a guest without a world asked for something")) })
    }

    fn question_bytes_max(&self) -> usize {
        0
    }

    fn too_long(&mut self, _: &[u8], _: usize) -> Said {
        Said::Fault(anyhow::anyhow!("a guest without a world asked for something"))
    }

    fn now_ms(&self) -> i64 {
        0
    }
}

/// One question to a new instance of `guest`: the message in, the answer through `read`, the usage and the world beside it.
pub(crate) async fn ask<T>(
    guest: &Guest,
    setting: Setting,
    message: Vec<u8>,
    read: impl FnOnce(&[u8], &Meter) -> anyhow::Result<T>,
) -> (Result<T, Fall>, Usage, Held) {
    let (started, limits) = (setting.started, setting.limits);
    let mut store = match setting.store(guest, message) {
        Ok(store) => store,
        // Both of its steps want fuel to be metered, and the one configuration that there is meters it.
        Err(error) => {
            return (
                Err(Fall::Broke(format!("{error:#}"))),
                Usage::default(),
                Held::new(Box::new(Nowhere)),
            );
        }
    };
    let clock = Deadline::new(started, store.data());
    let called = clock.within(call(guest, &mut store, read)).await;
    let answer = match called {
        Some(Ok(Ok(answer))) => Ok(answer),
        Some(Ok(Err(error))) => Err(match store.data().meter.stop {
            // It was told that it is over: what it says then is of no matter.
            Some(stop) if store.data().meter.is_over() => Fall::Stopped(stop),
            _ => Fall::Broke(format!("the guest's answer: {error:#}")),
        }),
        Some(Err(error)) => Err(ending::of_error(&error, store.data())),
        None => Err(Fall::Stopped(clock.stop())),
    };
    let mut usage = store.data().meter.usage;
    usage.fuel = limits.fuel_max.min(fuel_given(limits) - store.get_fuel().unwrap_or(0));
    usage.wall_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    (answer, usage, store.into_data().world)
}

async fn call<T>(
    guest: &Guest,
    store: &mut Store<Sandbox>,
    read: impl FnOnce(&[u8], &Meter) -> anyhow::Result<T>,
) -> wasmtime::Result<anyhow::Result<T>> {
    let message_bytes = u32::try_from(store.data().parked.len())?;
    let instance = guest.pre.instantiate_async(&mut *store).await?;
    let run: TypedFunc<u32, u64> = instance.get_typed_func(&mut *store, "run")?;
    let handed = run.call_async(&mut *store, message_bytes).await?;
    let Some(memory) = instance.get_memory(&mut *store, "memory") else {
        wasmtime::bail!("the guest exports no memory")
    };
    let (address, len) = unpacked(handed);
    let left = store.get_fuel()?;
    store.data_mut().meter.look(left);
    let answer = memory::read(&*store, memory, address, len)?;
    Ok(read(answer, &store.data().meter))
}

/// Address and length of what a guest hands back.
#[expect(clippy::cast_possible_truncation, reason = "the two halves of a 64-bit number")]
pub(crate) const fn unpacked(handed: u64) -> (u32, u32) {
    ((handed >> 32) as u32, handed as u32)
}
