//! `picloud check`: what is wrong with scripts, without running or saving them.

use std::path::PathBuf;

use clap::Args;
use picloud_sdk::compile::Diagnostic;
use serde_json::{Value, json};

use super::source::Source;
use super::{Done, Failure, sandbox, say};

/// Compile scripts in the sandbox and show what is wrong with them; nothing is run or saved.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Rhai sources.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Check {
    pub(super) async fn run(self, json: bool) -> Done {
        let sandbox = sandbox::start()?;
        let mut answers = Vec::new();
        let mut wrong = 0;
        for path in &self.files {
            let source = Source::read(path, sandbox.source_bytes_max, &sandbox.executor).await?;
            wrong += usize::from(source.compiled.is_err());
            if json {
                answers.push(as_json(&source));
            } else if source.compiled.is_err() {
                say::bytes(source.problems().as_bytes());
            }
        }
        if json {
            say::json(&answers);
        } else {
            say::note(&format!("{} checked, {wrong} with errors", self.files.len()));
        }
        if wrong == 0 { Ok(()) } else { Err(Failure::Told) }
    }
}

fn as_json(source: &Source) -> Value {
    let diagnostics = source.compiled.as_ref().err().map_or(&[][..], Vec::as_slice);
    let diagnostics: Vec<Value> = diagnostics.iter().map(diagnostic_json).collect();
    json!({ "file": source.file, "ok": source.compiled.is_ok(), "diagnostics": diagnostics })
}

/// As the management API writes it.
pub(super) fn diagnostic_json(diagnostic: &Diagnostic) -> Value {
    let Diagnostic {
        code,
        message,
        line,
        column,
        end,
    } = diagnostic;
    let end = end.map(|(line, column)| json!({ "line": line, "column": column }));
    json!({ "code": code, "message": message, "line": line, "column": column, "end": end })
}
