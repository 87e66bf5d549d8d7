//! `hex::*`: bytes as pairs of hex digits, and back (RFC 4648).

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use rhai::plugin::*;
use rhai::{Blob, Engine};

use super::{Fallible, refuse};

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("hex", exported_module!(functions).into());
}

#[export_module]
mod functions {
    /// A text's bytes as hex digits, two each, in lower case: `hex::encode("hi")` is `"6869"`.
    #[rhai_fn(name = "encode")]
    pub fn encode(text: &str) -> ImmutableString {
        HEXLOWER.encode(text.as_bytes()).into()
    }

    /// Bytes as hex digits, two each, in lower case.
    #[rhai_fn(name = "encode", pure)]
    pub fn encode_blob(bytes: &mut Blob) -> ImmutableString {
        HEXLOWER.encode(bytes).into()
    }

    /// The bytes that hex digits of either case stand for. Anything else, or an odd number of them: throws `bad_hex`.
    #[rhai_fn(name = "decode", return_raw)]
    pub fn decode(text: &str) -> Fallible<Blob> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes());
        bytes.or_else(|problem| refuse("bad_hex", format!("not hex digits in pairs: {problem}")))
    }
}
