//! The binary as people call it: its own process, its own folder, none of the environment's settings.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("host/ has a parent")
        .to_owned()
}

/// `picloud ARGS`, ready to be run.
pub(crate) fn picloud<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_picloud"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PICLOUD_")) {
        command.env_remove(name);
    }
    command.args(args).current_dir(root());
    command
}

/// How a command ended.
pub(crate) struct Ended {
    /// The exit code.
    pub(crate) code: i32,
    /// The result.
    pub(crate) stdout: Vec<u8>,
    /// The rest.
    pub(crate) stderr: String,
}

impl Ended {
    /// Runs `command` to its end. A command that a signal ended has crashed, and fails the test.
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("the binary can be started");
        let stderr = String::from_utf8_lossy(&stderr).into_owned();
        let code = status
            .code()
            .unwrap_or_else(|| panic!("{command:?} crashed: {status}\n{stderr}"));
        assert!(!stderr.contains("panicked at"), "{command:?} panicked:\n{stderr}");
        Self { code, stdout, stderr }
    }

    /// stdout as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("the result is text")
    }

    /// stdout as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}\n{}", self.text(), self.stderr))
    }
}
