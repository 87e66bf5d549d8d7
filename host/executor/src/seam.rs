//! What the rest of the host and the executor know of each other: three small traits and the values between them.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use picloud_sdk::compile::Compiled;
use picloud_sdk::limits::{Limits, Stop, Usage};
use picloud_sdk::report::Frame;

use crate::budget::Budget;
use crate::linked::Linked;

/// A boxed future: one allocation per run is nothing next to an instantiation.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Downward: what the orchestrator may ask of the executor.
pub trait Run: Send + Sync {
    /// Never fails: whatever a script does, however it ends, is an [`Execution`]. The world comes back as the run left it.
    /// Dropping the future kills the run and gives its sandbox back.
    fn run(&self, job: Job) -> Boxed<'_, (Execution, Box<dyn World>)>;
}

/// Downward: what the manager may ask of the executor.
pub trait Compile: Send + Sync {
    /// Compiles `text` in a compiler sandbox. Whatever the source does there is a value.
    fn compile<'a>(&'a self, name: &'a str, text: &'a str) -> Boxed<'a, Compilation>;
}

/// Upward: what a running script may ask of its app's world. The executor moves bytes and knows no question.
///
/// Whose world it is, is the implementor's to know: nothing in a question says so.
pub trait World: Any + Send {
    /// Answers one question, whole as the guest asked it, with an encoded `Envelope` of at most `room` bytes.
    fn call<'a>(&'a mut self, question: &'a [u8], room: usize) -> Boxed<'a, Said>;

    /// What computing the answer takes, in fuel: known beforehand, as it is paid before anything is done.
    fn price(&self, question: &[u8]) -> u64 {
        let _ = question;
        0
    }

    /// The longest question that [`Self::call`] takes.
    fn question_bytes_max(&self) -> usize;

    /// Answers a question that is longer, of which there is only the beginning.
    fn too_long(&mut self, beginning: &[u8], bytes: usize) -> Said;

    /// What time it is for the run, in milliseconds since 1970.
    fn now_ms(&self) -> i64;

    /// Says what came of the script that it wanted to have run ([`Said::Enter`]), which replied or threw; none when no
    /// sandbox could be made for it. Until then questions are the other script's.
    fn returned(&mut self, ending: Option<Ending>) -> Said {
        let _ = ending;
        Said::Fault(anyhow::anyhow!("a world that has nothing run was told what came of it"))
    }
}

/// What a world says to a question.
#[derive(Debug)]
pub enum Said {
    /// An encoded `Envelope`.
    Answer(Vec<u8>),
    /// Another script is to run first, within this run: [`World::returned`] has the answer.
    Enter(Box<Enter>),
    /// A bound was met: the run is over.
    Stop(Stop),
    /// The run cannot go on.
    GiveUp(GivenUp),
    /// It could not be answered: our fault, and the end of the run.
    Fault(anyhow::Error),
}

/// A script that is to run within another's run: on what that has left, and as a part of it.
#[derive(Debug)]
pub struct Enter {
    /// What to run.
    pub program: Arc<Linked>,
    /// Its name.
    pub script: Arc<str>,
    /// The version's number.
    pub version: u32,
    /// An encoded [`picloud_sdk::event::Event`].
    pub event: Bytes,
}

/// Everything one run needs.
pub struct Job {
    /// What to run.
    pub program: Arc<Linked>,
    /// Whose run it is.
    pub identity: Arc<Identity>,
    /// Which try it is.
    pub attempt: Attempt,
    /// An encoded [`picloud_sdk::event::Event`].
    pub event: Bytes,
    /// What it may use.
    pub limits: Limits,
    /// The memory that it shares with others; [`Limits::memory_bytes_max`] is its own bound.
    pub memory: Arc<Budget>,
    /// The app's world.
    pub world: Box<dyn World>,
}

/// One try at an event. With the same program, event and answers, the same attempt ends the same, to the byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// Seeds the sandbox's randomness.
    pub seed: [u8; 32],
    /// When the event arrived, in milliseconds since 1970.
    pub now_ms: i64,
}

/// Whose run it is, for the script's `ctx`.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// The app's name.
    pub app: Arc<str>,
    /// The script's name.
    pub script: Arc<str>,
    /// The version's number; 0 for a draft.
    pub version: u32,
    /// The execution's id.
    pub execution: String,
    /// W3C trace id, 32 hex digits.
    pub trace: String,
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
    /// A limit stopped it.
    Stopped(Stop, Vec<Frame>),
    /// Its world gave it up.
    GivenUp(GivenUp),
    /// The artifact is another guest's: compile the source anew and try again.
    Stale(String),
    /// Our bug, not the author's. Logged as such, never shown.
    Broke(String),
}

/// Why a run's world gave it up: nothing that the script does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenUp {
    /// What it was told has changed meanwhile.
    Overtaken,
    /// What it asked for cannot be had at the moment.
    Unavailable,
    /// The message that it was for is another run's now, or nobody's.
    NotHeld,
}

/// [`picloud_sdk::outcome::Reply`], owned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// 200 to 599.
    pub status: u16,
    /// In order.
    pub headers: Vec<(String, String)>,
    /// Any bytes.
    pub body: Bytes,
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

/// A world that answers at once, in which time stands still: for benchmarks and tests.
impl<F: FnMut(&[u8]) -> Said + Send + 'static> World for F {
    fn call<'a>(&'a mut self, question: &'a [u8], _: usize) -> Boxed<'a, Said> {
        Box::pin(std::future::ready(self(question)))
    }

    fn question_bytes_max(&self) -> usize {
        1 << 20
    }

    fn too_long(&mut self, beginning: &[u8], _: usize) -> Said {
        self(beginning)
    }

    fn now_ms(&self) -> i64 {
        0
    }
}
