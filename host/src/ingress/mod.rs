//! Outside → event. The apps' listener: HTTP/1.1 and HTTP/2 without TLS.
//!
//! ```text
//! connection.rs   accept, bound the connections, cut off who is slow
//! http.rs         one request, start to finish
//!   address.rs      host and path → app and path below its root
//!   headers.rs      what never crosses, in either direction
//!   body.rs         read it all, bounded, before a place is taken
//!   answer.rs       ending → response
//! ```
//!
//! *Invariant*: what a client sends is looked at in one normal form; nothing is decoded twice.
//! *Invariant*: an event has arrived whole before it asks for a place.

mod activity;
mod address;
mod answer;
mod body;
mod connection;
mod headers;
mod http;
mod steady;

pub(crate) use connection::{Stop, accept};
