//! A request as it is stored until it is run.

use picloud_sdk::wire::{self, WireError};
use serde::{Deserialize, Serialize};

/// Another one is not understood.
const FORMAT: u8 = 1;

/// A request as it is stored.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stored<'a> {
    /// The trace id that its caller sent.
    #[serde(borrow)]
    pub(super) trace: Option<&'a str>,
    /// Who is told of its reply.
    #[serde(borrow)]
    pub(super) callback: Option<&'a str>,
    /// An encoded [`picloud_sdk::event::Event`].
    pub(super) event: &'a [u8],
    /// The body, all of it.
    pub(super) body: &'a [u8],
}

impl<'a> Stored<'a> {
    pub(super) fn encode(&self) -> Vec<u8> {
        wire::encode(&(FORMAT, self))
    }

    /// What was stored.
    ///
    /// # Errors
    /// When it is nothing that [`Self::encode`] made.
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        match wire::decode(bytes, bytes.len())? {
            (FORMAT, stored) => Ok(stored),
            (format, _) => Err(WireError::Malformed(format!("a request of the format {format}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back() {
        for trace in [None, Some("0af7651916cd43dd8448eb211c80319c")] {
            let stored = Stored {
                trace,
                callback: trace.map(|_| "https://a.example/"),
                event: &[1, 2],
                body: &[0, 255],
            };
            let bytes = stored.encode();
            assert_eq!(Stored::decode(&bytes), Ok(stored));
            assert!(Stored::decode(&[&[2], &bytes[1..]].concat()).is_err());
        }
    }
}
