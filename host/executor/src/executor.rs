//! A run, top to bottom: a place, a message, a new instance that is asked once, an ending.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;

use anyhow::Context as _;
use picloud_sdk::compile::{Compiled, Source};
use picloud_sdk::event::{Context, Invocation, LinkedModule};
use picloud_sdk::limits::Limits;
use picloud_sdk::outcome::Outcome;
use picloud_sdk::wire;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use wasmtime::TypedFunc;

use crate::ask::{Nowhere, Setting, ask, unpacked};
use crate::ending::{self, Fall};
use crate::guest::Guest;
use crate::lanes::SlowLane;
use crate::layout::Layout;
use crate::linked::Program;
use crate::memory;
use crate::pool::{self, Arrangement, PoolConfig};
use crate::sandbox::{LAST_WORDS_MEMORY, Origin};
use crate::seam::{Boxed, Compilation, Compile, Ending, Execution, Job, Run, World};
use crate::within::{Held, Inner, Within};

/// What comes on top of a reply in an outcome: the frame around it, or an error with its stack.
const OUTCOME_FRAME_BYTES_MAX: usize = 64 << 10;
/// An artifact is some times its source; sources are bounded. Decoded, it may be twenty times as large.
const COMPILED_BYTES_MAX: usize = 16 << 20;

/// What one compilation may use, whatever the installation allows its runs.
const COMPILE_LIMITS: Limits = Limits {
    fuel_max: 5_000_000_000,
    memory_bytes_max: 64 << 20,
    wall_ms_max: 10_000,
    ..Limits::none()
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
    /// For runs within others: made on demand, as they cannot wait for each other's places. Loaded by the first of them.
    within: OnceLock<Guest>,
    layout_within: Layout,
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
            within: OnceLock::new(),
            layout_within: pool::layout_on_demand(arrangement, wanted),
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

    /// Every guest in this binary: its name, and the SHA-256 of its wasm, which a build elsewhere can be compared with.
    pub fn guests() -> impl Iterator<Item = (&'static str, &'static str)> {
        crate::guest::HASHES
            .split(' ')
            .filter_map(|guest| guest.split_once('='))
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
        let mut store = Setting::alone(COMPILE_LIMITS).store(guest, Vec::new())?;
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
        let mut store = Setting::alone(Limits::for_tests()).store(&self.shared.runner, Vec::new())?;
        self.shared.runner.pre.instantiate_async(&mut store).await?;
        Ok(())
    }
}

impl Run for Executor {
    fn run(&self, job: Job) -> Boxed<'_, (Execution, Box<dyn World>)> {
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
        let guest = Guest::compiler(&pool::on_demand_engine(Layout::Narrow)?)?;
        Ok(self.compiler.get_or_init(|| guest))
    }

    fn within(&self) -> anyhow::Result<&Guest> {
        if let Some(guest) = self.within.get() {
            return Ok(guest);
        }
        let guest = Guest::runner(&pool::on_demand_engine(self.layout_within)?, self.layout_within)?;
        Ok(self.within.get_or_init(|| guest))
    }
}

async fn run(shared: Arc<Shared>, job: Job, waits: Arc<AtomicBool>) -> (Execution, Box<dyn World>) {
    waits.store(true, Ordering::Relaxed);
    let _place = shared.places.acquire().await;
    waits.store(false, Ordering::Relaxed);
    let Job {
        program,
        identity,
        attempt,
        event,
        limits,
        memory,
        world,
    } = job;
    let inner = Inner {
        program,
        identity,
        attempt,
        event,
        limits,
        share: memory.share(),
        world: Held::new(world),
        started: Instant::now(),
        waits,
    };
    let (execution, world) = answer(&shared, &shared.runner, inner).await;
    (execution, world.into_world().unwrap_or_else(|| Box::new(Nowhere)))
}

impl Within for Shared {
    fn run(self: Arc<Self>, inner: Inner) -> Boxed<'static, Option<Execution>> {
        Box::pin(async move {
            let guest = self.within();
            let guest = guest.inspect_err(|why| tracing::error!("nothing can run within a run: {why:#}"));
            Some(answer(&self, guest.ok()?, inner).await.0)
        })
    }
}

/// A run in a sandbox of `guest`.
async fn answer(shared: &Arc<Shared>, guest: &Guest, inner: Inner) -> (Execution, Held) {
    let Inner {
        program,
        identity,
        attempt,
        event,
        limits,
        share,
        world,
        started,
        waits,
    } = inner;
    let invocation = wire::encode(&Invocation {
        program: &program.script.bytecode,
        modules: program.modules.iter().map(linked_module).collect(),
        context: Context {
            app: &identity.app,
            script: &identity.script,
            version: identity.version,
            execution: &identity.execution,
            attempt: attempt.number,
            trace: &identity.trace,
            now_ms: attempt.now_ms,
        },
        event: &event,
        call_depth_max: limits.call_depth_max,
        reply_bytes_max: limits.reply_bytes_max,
    });
    let bytes_max = limits.reply_bytes_max as usize + OUTCOME_FRAME_BYTES_MAX;
    let setting = Setting {
        limits,
        memory_bytes_given: limits.memory_bytes_max.saturating_mul(LAST_WORDS_MEMORY),
        share,
        world,
        seed: attempt.seed,
        waits,
        started,
        origin: Some(Origin {
            identity,
            attempt: attempt.number,
            started,
            runs: Arc::clone(shared) as Arc<dyn Within>,
        }),
    };
    let asked = ask(guest, setting, invocation, |answer, meter| {
        let outcome: Outcome<'_> = wire::decode(answer, bytes_max)?;
        Ok(ending::of_outcome(outcome, &program, meter))
    });
    let (answer, usage, world) = asked.await;
    let ending = match answer {
        Ok(ending) => ending,
        Err(Fall::Stopped(stop)) => Ending::Stopped(stop, Vec::new()),
        Err(Fall::GivenUp(why)) => Ending::GivenUp(why),
        Err(Fall::Threw(error)) => Ending::Threw(error),
        Err(Fall::Broke(why)) => Ending::Broke(why),
    };
    (Execution { ending, usage }, world)
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
    let compiled = ask(guest, Setting::alone(COMPILE_LIMITS), source, |answer, _| {
        Ok(wire::decode::<Compiled>(answer, COMPILED_BYTES_MAX)?)
    });
    match compiled.await.0 {
        Ok(compiled) => Compilation::Done(compiled),
        Err(Fall::Stopped(stop)) => Compilation::Stopped(stop),
        Err(Fall::GivenUp(_)) => Compilation::Broke("the compiler asked for something".to_owned()),
        Err(Fall::Threw(error)) => Compilation::Broke(error.message),
        Err(Fall::Broke(why)) => Compilation::Broke(why),
    }
}

fn check_abi(runner: &Guest) -> anyhow::Result<()> {
    let store = Setting::alone(Limits::for_tests()).store(runner, Vec::new())?;
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
