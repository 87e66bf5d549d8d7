//! `text::*`: strings made safe for where they go.

use rhai::Engine;
use rhai::plugin::*;

use super::{html, url};

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("text", exported_module!(functions).into());
}

#[export_module]
mod functions {
    /// `& < > " '` as entities: safe between tags and in quoted attributes. The same as `html::escape`.
    #[rhai_fn(name = "escape_html")]
    pub fn escape_html(text: &str) -> ImmutableString {
        html::escaped(text)
    }

    /// Percent-encoded for one piece of a path or query (RFC 3986: all but `A-Z a-z 0-9 - . _ ~`). The same as `url::encode`.
    #[rhai_fn(name = "encode_uri")]
    pub fn encode_uri(text: &str) -> ImmutableString {
        url::encoded(text)
    }
}
