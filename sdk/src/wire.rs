//! Encode and decode, bounded before anything is allocated.

use serde::{Deserialize, Serialize};

/// Why bytes are not a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireError {
    /// More bytes than this kind of message may have.
    TooLong {
        /// How many there are.
        bytes: usize,
        /// How many there may be.
        bytes_max: usize,
    },
    /// Not a message of this kind.
    Malformed(String),
}

impl std::fmt::Display for WireError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong { bytes, bytes_max } => write!(f, "a message of {bytes} bytes, {bytes_max} allowed"),
            Self::Malformed(why) => write!(f, "a malformed message: {why}"),
        }
    }
}

impl std::error::Error for WireError {}

/// The message as bytes.
///
/// # Panics
/// Never for the types of this crate: they hold nothing that postcard cannot write.
#[must_use]
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_stdvec(message).expect("the contract's types are plain data")
}

/// What `bytes` begin with.
#[must_use]
pub fn decode_beginning<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    postcard::take_from_bytes(bytes).ok().map(|(beginning, _)| beginning)
}

/// The message in `bytes`, all of them.
///
/// Counts inside are no danger: serde caps what it reserves ahead, so a lying length runs out of bytes, not of memory.
///
/// # Errors
/// When there are more than `bytes_max` bytes, when they are no `T`, or when some are left over.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8], bytes_max: usize) -> Result<T, WireError> {
    if bytes.len() > bytes_max {
        return Err(WireError::TooLong {
            bytes: bytes.len(),
            bytes_max,
        });
    }
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        Ok((_, rest)) => Err(WireError::Malformed(format!("{} bytes left over", rest.len()))),
        Err(error) => Err(WireError::Malformed(error.to_string())),
    }
}
