//! A token as text: header, claims and signature, in base64url, with dots between them (RFC 7515, 7.1).

use data_encoding::BASE64URL_NOPAD;
use rhai::{Dynamic, ImmutableString, Map};

use super::not_taken;
use crate::api::{Fallible, refuse};
use crate::value;

/// A token that was read, and of which nothing is believed yet.
pub(super) struct Token<'a> {
    header: Map,
    /// Header and claims, as they stand there.
    signed: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Of its text.
    pub(super) fn read(text: &'a str) -> Fallible<Self> {
        let parts = text.rsplit_once('.').and_then(|(signed, signature)| {
            let (header, claims) = signed.split_once('.')?;
            (!claims.contains('.')).then_some((signed, header, claims, signature))
        });
        let Some((signed, header, claims, signature)) = parts else {
            return not_taken("bad_token", "a token has three parts with dots between them");
        };
        let header = object("header", header)?;
        if header.contains_key("crit") {
            return not_taken(
                "bad_token",
                "the token's header has `crit`, of which nothing is known here",
            );
        }
        Ok(Self {
            header,
            signed,
            claims,
            signature: decoded("signature", signature)?,
        })
    }

    /// How it says that it is signed.
    pub(super) fn algorithm(&self) -> Fallible<ImmutableString> {
        match self.text("alg")? {
            Some(name) => Ok(name),
            None => not_taken("bad_token", "the token's header has no `alg`"),
        }
    }

    /// The key that it names.
    pub(super) fn key_id(&self) -> Fallible<Option<ImmutableString>> {
        self.text("kid")
    }

    /// It has to be of this type (RFC 7515, 4.1.9).
    pub(super) fn check_type(&self, wanted: &str) -> Fallible<()> {
        let short = |typ: &str| {
            let typ = typ.to_ascii_lowercase();
            typ.strip_prefix("application/").map(str::to_owned).unwrap_or(typ)
        };
        match self.text("typ")? {
            Some(typ) if short(&typ) == short(wanted) => Ok(()),
            _ => not_taken("bad_token", format!("the token is not of the type {wanted:?}")),
        }
    }

    /// What the signature is of.
    pub(super) const fn signed(&self) -> &[u8] {
        self.signed.as_bytes()
    }

    /// The signature.
    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// What it says; to be believed when it was verified.
    pub(super) fn claims(&self) -> Fallible<Map> {
        object("claims", self.claims)
    }

    fn text(&self, name: &str) -> Fallible<Option<ImmutableString>> {
        match self.header.get(name).map(|value| value.clone().try_cast()) {
            None => Ok(None),
            Some(Some(text)) => Ok(Some(text)),
            Some(None) => not_taken("bad_token", format!("`{name}` in the token's header is no text")),
        }
    }
}

fn decoded(what: &str, text: &str) -> Fallible<Vec<u8>> {
    match BASE64URL_NOPAD.decode(text.as_bytes()) {
        Ok(bytes) => Ok(bytes),
        Err(_) => not_taken("bad_token", format!("the token's {what} is not base64url")),
    }
}

fn object(what: &str, text: &str) -> Fallible<Map> {
    let bytes = decoded(what, text)?;
    match value::from_json(&bytes).map(Dynamic::try_cast::<Map>) {
        Ok(Some(map)) => Ok(map),
        Ok(None) => not_taken("bad_token", format!("the token's {what} is no JSON object")),
        Err(problem) => not_taken("bad_token", format!("the token's {what} is not JSON: {problem}")),
    }
}

/// Header and claims as text.
pub(super) fn unsigned(header: Map, claims: Map) -> Fallible<String> {
    let encoded = |map: Map| match value::to_json(&map.into()) {
        Ok(json) => Ok(BASE64URL_NOPAD.encode(json.as_bytes())),
        Err(problem) => refuse("bad_json", format!("these are no claims: {problem}")),
    };
    Ok(format!("{}.{}", encoded(header)?, encoded(claims)?))
}

/// The token.
pub(super) fn with_signature(unsigned: String, signature: &[u8]) -> ImmutableString {
    let mut token = unsigned;
    token.push('.');
    BASE64URL_NOPAD.encode_append(signature, &mut token);
    token.into()
}
