//! Outside → event: what a request of the apps' listener means.
//!
//! ```text
//! http.rs         one request, start to finish
//!   address.rs      host and path → app and path below its root
//!   headers.rs      what never crosses, in either direction
//!   idempotency.rs  which requests are to be done once
//!   body.rs         read it all, bounded, before a place is taken
//!   answer.rs       ending → response
//! ```
//!
//! *Invariant*: what a client sends is looked at in one normal form; nothing is decoded twice.
//! *Invariant*: an event has arrived whole before it asks for a place.

mod address;
mod answer;
mod body;
mod headers;
mod http;
mod idempotency;

pub(crate) use http::Server;
