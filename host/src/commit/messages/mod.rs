//! What is on its way to scripts: sent by the commits of runs, handed out until a run's commit removes it. So what a run
//! does for a message, and that the message is done, is one commit.
//!
//! ```text
//! a commit ─ put ─▶ waits ─ lease ─▶ handled ─ done, in the run's own commit
//!                     ▲                 │
//!                     └── failed, lost ─┴─▶ dead
//! ```
//!
//! *Invariant*: a message is removed by the commit of the attempt that has it, or by nobody.

pub(crate) mod attempts;
pub(crate) mod failures;
mod handled;
pub(crate) mod lines;
pub(crate) mod queries;
pub(crate) mod requests;
mod sent;
pub(crate) mod stored;
pub(crate) mod ticks;

use std::sync::Arc;

pub use handled::{Again, Handled, NotDone};
pub use picloud_sdk::event::Source;
use picloud_sdk::value::{self, Token};
pub use sent::Bad;

/// For whom messages are: a queue, a schedule, a subscription, a change, or a script that is run later.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Line {
    /// Which of them.
    pub source: Source,
    /// Its name in the app.
    pub name: Arc<str>,
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.source.as_str(), self.name)
    }
}

/// What something is a consequence of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cause {
    /// How many messages came before, each the consequence of the last.
    pub hops: u32,
    /// For whom they were, from the first on.
    pub chain: Arc<str>,
}

impl Cause {
    /// Of what is sent to `line` by a run for this.
    #[must_use]
    pub fn then(&self, line: &Line) -> Self {
        let arrow = if self.chain.is_empty() { "" } else { " > " };
        Self {
            hops: self.hops.saturating_add(1),
            chain: format!("{}{arrow}{line}", self.chain).into(),
        }
    }
}

/// A message that is sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// For whom.
    pub line: Line,
    /// A kept value.
    pub body: Arc<[u8]>,
    /// When it was sent, in milliseconds since 1970.
    pub sent_ms: i64,
    /// Not before; of a schedule, the time that it is for.
    pub due_ms: i64,
    /// How much later it is handed out.
    pub held_ms: i64,
    /// Those of one key are handed out one after another.
    pub key: Option<Box<str>>,
    /// Another with this is not sent until a time.
    pub dedup: Option<(Box<str>, i64)>,
    /// How often it is tried.
    pub attempts_max: Option<u32>,
    /// When it is given up.
    pub expires_ms: Option<i64>,
    /// What it is a consequence of, itself included.
    pub cause: Cause,
}

impl Sent {
    /// A schedule's, for a time, with how many were missed before it.
    #[must_use]
    pub fn of_schedule(line: Line, at_ms: i64, missed: u32) -> Self {
        let mut body = Vec::new();
        value::write(&mut body, Token::Map(1));
        value::key(&mut body, "missed");
        value::write(&mut body, Token::Int(missed.into()));
        Self {
            cause: Cause::default().then(&line),
            line,
            body: body.into(),
            sent_ms: at_ms,
            due_ms: at_ms,
            held_ms: 0,
            key: None,
            dedup: None,
            attempts_max: None,
            expires_ms: None,
        }
    }

    /// About what it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let label = |label: Option<&str>| label.map_or(0, str::len);
        let labels = label(self.key.as_deref()) + label(self.dedup.as_ref().map(|(text, _)| &**text));
        self.body.len() + self.line.name.len() + self.cause.chain.len() + labels + 64
    }
}

/// One attempt's hold on a message.
#[derive(Debug, Clone)]
pub struct Handle {
    /// For whom it is.
    pub line: Line,
    /// Which message.
    pub seq: i64,
    /// Which attempt.
    pub attempt: i64,
    /// Its key.
    pub key: Option<Box<str>>,
}

/// A message that was handed out.
#[derive(Debug)]
pub struct Leased {
    /// This attempt's hold on it.
    pub handle: Handle,
    /// A kept value.
    pub body: Vec<u8>,
    /// When it was to be handed out first, in milliseconds since 1970.
    pub due_ms: i64,
    /// When it was sent.
    pub sent_ms: i64,
    /// When it is given up.
    pub expires_ms: Option<i64>,
    /// How often it is tried, if the message says so.
    pub attempts_max: Option<u32>,
    /// What it is a consequence of.
    pub cause: Cause,
}

/// What comes of an attempt that failed.
#[derive(Debug, Clone, Copy)]
pub enum Failure {
    /// It is tried again at that time.
    Again(i64),
    /// It is given up, at that time.
    Dead(i64),
}
