//! The inner cargo: what it is told, and what it must not hear.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::Guest;

/// Where cargo leaves the module, below its target folder; the list of its sources lies beside it.
pub(crate) const MADE: &str = "wasm32-wasip1/guest/picloud_guest.wasm";

/// All of today's baseline but bulk memory: with it LLVM makes a `memory.copy` of every move of a larger struct, and the
/// engine a call out of the guest of every `memory.copy`.
const CODE: [&str; 2] = [
    "-Ctarget-cpu=mvp",
    "-Ctarget-feature=+mutable-globals,+sign-ext,+nontrapping-fptoint,+multivalue",
];

/// Rhai's hashes take their keys from `const-random` when they are compiled. They guard nothing: whoever floods a map in a
/// sandbox burns its own fuel.
const SEED: &str = "picloud";

/// Settings of the outer build, which are for the host's code or would make other bytes.
fn is_of_the_outer_build(name: &str) -> bool {
    const ENDS: [&str; 2] = ["RUSTFLAGS", "_WRAPPER"];
    const STARTS: [&str; 3] = ["CARGO_PROFILE_", "CARGO_BUILD_TARGET", "CARGO_FEATURE_"];
    ENDS.iter().any(|end| name.ends_with(end))
        || STARTS.iter().any(|start| name.starts_with(start))
        || name == "CARGO_INCREMENTAL"
}

/// Rust's flags in cargo's encoding, which no space in a path can split.
pub(crate) fn flags(remapped: &[(String, String)]) -> String {
    let remaps = remapped
        .iter()
        .map(|(from, to)| format!("--remap-path-prefix={from}={to}"));
    let flags: Vec<String> = CODE.iter().map(|&flag| flag.to_owned()).chain(remaps).collect();
    flags.join("\x1f")
}

/// Builds one guest. Its target folder is its own, as two cargos in one would wait for each other.
pub(crate) fn build(guest: Guest, workspace: &Path, target: &Path, flags: &str) -> anyhow::Result<()> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo
        .current_dir(workspace)
        .args(["build", "--quiet", "--package", "picloud-guest"])
        .args(["--profile", "guest", "--target", "wasm32-wasip1"])
        .args(["--no-default-features", "--features", guest.name, "--target-dir"])
        .arg(target);
    for (name, _) in env::vars_os() {
        if is_of_the_outer_build(&name.to_string_lossy()) {
            cargo.env_remove(name);
        }
    }
    cargo
        .env("CARGO_ENCODED_RUSTFLAGS", flags)
        .env("CARGO_PROFILE_GUEST_OPT_LEVEL", guest.opt_level)
        .env("CONST_RANDOM_SEED", SEED);
    let status = cargo.status().context("starting cargo for a guest")?;
    ensure!(
        status.success(),
        "the {} guest does not build; `make toolchain` installs the target wasm32-wasip1 when that is what is missing",
        guest.name
    );
    Ok(())
}
