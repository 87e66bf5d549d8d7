//! Signatures, checked.

use picloud_sdk::call::crypto::{Algorithm, Bytes, Key};
use ring::signature::{
    self, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
    VerificationAlgorithm,
};

use super::key::{Curve, Public};
use super::{Bad, jwk, pem};

/// How an uncompressed point begins.
const UNCOMPRESSED: u8 = 4;
/// The shortest modulus, in bytes.
const RSA_BYTES_MIN: usize = 2048 / 8;
/// The longest one.
const RSA_BYTES_MAX: usize = 8192 / 8;

/// How a kind of key checks.
enum Check {
    Ed25519,
    Ec(Curve, &'static dyn VerificationAlgorithm),
    Rsa(&'static RsaParameters),
}

/// Whether a signature is of this data by the owner of this key.
///
/// # Errors
/// When the key is none, or none for this algorithm.
pub fn verify(algorithm: Algorithm, key: Key<'_>, data: &[u8], signature: &[u8]) -> Result<bool, Bad> {
    let key = match key {
        Key::Raw(Bytes(bytes)) if algorithm == Algorithm::Ed25519 => Public::Ed25519(bytes.to_vec()),
        Key::Raw(_) => {
            let name = algorithm.name();
            return Err(Bad::key(format!("a key for {name} is a PEM text, or a map (JWK)")));
        }
        Key::Pem(text) => pem::public(text)?,
        Key::Jwk(json) => jwk::public(json, algorithm)?,
    };
    let verified = match (check_of(algorithm), &key) {
        (Check::Ed25519, Public::Ed25519(key)) => {
            if key.len() != signature::ED25519_PUBLIC_KEY_LEN {
                return Err(Bad::key("a public Ed25519 key has 32 bytes"));
            }
            UnparsedPublicKey::new(&ED25519, key).verify(data, signature)
        }
        (Check::Ec(curve, algorithm), Public::Ec(of, point)) if curve == *of => {
            if point.len() != 1 + 2 * curve.bytes() || point[0] != UNCOMPRESSED {
                return Err(Bad::key("a compressed point is not known here"));
            }
            UnparsedPublicKey::new(algorithm, point).verify(data, signature)
        }
        (Check::Rsa(parameters), Public::Rsa { n, e }) => {
            if !(RSA_BYTES_MIN..=RSA_BYTES_MAX).contains(&n.len()) {
                return Err(Bad::key("an RSA key has 2048 to 8192 bits"));
            }
            RsaPublicKeyComponents { n, e }.verify(parameters, data, signature)
        }
        _ => {
            let (name, kind) = (algorithm.name(), key.kind());
            return Err(Bad::key(format!("{name} needs another key; this is {kind}")));
        }
    };
    Ok(verified.is_ok())
}

fn check_of(algorithm: Algorithm) -> Check {
    match algorithm {
        Algorithm::Ed25519 => Check::Ed25519,
        Algorithm::Es256 => Check::Ec(Curve::P256, &ECDSA_P256_SHA256_FIXED),
        Algorithm::Es384 => Check::Ec(Curve::P384, &ECDSA_P384_SHA384_FIXED),
        Algorithm::Es256Der => Check::Ec(Curve::P256, &ECDSA_P256_SHA256_ASN1),
        Algorithm::Es384Der => Check::Ec(Curve::P384, &ECDSA_P384_SHA384_ASN1),
        Algorithm::Rs256 => Check::Rsa(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Check::Rsa(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Check::Rsa(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Check::Rsa(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Check::Rsa(&RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Check::Rsa(&RSA_PSS_2048_8192_SHA512),
    }
}
