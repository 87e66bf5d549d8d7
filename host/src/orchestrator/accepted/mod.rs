//! Requests that are accepted now, and answered later. Each is a message from the commit that accepts it to the commit that
//! keeps its reply, so it is answered whatever becomes of the server.
//!
//! ```text
//! accept ── a message, and room for its reply: one commit ──▶ 202
//!    │ deliver
//! answer ── a run ──▶ its own commit keeps the reply and removes the message, or one of ours when it failed
//!
//! look ──▶ it waits, or its reply        cancel ──▶ its message is ours, and so nobody else's
//! ```
//!
//! *Invariant*: there is the message or the reply, at every moment, until the reply's time is over.
//! *Invariant*: whoever has the id may ask; nothing else tells the id to anybody.

mod accept;
mod answer;
mod cancel;
mod durably;
mod look;
mod stored;

pub use accept::{Accepted, Asked, accept};
pub use answer::{Again, answer};
pub use cancel::{Cancelled, cancel};
pub use look::{Looked, look};
