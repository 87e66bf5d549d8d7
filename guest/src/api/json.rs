//! `json::*`: JSON as text and back.

use rhai::plugin::*;
use rhai::{Dynamic, Engine, Module};

use super::{Fallible, refuse};
use crate::value;

pub(super) fn register(engine: &mut Engine, global: &mut Module) {
    engine.register_static_module("json", exported_module!(functions).into());
    combine_with_exported_module!(global, "json", rhai_names);
}

#[export_module]
mod functions {
    /// A JSON text as a value. Malformed, or with an integer that an int has no room for: throws `bad_json`.
    #[rhai_fn(name = "parse", return_raw)]
    pub fn parse(text: &str) -> Fallible<Dynamic> {
        value::from_json(text.as_bytes()).or_else(|problem| refuse("bad_json", format!("not JSON: {problem}")))
    }

    /// A value as a JSON text. A value with no JSON form, such as a closure: throws `bad_json`.
    #[rhai_fn(name = "stringify", pure, return_raw)]
    pub fn stringify(value: &mut Dynamic) -> Fallible<ImmutableString> {
        match value::to_json(value) {
            Ok(json) => Ok(json.into()),
            Err(problem) => refuse("bad_json", problem),
        }
    }

    /// The same for people: a line for each value, indented by two spaces.
    #[rhai_fn(name = "pretty", pure, return_raw)]
    pub fn pretty(value: &mut Dynamic) -> Fallible<ImmutableString> {
        match value::to_json_pretty(value) {
            Ok(json) => Ok(json.into()),
            Err(problem) => refuse("bad_json", problem),
        }
    }
}

/// The names that Rhai itself has for the same; a build without a parser lacks the first.
#[export_module]
mod rhai_names {
    /// A JSON text as a value. Malformed: throws `bad_json`. The same as `json::parse`.
    #[rhai_fn(name = "parse_json", return_raw)]
    pub fn parse_json(json: &str) -> Fallible<Dynamic> {
        value::from_json(json.as_bytes()).or_else(|problem| refuse("bad_json", format!("not JSON: {problem}")))
    }
}
