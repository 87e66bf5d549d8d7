//! (2) Happening → run.
//!
//! ```text
//! Happening ── admission ──▶ Permit ── programs ──▶ World::open ── run ── World::close ── report ──▶ committer
//!                 │ busy: 429, 503                               (never fails)
//! ```
//!
//! Who answers is looked up before: [`Snapshots`] say which app a name means, its table of routes which script of it a path means.
//!
//! *Invariant*: every admitted happening leaves exactly one record, also when whoever asked goes away in the middle.
//! *Invariant*: of itself [`dispatch()`] asks the database for nothing but a program that is not in the cache; what a script
//! keeps, its world asks for.
//! Start at [`dispatch()`].

pub mod accepted;
mod admission;
mod answer;
mod attempt;
mod capsule;
mod changes;
mod dispatch;
pub mod given;
mod host;
mod idempotency;
mod library;
mod locate;
mod open;
mod promise;
mod queries;
mod replay;
mod report;
mod scripts;
mod settle;
mod snapshot;
mod underway;

pub use admission::{Admission, Permit, Places, Refusal};
pub use answer::{not_loaded, reply_of};
pub use attempt::{Attempted, Prepared, attempt};
pub use capsule::{Capsule, Script};
pub use dispatch::{DispatchError, Finished, Happening, Order, Subject, calls, current, dispatch, live};
pub use host::{Engine, Host, Parts, quota};
pub use idempotency::{InFlight, Once, Repeat};
pub use library::{Loaded, ModuleCount, Modules, Programs, Source, own_artifact};
pub use locate::{Place, locate};
pub use promise::Promise;
pub use replay::{Compared, ended, limits_of, replay};
pub use report::{report, status_of, textual};
pub use scripts::AppScripts;
pub use snapshot::{App, Directory, Route, Snapshots, Target};
pub use underway::Underway;

pub use crate::world::HOPS_MAX;

use crate::store::Statement;

/// Every statement of the data plane, for the test that prepares them on both databases.
pub(crate) const STATEMENTS: [&[Statement]; 2] = [queries::ALL, library::queries::ALL];
