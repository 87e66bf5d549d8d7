//! Outside → event: what a request of the apps' listener means.
//!
//! ```text
//! http.rs         one request, start to finish
//!   address.rs      host and path → app and path below its root
//!   headers.rs      what never crosses, in either direction
//!   hops.rs         which requests are one consequence too many
//!   idempotency.rs  which requests are to be done once
//!   later.rs        which are answered later, and what they are told now
//!   executions.rs   what became of those
//!   body.rs         read it all, bounded, before a place is taken
//!   answer.rs       ending → response
//! ```
//!
//! *Invariant*: what a client sends is looked at in one normal form; nothing is decoded twice.
//! *Invariant*: an event has arrived whole before it asks for a place.

mod address;
mod answer;
mod body;
mod executions;
mod headers;
mod hops;
mod http;
mod idempotency;
mod later;

pub(crate) use http::Server;
