//! `log::*`, `print` and `debug`: lines into the execution's log.

use serde::{Deserialize, Serialize};

use super::{Effect, HostCall};

/// Something to log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call<'a> {
    /// One line.
    Line {
        /// How loud.
        level: LogLevel,
        /// The text, unbounded by the guest: the host counts it.
        message: &'a str,
        /// A JSON object of fields, or empty for none.
        fields: &'a str,
    },
}

impl<'a> super::Call<'a> for Call<'a> {
    type Reply = ();

    fn effect(&self) -> Effect {
        match self {
            Self::Line { .. } => Effect::Note,
        }
    }
}

impl<'a> From<Call<'a>> for HostCall<'a> {
    fn from(call: Call<'a>) -> Self {
        Self::Log(call)
    }
}

/// How loud a line in an execution's log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "api", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// `log::debug`, `debug`
    Debug,
    /// `log::info`, `print`
    Info,
    /// `log::warn`
    Warn,
    /// `log::error`
    Error,
}

impl LogLevel {
    /// The word a person reads.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}
