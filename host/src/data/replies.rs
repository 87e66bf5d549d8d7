//! Replies that are kept, for requests which are sent again and for those which are answered later, and where they stand in an
//! app's space.
//!
//! ```text
//! r route 0 key → what the first request with this key was, and what it was answered with
//! r 0 request   → what this request is answered with
//! ```

use picloud_sdk::wire::{self, WireError};
use serde::{Deserialize, Serialize};

use super::key::Key;

const PLACE: u8 = b'r';

/// Entries of another one are not understood.
const FORMAT: u8 = 1;

/// Tells a request from others: what makes two of them the same is part of it.
pub type Print = [u8; 32];

/// What is kept of a request that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept<'a> {
    /// Which request it was.
    pub print: Print,
    /// The run that did it.
    pub execution: &'a str,
    /// The status that it was answered with.
    pub status: u16,
    /// The rest of the answer; none when it is too large to be kept.
    #[serde(borrow)]
    pub reply: Option<KeptReply<'a>>,
}

/// All of a reply but its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptReply<'a> {
    /// In order.
    #[serde(borrow)]
    pub headers: Vec<(&'a str, &'a str)>,
    /// Any bytes.
    pub body: &'a [u8],
}

/// What is known of a request that is answered later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Promised<'a> {
    /// Nothing so far. This much room is left for what comes.
    Open(&'a [u8]),
    /// Its reply.
    Kept {
        /// The run that did it; empty when none could.
        execution: &'a str,
        /// The status.
        status: u16,
        /// The rest of it; none when it is too large to be kept.
        #[serde(borrow)]
        reply: Option<KeptReply<'a>>,
    },
    /// Nobody wants it any more.
    Cancelled,
}

/// Where the reply to requests with this key on this route stands.
#[must_use]
pub fn place(route: &str, key: &str) -> Key {
    [&[PLACE], route.as_bytes(), &[0], key.as_bytes()].concat().into()
}

/// Where the reply to a request that is answered later stands.
#[must_use]
pub fn place_of_request(request: &str) -> Key {
    [&[PLACE, 0], request.as_bytes()].concat().into()
}

/// Whether a reply stands at `key`.
#[must_use]
pub fn is_reply(key: &Key) -> bool {
    key.as_bytes().first() == Some(&PLACE)
}

impl<'a> Kept<'a> {
    /// As it is kept.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(&(FORMAT, self))
    }

    /// What was kept.
    ///
    /// # Errors
    /// When it is nothing that [`Self::encode`] made.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        decoded(bytes)
    }
}

impl<'a> Promised<'a> {
    /// As it is kept.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(&(FORMAT, self))
    }

    /// What was kept.
    ///
    /// # Errors
    /// When it is nothing that [`Self::encode`] made.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        decoded(bytes)
    }
}

fn decoded<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, WireError> {
    match wire::decode(bytes, bytes.len())? {
        (FORMAT, kept) => Ok(kept),
        (format, _) => Err(WireError::Malformed(format!("a kept reply of the format {format}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::docs::layout::{self, Name};
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let reply = KeptReply {
            headers: vec![("a", "1"), ("a", "")],
            body: &[0, 255],
        };
        for reply in [Some(reply), None] {
            let kept = Kept {
                print: [7; 32],
                execution: "exe_1",
                status: 201,
                reply,
            };
            let bytes = kept.encode();
            assert_eq!(Kept::decode(&bytes), Ok(kept));
            assert!(Kept::decode(&bytes[1..]).is_err());
            assert!(Kept::decode(&[&[2], &bytes[1..]].concat()).is_err());
        }
    }

    #[test]
    fn what_is_known_of_a_request_comes_back() {
        let reply = KeptReply {
            headers: vec![("a", "1")],
            body: &[0, 255],
        };
        let kept = |reply| Promised::Kept {
            execution: "exe_1",
            status: 201,
            reply,
        };
        for known in [
            Promised::Open(&[0; 9]),
            kept(Some(reply)),
            kept(None),
            Promised::Cancelled,
        ] {
            let bytes = known.encode();
            assert_eq!(Promised::decode(&bytes), Ok(known));
            assert!(Promised::decode(&[&[2], &bytes[1..]].concat()).is_err());
        }
        let key = place_of_request("req_1");
        assert!(is_reply(&key));
        assert_ne!(key, place("", "req_1\0"));
        assert_eq!(layout::collection_of(&key), None);
    }

    #[test]
    fn it_stands_where_nothing_else_does() {
        let key = place("rte_1", "dc\0x");
        assert!(is_reply(&key));
        assert_eq!(layout::collection_of(&key), None);
        assert!(!layout::all_documents().contains(&key));
        assert!(!is_reply(&layout::document(&Name::of_collection("r").unwrap(), "x")));
        assert!(!is_reply(&b"kr".to_vec().into()));
    }

    #[test]
    fn each_route_has_keys_of_its_own() {
        assert_ne!(place("rte_1", "k"), place("rte_2", "k"));
        assert_ne!(place("rte_1", "k"), place("rte_1", "k "));
    }
}
