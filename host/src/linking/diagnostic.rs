//! What is wrong with a source, and what is worth a warning.

use picloud_sdk::compile;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::problem::{Code, Problem};

/// One thing wrong with a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Diagnostic {
    /// A stable word: `syntax`, `eval`, `limit`, `unknown_module`, ...
    pub code: String,
    /// Whether it is in the way.
    pub severity: Severity,
    /// A sentence for the author.
    pub message: String,
    /// 1-based; 0 when the position is not known.
    pub line: u32,
    /// 1-based, in Unicode characters; 0 when the position is not known.
    pub column: u32,
    /// Where it ends (exclusive), where known.
    pub end: Option<End>,
}

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It has to go before the source can be saved.
    Error,
    /// It may stay.
    Warning,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Where a diagnostic ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct End {
    /// 1-based.
    pub line: u32,
    /// 1-based.
    pub column: u32,
}

impl Diagnostic {
    /// One of our own.
    pub(crate) fn error(code: &str, message: String, (line, column): (u32, u32), end: Option<(u32, u32)>) -> Self {
        Self {
            code: code.to_owned(),
            severity: Severity::Error,
            message,
            line,
            column,
            end: end.map(|(line, column)| End { line, column }),
        }
    }

    /// The same, not in the way.
    #[must_use]
    pub(crate) fn into_warning(self) -> Self {
        Self {
            severity: Severity::Warning,
            ..self
        }
    }

    /// The databases agree on no text with a NUL, and no script needs one: `\0` is written `\x00`.
    pub(crate) fn nul_after(before: &str) -> Self {
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
        let message = "a source has no NUL characters; write \\x00 in a string".to_owned();
        let at = (count(before.matches('\n').count()), count(last_line.chars().count()));
        Self::error("syntax", message, at, None)
    }
}

impl From<compile::Diagnostic> for Diagnostic {
    fn from(from: compile::Diagnostic) -> Self {
        Self::error(&from.code, from.message, (from.line, from.column), from.end)
    }
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
    Problem::new(Code::CompileFailed, format!("{name} {what}: {first}"))
        .with(json!({ "script": name, "diagnostics": diagnostics }))
}
