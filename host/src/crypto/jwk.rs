//! Keys as JSON (RFC 7517, RFC 7518, RFC 8037).

use data_encoding::BASE64URL_NOPAD;
use picloud_sdk::call::crypto::Algorithm;
use serde::Deserialize;

use super::Bad;
use super::key::{Curve, Private, Public};

/// How an uncompressed point begins.
const UNCOMPRESSED: u8 = 4;

/// What of a key is looked at; what else is in it is left alone.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

/// A public key; the private half of one is not looked at.
pub(super) fn public(json: &str, algorithm: Algorithm) -> Result<Public, Bad> {
    let jwk = read(json, algorithm, "verify")?;
    match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("OKP", Some("Ed25519")) => jwk.x().map(Public::Ed25519),
        ("EC", Some("P-256")) => jwk.point(Curve::P256).map(|point| Public::Ec(Curve::P256, point)),
        ("EC", Some("P-384")) => jwk.point(Curve::P384).map(|point| Public::Ec(Curve::P384, point)),
        ("RSA", _) => Ok(Public::Rsa {
            n: decoded("n", jwk.n.as_deref())?,
            e: decoded("e", jwk.e.as_deref())?,
        }),
        (kty, crv) => Err(unknown(kty, crv)),
    }
}

/// A private key.
pub(super) fn private(json: &str, algorithm: Algorithm) -> Result<Private, Bad> {
    let jwk = read(json, algorithm, "sign")?;
    match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("OKP", Some("Ed25519")) => {
            let public = jwk.x.is_some().then(|| jwk.x()).transpose()?;
            Private::ed25519(&decoded("d", jwk.d.as_deref())?, public.as_deref())
        }
        ("EC", Some("P-256")) => {
            let public = jwk.x.is_some().then(|| jwk.point(Curve::P256)).transpose()?;
            Private::p256(&decoded("d", jwk.d.as_deref())?, public.as_deref())
        }
        (kty, crv) => Err(unknown(kty, crv)),
    }
}

fn read(json: &str, algorithm: Algorithm, operation: &str) -> Result<Jwk, Bad> {
    let jwk: Jwk = serde_json::from_str(json)
        .map_err(|_| Bad::key("this is no JWK: its members are others than RFC 7517 says"))?;
    let wanted = algorithm.jose_name();
    if let Some(alg) = jwk.alg.as_deref().filter(|alg| *alg != wanted) {
        return Err(Bad::key(format!("the key is for {alg:?}, not for {wanted}")));
    }
    if let Some(usage) = jwk.usage.as_deref().filter(|usage| *usage != "sig") {
        return Err(Bad::key(format!("the key is for {usage:?}, not for signatures")));
    }
    let operations = jwk.key_ops.as_ref();
    if operations.is_some_and(|operations| !operations.iter().any(|known| known == operation)) {
        return Err(Bad::key(format!("the key's `key_ops` have no {operation:?}")));
    }
    Ok(jwk)
}

fn unknown(kty: &str, crv: Option<&str>) -> Bad {
    let curve = crv.map_or(String::new(), |crv| format!(" on {crv:?}"));
    Bad::key(format!("a key of the type {kty:?}{curve} is not for this"))
}

fn decoded(name: &str, value: Option<&str>) -> Result<Vec<u8>, Bad> {
    let Some(value) = value else {
        return Err(Bad::key(format!("the key has no `{name}`")));
    };
    let bytes = BASE64URL_NOPAD.decode(value.as_bytes());
    bytes.map_err(|error| Bad::key(format!("the key's `{name}` is not base64url: {error}")))
}

impl Jwk {
    fn x(&self) -> Result<Vec<u8>, Bad> {
        decoded("x", self.x.as_deref())
    }

    fn point(&self, curve: Curve) -> Result<Vec<u8>, Bad> {
        let (x, y) = (self.x()?, decoded("y", self.y.as_deref())?);
        let bytes = curve.bytes();
        if x.len() != bytes || y.len() != bytes {
            return Err(Bad::key(format!("the key's `x` and `y` have {bytes} bytes each")));
        }
        Ok([&[UNCOMPRESSED][..], &x, &y].concat())
    }
}
