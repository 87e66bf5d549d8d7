//! Builds both guests for wasm32-wasip1, runs their initialisation, and compiles the snapshots for the target.
//!
//! ```text
//! guest/ + sdk/ ── cargo ──▶ wasm ── wizer: Engine and all registrations ──▶ snapshot ── Cranelift ──▶ OUT_DIR/*.cwasm
//! ```

#![expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]

#[path = "src/layout.rs"]
#[expect(unreachable_pub, reason = "public in the executor")]
mod layout;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, ensure};
use layout::Layout;
use sha2::{Digest as _, Sha256};
use wasmtime::{Config, Engine, Linker, Module, OptLevel, Store};
use wasmtime_wizer::Wizer;

/// All of today's baseline but bulk memory: with it LLVM makes a `memory.copy` of every move of a larger struct, and the
/// engine a call out of the guest of every `memory.copy`.
const GUEST_FLAGS: &str =
    "-Ctarget-cpu=mvp -Ctarget-feature=+mutable-globals,+sign-ext,+nontrapping-fptoint,+multivalue";

fn main() -> anyhow::Result<()> {
    let workspace = Path::new("../..").canonicalize()?;
    for input in [
        "guest",
        "sdk/src",
        "sdk/Cargo.toml",
        "Cargo.toml",
        "Cargo.lock",
        "host/executor/src/layout.rs",
        "host/executor/src/hostile.wat",
    ] {
        println!("cargo::rerun-if-changed={}", workspace.join(input).display());
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let runner = snapshot(&guest(&workspace, &out, "runner")?).context("pre-initialising the runner")?;
    let compiler = snapshot(&guest(&workspace, &out, "compiler")?).context("pre-initialising the compiler")?;

    fs::write(out.join("runner-wide.cwasm"), compiled(&runner, Layout::Wide)?)?;
    fs::write(out.join("runner-narrow.cwasm"), compiled(&runner, Layout::Narrow)?)?;
    fs::write(out.join("compiler.cwasm"), compiled(&compiler, Layout::Narrow)?)?;

    let hostile = wat::parse_file("src/hostile.wat")?;
    fs::write(out.join("hostile-wide.cwasm"), compiled(&hostile, Layout::Wide)?)?;
    fs::write(out.join("hostile-narrow.cwasm"), compiled(&hostile, Layout::Narrow)?)?;

    // Artifacts carry it: those of another pair of guests are made anew from their sources.
    let hash = Sha256::new().chain_update(&runner).chain_update(&compiler).finalize();
    let hash = u128::from_be_bytes(*hash.first_chunk().context("SHA-256 has 32 bytes")?);
    println!("cargo::rustc-env=PICLOUD_GUEST_HASH={hash:032x}");

    let imports = imports(&runner).context("listing the runner's imports")?;
    println!("cargo::rustc-env=PICLOUD_GUEST_IMPORTS={}", imports.join(" "));
    Ok(())
}

/// The wasm of one guest. Both host profiles share one target directory, as the guest has a profile of its own.
fn guest(workspace: &Path, out: &Path, feature: &str) -> anyhow::Result<Vec<u8>> {
    let target = out
        .ancestors()
        .find(|folder| folder.ends_with("build"))
        .and_then(|build| build.parent()?.parent())
        .context("OUT_DIR lies in no target directory")?
        .join("guest")
        .join(feature);
    let mut cargo = Command::new(env::var("CARGO")?);
    cargo
        .current_dir(workspace)
        .args([
            "build",
            "--quiet",
            "--package",
            "picloud-guest",
            "--profile",
            "guest",
            "--target",
            "wasm32-wasip1",
        ])
        .args(["--no-default-features", "--features", feature, "--target-dir"])
        .arg(&target);
    // Settings of the outer build are for the host's code.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.ends_with("RUSTFLAGS") || name.ends_with("_WRAPPER") || name.starts_with("CARGO_PROFILE_") {
            cargo.env_remove(&*name);
        }
    }
    cargo.env("CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS", GUEST_FLAGS);
    // Saving a script is no hot path: the compiler is made small instead of fast.
    if feature == "compiler" {
        cargo.env("CARGO_PROFILE_GUEST_OPT_LEVEL", "s");
    }
    let status = cargo.status().context("starting cargo for the guest")?;
    ensure!(
        status.success(),
        "the {feature} guest does not build; is the target wasm32-wasip1 installed?"
    );
    let wasm = target.join("wasm32-wasip1/guest/picloud_guest.wasm");
    fs::read(&wasm).with_context(|| format!("reading {}", wasm.display()))
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
