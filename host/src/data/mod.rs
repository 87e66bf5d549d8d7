//! What scripts keep: each app has one ordered space of keys, and a run sees it as if it were alone.
//!
//! ```text
//! read ─▶ View: own writes over the space ── saw ─▶ Reads ┐
//! write ─▶ Writes                                         ├─ commit: has History anything in Reads since? ─▶ next Csn
//!                                         History (tail) ─┘
//! ```
//!
//! Commits of one app are numbered without gaps (its *commit clock*); the numbers are the order in which runs appear to
//! have happened, one after another. A run remembers what it looked at as intervals of the space, absent keys included;
//! it may commit when no later commit wrote inside them.
//!
//! All of this is pure: nothing here asks a database or waits.

pub mod docs;
pub mod history;
pub mod json;
pub mod key;
pub mod order;
pub mod reads;
pub mod replies;
#[cfg(test)]
mod serial;
pub mod space;
pub mod view;
pub mod writes;
