//! How a run ended, in one description: the record, the management API, the command line and the body of a failure are
//! made of it.

use serde::{Deserialize, Serialize};

use crate::limits::{Limit, Stop};
use crate::words::words;

words! {
    /// How a run ended, in a word.
    #[derive(Hash)]
    pub enum EndingKind {
        /// The script answered.
        Replied = "replied",
        /// The script threw.
        Threw = "threw",
        /// A limit stopped it.
        Stopped = "stopped",
        /// Nothing came of it: what it read was written meanwhile, again and again, or the database could not be had.
        Undone = "undone",
        /// Something of ours broke.
        Broke = "broke",
        /// Whoever asked went away before it ended.
        Cancelled = "cancelled",
    }
}

/// Why a run did not reply, for the script's author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "api", derive(utoipa::ToSchema))]
pub struct ExecutionError {
    /// A stable word.
    pub code: String,
    /// A sentence.
    pub message: String,
    /// The limit that stopped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// What was used of that limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
    /// What was allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<u64>,
    /// Where in the script, innermost first.
    pub stack: Vec<Frame>,
}

/// The code of a run that a limit stopped.
pub const LIMIT_EXCEEDED: &str = "limit_exceeded";
/// The code of a run that others overtook, again and again.
pub const OVERTAKEN: &str = "overtaken";
/// The code of a run for which the database could not be had.
pub const UNAVAILABLE: &str = "unavailable";
/// The code of a run whose message was handed to another one, or deleted.
pub const NOT_HELD: &str = "not_held";
/// The code of a run that broke by a fault of ours.
pub const INTERNAL: &str = "internal";

impl ExecutionError {
    /// A script's own.
    #[must_use]
    pub fn thrown(code: impl Into<String>, message: impl Into<String>, stack: Vec<Frame>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            limit: None,
            used: None,
            allowed: None,
            stack,
        }
    }

    /// A limit's.
    #[must_use]
    pub fn stopped(stop: Stop, stack: Vec<Frame>) -> Self {
        Self {
            limit: Some(stop.limit),
            used: Some(stop.used),
            allowed: Some(stop.allowed),
            ..Self::thrown(LIMIT_EXCEEDED, stop.to_string(), stack)
        }
    }

    /// Ours. What broke stands in the server's log, and in nothing that is shown.
    #[must_use]
    pub fn ours() -> Self {
        let message = "something went wrong on the server's side; its log has the cause";
        Self::thrown(INTERNAL, message, Vec::new())
    }
}

/// One level of a script's stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "api", derive(utoipa::ToSchema))]
pub struct Frame {
    /// The module it is in; left out for the script itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub module: String,
    /// The function; empty at file level.
    pub function: String,
    /// 1-based; 0 when not known.
    pub line: u32,
    /// 1-based; 0 when not known.
    pub column: u32,
}
