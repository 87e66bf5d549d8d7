//! A source from a file, as the server would take it: bounded, UTF-8, compiled in the sandbox.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, anyhow};
use picloud_executor::{Compilation, Compile as _};
use picloud_sdk::compile::{Artifact, Compiled, Diagnostic};

use super::Failure;
use super::sandbox::Sandbox;

/// A source that was read and compiled, or what is wrong with it.
pub(super) struct Source {
    /// What it is called as a script.
    pub(super) name: String,
    /// As the user wrote it on the command line.
    pub(super) file: String,
    /// What could be read of it.
    pub(super) text: String,
    /// What became of it.
    pub(super) compiled: Result<Artifact, Vec<Diagnostic>>,
}

impl Source {
    /// Reads and compiles `path`. What is wrong with the source is a value; what is wrong with the file is usage.
    pub(super) async fn read(name: String, path: &Path, sandbox: &Sandbox) -> Result<Self, Failure> {
        let (bytes_max, sandbox) = (sandbox.source_bytes_max, &sandbox.executor);
        let file = path.display().to_string();
        let bytes = read_bounded(path, u64::from(bytes_max) + 1).map_err(Failure::Usage)?;
        if bytes.len() as u64 > u64::from(bytes_max) {
            let problem = format!(
                "the source is larger than a script may be: {bytes_max} bytes are allowed (PICLOUD_SOURCE_BYTES_MAX)"
            );
            let compiled = Err(vec![diagnostic("source_too_large", problem, (0, 0))]);
            return Ok(Self {
                name,
                file,
                text: String::new(),
                compiled,
            });
        }
        let text = match String::from_utf8(without_mark(bytes)) {
            Ok(text) => text,
            Err(error) => {
                let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let text = String::from_utf8_lossy(valid).into_owned();
                let compiled = Err(vec![diagnostic(
                    "not_utf8",
                    "the source is not UTF-8".to_owned(),
                    end_of(&text),
                )]);
                return Ok(Self {
                    name,
                    file,
                    text,
                    compiled,
                });
            }
        };
        if let Some(before) = text.split('\0').next().filter(|before| before.len() < text.len()) {
            let problem = "a source has no NUL characters; write \\x00 in a string".to_owned();
            let compiled = Err(vec![diagnostic("syntax", problem, end_of(before))]);
            return Ok(Self {
                name,
                file,
                text,
                compiled,
            });
        }
        let compiled = match sandbox.compile(&name, &text).await {
            Compilation::Done(Compiled::Artifact(artifact)) => Ok(*artifact),
            Compilation::Done(Compiled::Refused(diagnostics)) => Err(diagnostics),
            Compilation::Stopped(stop) => Err(vec![diagnostic("limit", format!("compiling was {stop}"), (0, 0))]),
            Compilation::Broke(why) => return Err(Failure::Wrong(anyhow!("{file}: the compiler broke: {why}"))),
        };
        Ok(Self {
            name,
            file,
            text,
            compiled,
        })
    }

    /// What was made of it; nothing when it does not compile.
    pub(super) fn artifact(&self) -> Option<&Artifact> {
        self.compiled.as_ref().ok()
    }

    /// Why it does not compile.
    pub(super) fn errors(&self) -> &[Diagnostic] {
        self.compiled.as_ref().err().map_or(&[], Vec::as_slice)
    }
}

/// The file's name without folder and ending.
pub(super) fn script_name(path: &Path) -> Result<String, Failure> {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.map(str::to_owned)
        .ok_or_else(|| Failure::Usage(anyhow!("{} is not the name of a script's file", path.display())))
}

/// The first `bytes_max` bytes of a file.
pub(super) fn read_bounded(path: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(bytes_max).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(bytes)
}

/// Without the byte order mark that some editors put before a text.
pub(super) fn without_mark(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    bytes
}

fn diagnostic(code: &str, message: String, (line, column): (u32, u32)) -> Diagnostic {
    Diagnostic {
        code: code.to_owned(),
        message,
        line,
        column,
        end: None,
    }
}

/// The position behind `text`, 1-based.
fn end_of(text: &str) -> (u32, u32) {
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (u32::try_from(line).unwrap_or(0), u32::try_from(column).unwrap_or(0))
}
