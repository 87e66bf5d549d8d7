//! What a client may send to the listeners, and what comes back.

mod addresses;
mod admin;
mod bodies;
mod early;
mod errors;
mod headers;
mod hostile;
mod http2;
mod methods;
mod real;
mod slow;
mod unread;
