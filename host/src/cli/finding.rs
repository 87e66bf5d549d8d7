//! What is to be said of a place in a source, for a person and for a program.

use std::sync::Arc;

use picloud_sdk::compile::Diagnostic;
use serde_json::{Value, json};

use super::excerpt;
use super::source::Source;
use crate::linking::Severity;

/// A diagnostic of one of several sources.
#[derive(Clone)]
pub(super) struct Finding {
    pub(super) source: Arc<Source>,
    pub(super) severity: Severity,
    pub(super) diagnostic: Diagnostic,
}

impl Finding {
    pub(super) fn error(source: &Arc<Source>, diagnostic: Diagnostic) -> Self {
        Self {
            source: Arc::clone(source),
            severity: Severity::Error,
            diagnostic,
        }
    }

    pub(super) fn warning(source: &Arc<Source>, diagnostic: Diagnostic) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(source, diagnostic)
        }
    }

    /// Why the source does not compile.
    pub(super) fn all_of(source: &Arc<Source>) -> impl Iterator<Item = Self> {
        source.errors().iter().map(|error| Self::error(source, error.clone()))
    }

    pub(super) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// With the line that it is about.
    pub(super) fn render(&self) -> String {
        let Source { file, text, .. } = &*self.source;
        excerpt::render(self.severity, file, text, &self.diagnostic)
    }

    /// As the management API writes a diagnostic.
    pub(super) fn json(&self) -> Value {
        let Diagnostic {
            code,
            message,
            line,
            column,
            end,
        } = &self.diagnostic;
        let end = end.map(|(line, column)| json!({ "line": line, "column": column }));
        let severity = self.severity.as_str();
        json!({ "code": code, "severity": severity, "message": message, "line": line, "column": column, "end": end })
    }

    /// The same, naming the file.
    pub(super) fn json_of_file(&self) -> Value {
        let mut diagnostic = self.json();
        diagnostic["file"] = self.source.file.as_str().into();
        diagnostic
    }

    /// Whether both say the same of the same place: two that look at a file may word it differently.
    pub(super) fn is(&self, other: &Self) -> bool {
        let key = |finding: &Self| {
            let Diagnostic {
                code,
                message,
                line,
                column,
                ..
            } = &finding.diagnostic;
            let place = (*line, *column, (*line == 0).then(|| message.clone()));
            (finding.source.file.clone(), code.clone(), place)
        };
        key(self) == key(other)
    }
}
