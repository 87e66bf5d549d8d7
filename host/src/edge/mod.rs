//! The edge: what both listeners do with connections and messages before anybody looks at what they mean.
//!
//! ```text
//! listener.rs     accept, within the bounds on connections (in all, and of one address)
//! connection.rs   HTTP/1.1 or HTTP/2; who is slow is cut off, who is refused hears why
//!   steady.rs       a socket that waits for no one for ever     refusal.rs   hyper's own refusals, in our words
//!   watch.rs        the one timer of a connection               linger.rs    closing, so that the last answer is not lost
//! exchange.rs     one request, start to finish
//!   body.rs         a body that is counted as it comes          reply.rs     an answer that is counted until it is taken
//! traffic.rs      the memory for both: in all, of an app, of an address
//! descriptors.rs  how many connections the process can have
//! ```
//!
//! *Invariant*: whatever a client sends, it gets an answer of one shape, and nothing it leaves unread or untaken is outside
//! a bound.

mod activity;
mod answers;
mod body;
mod connection;
mod descriptors;
mod exchange;
mod linger;
mod listener;
mod pace;
mod refusal;
mod reply;
mod shared;
mod steady;
mod traffic;
mod watch;

pub(crate) use answers::{Answer, Answers, Peer};
pub(crate) use body::Body;
pub(crate) use descriptors::fit;
pub(crate) use listener::Listener;
pub(crate) use refusal::{closing, is_bodiless, problem, retry_later};
pub(crate) use shared::{Edge, Stop};
pub(crate) use traffic::Account;
