//! How tokens are signed (RFC 7518, RFC 8037).

use picloud_sdk::call::crypto::{self, Bytes, Hash, Sign, Verify};
use rhai::{Blob, Dynamic};
use subtle::ConstantTimeEq as _;

use crate::api::bytes::with_bytes;
use crate::api::digest::digest;
use crate::api::keys::SignatureKey;
use crate::api::{Fallible, answered, refuse};
use crate::host;

/// An algorithm of tokens.
#[derive(Clone, Copy)]
pub(super) enum Algorithm {
    /// Whoever verifies could sign, too.
    Hmac(Hash),
    /// With a key that has a public half.
    Signature(crypto::Algorithm),
}

/// A key that suits the algorithm.
pub(super) enum Chosen {
    /// Of an HMAC.
    Shared(Vec<u8>),
    /// Of a signature.
    Signing(SignatureKey),
}

/// All of them, by their names in tokens.
const ALGORITHMS: [(&str, Algorithm); 12] = [
    ("HS256", Algorithm::Hmac(Hash::Sha256)),
    ("HS384", Algorithm::Hmac(Hash::Sha384)),
    ("HS512", Algorithm::Hmac(Hash::Sha512)),
    ("EdDSA", Algorithm::Signature(crypto::Algorithm::Ed25519)),
    ("ES256", Algorithm::Signature(crypto::Algorithm::Es256)),
    ("ES384", Algorithm::Signature(crypto::Algorithm::Es384)),
    ("RS256", Algorithm::Signature(crypto::Algorithm::Rs256)),
    ("RS384", Algorithm::Signature(crypto::Algorithm::Rs384)),
    ("RS512", Algorithm::Signature(crypto::Algorithm::Rs512)),
    ("PS256", Algorithm::Signature(crypto::Algorithm::Ps256)),
    ("PS384", Algorithm::Signature(crypto::Algorithm::Ps384)),
    ("PS512", Algorithm::Signature(crypto::Algorithm::Ps512)),
];

impl Algorithm {
    /// The one that a script names.
    pub(super) fn of_name(name: &str) -> Fallible<Self> {
        if let Some((_, algorithm)) = ALGORITHMS.iter().find(|(known, _)| *known == name) {
            return Ok(*algorithm);
        }
        let known: Vec<&str> = ALGORITHMS.iter().map(|(known, _)| *known).collect();
        let message = format!("jwt: there is no algorithm {name:?}; there are {}", known.join(", "));
        refuse("bad_option", message)
    }

    /// As a token says it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Hmac(Hash::Sha384) => "HS384",
            Self::Hmac(Hash::Sha512) => "HS512",
            Self::Hmac(_) => "HS256",
            Self::Signature(algorithm) => algorithm.jose_name(),
        }
    }

    /// Whether a token that says so means this one.
    pub(super) fn is_called(self, name: &str) -> bool {
        self.name() == name
    }

    /// Whether a JWK of that type and curve is for it.
    pub(super) fn suits(self, kty: &str, crv: Option<&str>) -> bool {
        match self {
            Self::Hmac(_) => kty == "oct",
            Self::Signature(crypto::Algorithm::Ed25519) => kty == "OKP" && crv == Some("Ed25519"),
            Self::Signature(crypto::Algorithm::Es256 | crypto::Algorithm::Es256Der) => {
                kty == "EC" && crv == Some("P-256")
            }
            Self::Signature(crypto::Algorithm::Es384 | crypto::Algorithm::Es384Der) => {
                kty == "EC" && crv == Some("P-384")
            }
            Self::Signature(_) => kty == "RSA",
        }
    }

    /// How many bytes a key of an HMAC has at least (RFC 7518, 3.2).
    const fn key_bytes_min(hash: Hash) -> usize {
        match hash {
            Hash::Sha384 => 48,
            Hash::Sha512 => 64,
            _ => 32,
        }
    }

    /// Whether a signature is of what was signed.
    pub(super) fn verify(self, key: &Chosen, signed: &[u8], signature: &[u8]) -> Fallible<bool> {
        match (self, key) {
            (Self::Hmac(hash), Chosen::Shared(key)) => {
                let computed = mac(hash, key, signed)?;
                Ok(computed.ct_eq(signature).into())
            }
            (Self::Signature(algorithm), Chosen::Signing(key)) => answered(host::ask(Verify {
                algorithm,
                key: key.key(),
                data: Bytes(signed),
                signature: Bytes(signature),
            })),
            _ => refuse("bad_key", "this key is not for this algorithm"),
        }
    }

    /// A signature of this.
    pub(super) fn sign(self, key: &Chosen, data: &[u8]) -> Fallible<Blob> {
        match (self, key) {
            (Self::Hmac(hash), Chosen::Shared(key)) => mac(hash, key, data),
            (Self::Signature(algorithm), Chosen::Signing(key)) => {
                let data = Bytes(data);
                let key = key.key();
                answered(host::ask(Sign { algorithm, key, data })).map(|Bytes(signature)| signature.to_vec())
            }
            _ => refuse("bad_key", "this key is not for this algorithm"),
        }
    }

    /// A key that is none of a set.
    pub(super) fn key_of(self, key: &Dynamic) -> Fallible<Chosen> {
        match self {
            Self::Signature(_) => SignatureKey::of(key).map(Chosen::Signing),
            Self::Hmac(_) if key.is_string() || key.is_blob() => {
                with_bytes("jwt", key, |bytes| Ok(Chosen::Shared(bytes.to_vec())))
            }
            Self::Hmac(_) => refuse("bad_key", "a key of an HMAC is a string, a blob or a map (JWK)"),
        }
    }
}

fn mac(hash: Hash, key: &[u8], data: &[u8]) -> Fallible<Blob> {
    let bytes_min = Algorithm::key_bytes_min(hash);
    if key.len() < bytes_min {
        let message = format!(
            "a key for {} has {bytes_min} bytes at least, this one {}",
            Algorithm::Hmac(hash).name(),
            key.len()
        );
        return refuse("bad_key", message);
    }
    digest(hash, Some(key), data)
}
