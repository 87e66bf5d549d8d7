//! Who may do what: apps, tokens and their roles. What a request shows is read by the edges.
//!
//! A token's secret is shown once, when it is made; only its hash is kept. One that is revoked or expired is refused from
//! the next request on, since every request looks its token up.

pub(crate) mod apps;
mod caller;
mod operator;
pub(crate) mod queries;
mod role;
pub(crate) mod secret;
mod token;

pub use caller::Caller;
pub use operator::{OPERATOR_FILE, OperatorToken, ensure_operator};
pub(crate) use role::at_least;
pub use token::{TOKEN_NAME_CHARS_MAX, TOKENS_MAX};
pub(crate) use token::{insert, prepare, revoke};
