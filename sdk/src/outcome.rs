//! How a run ended, as the runner guest tells it.

use serde::{Deserialize, Serialize};

use crate::sidecar::{Blame, Fault};

/// What the runner guest hands back. What it cannot tell (a trap, no fuel) the host sees for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome<'a> {
    /// The script answered.
    #[serde(borrow)]
    Replied(Reply<'a>),
    /// The script threw, or did what Rhai calls an error.
    Threw(Thrown<'a>),
    /// A bound was met.
    Stopped(Stopped<'a>),
    /// The artifact does not load: it is not this guest's. The host compiles anew.
    Unloadable(&'a str),
}

/// Headers of one reply. More is nothing that a client would take, and past 32,768 nothing that the host could hold.
pub const REPLY_HEADERS_MAX: usize = 256;

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reply<'a> {
    /// 200 to 599.
    pub status: u16,
    /// In order, at most [`REPLY_HEADERS_MAX`]; names are valid tokens in lower case, values have no control characters.
    #[serde(borrow)]
    pub headers: Vec<(&'a str, &'a str)>,
    /// Any bytes.
    pub body: &'a [u8],
}

/// An uncaught error, positions still as addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Thrown<'a> {
    /// A stable word: `thrown`, `bad_json`, `variable_not_found`, ...
    pub code: &'a str,
    /// What went wrong, cut to a few KiB.
    pub message: &'a str,
    /// Set when it is the caller's fault (such as a malformed body): the status to answer with.
    pub caller_status: Option<u16>,
    /// Where.
    #[serde(borrow)]
    pub trace: Trace<'a>,
}

/// A bound that the guest watches, as the host cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Watched {
    /// Script functions calling each other.
    CallDepth,
    /// Headers and body of the reply.
    ReplyBytes,
}

/// A bound that the guest met, what was used and what was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// Which one.
    pub watched: Watched,
    /// What was used.
    pub used: u64,
    /// What was allowed.
    pub allowed: u64,
}

/// A bound that the guest watches, or one of the host's that it was told of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stopped<'a> {
    /// Which bound; none when it was the host that met it, which then knows.
    pub met: Option<Met>,
    /// Where the script was.
    #[serde(borrow)]
    pub trace: Trace<'a>,
}

/// What Rhai's names of closures start with.
pub const CLOSURE: &str = "anon$";

/// The stack of an error as the guest knows it, all of it innermost first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trace<'a> {
    /// Where frames stopped. Those of errors that Rhai's own functions swallowed stand before those of this one.
    pub faults: Vec<Fault>,
    /// The calls that an error came through, those of Rhai's own functions among them; none for a stop.
    #[serde(borrow)]
    pub calls: Vec<Caller<'a>>,
    /// What of the innermost place it is about.
    pub blame: Blame,
}

/// A call that an error came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller<'a> {
    /// The module it runs in; empty for the script itself. A closure runs where it is called.
    pub module: &'a str,
    /// The function, [`CLOSURE`] and a hash for a closure; empty at file level.
    pub function: &'a str,
}
