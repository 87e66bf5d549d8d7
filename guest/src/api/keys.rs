//! Keys of signatures, as scripts have them: a PEM text, a map (JWK), or bytes.

use picloud_sdk::call::crypto::{Bytes, Key};
use rhai::{Blob, Dynamic, ImmutableString};

use super::{Fallible, refuse};
use crate::{value, words};

/// What every PEM text has.
pub(super) const PEM_MARK: &str = "-----BEGIN ";

/// A key, for a question.
pub(super) enum SignatureKey {
    Raw(Blob),
    Pem(ImmutableString),
    Jwk(String),
}

impl SignatureKey {
    /// Of what a script has.
    pub(super) fn of(key: &Dynamic) -> Fallible<Self> {
        if let Ok(text) = key.as_immutable_string_ref() {
            return if text.contains(PEM_MARK) {
                Ok(Self::Pem(text.clone()))
            } else {
                refuse("bad_key", "this text is no key: a PEM text has a line `-----BEGIN …`")
            };
        }
        if let Ok(blob) = key.as_blob_ref() {
            return Ok(Self::Raw(blob.clone()));
        }
        if !key.is_map() {
            let is = words::a_type(key.type_name());
            return refuse(
                "bad_key",
                format!("a key is a PEM text, a map (JWK) or a blob, not {is}"),
            );
        }
        match value::to_json(key) {
            Ok(json) => Ok(Self::Jwk(json)),
            Err(problem) => refuse("bad_key", format!("this map is no key: {problem}")),
        }
    }

    /// As it crosses the wall.
    pub(super) fn key(&self) -> Key<'_> {
        match self {
            Self::Raw(bytes) => Key::Raw(Bytes(bytes)),
            Self::Pem(text) => Key::Pem(text),
            Self::Jwk(json) => Key::Jwk(json),
        }
    }
}
