//! PiCloud: a self-hosted script cloud where every request runs in a sandbox of its own.
//!
//! ```text
//!   ingress ──Happening──▶ orchestrator ──Job──▶ executor (crate picloud-executor) ──▶ Execution
//!                             │  ▲               │ host calls            │
//!                    snapshot │  │ changes       ▼                       ▼
//!                           store └── commit     world                 commit ◀── manager ── deploy
//! ```
//!
//! The modules stand in the order in which a request meets them.
#![forbid(unsafe_code)]

pub mod edge;
pub mod ingress;
pub mod orchestrator;
pub mod world;
pub mod commit;
pub mod deliver;
pub mod jobs;

pub mod manager;
pub mod deploy;
pub mod identity;
pub mod outbound;
pub mod secrets;
pub mod store;

pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod data;
pub mod duration;
pub mod error;
pub mod ids;
pub mod linking;
pub mod names;
pub mod problem;
pub(crate) mod random;
pub mod routing;
pub mod schedule;
pub mod serve;
pub mod shutdown;
pub mod telemetry;
pub mod triggers;

/// Every SQL statement there is, for the test that prepares each on both databases.
#[must_use]
pub fn statements() -> Vec<store::Statement> {
    let nouns = manager::statements().chain(deploy::links::queries::ALL.iter().copied());
    let rest = [commit::STATEMENTS.concat(), orchestrator::STATEMENTS.concat()];
    nouns
        .chain(rest.concat())
        .chain(jobs::STATEMENTS.iter().copied())
        .chain(triggers::queries::ALL.iter().copied())
        .chain(outbound::queries::ALL.iter().copied())
        .chain(secrets::queries::ALL.iter().copied())
        .collect()
}
