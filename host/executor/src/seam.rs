//! What the rest of the host and the executor know of each other: three small traits and the values between them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use picloud_sdk::call::{HostCall, HostReply};
use picloud_sdk::compile::{Artifact, Compiled};
use picloud_sdk::limits::{Limits, Stop, Usage};
use picloud_sdk::outcome::CLOSURE;
use picloud_sdk::sidecar::Sidecar;

use crate::linked::Linked;

/// A boxed future: one allocation per run is nothing next to an instantiation.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Downward: what the orchestrator may ask of the executor.
pub trait Run: Send + Sync {
    /// Never fails: whatever a script does, however it ends, is an [`Execution`].
    /// Dropping the future kills the run and gives its sandbox back.
    fn run(&self, job: Job) -> Boxed<'_, Execution>;
}

/// Downward: what the manager may ask of the executor.
pub trait Compile: Send + Sync {
    /// Compiles `text` in a compiler sandbox. Whatever the source does there is a value.
    fn compile<'a>(&'a self, name: &'a str, text: &'a str) -> Boxed<'a, Compilation>;
}

/// Upward: what a running script may ask of its app's world.
///
/// Identity is the implementor's: nothing in a [`HostCall`] says whose run it is.
pub trait Capabilities: Send + Sync {
    /// Answers one question.
    fn call<'a>(&'a self, call: HostCall<'a>) -> Boxed<'a, Result<Answer, HostFault>>;
}

/// An owned [`HostReply`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done; nothing to say.
    Done,
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// Refused: the script's business.
    Refused {
        /// A stable word.
        code: &'static str,
        /// A sentence for the author.
        message: String,
    },
}

impl Answer {
    /// As it crosses the wall.
    #[must_use]
    pub fn as_reply(&self) -> HostReply<'_> {
        match self {
            Self::Done => HostReply::Done,
            Self::Bytes(bytes) => HostReply::Bytes(bytes),
            Self::Refused { code, message } => HostReply::Refused { code, message },
        }
    }
}

/// A host call could not be served: our fault, and the end of the run.
#[derive(Debug)]
pub struct HostFault(pub anyhow::Error);

/// Everything one run needs.
pub struct Job {
    /// What to run.
    pub program: Arc<Linked>,
    /// Whose run it is: an encoded `Context`'s fields, owned.
    pub context: Context,
    /// An encoded [`picloud_sdk::event::Event`].
    pub event: Vec<u8>,
    /// The event's body; crosses the wall only when asked for.
    pub body: bytes::Bytes,
    /// What it may use.
    pub limits: Limits,
    /// Seeds the sandbox's randomness.
    pub seed: u64,
    /// The app's world.
    pub capabilities: Arc<dyn Capabilities>,
}

/// [`picloud_sdk::event::Context`], owned.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The app's name.
    pub app: Arc<str>,
    /// The script's name.
    pub script: Arc<str>,
    /// The version's number; 0 for a draft.
    pub version: u32,
    /// The execution's id.
    pub execution: String,
    /// 1 for the first try.
    pub attempt: u32,
    /// W3C trace id, 32 hex digits.
    pub trace: String,
    /// When the event arrived, in milliseconds since 1970.
    pub now_ms: i64,
}

/// A compiled version, or a part of one, as the executor needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Program {
    /// Opaque to the host.
    pub bytecode: Vec<u8>,
    /// Positions for errors.
    pub sidecar: Sidecar,
    /// Names of its functions, closures among them: what an error names is looked for here.
    pub functions: Vec<String>,
}

impl From<Artifact> for Program {
    fn from(artifact: Artifact) -> Self {
        let named = artifact.functions.into_iter().map(|function| function.name);
        let closures = artifact.mentions.into_iter().filter(|name| name.starts_with(CLOSURE));
        Self {
            functions: named.chain(closures).collect(),
            bytecode: artifact.program,
            sidecar: artifact.sidecar,
        }
    }
}

/// A run that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// How it ended.
    pub ending: Ending,
    /// What it used.
    pub usage: Usage,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The script answered.
    Replied(Reply),
    /// The script threw; its author should see this.
    Threw(ScriptError),
    /// The host stopped it; the limit is named.
    Stopped(Stop),
    /// The artifact is another guest's: compile the source anew and try again.
    Stale(String),
    /// Our bug, not the author's. Logged as such, never shown.
    Broke(String),
}

/// [`picloud_sdk::outcome::Reply`], owned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// 200 to 599.
    pub status: u16,
    /// In order.
    pub headers: Vec<(String, String)>,
    /// Any bytes.
    pub body: bytes::Bytes,
}

/// An uncaught error in a script, with places in its source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptError {
    /// A stable word.
    pub code: String,
    /// What went wrong.
    pub message: String,
    /// When it is the caller's fault: the status to answer with.
    pub caller_status: Option<u16>,
    /// Innermost first; never empty when the position is known.
    pub stack: Vec<Frame>,
}

/// One level of a script's stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// The module it is in, or empty for the script itself.
    pub module: String,
    /// The script function, or empty for file level.
    pub function: String,
    /// 1-based; 0 when not known.
    pub line: u32,
    /// 1-based; 0 when not known.
    pub column: u32,
}

/// What became of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compilation {
    /// An artifact, or diagnostics.
    Done(Compiled),
    /// The compiler sandbox met a bound.
    Stopped(Stop),
    /// Our bug.
    Broke(String),
}
