//! `cargo run -p picloud-guest-build -- FOLDER` builds the guests, writes their wasm there and prints their hashes.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::Context as _;

fn main() -> anyhow::Result<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), target, None) = (arguments.next(), arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: picloud-guest-build FOLDER [TARGET]: where the wasm goes, and where it is built");
    };
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let workspace = workspace.canonicalize().context("finding the workspace")?;
    let target = target.unwrap_or_else(|| workspace.join("target/guest"));

    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    for guest in picloud_guest_build::build(&workspace, &target)? {
        let file = folder.join(guest.name).with_extension("wasm");
        fs::write(&file, &guest.wasm).with_context(|| format!("writing {}", file.display()))?;
        println!("{} {}", guest.name, guest.hash);
    }
    Ok(())
}
