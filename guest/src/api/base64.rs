//! `base64::*`: bytes as text of 64 characters, and back (RFC 4648).

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, Encoding};
use rhai::plugin::*;
use rhai::{Blob, Engine};

use super::{Fallible, refuse};

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("base64", exported_module!(functions).into());
}

/// Padding may be left out, but what is there has to be right.
fn decoded(text: &str, padded: &Encoding, bare: &Encoding) -> Fallible<Blob> {
    let encoding = if text.ends_with('=') { padded } else { bare };
    let bytes = encoding.decode(text.as_bytes());
    bytes.or_else(|problem| refuse("bad_base64", format!("not base64: {problem}")))
}

#[export_module]
mod functions {
    /// A text's bytes as base64, with padding: `base64::encode("hi")` is `"aGk="`.
    #[rhai_fn(name = "encode")]
    pub fn encode(text: &str) -> ImmutableString {
        BASE64.encode(text.as_bytes()).into()
    }

    /// Bytes as base64, with padding.
    #[rhai_fn(name = "encode", pure)]
    pub fn encode_blob(bytes: &mut Blob) -> ImmutableString {
        BASE64.encode(bytes).into()
    }

    /// The bytes that a base64 text stands for; `.as_string()` makes a text of them. Padding may be left out. Anything
    /// else than base64, line breaks too: throws `bad_base64`.
    #[rhai_fn(name = "decode", return_raw)]
    pub fn decode(text: &str) -> Fallible<Blob> {
        decoded(text, &BASE64, &BASE64_NOPAD)
    }

    /// A text's bytes as base64 for URLs and tokens: `-` and `_` in place of `+` and `/`, no padding.
    #[rhai_fn(name = "encode_url")]
    pub fn encode_url(text: &str) -> ImmutableString {
        BASE64URL_NOPAD.encode(text.as_bytes()).into()
    }

    /// Bytes as base64 for URLs and tokens: `-` and `_` in place of `+` and `/`, no padding.
    #[rhai_fn(name = "encode_url", pure)]
    pub fn encode_url_blob(bytes: &mut Blob) -> ImmutableString {
        BASE64URL_NOPAD.encode(bytes).into()
    }

    /// The bytes that a base64 text for URLs stands for, with padding or without. Anything else: throws `bad_base64`.
    #[rhai_fn(name = "decode_url", return_raw)]
    pub fn decode_url(text: &str) -> Fallible<Blob> {
        decoded(text, &BASE64URL, &BASE64URL_NOPAD)
    }
}
