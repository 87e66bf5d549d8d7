//! Replays: a run that is over, once more, with no effect.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{LogLine, Reply};
use crate::limits::Usage;
use crate::report::{EndingKind, ExecutionError};
use crate::words::words;

/// What to run again with; without either, the version that ran.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Another version of the script, by its number.
    pub version: Option<u32>,
    /// A draft.
    pub source: Option<String>,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Replayed {
    /// Whether it went the same way: the same calls, reply, log and usage, to the byte. The time that it took is not compared.
    pub same: bool,
    /// What is different.
    pub differs: Vec<Difference>,
    /// The first call that is another one; `null` when all were the same.
    pub parted: Option<Parted>,
    /// Whether the guest is the one that ran then. Another one may burn other fuel.
    pub same_guest: bool,
    /// How it ended then.
    pub then: Then,
    /// How it ended now.
    pub ending: EndingKind,
    /// The answer now; `null` when there is none.
    pub reply: Option<Reply>,
    /// Why there is none.
    pub error: Option<ExecutionError>,
    /// What it logged now, in order.
    pub log: Vec<LogLine>,
    /// What it used now.
    pub usage: Usage,
}

words! {
    /// Something that is different.
    pub enum Difference {
        /// A call that it made, or did not make.
        Calls = "calls",
        /// How it ended: the ending, the reply or the error.
        Outcome = "outcome",
        /// What it logged.
        Log = "log",
        /// The fuel that it used.
        Fuel = "fuel",
        /// The memory that it used.
        Memory = "memory",
    }
}

/// Where it went another way.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Parted {
    /// At which call, counted from 1; reading the body and writing to the log do not count.
    pub call: u64,
    /// What was asked then; `null` when nothing more was.
    pub then: Option<String>,
    /// What is asked now; `null` when nothing more is.
    pub now: Option<String>,
}

/// How it ended then.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Then {
    /// In a word.
    pub ending: EndingKind,
    /// The reply's status; 0 without one.
    pub status: u16,
    /// Units of work.
    pub fuel: u64,
    /// Largest size of the linear memory.
    pub memory_bytes: u32,
    /// Questions to the host.
    pub host_calls: u32,
}

/// A run in a file, with all that it takes to run it again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Capsule {
    /// What is in it, for a person.
    pub holds: Vec<String>,
    /// The file, in base64.
    pub capsule_base64: String,
}
