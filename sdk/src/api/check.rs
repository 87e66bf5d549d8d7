//! What is wrong with a source, and what is worth a warning.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Kind, ScriptName};
use crate::compile;
use crate::words::words;

/// A source that is not saved.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Rhai.
    pub source: String,
    /// What it is to be.
    #[serde(default)]
    pub kind: Kind,
    /// The app whose modules it would import; that of the token when left out.
    pub app: Option<String>,
    /// What it is to be called there.
    #[schema(value_type = Option<String>)]
    pub name: Option<ScriptName>,
}

/// What is wrong with a draft.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Checked {
    /// Whether it compiles, and may be of its kind.
    pub ok: bool,
    /// What is wrong with it, and what is worth a warning. That it imports what the app does not have is a warning here,
    /// and refused when it is saved.
    pub diagnostics: Vec<Diagnostic>,
}

/// `details` of an error that is about one script.
#[derive(Debug, Serialize, Deserialize)]
pub struct RefusedScript {
    /// Its name.
    pub script: String,
    /// What is wrong in its source, where that is why.
    #[serde(default)]
    pub diagnostics: Vec<Diagnostic>,
}

/// One thing wrong with a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

words! {
    /// How much a diagnostic matters.
    pub enum Severity {
        /// It has to go before the source can be saved.
        Error = "error",
        /// It may stay.
        Warning = "warning",
    }
}

/// Where a diagnostic ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct End {
    /// 1-based.
    pub line: u32,
    /// 1-based.
    pub column: u32,
}

impl Diagnostic {
    /// One that is in the way.
    #[must_use]
    pub fn error(code: &str, message: String, (line, column): (u32, u32), end: Option<(u32, u32)>) -> Self {
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
    pub fn into_warning(self) -> Self {
        Self {
            severity: Severity::Warning,
            ..self
        }
    }
}

impl From<compile::Diagnostic> for Diagnostic {
    fn from(from: compile::Diagnostic) -> Self {
        Self::error(&from.code, from.message, (from.line, from.column), from.end)
    }
}
