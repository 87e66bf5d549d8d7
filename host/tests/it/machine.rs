//! A fresh machine: what a build needs is installed or named, and nothing is asked of the network for what is there.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use crate::harness::binary::{Ended, root};

/// What the scripts themselves are made of.
const PLAIN: [&str; 11] = [
    "bash", "cat", "dirname", "grep", "id", "sed", "sort", "tr", "head", "uname", "env",
];

/// A rustup whose toolchain is the lines of a file, and which notes what it gets.
const RUSTUP: &str = r#"#!/usr/bin/env bash
state=$(dirname "$0")/../rustup
case "$1 $2" in
    "run "*) grep -q '^rustc$' "$state/installed" ;;
    "component list") cat "$state/installed" ;;
    *)
        echo "$*" >>"$state/got"
        ! [ -e "$state/offline" ] || { echo "error: could not download" >&2; exit 1; }
        [ "$1" != toolchain ] || printf '\nrustc\n' >>"$state/installed"
        ;;
esac
"#;

const WHOLE: &str =
    "rustc\nrustfmt-x86_64-unknown-linux-gnu\nclippy-x86_64-unknown-linux-gnu\nrust-std-wasm32-wasip1\n";

/// A machine that has plain tools and what it is given.
struct Machine(tempfile::TempDir);

impl Machine {
    fn bare() -> Self {
        let machine = Self(tempfile::tempdir().expect("a folder"));
        fs::create_dir(machine.bin()).expect("its bin");
        for tool in PLAIN {
            let found = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(tool));
            let found = found.iter().find(|path| path.exists()).expect(tool);
            symlink(found, machine.bin().join(tool)).expect(tool);
        }
        machine
    }

    fn with_rustup(installed: &str) -> Self {
        let machine = Self::bare().with("rustup", RUSTUP);
        fs::create_dir(machine.0.path().join("rustup")).expect("its state");
        fs::write(machine.0.path().join("rustup/installed"), installed).expect("its toolchain");
        machine
    }

    fn with(self, tool: &str, script: &str) -> Self {
        let path = self.bin().join(tool);
        fs::write(&path, script).expect(tool);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect(tool);
        self
    }

    fn offline(self) -> Self {
        fs::write(self.0.path().join("rustup/offline"), "").expect("its state");
        self
    }

    fn bin(&self) -> std::path::PathBuf {
        self.0.path().join("bin")
    }

    fn runs(&self, script: &str, arguments: &[&str]) -> Ended {
        let bash = self.bin().join("bash");
        Ended::of(
            Command::new(bash)
                .arg(root().join(".ci").join(script))
                .args(arguments)
                .env_clear()
                .env("PATH", self.bin()),
        )
    }

    /// What rustup was told to get.
    fn got(&self) -> String {
        fs::read_to_string(self.0.path().join("rustup/got")).unwrap_or_default()
    }
}

#[test]
fn what_is_there_is_asked_of_nobody() {
    let machine = Machine::with_rustup(WHOLE).offline();
    let ended = machine.runs("toolchain", &[]);
    assert_eq!((ended.code, ended.stderr.as_str(), machine.got().as_str()), (0, "", ""));
}

#[test]
fn what_is_missing_of_the_toolchain_is_installed() {
    let channel = channel();
    for (missing, got) in [
        ("rustc", format!("toolchain install {channel} --profile minimal\n")),
        ("clippy-", format!("component add --toolchain {channel} clippy\n")),
        (
            "rust-std-wasm32",
            format!("target add --toolchain {channel} wasm32-wasip1\n"),
        ),
    ] {
        let machine = Machine::with_rustup(&without(missing));
        let ended = machine.runs("toolchain", &[]);
        assert_eq!((ended.code, machine.got()), (0, got), "{}", ended.stderr);
    }
}

#[test]
fn what_cannot_be_had_of_the_toolchain_is_named() {
    let channel = channel();
    for (missing, said) in [
        ("rustc", format!("missing: Rust {channel}; rustup could not get it\n")),
        ("rustfmt-", format!("missing: the component rustfmt of Rust {channel};")),
        (
            "rust-std-wasm32",
            format!("missing: the target wasm32-wasip1 of Rust {channel}, which the guests"),
        ),
    ] {
        let ended = Machine::with_rustup(&without(missing)).offline().runs("toolchain", &[]);
        assert!(ended.code == 1 && ended.stderr.contains(&said), "{}", ended.stderr);
    }
    let ended = Machine::bare().runs("toolchain", &[]);
    assert!(
        ended.code == 1 && ended.stderr.starts_with("missing: rustup, "),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_missing_or_old_tool_is_named_in_one_go() {
    let node = |version: &str| format!("#!/usr/bin/env bash\necho {version}\n");
    let done = "#!/usr/bin/env bash\n";
    let needs = ["--say", "cc", "node"];

    let ended = Machine::bare().runs("tools", &needs);
    assert_eq!(ended.code, 1);
    for said in [
        "or newer with npm, for the dashboard; found: none, no npm",
        "missing: build-essential (Debian's names)",
    ] {
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }

    for (version, npm, said) in [
        (
            "v18.19.0",
            true,
            "missing: Node.js 20.19 or newer with npm, for the dashboard; found: 18.19.0, npm",
        ),
        ("v20.9.0", true, "found: 20.9.0, npm"),
        ("v22.0.0", false, "found: 22.0.0, no npm"),
        ("v20.19.0", true, ""),
        ("v100.0.0", true, ""),
    ] {
        let mut machine = Machine::bare().with("cc", done).with("node", &node(version));
        if npm {
            machine = machine.with("npm", done);
        }
        let ended = machine.runs("tools", &needs);
        assert_eq!(ended.code, i32::from(!said.is_empty()), "{version}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{version}: {}", ended.stderr);
    }
}

#[test]
fn every_target_that_builds_asks_for_the_toolchain_first() {
    let makefile = fs::read_to_string(root().join("Makefile")).expect("the Makefile");
    let phony = makefile.lines().find_map(|line| line.strip_prefix(".PHONY: "));
    for target in phony.expect("its targets").split(' ') {
        let dry = Ended::of(
            Command::new("make")
                .args(["-n", target])
                .current_dir(root())
                .env_remove("MAKEFLAGS"),
        );
        assert_eq!(dry.code, 0, "{target}: {}", dry.stderr);
        let builds = |line: &str| {
            ["cargo ", "npm ", ".ci/reproducible"]
                .iter()
                .any(|word| line.contains(word))
        };
        let mut lines = dry.text().lines();
        let asked = |line: &str| line == "bash .ci/toolchain";
        let first = lines.find(|line| asked(line) || builds(line));
        assert!(
            first.is_none_or(asked),
            "make {target} builds before it asks: {first:?}"
        );
    }
}

fn channel() -> String {
    let file = fs::read_to_string(root().join("rust-toolchain.toml")).expect("rust-toolchain.toml");
    let channel = file.lines().find_map(|line| line.strip_prefix("channel = "));
    channel.expect("its channel").trim_matches('"').to_owned()
}

fn without(missing: &str) -> String {
    let kept = WHOLE.lines().filter(|line| !line.starts_with(missing));
    kept.collect::<Vec<_>>().join("\n")
}
