//! The key of a token: the one that is given, or one of a set (RFC 7517) by its id.

use data_encoding::BASE64URL_NOPAD;
use rhai::{Array, Dynamic, ImmutableString, Map};

use super::algorithm::{Algorithm, Chosen};
use crate::api::keys::{PEM_MARK, SignatureKey};
use crate::api::{Fallible, refuse};

/// How it is said that there is none: whose fault that is.
type Refusal = fn(&str, String) -> Fallible<Chosen>;

/// The key to use with `algorithm`, by the id that a token names if it names one.
pub(super) fn choose(key: &Dynamic, algorithm: Algorithm, id: Option<&str>, or: Refusal) -> Fallible<Chosen> {
    if let Ok(map) = key.as_map_ref() {
        return match map.get("keys").map(Dynamic::as_array_ref) {
            Some(Ok(set)) => of_set(&set, algorithm, id, or),
            Some(Err(_)) => refuse("bad_key", "`keys` of a set of keys is an array"),
            None => of_map(&map, algorithm),
        };
    }
    // A public key as the secret of an HMAC would let anybody sign who knows it.
    let is_pem = key.as_immutable_string_ref().is_ok_and(|text| text.contains(PEM_MARK));
    if is_pem && matches!(algorithm, Algorithm::Hmac(_)) {
        return refuse("bad_key", "a PEM text is no key of an HMAC");
    }
    algorithm.key_of(key)
}

/// Of several, the one that the token means: by its id, or as it is the only one that suits.
fn of_set(set: &Array, algorithm: Algorithm, id: Option<&str>, or: Refusal) -> Fallible<Chosen> {
    let mut found = None;
    for key in set {
        let Ok(key) = key.as_map_ref() else { continue };
        let is_meant = id.is_none() || text(&key, "kid").as_deref() == id;
        if !is_meant || !suits(&key, algorithm) {
            continue;
        }
        if found.is_some() {
            return or("no_key", "several keys of the set suit the token".to_owned());
        }
        found = Some(of_map(&key, algorithm)?);
    }
    match found {
        Some(key) => Ok(key),
        None => or(
            "no_key",
            format!("the set has no key for a token of {}", algorithm.name()),
        ),
    }
}

fn suits(key: &Map, algorithm: Algorithm) -> bool {
    let is_for = |name: &str, value: &str| text(key, name).is_none_or(|said| said == value);
    algorithm.suits(&text(key, "kty").unwrap_or_default(), text(key, "crv").as_deref())
        && is_for("alg", algorithm.name())
        && is_for("use", "sig")
}

fn of_map(key: &Map, algorithm: Algorithm) -> Fallible<Chosen> {
    if !suits(key, algorithm) {
        let message = format!(
            "the key is not for {}, by its `kty`, `crv`, `alg` or `use`",
            algorithm.name()
        );
        return refuse("bad_key", message);
    }
    match algorithm {
        Algorithm::Signature(_) => SignatureKey::of(&key.clone().into()).map(Chosen::Signing),
        Algorithm::Hmac(_) => {
            let bytes = text(key, "k").and_then(|k| BASE64URL_NOPAD.decode(k.as_bytes()).ok());
            match bytes {
                Some(bytes) => Ok(Chosen::Shared(bytes)),
                None => refuse("bad_key", "the key's `k` is not base64url"),
            }
        }
    }
}

fn text(map: &Map, name: &str) -> Option<ImmutableString> {
    map.get(name)?.clone().try_cast()
}
