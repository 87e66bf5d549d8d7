//! `text::*`: strings made safe for where they go.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rhai::Engine;
use rhai::plugin::*;

/// RFC 3986's unreserved characters stay.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("text", exported_module!(functions).into());
}

#[export_module]
mod functions {
    /// `& < > " '` as entities: safe between tags and in quoted attributes.
    #[rhai_fn(name = "escape_html")]
    pub fn escape_html(text: &str) -> ImmutableString {
        let mut safe = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '&' => safe.push_str("&amp;"),
                '<' => safe.push_str("&lt;"),
                '>' => safe.push_str("&gt;"),
                '"' => safe.push_str("&quot;"),
                '\'' => safe.push_str("&#39;"),
                other => safe.push(other),
            }
        }
        safe.into()
    }

    /// Percent-encoded for one piece of a path or query (RFC 3986: all but `A-Z a-z 0-9 - . _ ~`).
    #[rhai_fn(name = "encode_uri")]
    pub fn encode_uri(text: &str) -> ImmutableString {
        utf8_percent_encode(text, RESERVED).to_string().into()
    }
}
