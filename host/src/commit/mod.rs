//! The one place where what a run leaves, and what people change, becomes durable: in tasks that no client can cancel.
//!
//! ```text
//! run ── Record ──▶ Committer (bounded) ── groups ──▶ one transaction a group ──▶ rows, acknowledged by number
//!                        │ full: quiet ones turn in memory as they would in the ring; others hold new runs up
//! ```
//!
//! What people change goes the same way with a row of its own ([`Changes`]), which every node follows.
//!
//! What is stored of runs is also read here ([`executions`]), where each column stands.
//!
//! *Invariant*: what is pushed is written, or counted as forgotten or lost; nothing goes silently.

mod change;
mod committer;
pub mod executions;
mod journal;
pub mod journals;
pub mod messages;
mod queries;
mod record;
mod ring;
pub mod spaces;

use crate::store::Statement;

pub use change::Changes;
pub(crate) use change::{changes_since, last_change};
use committer::is_about_the_rows;
pub(crate) use committer::write_records;
pub use committer::{Committer, Figures, NoRoom};
pub use journal::{Call, Ended, FORMAT, Journal};
pub(crate) use queries::CHANGES_CHANNEL;
pub use record::{Began, Http, Kind, Record};

/// Every statement of this area.
pub(crate) const STATEMENTS: [&[Statement]; 13] = [
    queries::ALL,
    spaces::STATEMENTS[0],
    spaces::STATEMENTS[1],
    journals::STATEMENTS,
    executions::queries::ALL,
    messages::queries::ALL,
    messages::attempts::queries::ALL,
    messages::requests::queries::ALL,
    messages::stored::queries::ALL,
    messages::lines::queries::ALL,
    messages::ticks::queries::ALL,
    messages::failures::queries::ALL,
    executions::queries::OF_COLUMNS,
];
