//! Paths of this machine: which of them must not get into the wasm, and which files it is made of.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

/// What rustc writes for paths of this machine in messages of panics: (prefix, what stands for it). The last one that
/// fits holds.
pub(crate) fn remapped(workspace: &Path, target: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let (sysroot, commit) = toolchain()?;
    let pairs = [
        (cargo_home()?, "/cargo".to_owned()),
        // The standard library's own name for its sources, which it has when they are not installed.
        (sysroot.join("lib/rustlib/src/rust"), format!("/rustc/{commit}")),
        (workspace.to_owned(), "/picloud".to_owned()),
        (target.to_owned(), "/target".to_owned()),
    ];
    let text = |path: PathBuf| {
        let shown = path.display().to_string();
        path.into_os_string()
            .into_string()
            .ok()
            .with_context(|| format!("{shown} is not UTF-8"))
    };
    pairs.into_iter().map(|(path, to)| Ok((text(path)?, to))).collect()
}

fn cargo_home() -> anyhow::Result<PathBuf> {
    let given = env::var_os("CARGO_HOME")
        .filter(|home| !home.is_empty())
        .map(PathBuf::from);
    given
        .or_else(|| Some(env::home_dir()?.join(".cargo")))
        .context("neither CARGO_HOME nor HOME says where crates are kept")
}

/// Where the compiler lives, and the commit it was made of.
fn toolchain() -> anyhow::Result<(PathBuf, String)> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let ask = |arguments: &[&str]| {
        let output = Command::new(&rustc)
            .args(arguments)
            .output()
            .context("starting rustc")?;
        ensure!(output.status.success(), "rustc {arguments:?} failed");
        String::from_utf8(output.stdout).context("rustc's answer is not UTF-8")
    };
    let sysroot = ask(&["--print", "sysroot"])?;
    let version = ask(&["-vV"])?;
    let commit = version
        .lines()
        .find_map(|line| line.strip_prefix("commit-hash: "))
        .context("rustc does not say its commit")?;
    Ok((PathBuf::from(sysroot.trim_end()), commit.to_owned()))
}

/// The files after the colon of a list that make would read. A space in a path has a backslash before it.
pub(crate) fn prerequisites(listed: &str) -> Vec<PathBuf> {
    let (_, listed) = listed.split_once(": ").unwrap_or_default();
    let listed = listed.lines().next().unwrap_or_default().replace("\\ ", "\0");
    listed
        .split_ascii_whitespace()
        .map(|path| PathBuf::from(path.replace('\0', " ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_made_of_stands_after_the_colon() {
        let listed = "/a b/out.wasm: /a\\ b/guest/src/lib.rs /c/sdk/src/lib.rs\n";
        let expected = ["/a b/guest/src/lib.rs", "/c/sdk/src/lib.rs"];
        assert_eq!(prerequisites(listed), expected.map(PathBuf::from));
    }
}
