//! Event → execution.
//!
//! ```text
//! Event ── admission ──▶ Permit ── programs ──▶ Job ── Run ──▶ Execution ── record ──▶ sink ──▶ rows
//!             │ busy: 429, 503                        │ (never fails)
//! ```
//!
//! Who answers an event is looked up before there is one: [`Snapshots`] say which app a name means, [`RouteTable`] which
//! script of it a path means.
//!
//! *Invariant*: every admitted event leaves exactly one record, also when its client goes away in the middle.
//! *Invariant*: [`dispatch()`] asks the database for nothing but a program that is not in the cache.
//! Start at [`dispatch()`].

mod admission;
mod artifact;
mod dispatch;
pub mod given;
mod modules;
pub mod pattern;
mod programs;
mod queries;
mod record;
mod ring;
pub mod routes;
mod sink;
mod snapshot;

pub use admission::{Admission, Permit, Places, Refusal};
pub use dispatch::{DispatchError, Event, Finished, Subject, Trial, Tried, dispatch, run_once};
pub use modules::{ModuleCount, Modules};
pub use programs::{LinkedModule, Loaded, Programs};
pub use record::{Record, status_of};
pub use routes::{Match, Miss, RouteTable, Verb};
pub use sink::RecordSink;
pub(crate) use sink::write_records;
pub use snapshot::{App, Directory, Snapshots, Target, invalidate};

/// Every statement of the data plane, for the test that prepares them on both databases.
pub(crate) use queries::ALL as STATEMENTS;
