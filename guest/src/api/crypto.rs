//! `crypto::*`: digests of strings and blobs, and how to compare secrets.

use hmac::{Hmac, KeyInit as _, Mac as _};
use rhai::plugin::*;
use rhai::{Blob, Dynamic, Engine};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::{Fallible, refuse};
use crate::words;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("crypto", exported_module!(functions).into());
}

/// Does something with the bytes of a string or a blob.
fn with_bytes<T>(of: &str, value: &Dynamic, then: impl FnOnce(&[u8]) -> Fallible<T>) -> Fallible<T> {
    if let Ok(text) = value.as_immutable_string_ref() {
        return then(text.as_bytes());
    }
    if let Ok(blob) = value.as_blob_ref() {
        return then(&blob);
    }
    let is = words::a_type(value.type_name());
    refuse("bad_argument", format!("{of} takes strings and blobs, not {is}"))
}

fn digest<D: Digest>(of: &str, data: &Dynamic) -> Fallible<Blob> {
    with_bytes(of, data, |data| Ok(D::digest(data).to_vec()))
}

fn hmac_of(key: &[u8], data: &[u8]) -> Fallible<Blob> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return refuse("bad_argument", "crypto::hmac_sha256: no such key");
    };
    mac.update(data);
    Ok(mac.finalize().into_bytes().to_vec())
}

#[export_module]
mod functions {
    /// The SHA-256 of a string's or a blob's bytes, as a blob of 32: `hex::encode(crypto::sha256("abc"))` begins with
    /// `ba7816bf`. Anything else: throws `bad_argument`, here and in the others.
    #[rhai_fn(name = "sha256", return_raw)]
    pub fn sha256(data: Dynamic) -> Fallible<Blob> {
        digest::<Sha256>("crypto::sha256", &data)
    }

    /// The SHA-512 of a string's or a blob's bytes, as a blob of 64.
    #[rhai_fn(name = "sha512", return_raw)]
    pub fn sha512(data: Dynamic) -> Fallible<Blob> {
        digest::<Sha512>("crypto::sha512", &data)
    }

    /// The SHA-1 of a string's or a blob's bytes, as a blob of 20: for what others ask for. It is broken, so nothing
    /// new should rely on it.
    #[rhai_fn(name = "sha1", return_raw)]
    pub fn sha1(data: Dynamic) -> Fallible<Blob> {
        digest::<Sha1>("crypto::sha1", &data)
    }

    /// The HMAC-SHA-256 of data under a key, both strings or blobs, as a blob of 32: what webhooks are signed with.
    #[rhai_fn(name = "hmac_sha256", return_raw)]
    pub fn hmac_sha256(key: Dynamic, data: Dynamic) -> Fallible<Blob> {
        with_bytes("crypto::hmac_sha256", &key, |key| {
            with_bytes("crypto::hmac_sha256", &data, |data| hmac_of(key, data))
        })
    }

    /// Whether two secrets, strings or blobs, have the same bytes. How long that takes says nothing of where they
    /// differ; of how long they are, it may.
    #[rhai_fn(name = "equal", return_raw)]
    pub fn equal(one: Dynamic, other: Dynamic) -> Fallible<bool> {
        with_bytes("crypto::equal", &one, |one| {
            with_bytes("crypto::equal", &other, |other| Ok(one.ct_eq(other).into()))
        })
    }
}
