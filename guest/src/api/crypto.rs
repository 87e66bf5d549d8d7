//! `crypto::*`: digests of strings and blobs, how to compare secrets, and with `signatures` the rest.

use picloud_sdk::call::crypto::Hash;
use rhai::plugin::*;
use rhai::{Blob, Dynamic, Engine};
use subtle::ConstantTimeEq as _;

use super::bytes::with_bytes;
use super::digest::digest;
use super::{Fallible, signatures};

pub(super) fn register(engine: &mut Engine) {
    let mut module = exported_module!(functions);
    combine_with_exported_module!(&mut module, "signatures", signatures::functions);
    engine.register_static_module("crypto", module.into());
}

fn hashed(of: &str, hash: Hash, data: &Dynamic) -> Fallible<Blob> {
    with_bytes(of, data, |data| digest(hash, None, data))
}

fn under_key(of: &str, hash: Hash, key: &Dynamic, data: &Dynamic) -> Fallible<Blob> {
    with_bytes(of, key, |key| {
        with_bytes(of, data, |data| digest(hash, Some(key), data))
    })
}

#[export_module]
mod functions {
    /// The SHA-256 of a string's or a blob's bytes, as a blob of 32: `hex::encode(crypto::sha256("abc"))` begins with
    /// `ba7816bf`. Anything else: throws `bad_argument`, here and in the others.
    #[rhai_fn(name = "sha256", pure, return_raw)]
    pub fn sha256(data: &mut Dynamic) -> Fallible<Blob> {
        hashed("crypto::sha256", Hash::Sha256, data)
    }

    /// The SHA-384 of a string's or a blob's bytes, as a blob of 48.
    #[rhai_fn(name = "sha384", pure, return_raw)]
    pub fn sha384(data: &mut Dynamic) -> Fallible<Blob> {
        hashed("crypto::sha384", Hash::Sha384, data)
    }

    /// The SHA-512 of a string's or a blob's bytes, as a blob of 64.
    #[rhai_fn(name = "sha512", pure, return_raw)]
    pub fn sha512(data: &mut Dynamic) -> Fallible<Blob> {
        hashed("crypto::sha512", Hash::Sha512, data)
    }

    /// The SHA-1 of a string's or a blob's bytes, as a blob of 20: for what others ask for. It is broken, so nothing
    /// new should rely on it.
    #[rhai_fn(name = "sha1", pure, return_raw)]
    pub fn sha1(data: &mut Dynamic) -> Fallible<Blob> {
        hashed("crypto::sha1", Hash::Sha1, data)
    }

    /// The SHA3-256 of a string's or a blob's bytes, as a blob of 32.
    #[rhai_fn(name = "sha3_256", pure, return_raw)]
    pub fn sha3_256(data: &mut Dynamic) -> Fallible<Blob> {
        hashed("crypto::sha3_256", Hash::Sha3_256, data)
    }

    /// The SHA3-512 of a string's or a blob's bytes, as a blob of 64.
    #[rhai_fn(name = "sha3_512", pure, return_raw)]
    pub fn sha3_512(data: &mut Dynamic) -> Fallible<Blob> {
        hashed("crypto::sha3_512", Hash::Sha3_512, data)
    }

    /// The BLAKE3 of a string's or a blob's bytes, as a blob of 32: the quickest of them.
    #[rhai_fn(name = "blake3", pure, return_raw)]
    pub fn blake3(data: &mut Dynamic) -> Fallible<Blob> {
        hashed("crypto::blake3", Hash::Blake3, data)
    }

    /// The HMAC-SHA-256 of data under a key, both strings or blobs, as a blob of 32: what webhooks are signed with.
    #[rhai_fn(name = "hmac_sha256", return_raw)]
    pub fn hmac_sha256(key: Dynamic, data: Dynamic) -> Fallible<Blob> {
        under_key("crypto::hmac_sha256", Hash::Sha256, &key, &data)
    }

    /// The same with SHA-384, as a blob of 48.
    #[rhai_fn(name = "hmac_sha384", return_raw)]
    pub fn hmac_sha384(key: Dynamic, data: Dynamic) -> Fallible<Blob> {
        under_key("crypto::hmac_sha384", Hash::Sha384, &key, &data)
    }

    /// The same with SHA-512, as a blob of 64.
    #[rhai_fn(name = "hmac_sha512", return_raw)]
    pub fn hmac_sha512(key: Dynamic, data: Dynamic) -> Fallible<Blob> {
        under_key("crypto::hmac_sha512", Hash::Sha512, &key, &data)
    }

    /// The same with SHA-1, as a blob of 20: for what others ask for.
    #[rhai_fn(name = "hmac_sha1", return_raw)]
    pub fn hmac_sha1(key: Dynamic, data: Dynamic) -> Fallible<Blob> {
        under_key("crypto::hmac_sha1", Hash::Sha1, &key, &data)
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
