//! From a source to what answers: compile, save, make live.
//!
//! ```text
//! source ── compile ──▶ Draft ── save: one transaction ──▶ versions, imports, links; importers linked anew
//!                       (no transaction is open)           routes
//! ```
//!
//! *Invariant*: of live versions, each is linked with the live versions of all that it imports, directly or through
//! another; only an endpoint that was rolled back runs with what it ran with then.
//! *Invariant*: names are looked up among the scripts of one app.

mod compile;
pub mod links;
mod live;
mod relink;
pub mod routes;
mod save;
pub mod scripts;
mod turns;
pub mod versions;

pub use compile::{compile, draft, must_compile};
pub(crate) use live::make_live;
pub use save::{Saved, save};

/// Who saves, and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// The token, or [`BY_PICLOUD`].
    pub who: &'a str,
    /// When.
    pub now: picloud_sdk::api::Time,
}

/// Who saved what nobody saved.
pub const BY_PICLOUD: &str = "picloud";
