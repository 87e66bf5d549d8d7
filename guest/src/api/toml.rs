//! `toml::*`: configuration as values (TOML 1.0).

use rhai::plugin::*;
use rhai::{Array, Dynamic, Engine, Map};
use toml::{Table, Value};

use super::{Fallible, RUNS, only_described, refuse};

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("toml", exported_module!(functions).into());
}

/// As deep as the reader lets it be, which is 80 levels.
fn value_of(value: Value) -> Dynamic {
    match value {
        Value::String(text) => text.into(),
        Value::Integer(number) => number.into(),
        Value::Float(number) => number.into(),
        Value::Boolean(flag) => flag.into(),
        Value::Datetime(moment) => moment.to_string().into(),
        Value::Array(values) => values.into_iter().map(value_of).collect::<Array>().into(),
        Value::Table(table) => map_of(table).into(),
    }
}

fn map_of(table: Table) -> Map {
    let entries = table.into_iter().map(|(key, value)| (key.into(), value_of(value)));
    entries.collect()
}

fn parsed(text: &str) -> Fallible<Map> {
    if !RUNS {
        return only_described();
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.parse::<Table>().map(map_of).or_else(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.split('\n').count();
        refuse(
            "bad_toml",
            format!("no TOML, at line {line}: {}", error.message().trim()),
        )
    })
}

#[export_module]
mod functions {
    /// A TOML text as a map; dates and times are strings as they are written: `toml::parse("a = 1\n[b]\nc = 'x'")` is
    /// `#{ a: 1, b: #{ c: "x" } }`. Malformed, a key that is there twice, or more than 80 levels: throws `bad_toml`.
    #[rhai_fn(name = "parse", return_raw)]
    pub fn parse(text: &str) -> Fallible<Map> {
        parsed(text)
    }
}
