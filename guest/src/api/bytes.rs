//! Bytes that a function takes: of a string or of a blob.

use rhai::Dynamic;

use super::{Fallible, refuse};
use crate::words;

/// Does something with the bytes of a string or a blob.
pub(super) fn with_bytes<T>(of: &str, value: &Dynamic, then: impl FnOnce(&[u8]) -> Fallible<T>) -> Fallible<T> {
    if let Ok(text) = value.as_immutable_string_ref() {
        return then(text.as_bytes());
    }
    if let Ok(blob) = value.as_blob_ref() {
        return then(&blob);
    }
    let is = words::a_type(value.type_name());
    refuse("bad_argument", format!("{of} takes strings and blobs, not {is}"))
}
