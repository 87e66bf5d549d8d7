//! Has the guests built, runs their initialisation, and compiles the snapshots for the target.
//!
//! ```text
//! guest/build ──▶ wasm ── wizer: Engine and all registrations ──▶ snapshot ── Cranelift ──▶ OUT_DIR/*.cwasm
//! ```

#![expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]

#[path = "src/layout.rs"]
#[expect(unreachable_pub, reason = "public in the executor")]
mod layout;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::Context as _;
use data_encoding::HEXLOWER;
use layout::Layout;
use picloud_guest_build::Built;
use sha2::{Digest as _, Sha256};
use wasmtime::{Config, Engine, Linker, Module, OptLevel, Store};
use wasmtime_wizer::Wizer;

const HOSTILE: &str = "src/hostile.wat";

fn main() -> anyhow::Result<()> {
    let workspace = Path::new("../..").canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let guests = picloud_guest_build::build(&workspace, &target_folder(&out)?)?;
    let sources = guests.iter().flat_map(|guest| &guest.sources);
    for input in sources.chain(&picloud_guest_build::manifests(&workspace)) {
        println!("cargo::rerun-if-changed={}", input.display());
    }
    println!("cargo::rerun-if-changed={HOSTILE}");

    // The inner cargo was asked, as something in its manifests changed; mostly it has nothing new.
    let (facts, inputs) = (out.join("facts"), inputs(&guests)?);
    let kept = fs::read_to_string(&facts).unwrap_or_default();
    if let Some(kept) = kept.strip_prefix(&inputs) {
        print!("{kept}");
        return Ok(());
    }
    fs::write(&facts, "")?;
    let told = machine_code(&guests, &out)?;
    fs::write(&facts, inputs + &told)?;
    print!("{told}");
    Ok(())
}

/// Both host profiles share what is built there, as the guest has a profile of its own.
fn target_folder(out: &Path) -> anyhow::Result<PathBuf> {
    let target = out
        .ancestors()
        .find(|folder| folder.ends_with("build"))
        .and_then(|build| build.parent()?.parent());
    Ok(target.context("OUT_DIR lies in no target directory")?.join("guest"))
}

/// All that decides what the machine code is: this program with the Cranelift in it, the modules, the target.
fn inputs(guests: &[Built]) -> anyhow::Result<String> {
    let mut hash = Sha256::new_with_prefix(fs::read(env::current_exe()?)?);
    hash.update(fs::read(HOSTILE)?);
    hash.update(env::var("TARGET")?);
    for guest in guests {
        hash.update(&guest.hash);
    }
    Ok(HEXLOWER.encode(&hash.finalize()) + "\n")
}

/// Writes the machine code of everything that runs in sandboxes, and answers what cargo is to be told of it.
fn machine_code(guests: &[Built], out: &Path) -> anyhow::Result<String> {
    let of = |name: &str| {
        let built = guests.iter().find(|guest| guest.name == name);
        let built = built.with_context(|| format!("there is no guest {name}"))?;
        snapshot(&built.wasm).with_context(|| format!("pre-initialising the {name}"))
    };
    let (runner, compiler) = (of("runner")?, of("compiler")?);
    fs::write(out.join("runner-wide.cwasm"), compiled(&runner, Layout::Wide)?)?;
    fs::write(out.join("runner-narrow.cwasm"), compiled(&runner, Layout::Narrow)?)?;
    fs::write(out.join("compiler.cwasm"), compiled(&compiler, Layout::Narrow)?)?;

    let hostile = wat::parse_file(HOSTILE)?;
    fs::write(out.join("hostile-wide.cwasm"), compiled(&hostile, Layout::Wide)?)?;
    fs::write(out.join("hostile-narrow.cwasm"), compiled(&hostile, Layout::Narrow)?)?;

    // Artifacts carry it: those of another pair of guests are made anew from their sources.
    let hash = Sha256::new().chain_update(&runner).chain_update(&compiler).finalize();
    let hash = u128::from_be_bytes(*hash.first_chunk().context("SHA-256 has 32 bytes")?);
    let imports = imports(&runner).context("listing the runner's imports")?;

    let mut told = String::new();
    writeln!(told, "cargo::rustc-env=PICLOUD_GUEST_HASH={hash:032x}")?;
    writeln!(told, "cargo::rustc-env=PICLOUD_GUEST_IMPORTS={}", imports.join(" "))?;
    let guests: Vec<String> = guests
        .iter()
        .map(|guest| format!("{}={}", guest.name, guest.hash))
        .collect();
    writeln!(told, "cargo::rustc-env=PICLOUD_GUESTS={}", guests.join(" "))?;
    Ok(told)
}

/// The guest after its initialisation. Nothing it imports may be called until then.
fn snapshot(wasm: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut config = Config::new();
    config.cranelift_opt_level(OptLevel::None);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let snapshot = runtime.block_on(Wizer::new().run(&mut store, wasm, async |store, module| {
        let mut linker = Linker::new(store.engine());
        linker.define_unknown_imports_as_traps(module)?;
        linker.instantiate_async(store, module).await
    }))?;
    Ok(snapshot)
}

fn compiled(snapshot: &[u8], layout: Layout) -> anyhow::Result<Vec<u8>> {
    let mut config = layout::config(layout);
    config.target(&env::var("TARGET")?)?;
    config.cranelift_opt_level(OptLevel::Speed);
    // What the runtime in the binary is built without, and what wizer's build of wasmtime brings along.
    config
        .wasm_exceptions(false)
        .wasm_gc(false)
        .wasm_function_references(false)
        .gc_support(false)
        .wasm_threads(false);
    config.wasm_component_model(false);
    // The same event gives the same bytes on every machine.
    config.cranelift_nan_canonicalization(true);
    Ok(Engine::new(&config)?.precompile_module(snapshot)?)
}

fn imports(wasm: &[u8]) -> anyhow::Result<Vec<String>> {
    let mut config = Config::new();
    config.cranelift_opt_level(OptLevel::None);
    let module = Module::new(&Engine::new(&config)?, wasm)?;
    Ok(module
        .imports()
        .map(|import| format!("{}.{}", import.module(), import.name()))
        .collect())
}
