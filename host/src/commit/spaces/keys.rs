//! A list of keys, as both databases read it.

use data_encoding::HEXLOWER;

use crate::data::key::Key;

/// A JSON array of the keys in hex digits.
pub(super) fn hex_list<'a>(keys: impl Iterator<Item = &'a Key>) -> String {
    let keys: Vec<String> = keys.map(|key| HEXLOWER.encode(key.as_bytes())).collect();
    serde_json::to_string(&keys).expect("a list of texts")
}
