//! PiCloud: a self-hosted script cloud where every request runs in a sandbox of its own.
//!
//! ```text
//!   ingress ──Happening──▶ orchestrator ──Job──▶ executor (crate picloud-executor) ──▶ Execution
//!                          │  ▲                 │ host calls            │
//!                 invalidate  │ snapshot        ▼                      ▼
//!   manager ───────────────┘  └── store       world                 commit
//! ```
//!
//! The modules stand in the order in which a request meets them.
#![forbid(unsafe_code)]

pub mod edge;
pub mod ingress;
pub mod orchestrator;
pub mod world;
pub mod commit;

pub mod manager;
pub mod store;

pub mod cli;
pub mod clock;
pub mod config;
pub mod graph;
pub mod host;
pub mod ids;
pub mod problem;
pub(crate) mod random;
pub mod serve;
pub mod shutdown;
pub mod telemetry;

/// Every SQL statement there is, for the test that prepares each on both databases.
#[must_use]
pub fn statements() -> Vec<store::Statement> {
    manager::STATEMENTS
        .concat()
        .into_iter()
        .chain(commit::queries::STATEMENTS.concat())
        .chain(orchestrator::STATEMENTS.iter().copied())
        .collect()
}
