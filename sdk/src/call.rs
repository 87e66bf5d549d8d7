//! What a guest may ask of the host while it runs. Breadth lives here, not in the wasm imports.

use serde::{Deserialize, Serialize};

/// A question from the sandbox; the only way out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostCall<'a> {
    /// The body of the event. Asked for only by a script that reads it.
    Body,
    /// One line into the execution's log.
    Log {
        /// How loud.
        level: LogLevel,
        /// The text, unbounded by the guest: the host counts it.
        message: &'a str,
        /// A JSON object of fields, or empty for none.
        fields: &'a str,
    },
}

/// The host's answer to a [`HostCall`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostReply<'a> {
    /// Done; nothing to say.
    Done,
    /// Raw bytes, such as a body.
    Bytes(&'a [u8]),
    /// The host will not do it: the script's business, catchable by `try`.
    Refused {
        /// A stable word, such as `not_found`.
        code: &'a str,
        /// A sentence for the script's author.
        message: &'a str,
    },
}

/// How loud a line in an execution's log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
