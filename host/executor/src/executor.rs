//! A run, top to bottom: a new store, its meters, an instance, one call, an ending.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use picloud_sdk::compile::{Compiled, Source};
use picloud_sdk::event::{self, Invocation, LinkedModule};
use picloud_sdk::limits::{Limit, Limits, Stop, Usage};
use picloud_sdk::outcome::Outcome;
use picloud_sdk::wire;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use wasmtime::{Store, TypedFunc};

use crate::ending::{self, Fall};
use crate::guest::Guest;
use crate::lanes::SlowLane;
use crate::memory;
use crate::pool::{self, Arrangement, PoolConfig};
use crate::sandbox::{Sandbox, World};
use crate::seam::{Boxed, Compilation, Compile, Ending, Execution, Job, Program, Run};

/// After this much fuel a run lets others have their turn.
const SLICE_FUEL: u64 = 1_000_000;
/// What comes on top of a reply in an outcome: the frame around it, or an error with its stack.
const OUTCOME_FRAME_BYTES_MAX: usize = 64 << 10;
/// An artifact is some times its source; sources are bounded. Decoded, it may be twenty times as large.
const COMPILED_BYTES_MAX: usize = 16 << 20;

/// What one compilation may use, whatever the installation allows its runs.
const COMPILE_LIMITS: Limits = Limits {
    fuel_max: 5_000_000_000,
    memory_bytes_max: 64 << 20,
    wall_ms_max: 10_000,
    host_calls_max: 0,
    log_bytes_max: 0,
    reply_bytes_max: 0,
    call_depth_max: 0,
};

/// All sandboxes of this process.
pub struct Executor {
    shared: Arc<Shared>,
    slow: SlowLane,
    arrangement: Arrangement,
}

struct Shared {
    runner: Guest,
    /// One permit for each sandbox that fits. A run that was dropped in the slow lane holds its own a moment longer
    /// than its caller knows, so a place is waited for.
    places: Semaphore,
    /// Loaded by the first save: a server that only serves does without.
    compiler: OnceLock<Guest>,
}

impl Executor {
    /// Makes room for sandboxes and loads the runner.
    ///
    /// # Errors
    /// When no arrangement fits the machine, or the embedded guest is not this host's.
    pub fn new(wanted: PoolConfig) -> anyhow::Result<Self> {
        Self::of(pool::guest(wanted, Guest::runner)?, wanted)
    }

    /// One whose runner does to the host whatever a program says (`hostile.wat`): for tests and fuzzing of the wall.
    /// Nothing else names it, so the linker leaves it out.
    ///
    /// # Errors
    /// As [`Executor::new`].
    #[doc(hidden)]
    pub fn hostile(wanted: PoolConfig) -> anyhow::Result<Self> {
        Self::of(pool::guest(wanted, Guest::hostile)?, wanted)
    }

    fn of((runner, arrangement): (Guest, Arrangement), wanted: PoolConfig) -> anyhow::Result<Self> {
        check_abi(&runner)?;
        let places = arrangement.places.unwrap_or(wanted.runs_max) as usize;
        let shared = Arc::new(Shared {
            runner,
            places: Semaphore::new(places),
            compiler: OnceLock::new(),
        });
        Ok(Self {
            shared,
            slow: SlowLane::new()?,
            arrangement,
        })
    }

    /// Names the pair of guests in this binary; artifacts of another pair are stale.
    #[must_use]
    pub const fn guest_hash() -> &'static str {
        crate::guest::HASH
    }

    /// How sandboxes were arranged on this machine.
    #[must_use]
    pub const fn arrangement(&self) -> Arrangement {
        self.arrangement
    }

    /// The script API as JSON, as the compiler guest registers it.
    ///
    /// # Errors
    /// When the embedded guest is broken.
    pub async fn describe(&self) -> anyhow::Result<String> {
        let guest = self.shared.compiler()?;
        let mut store = store(guest, COMPILE_LIMITS, World::empty(), Vec::new())?;
        let instance = guest.pre.instantiate_async(&mut store).await?;
        let describe: TypedFunc<(), u64> = instance.get_typed_func(&mut store, "describe")?;
        let handed = describe.call_async(&mut store, ()).await?;
        let memory = instance
            .get_memory(&mut store, "memory")
            .context("the guest exports no memory")?;
        let (address, len) = unpacked(handed);
        Ok(String::from_utf8(memory::read(&store, memory, address, len)?.to_vec())?)
    }

    /// Makes and drops an instance without calling it: what `make bench` measures.
    ///
    /// # Errors
    /// When there is no place.
    pub async fn instantiate(&self) -> anyhow::Result<()> {
        let mut store = store(&self.shared.runner, Limits::for_tests(), World::empty(), Vec::new())?;
        self.shared.runner.pre.instantiate_async(&mut store).await?;
        Ok(())
    }
}

impl Run for Executor {
    fn run(&self, job: Job) -> Boxed<'_, Execution> {
        let shared = self.shared.clone();
        let waits = Arc::new(AtomicBool::new(false));
        let work = run(shared, job, waits.clone());
        Box::pin(self.slow.run(Box::pin(work), waits))
    }
}

impl Compile for Executor {
    fn compile<'a>(&'a self, name: &'a str, text: &'a str) -> Boxed<'a, Compilation> {
        let source = wire::encode(&Source { name, text });
        let shared = self.shared.clone();
        let work = compile(shared, source);
        Box::pin(self.slow.run(Box::pin(work), Arc::new(AtomicBool::new(false))))
    }
}

impl Shared {
    fn compiler(&self) -> anyhow::Result<&Guest> {
        if let Some(guest) = self.compiler.get() {
            return Ok(guest);
        }
        let guest = Guest::compiler(&pool::on_demand_engine()?)?;
        Ok(self.compiler.get_or_init(|| guest))
    }
}

async fn run(shared: Arc<Shared>, job: Job, waits: Arc<AtomicBool>) -> Execution {
    waits.store(true, Ordering::Relaxed);
    let _place = shared.places.acquire().await;
    waits.store(false, Ordering::Relaxed);
    let invocation = wire::encode(&Invocation {
        program: &job.program.script.bytecode,
        modules: job.program.modules.iter().map(linked_module).collect(),
        context: event::Context {
            app: &job.context.app,
            script: &job.context.script,
            version: job.context.version,
            execution: &job.context.execution,
            attempt: job.context.attempt,
            trace: &job.context.trace,
            now_ms: job.context.now_ms,
        },
        event: &job.event,
        call_depth_max: job.limits.call_depth_max,
        reply_bytes_max: job.limits.reply_bytes_max,
    });
    let world = World {
        capabilities: Some(job.capabilities),
        body: job.body,
        random: job.seed,
        waits,
    };
    let bytes_max = job.limits.reply_bytes_max as usize + OUTCOME_FRAME_BYTES_MAX;
    let program = &job.program;
    let (answer, usage) = ask(&shared.runner, job.limits, world, invocation, |answer| {
        let outcome: Outcome<'_> = wire::decode(answer, bytes_max)?;
        Ok(ending::of_outcome(outcome, program, job.limits.reply_bytes_max))
    })
    .await;
    let ending = match answer {
        Ok(ending) => ending,
        Err(Fall::Stopped(stop)) => Ending::Stopped(stop),
        Err(Fall::Threw(error)) => Ending::Threw(error),
        Err(Fall::Broke(why)) => Ending::Broke(why),
    };
    Execution { ending, usage }
}

fn linked_module((name, parts): &(Arc<str>, Vec<Arc<Program>>)) -> LinkedModule<'_> {
    LinkedModule {
        name,
        parts: parts.iter().map(|part| part.bytecode.as_slice()).collect(),
    }
}

async fn compile(shared: Arc<Shared>, source: Vec<u8>) -> Compilation {
    let guest = match shared.compiler() {
        Ok(guest) => guest,
        Err(error) => return Compilation::Broke(format!("{error:#}")),
    };
    let compiled = ask(guest, COMPILE_LIMITS, World::empty(), source, |answer| {
        Ok(wire::decode::<Compiled>(answer, COMPILED_BYTES_MAX)?)
    });
    match compiled.await.0 {
        Ok(compiled) => Compilation::Done(compiled),
        Err(Fall::Stopped(stop)) => Compilation::Stopped(stop),
        Err(Fall::Threw(error)) => Compilation::Broke(error.message),
        Err(Fall::Broke(why)) => Compilation::Broke(why),
    }
}

/// One question to a new instance of `guest`: the message in, the answer through `read`, the usage beside it.
async fn ask<T>(
    guest: &Guest,
    limits: Limits,
    world: World,
    message: Vec<u8>,
    read: impl FnOnce(&[u8]) -> anyhow::Result<T>,
) -> (Result<T, Fall>, Usage) {
    let started = Instant::now();
    let mut store = match store(guest, limits, world, message) {
        Ok(store) => store,
        Err(error) => return (Err(Fall::Broke(format!("{error:#}"))), Usage::default()),
    };
    let called = within(
        started + Duration::from_millis(limits.wall_ms_max.into()),
        call(guest, &mut store, read),
    )
    .await;
    let answer = match called {
        Some(Ok(Ok(answer))) => Ok(answer),
        Some(Ok(Err(error))) => Err(Fall::Broke(format!("the guest's answer: {error:#}"))),
        Some(Err(error)) => Err(ending::of_error(&error, store.data())),
        None => {
            let used = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            Err(Fall::Stopped(Stop {
                limit: Limit::Wall,
                used,
                allowed: limits.wall_ms_max.into(),
            }))
        }
    };
    let mut usage = store.data().meter.usage;
    usage.fuel = limits.fuel_max.saturating_sub(store.get_fuel().unwrap_or(0));
    usage.wall_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    (answer, usage)
}

async fn call<T>(
    guest: &Guest,
    store: &mut Store<Sandbox>,
    read: impl FnOnce(&[u8]) -> anyhow::Result<T>,
) -> wasmtime::Result<anyhow::Result<T>> {
    let message_bytes = u32::try_from(store.data().parked.len())?;
    let instance = guest.pre.instantiate_async(&mut *store).await?;
    let run: TypedFunc<u32, u64> = instance.get_typed_func(&mut *store, "run")?;
    let handed = run.call_async(&mut *store, message_bytes).await?;
    let Some(memory) = instance.get_memory(&mut *store, "memory") else {
        wasmtime::bail!("the guest exports no memory")
    };
    let (address, len) = unpacked(handed);
    Ok(read(memory::read(&*store, memory, address, len)?))
}

/// Address and length of what a guest hands back.
#[expect(clippy::cast_possible_truncation, reason = "the two halves of a 64-bit number")]
const fn unpacked(handed: u64) -> (u32, u32) {
    ((handed >> 32) as u32, handed as u32)
}

fn store(guest: &Guest, limits: Limits, world: World, parked: Vec<u8>) -> anyhow::Result<Store<Sandbox>> {
    let mut store = Store::new(&guest.engine, Sandbox::new(limits, world, parked));
    store.limiter(|sandbox| &mut sandbox.meter);
    store.set_fuel(limits.fuel_max)?;
    store.fuel_async_yield_interval(Some(SLICE_FUEL))?;
    Ok(store)
}

/// `work`'s result, or `None` when the deadline came first. The clock is looked at only when the work pauses.
async fn within<T>(deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut timer = None;
    std::future::poll_fn(|cx| {
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(Some(done));
        }
        let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        timer.as_mut().poll(cx).map(|()| None)
    })
    .await
}

fn check_abi(runner: &Guest) -> anyhow::Result<()> {
    let store = store(runner, Limits::for_tests(), World::empty(), Vec::new())?;
    let mut check = pin!(runner.check_abi(store));
    // It never waits: a guest that does nothing but name its version ends within its first slice.
    match check
        .as_mut()
        .poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
    {
        Poll::Ready(checked) => checked,
        Poll::Pending => anyhow::bail!("the guest does not say which version of the contract it speaks"),
    }
}

impl World {
    /// For a guest that asks for nothing.
    fn empty() -> Self {
        Self {
            capabilities: None,
            body: Bytes::new(),
            random: 0,
            waits: Arc::default(),
        }
    }
}
