//! Where output goes: results to stdout, everything else to stderr. A reader that has gone away is no error.

use std::io::Write as _;

use serde::Serialize;

/// A line of the result.
pub(super) fn result(line: &str) {
    bytes(line.as_bytes());
    bytes(b"\n");
}

/// The result as it is.
pub(super) fn bytes(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// The result as JSON, indented for a person.
pub(super) fn json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => result(&text),
        Err(cause) => error(&anyhow::Error::new(cause).context("the result is no JSON")),
    }
}

/// A line beside the result.
pub(super) fn note(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// What went wrong, with its causes.
pub(super) fn error(error: &anyhow::Error) {
    note(&format!("error: {error:#}"));
}
