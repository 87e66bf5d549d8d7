//! What is wrong with a source.

use picloud_sdk::api::{Diagnostic, RefusedScript};
use serde_json::json;

use crate::problem::{Code, Problem};

/// The databases agree on no text with a NUL, and no script needs one: `\0` is written `\x00`. `before` is what stands
/// before the first.
pub(crate) fn nul_after(before: &str) -> Diagnostic {
    let last_line = before.rsplit('\n').next().unwrap_or_default();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
    let message = "a source has no NUL characters; write \\x00 in a string".to_owned();
    let at = (count(before.matches('\n').count()), count(last_line.chars().count()));
    Diagnostic::error("syntax", message, at, None)
}

/// Refuses a draft for what is wrong with it, naming the first.
#[must_use]
pub fn refused(name: &str, what: &str, diagnostics: &[Diagnostic]) -> Problem {
    let first = diagnostics.first().map_or_else(String::new, |first| {
        if first.line == 0 {
            first.message.clone()
        } else {
            format!("line {}: {}", first.line, first.message)
        }
    });
    Problem::new(Code::CompileFailed, format!("{name} {what}: {first}")).with(json!(RefusedScript {
        script: name.to_owned(),
        diagnostics: diagnostics.to_vec(),
    }))
}
