//! `regex::*`: regular expressions, in time that grows with the text alone.

use std::cell::RefCell;
use std::collections::BTreeMap;

use regex_lite::{Captures, Regex, RegexBuilder};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Engine, Map};

use super::{Fallible, refuse};

/// What is longer is no pattern.
const PATTERN_BYTES_MAX: usize = 4096;
/// What a pattern may come to when it is compiled: each character of a text is held against all of it.
const PROGRAM_BYTES_MAX: usize = 256 << 10;
/// Compiled ones that are kept; with another one all are forgotten.
const KEPT_MAX: usize = 64;

thread_local! {
    /// Patterns that the run has used.
    static KEPT: RefCell<BTreeMap<String, Regex>> = const { RefCell::new(BTreeMap::new()) };
}

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("regex", exported_module!(functions).into());
}

fn compiled(pattern: &str) -> Fallible<Regex> {
    if let Some(regex) = KEPT.with_borrow(|kept| kept.get(pattern).cloned()) {
        return Ok(regex);
    }
    if pattern.len() > PATTERN_BYTES_MAX {
        return refuse(
            "bad_pattern",
            format!(
                "a pattern has at most {PATTERN_BYTES_MAX} bytes, this one {}",
                pattern.len()
            ),
        );
    }
    let regex = RegexBuilder::new(pattern).size_limit(PROGRAM_BYTES_MAX).build();
    let regex = regex.or_else(|why| refuse("bad_pattern", format!("`{pattern}` is no pattern: {why}")))?;
    KEPT.with_borrow_mut(|kept| {
        if kept.len() == KEPT_MAX {
            kept.clear();
        }
        kept.insert(pattern.to_owned(), regex.clone());
    });
    Ok(regex)
}

/// Groups by number and, where they have one, by name.
fn groups(regex: &Regex, found: &Captures<'_>) -> Map {
    let mut map = Map::new();
    for (number, name) in regex.capture_names().enumerate() {
        let group = found.get(number);
        let text = group.map_or(Dynamic::UNIT, |group| {
            Dynamic::from(ImmutableString::from(group.as_str()))
        });
        if let Some(name) = name {
            map.insert(name.into(), text.clone());
        }
        map.insert(number.to_string().into(), text);
    }
    map
}

#[export_module]
mod functions {
    /// Whether the pattern is found anywhere in the text: `regex::test("a1", "[0-9]")` is `true`. No pattern, or one
    /// that is too large: throws `bad_pattern`, here and in the others.
    #[rhai_fn(name = "test", return_raw)]
    pub fn test(text: &str, pattern: &str) -> Fallible<bool> {
        Ok(compiled(pattern)?.is_match(text))
    }

    /// What the pattern finds first, or `()`: `regex::find("a12b3", "[0-9]+")` is `"12"`.
    #[rhai_fn(name = "find", return_raw)]
    pub fn find(text: &str, pattern: &str) -> Fallible<Dynamic> {
        let found = compiled(pattern)?
            .find(text)
            .map(|found| ImmutableString::from(found.as_str()));
        Ok(found.map_or(Dynamic::UNIT, Into::into))
    }

    /// All that the pattern finds, one behind the other: `regex::find_all("a12b3", "[0-9]+")` is `["12", "3"]`.
    #[rhai_fn(name = "find_all", return_raw)]
    pub fn find_all(text: &str, pattern: &str) -> Fallible<Array> {
        let regex = compiled(pattern)?;
        let found = regex
            .find_iter(text)
            .map(|found| ImmutableString::from(found.as_str()).into());
        Ok(found.collect())
    }

    /// The groups of what the pattern finds first, as a map by number (`"0"` is all of it) and by name, or `()`. A
    /// group that took no part is `()`: `regex::captures("k=v", "(?<key>\\w)=(\\w)")` is
    /// `#{ "0": "k=v", "1": "k", "2": "v", key: "k" }`.
    #[rhai_fn(name = "captures", return_raw)]
    pub fn captures(text: &str, pattern: &str) -> Fallible<Dynamic> {
        let regex = compiled(pattern)?;
        let found = regex.captures(text).map(|found| groups(&regex, &found));
        Ok(found.map_or(Dynamic::UNIT, Into::into))
    }

    /// The groups of all that the pattern finds, as an array of such maps.
    #[rhai_fn(name = "captures_all", return_raw)]
    pub fn captures_all(text: &str, pattern: &str) -> Fallible<Array> {
        let regex = compiled(pattern)?;
        Ok(regex
            .captures_iter(text)
            .map(|found| groups(&regex, &found).into())
            .collect())
    }

    /// The text with all that the pattern finds replaced; `$1`, `${1}` and `${name}` stand for groups, `$$` for a `$`.
    /// `regex::replace("2026-01", "(\\d+)-(\\d+)", "$2/$1")` is `"01/2026"`.
    #[rhai_fn(name = "replace", return_raw)]
    pub fn replace(text: &str, pattern: &str, by: &str) -> Fallible<ImmutableString> {
        Ok(compiled(pattern)?.replace_all(text, by).as_ref().into())
    }

    /// What stands between what the pattern finds: `regex::split("a, b;c", "[,;] *")` is `["a", "b", "c"]`.
    #[rhai_fn(name = "split", return_raw)]
    pub fn split(text: &str, pattern: &str) -> Fallible<Array> {
        let regex = compiled(pattern)?;
        Ok(regex
            .split(text)
            .map(|part| ImmutableString::from(part).into())
            .collect())
    }

    /// A text as a pattern that finds just it.
    #[rhai_fn(name = "escape")]
    pub fn escape(text: &str) -> ImmutableString {
        regex_lite::escape(text).into()
    }
}
