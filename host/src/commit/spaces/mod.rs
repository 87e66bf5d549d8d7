//! What scripts keep, as runs of this server share it: [`Session`] is one attempt's access, [`write_spaces`] makes commits
//! durable in groups. The rules are [`crate::data`]'s.
//!
//! ```text
//! Session ── reads ──▶ own writes, what is pending, the cache, the database
//!    │ commit: has nothing of it been written since? it has a number, and others see it
//!    ▼
//! Queue ── groups ──▶ one transaction: clocks, entries, records ──▶ durable: answers go out
//! ```
//!
//! *Invariant*: no connection is held while a script computes or waits.
//! *Invariant*: whoever is told of something is told when it is durable.

mod app;
mod cache;
mod keys;
mod lost;
mod mail;
mod queries;
mod queue;
mod sending;
mod session;
#[expect(clippy::module_inception, reason = "it is the spaces")]
mod spaces;
mod usage;
mod waiting;
mod writer;

pub use lost::{Full, Lost, TooLarge};
pub use mail::Post;
pub use session::{ATTEMPTS_MAX, Session};
pub use spaces::{Quota, Spaces};
pub use usage::{CollectionUsage, Usage};
pub(crate) use writer::write_spaces;

/// Every statement of this area.
pub(super) const STATEMENTS: [&[crate::store::Statement]; 2] = [queries::ALL, usage::queries::ALL];
