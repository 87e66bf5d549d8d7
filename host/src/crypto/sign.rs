//! Signatures, made. None of them needs randomness: ECDSA takes its number from the key and the data (RFC 6979).

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{DerSignature, Signature};
use picloud_sdk::call::crypto::{Algorithm, Bytes, Key};

use super::key::Private;
use super::{Bad, jwk, pem};

/// The signature of data.
///
/// # Errors
/// When the key is none, or none for this algorithm, or when nothing is signed with it here.
pub fn sign(algorithm: Algorithm, key: Key<'_>, data: &[u8]) -> Result<Vec<u8>, Bad> {
    let name = algorithm.name();
    if !matches!(algorithm, Algorithm::Ed25519 | Algorithm::Es256 | Algorithm::Es256Der) {
        let message = format!("nothing is signed with {name} here; there are Ed25519, ES256 and ES256-DER");
        return Err(Bad {
            code: "bad_argument",
            message,
        });
    }
    let key = match key {
        Key::Raw(Bytes(bytes)) if algorithm == Algorithm::Ed25519 => Private::ed25519(bytes, None)?,
        Key::Raw(_) => return Err(Bad::key(format!("a key for {name} is a PEM text, or a map (JWK)"))),
        Key::Pem(text) => pem::private(text)?,
        Key::Jwk(json) => jwk::private(json, algorithm)?,
    };
    match (algorithm, key) {
        (Algorithm::Ed25519, Private::Ed25519(pair)) => Ok(pair.sign(data).as_ref().to_vec()),
        (Algorithm::Es256, Private::P256(key)) => {
            let signature: Signature = key.sign(data);
            Ok(signature.to_bytes().to_vec())
        }
        (Algorithm::Es256Der, Private::P256(key)) => {
            let signature: DerSignature = key.sign(data);
            Ok(signature.as_bytes().to_vec())
        }
        _ => Err(Bad::key(format!("{name} needs a key of another kind"))),
    }
}
