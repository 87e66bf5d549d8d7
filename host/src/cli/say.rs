//! Where output goes: results to stdout, everything else to stderr. What is not written is a failure, but for a reader
//! that has seen enough.
//!
//! A line is one line whatever is in it: what comes from scripts and servers cannot make a second one, nor talk to the
//! terminal.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use serde::Serialize;
use tokio::io::Interest;
use tokio::net::unix::pipe::Sender;

use super::plain::{on_terminal, plain};
use super::trouble::Trouble;
use super::{Done, Failure};

/// With `--json` stderr holds a refusal and nothing else.
static JSON_ONLY: AtomicBool = AtomicBool::new(false);

/// From now on stderr is for [`trouble`].
pub(super) fn only_json() {
    JSON_ONLY.store(true, Ordering::Relaxed);
}

/// A line of the result.
pub(super) fn result(line: &str) -> Done {
    bytes(format!("{}\n", plain(line)).as_bytes())
}

/// The result as it is.
pub(super) fn bytes(bytes: &[u8]) -> Done {
    written(write(bytes))
}

/// How writing the result went: a reader that has seen enough is no error.
pub(super) fn written(written: io::Result<()>) -> Done {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write the result").map_err(Failure::from),
    }
}

/// Foreign text of several lines: as it is for a program, and on a terminal as far as it shows nothing but itself.
pub(super) fn foreign(text: &[u8]) -> Done {
    if !io::stdout().is_terminal() {
        return bytes(text);
    }
    let shown = String::from_utf8_lossy(text)
        .chars()
        .map(on_terminal)
        .collect::<String>();
    bytes(shown.as_bytes())
}

/// A line that has to get through: here a reader that is gone is a failure, too.
pub(super) fn secret(line: &str) -> anyhow::Result<()> {
    write(format!("{line}\n").as_bytes()).context("cannot write the result")
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// The result as JSON, indented for a person.
pub(super) fn json(value: &impl Serialize) -> Done {
    bytes(format!("{}\n", pretty(value)?).as_bytes())
}

/// As [`json`] writes it.
pub(super) fn pretty(value: &impl Serialize) -> anyhow::Result<String> {
    serde_json::to_string_pretty(value).context("the result is no JSON")
}

/// A line beside the result.
pub(super) fn note(line: &str) {
    excerpts(&format!("{}\n", plain(line)));
}

/// Beside a list that is not all there is: how to see what follows.
pub(super) fn more(next: Option<&str>) {
    if let Some(next) = next {
        note(&format!("there is more: --after {next}"));
    }
}

/// How far it is, in place of how far it was; for somebody who waits at a terminal.
pub(super) fn progress(text: &str) {
    if io::stderr().is_terminal() {
        excerpts(&format!("\r\x1b[K{}\r", plain(text)));
    }
}

/// Lines beside the result that are fit to be shown.
pub(super) fn excerpts(text: &str) {
    if !JSON_ONLY.load(Ordering::Relaxed) {
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

/// What went wrong, and what to do: as a line each, or as JSON.
pub(super) fn trouble(trouble: &Trouble) {
    if JSON_ONLY.load(Ordering::Relaxed) {
        let text = pretty(&trouble.to_json()).unwrap_or_default();
        let _ = writeln!(io::stderr(), "{text}");
        return;
    }
    note(&format!("error: {}", trouble.message));
    for hint in &trouble.hints {
        note(&format!("  {hint}"));
    }
}

/// Ends when nobody reads the result any more; never, when it goes to a file.
pub(super) async fn unread() {
    let out = io::stdout().as_fd().try_clone_to_owned().map(File::from);
    // It is watched and never written to, so it stays as it is.
    match out.and_then(Sender::from_file_unchecked) {
        Ok(out) => drop(out.ready(Interest::ERROR).await),
        Err(_) => std::future::pending().await,
    }
}
