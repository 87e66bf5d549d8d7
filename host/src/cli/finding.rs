//! What is to be said of a place in a source, for a person and for a program.

use std::sync::Arc;

use picloud_sdk::api::{Diagnostic, Severity};
use picloud_sdk::compile;
use serde::Serialize;

use super::excerpt;
use super::source::Source;

/// A diagnostic of one of several sources.
#[derive(Clone)]
pub(super) struct Finding {
    pub(super) source: Arc<Source>,
    pub(super) diagnostic: Diagnostic,
}

#[derive(Serialize)]
struct InFile<'a> {
    file: &'a str,
    #[serde(flatten)]
    diagnostic: &'a Diagnostic,
}

impl Finding {
    pub(super) fn error(source: &Arc<Source>, diagnostic: compile::Diagnostic) -> Self {
        Self {
            source: Arc::clone(source),
            diagnostic: diagnostic.into(),
        }
    }

    pub(super) fn warning(source: &Arc<Source>, diagnostic: compile::Diagnostic) -> Self {
        Self {
            source: Arc::clone(source),
            diagnostic: Diagnostic::from(diagnostic).into_warning(),
        }
    }

    /// Why the source does not compile.
    pub(super) fn all_of(source: &Arc<Source>) -> impl Iterator<Item = Self> {
        source.errors().iter().map(|error| Self::error(source, error.clone()))
    }

    pub(super) fn is_error(&self) -> bool {
        self.diagnostic.severity == Severity::Error
    }

    /// With the line that it is about.
    pub(super) fn render(&self) -> String {
        let Source { file, text, .. } = &*self.source;
        excerpt::render(file, text, &self.diagnostic)
    }

    /// As the management API writes a diagnostic, naming the file.
    pub(super) fn of_file(&self) -> impl Serialize {
        InFile {
            file: &self.source.file,
            diagnostic: &self.diagnostic,
        }
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
