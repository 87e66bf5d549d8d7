//! Keys as texts of RFC 7468: public ones as `PUBLIC KEY` (RFC 5280), private ones as `PRIVATE KEY` (PKCS #8).

use p256::SecretKey;
use p256::pkcs8::der::asn1::{ObjectIdentifier, OctetStringRef, UintRef};
use p256::pkcs8::der::{self, Decode as _, Reader as _, SliceReader};
use p256::pkcs8::{DecodePrivateKey as _, PrivateKeyInfoRef, SubjectPublicKeyInfoRef};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};

use super::Bad;
use super::key::{Curve, Private, Public};

const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A public key.
pub(super) fn public(pem: &str) -> Result<Public, Bad> {
    let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).map_err(|error| {
        Bad::key(format!(
            "there is no `BEGIN PUBLIC KEY` in this text, or it is malformed: {}",
            malformed(&error)
        ))
    })?;
    let info = SubjectPublicKeyInfoRef::try_from(der.as_ref())
        .map_err(|error| Bad::key(format!("this is no public key: {error}")))?;
    let Some(key) = info.subject_public_key.as_bytes() else {
        return Err(Bad::key("this is no public key: it has a broken byte"));
    };
    let of = info.algorithm;
    match (of.oid, of.parameters_oid().ok()) {
        (ED25519, None) => Ok(Public::Ed25519(key.to_vec())),
        (EC, Some(P256)) => Ok(Public::Ec(Curve::P256, key.to_vec())),
        (EC, Some(P384)) => Ok(Public::Ec(Curve::P384, key.to_vec())),
        (RSA, None) => rsa(key).map_err(|error| Bad::key(format!("this is no RSA key: {error}"))),
        (oid, curve) => Err(unknown(oid, curve)),
    }
}

/// A private key.
pub(super) fn private(pem: &str) -> Result<Private, Bad> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| {
        Bad::key(format!(
            "there is no `BEGIN PRIVATE KEY` in this text, or it is malformed: {}",
            malformed(&error)
        ))
    })?;
    let der = der.secret_pkcs8_der();
    let info =
        PrivateKeyInfoRef::try_from(der).map_err(|error| Bad::key(format!("this is no private key: {error}")))?;
    match info.algorithm.oid {
        ED25519 => {
            let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes());
            let seed = seed.map_err(|error| Bad::key(format!("this is no private key: {error}")))?;
            Private::ed25519(seed.as_bytes(), None)
        }
        EC => {
            // Of another curve it is refused, too.
            let key = SecretKey::from_pkcs8_der(der)
                .map_err(|error| Bad::key(format!("this is no private key on P-256: {error}")))?;
            Private::p256(&key.to_bytes(), None)
        }
        oid => Err(unknown(oid, None)),
    }
}

/// What is wrong with a text, without anything of the text: that may be the key.
const fn malformed(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "it has a beginning and no end on lines of their own",
        pem::Error::IllegalSectionStart { .. } => "its first line is no beginning",
        pem::Error::Base64Decode(_) => "what is between beginning and end is not base64",
        pem::Error::NoItemsFound => "there is none",
        _ => "it cannot be read",
    }
}

/// The two numbers of an RSA key (RFC 8017, A.1.1).
fn rsa(key: &[u8]) -> der::Result<Public> {
    let mut reader = SliceReader::new(key)?;
    let public = reader.sequence(|reader| {
        let n = UintRef::decode(reader)?;
        let e = UintRef::decode(reader)?;
        Ok::<_, der::Error>(Public::Rsa {
            n: n.as_bytes().to_vec(),
            e: e.as_bytes().to_vec(),
        })
    })?;
    reader.finish()?;
    Ok(public)
}

fn unknown(oid: ObjectIdentifier, curve: Option<ObjectIdentifier>) -> Bad {
    let curve = curve.map_or(String::new(), |curve| format!(" with {curve}"));
    Bad::key(format!("a key of the kind {oid}{curve} is not for this"))
}
