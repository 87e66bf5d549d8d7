//! `html::*`: texts made safe for a page.

use rhai::Engine;
use rhai::plugin::*;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("html", exported_module!(functions).into());
}

/// `& < > " '` as entities.
pub(super) fn escaped(text: &str) -> ImmutableString {
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

#[export_module]
mod functions {
    /// `& < > " '` as entities: safe between tags and in quoted attributes. `html::escape("<b>")` is `"&lt;b&gt;"`.
    #[rhai_fn(name = "escape")]
    pub fn escape(text: &str) -> ImmutableString {
        escaped(text)
    }
}
