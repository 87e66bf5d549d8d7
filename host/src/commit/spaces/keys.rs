//! A list of keys, as the databases read it.

use data_encoding::HEXLOWER;

use crate::data::key::Key;

/// As PostgreSQL reads one: it looks each of them up in the index, which it does not do for those of a query.
pub(super) fn array<'a>(keys: impl Iterator<Item = &'a Key>) -> Vec<&'a [u8]> {
    keys.map(Key::as_bytes).collect()
}

/// As SQLite reads one: a JSON array of hex digits.
pub(super) fn hex_list<'a>(keys: impl Iterator<Item = &'a Key>) -> String {
    let keys: Vec<String> = keys.map(|key| HEXLOWER.encode(key.as_bytes())).collect();
    serde_json::to_string(&keys).expect("a list of texts")
}
