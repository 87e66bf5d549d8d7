//! `crypto::*`: signatures and sealed bytes. The host computes them.

use picloud_sdk::call::crypto::{Algorithm, Bytes, Open, Seal, Sign, Verify};
use rhai::plugin::*;
use rhai::{Blob, Dynamic};

use super::bytes::with_bytes;
use super::keys::SignatureKey;
use super::{Fallible, answered, random, refuse};
use crate::host;

/// Of a nonce of AES-GCM.
const NONCE_BYTES: usize = 12;

fn algorithm_of(name: &str) -> Fallible<Algorithm> {
    if let Some(algorithm) = Algorithm::of_name(name) {
        return Ok(algorithm);
    }
    let known: Vec<&str> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
    refuse(
        "bad_argument",
        format!(
            "there is no signature algorithm {name:?}; there are {}",
            known.join(", ")
        ),
    )
}

fn sealed(key: &Dynamic, data: &Dynamic, context: &[u8]) -> Fallible<Blob> {
    let mut nonce = [0; NONCE_BYTES];
    random::fill(&mut nonce);
    with_bytes("crypto::seal", key, |key| {
        with_bytes("crypto::seal", data, |data| {
            let sealed = host::ask(Seal {
                key: Bytes(key),
                nonce: Bytes(&nonce),
                context: Bytes(context),
                data: Bytes(data),
            });
            answered(sealed).map(|Bytes(sealed)| sealed.to_vec())
        })
    })
}

fn opened(key: &Dynamic, sealed: &[u8], context: &[u8]) -> Fallible<Blob> {
    with_bytes("crypto::open", key, |key| {
        let opened = host::ask(Open {
            key: Bytes(key),
            context: Bytes(context),
            sealed: Bytes(sealed),
        });
        answered(opened).map(|Bytes(data)| data.to_vec())
    })
}

#[export_module]
pub(super) mod functions {
    /// Whether `signature` is of `data` by the owner of a public key. The algorithm is `"Ed25519"`, `"ES256"`, `"ES384"`
    /// (`"ES256-DER"`, `"ES384-DER"` for signatures in DER), `"RS256"`, `"RS384"`, `"RS512"`, `"PS256"`, `"PS384"` or
    /// `"PS512"`; the key a PEM text, a map (JWK), or for Ed25519 a blob of 32 bytes. What is no such key: throws `bad_key`.
    #[rhai_fn(name = "verify", return_raw)]
    pub fn verify(algorithm: &str, key: Dynamic, data: Dynamic, signature: Blob) -> Fallible<bool> {
        let (algorithm, key) = (algorithm_of(algorithm)?, SignatureKey::of(&key)?);
        with_bytes("crypto::verify", &data, |data| {
            answered(host::ask(Verify {
                algorithm,
                key: key.key(),
                data: Bytes(data),
                signature: Bytes(&signature),
            }))
        })
    }

    /// The signature of `data` with a private key, as a blob: `"Ed25519"`, `"ES256"` or `"ES256-DER"`. The key is a PEM text
    /// (PKCS #8), a map (JWK), or for Ed25519 a blob of 32 bytes. What is no such key: throws `bad_key`.
    #[rhai_fn(name = "sign", return_raw)]
    pub fn sign(algorithm: &str, key: Dynamic, data: Dynamic) -> Fallible<Blob> {
        let (algorithm, key) = (algorithm_of(algorithm)?, SignatureKey::of(&key)?);
        with_bytes("crypto::sign", &data, |data| {
            let signed = host::ask(Sign {
                algorithm,
                key: key.key(),
                data: Bytes(data),
            });
            answered(signed).map(|Bytes(signature)| signature.to_vec())
        })
    }

    /// Data, a string or a blob, that nobody reads or changes without the key of 32 bytes (AES-256-GCM), as a blob. Another
    /// key: throws `bad_key`.
    #[rhai_fn(name = "seal", volatile, return_raw)]
    pub fn seal(key: Dynamic, data: Dynamic) -> Fallible<Blob> {
        sealed(&key, &data, b"")
    }

    /// The same, bound to a context, such as whose it is: it opens only with the same one.
    #[rhai_fn(name = "seal", volatile, return_raw)]
    pub fn seal_for(key: Dynamic, data: Dynamic, context: Dynamic) -> Fallible<Blob> {
        with_bytes("crypto::seal", &context, |context| sealed(&key, &data, context))
    }

    /// What was sealed, as a blob; `.as_string()` makes a text of it. With another key, or changed since: throws `bad_sealed`.
    #[rhai_fn(name = "open", return_raw)]
    pub fn open(key: Dynamic, sealed: Blob) -> Fallible<Blob> {
        opened(&key, &sealed, b"")
    }

    /// The same of what was sealed with a context. With another one: throws `bad_sealed`.
    #[rhai_fn(name = "open", return_raw)]
    pub fn open_for(key: Dynamic, sealed: Blob, context: Dynamic) -> Fallible<Blob> {
        with_bytes("crypto::open", &context, |context| opened(&key, &sealed, context))
    }
}
