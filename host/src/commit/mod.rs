//! The one place where what a run leaves becomes durable, in a task that no client can cancel.
//!
//! ```text
//! run ── Record ──▶ Committer (bounded) ── groups ──▶ one transaction a group ──▶ rows, acknowledged by number
//!                        │ full: quiet ones turn in memory as they would in the ring; others hold new runs up
//! ```
//!
//! *Invariant*: what is pushed is written, or counted as forgotten or lost; nothing goes silently.

mod committer;
pub(crate) mod queries;
mod record;
mod ring;

pub(crate) use committer::write_records;
pub use committer::{Committer, Figures, NoRoom};
pub use record::{Began, Http, Kind, Record};
