//! (2) Happening → run.
//!
//! ```text
//! Happening ── admission ──▶ Permit ── programs ──▶ World::open ── run ── World::close ── report ──▶ committer
//!                 │ busy: 429, 503                               (never fails)
//! ```
//!
//! Who answers is looked up before: [`Snapshots`] say which app a name means, [`RouteTable`] which script of it a path means.
//!
//! *Invariant*: every admitted happening leaves exactly one record, also when whoever asked goes away in the middle.
//! *Invariant*: [`dispatch()`] asks the database for nothing but a program that is not in the cache.
//! Start at [`dispatch()`].

mod admission;
mod artifact;
mod attempt;
mod dispatch;
pub mod given;
mod modules;
pub mod pattern;
mod programs;
mod queries;
mod report;
pub mod routes;
mod snapshot;

pub use admission::{Admission, Permit, Places, Refusal};
pub use attempt::{Attempted, Prepared, attempt};
pub use dispatch::{DispatchError, Finished, Happening, Order, Subject, current, dispatch, live};
pub use modules::{ModuleCount, Modules};
pub use programs::{LinkedModule, Loaded, Programs};
pub use report::{report, status_of};
pub use routes::{Match, Miss, RouteTable, Verb};
pub use snapshot::{App, Directory, Snapshots, Target, invalidate};

/// Every statement of the data plane, for the test that prepares them on both databases.
pub(crate) use queries::ALL as STATEMENTS;
