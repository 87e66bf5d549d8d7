//! Builds the wasm of all guests from one table, for whoever runs them: the executor's build script, the dashboard's.
//!
//! The same sources give the same bytes, in whatever folder and whenever they are built; the inner cargo decides what is
//! to be built anew, by what the guests compile and nothing else.

mod cargo;
mod paths;

use std::path::{Path, PathBuf};
use std::thread::ScopedJoinHandle;
use std::{fs, thread};

use anyhow::{Context as _, anyhow};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// One build of the crate `picloud-guest`.
#[derive(Debug, Clone, Copy)]
pub struct Guest {
    /// What it is called, which is also the crate's feature.
    pub name: &'static str,
    /// Rust's optimisation level.
    opt_level: &'static str,
}

/// All guests there are.
pub const GUESTS: [Guest; 2] = [
    Guest {
        name: "runner",
        opt_level: "3",
    },
    // Saving a script is no hot path: it is made small instead of fast.
    Guest {
        name: "compiler",
        opt_level: "s",
    },
];

/// A guest's wasm, as the linker made it.
#[derive(Debug)]
pub struct Built {
    /// [`Guest::name`]
    pub name: &'static str,
    /// The module.
    pub wasm: Vec<u8>,
    /// Its SHA-256 in hex digits.
    pub hash: String,
    /// The files of ours that it is made of.
    pub sources: Vec<PathBuf>,
}

/// Builds every guest of the workspace in that folder, each with a folder of its own below `target`.
///
/// # Errors
/// When one does not compile, or when what cargo left cannot be read.
pub fn build(workspace: &Path, target: &Path) -> anyhow::Result<Vec<Built>> {
    fs::create_dir_all(target).with_context(|| format!("making {}", target.display()))?;
    let (workspace, target) = (&workspace.canonicalize()?, &target.canonicalize()?);
    let flags = cargo::flags(&paths::remapped(workspace, target)?);
    thread::scope(|scope| {
        let builds = GUESTS.map(|guest| {
            let flags = &flags;
            scope.spawn(move || built(guest, workspace, &target.join(guest.name), flags))
        });
        let join = |build: ScopedJoinHandle<'_, _>| build.join().map_err(|_| anyhow!("building a guest panicked"))?;
        builds.into_iter().map(join).collect()
    })
}

/// What decides, beside their sources, what the guests are: whoever keeps what was built asks again when one changes.
#[must_use]
pub fn manifests(workspace: &Path) -> Vec<PathBuf> {
    let manifests = [
        "guest/Cargo.toml",
        "sdk/Cargo.toml",
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
    ];
    manifests.map(|file| workspace.join(file)).to_vec()
}

fn built(guest: Guest, workspace: &Path, target: &Path, flags: &str) -> anyhow::Result<Built> {
    cargo::build(guest, workspace, target, flags)?;
    let made = target.join(cargo::MADE);
    let wasm = fs::read(&made).with_context(|| format!("reading {}", made.display()))?;
    let listed = made.with_extension("d");
    let listed = fs::read_to_string(&listed).with_context(|| format!("reading {}", listed.display()))?;
    Ok(Built {
        name: guest.name,
        hash: HEXLOWER.encode(&Sha256::digest(&wasm)),
        wasm,
        sources: paths::prerequisites(&listed),
    })
}
