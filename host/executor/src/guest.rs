//! The embedded guests: machine code that this very build made.
#![expect(unsafe_code, reason = "loading precompiled code; see SAFETY")]

use anyhow::{Context as _, ensure};
use wasmtime::{Engine, InstancePre, Linker, Module, Store, TypedFunc};

use crate::layout::Layout;
use crate::link;
use crate::sandbox::Sandbox;

static RUNNER_WIDE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runner-wide.cwasm"));
static RUNNER_NARROW: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runner-narrow.cwasm"));
static HOSTILE_WIDE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hostile-wide.cwasm"));
static HOSTILE_NARROW: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hostile-narrow.cwasm"));
static COMPILER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/compiler.cwasm"));

/// Names this build's pair of guests; artifacts of another pair are stale.
pub(crate) const HASH: &str = env!("PICLOUD_GUEST_HASH");

/// Every guest's name and the SHA-256 of its wasm: `name=hash`, separated by spaces.
pub(crate) const HASHES: &str = env!("PICLOUD_GUESTS");

/// What the runner imports, as the build script saw it: `module.name`, separated by spaces.
pub(crate) const IMPORTS: &str = env!("PICLOUD_GUEST_IMPORTS");

/// A guest ready to be instantiated, thousands of times a second.
pub(crate) struct Guest {
    pub(crate) engine: Engine,
    pub(crate) pre: InstancePre<Sandbox>,
}

impl Guest {
    pub(crate) fn runner(engine: &Engine, layout: Layout) -> anyhow::Result<Self> {
        let code = match layout {
            Layout::Wide => RUNNER_WIDE,
            Layout::Narrow => RUNNER_NARROW,
        };
        Self::load(engine, code).context("loading the runner guest")
    }

    /// In the runner's place for tests; see `hostile.wat`.
    pub(crate) fn hostile(engine: &Engine, layout: Layout) -> anyhow::Result<Self> {
        let code = match layout {
            Layout::Wide => HOSTILE_WIDE,
            Layout::Narrow => HOSTILE_NARROW,
        };
        Self::load(engine, code).context("loading the hostile guest")
    }

    /// Compiled for [`Layout::Narrow`] only: saving a script is no hot path.
    pub(crate) fn compiler(engine: &Engine) -> anyhow::Result<Self> {
        Self::load(engine, COMPILER).context("loading the compiler guest")
    }

    fn load(engine: &Engine, code: &[u8]) -> anyhow::Result<Self> {
        // SAFETY: `deserialize` trusts its bytes, as they are machine code. These are embedded in the binary and were
        // made by its own build script with the engine options of `layout::config`; nothing from outside is ever
        // loaded. wasmtime itself refuses code of another version, target or set of options.
        let module = unsafe { Module::deserialize(engine, code)? };
        let mut linker = Linker::new(engine);
        link::link(&mut linker)?;
        Ok(Self {
            engine: engine.clone(),
            pre: linker.instantiate_pre(&module)?,
        })
    }

    /// Compares the contract's version. Needs an instance, so it is done once, at start.
    pub(crate) async fn check_abi(&self, mut store: Store<Sandbox>) -> anyhow::Result<()> {
        let instance = self.pre.instantiate_async(&mut store).await?;
        let version: TypedFunc<(), u32> = instance.get_typed_func(&mut store, "abi_version")?;
        let version = version.call_async(&mut store, ()).await?;
        let ours = picloud_sdk::ABI_VERSION;
        ensure!(
            version == ours,
            "the guest speaks version {version} of the contract, the host {ours}"
        );
        Ok(())
    }
}
