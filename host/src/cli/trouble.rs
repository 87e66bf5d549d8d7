//! What went wrong, for a person and for a program: in the management API's shape, whoever says it.

use serde_json::{Value, json};

/// Why a command failed.
#[derive(Debug)]
pub(super) struct Trouble {
    /// What a program decides by: one of the API's codes, or one of ours.
    pub(super) code: String,
    /// What a person reads.
    pub(super) message: String,
    /// What a program may show.
    pub(super) details: Value,
    /// What to do now, a line each.
    pub(super) hints: Vec<String>,
}

impl Trouble {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            details: Value::Null,
            hints: Vec::new(),
        }
    }

    /// The arguments, or a file they name, are no good.
    pub(super) fn usage(error: &anyhow::Error) -> Self {
        Self::new("usage", format!("{error:#}"))
    }

    /// Something failed that has no word of its own.
    pub(super) fn failed(error: &anyhow::Error) -> Self {
        Self::new("failed", format!("{error:#}"))
    }

    /// What clap says of the arguments.
    pub(super) fn of_arguments(error: &clap::Error) -> Self {
        let text = error.render().to_string();
        let (message, help) = text.split_once('\n').unwrap_or((&text, ""));
        let message = message.trim_start_matches("error: ");
        Self {
            details: json!({ "help": help.trim() }),
            ..Self::new("usage", message)
        }
    }

    /// The same with something to do.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// As the management API writes an error.
    pub(super) fn to_json(&self) -> Value {
        let Self {
            code,
            message,
            details,
            hints,
        } = self;
        json!({ "error": { "code": code, "message": message, "details": details, "hints": hints } })
    }
}
