//! Why an attempt, or one write of it, comes to nothing.

use std::sync::Arc;

use crate::data::key::Key;

/// Why an attempt is not to go on.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// What it read was written meanwhile: to be done again.
    #[error("what it read was written meanwhile")]
    Overtaken(Option<Key>),
    /// The database cannot be had.
    #[error("the database cannot be had: {0}")]
    Unavailable(#[source] Arc<sqlx::Error>),
    /// There is no such app.
    #[error("the app is gone")]
    Gone,
    /// The message that it was for is another attempt's now, or nobody's.
    #[error("the message is not this attempt's any more")]
    NotHeld,
}

impl Lost {
    /// What was written meanwhile, if it is known.
    #[must_use]
    pub fn key(self) -> Option<Key> {
        match self {
            Self::Overtaken(key) => key,
            Self::Unavailable(_) | Self::Gone | Self::NotHeld => None,
        }
    }
}

/// What was asked for is more than it was to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge {
    /// What was read of it, in bytes.
    pub bytes: usize,
}

/// What an app keeps would be too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// Whether it is keys; else it is bytes.
    pub keys: bool,
    /// What it would come to.
    pub used: u64,
    /// What it may be.
    pub allowed: u64,
}
