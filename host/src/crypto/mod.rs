//! What is computed for scripts: hashes, signatures, sealed bytes, passwords.
//!
//! *Invariant*: pure. The same question has the same answer: what is random in it was drawn by whoever asks.
//! *Invariant*: what a question can cost is known before anything is computed ([`price`]).

mod digest;
mod jwk;
mod key;
mod password;
mod pem;
mod price;
mod seal;
mod sign;
mod verify;

pub use digest::digest;
pub use password::{hash_password, verify_password};
pub use price::price;
pub use seal::{open, seal};
pub use sign::sign;
pub use verify::verify;

/// Why something is not computed: the script's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// A stable word.
    pub code: &'static str,
    /// A sentence for the script's author.
    pub message: String,
}

impl Bad {
    fn key(message: impl Into<String>) -> Self {
        let (code, message) = ("bad_key", message.into());
        Self { code, message }
    }

    fn hash(message: impl Into<String>) -> Self {
        let (code, message) = ("bad_hash", message.into());
        Self { code, message }
    }
}
