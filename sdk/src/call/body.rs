//! The event's body. It crosses the wall only when a script reads it.

use serde::{Deserialize, Serialize};

use super::{Effect, HostCall};

/// A question about the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// All of it.
    Read,
}

/// The bytes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply<'a>(pub &'a [u8]);

impl super::Call<'_> for Call {
    type Reply = Reply<'static>;

    fn effect(&self) -> Effect {
        match self {
            Self::Read => Effect::Read,
        }
    }
}

impl From<Call> for HostCall<'_> {
    fn from(call: Call) -> Self {
        Self::Body(call)
    }
}
