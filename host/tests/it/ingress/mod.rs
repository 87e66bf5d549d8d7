//! What a client may send to the apps' listener, and what comes back.

mod addresses;
mod bodies;
mod errors;
mod headers;
mod hostile;
mod http2;
mod methods;
mod real;
mod slow;
