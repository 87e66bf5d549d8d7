//! How much a schema is: what it comes to when all that it refers to is written out, so that it is known beforehand what it
//! takes to check a document.
//!
//! A schema of which this is not known is refused: one that refers to itself, or to what is elsewhere.

use std::collections::{HashMap, HashSet};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::bad_schema::{BadSchema, DEPTH_MAX, PATTERNS_MAX, VALUES_MAX};
use super::pattern;

/// `uniqueItems` compares what is in an array with each other.
const UNIQUE_VALUES: u64 = 16;
/// `multipleOf` divides exactly.
const MULTIPLE_VALUES: u64 = 32;
/// Steps of `format` for each byte of text.
const FORMAT_PER_BYTE: u64 = 4;

/// Keywords with a schema, or an array of them.
const ONE: &[&str] = &[
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "prefixItems",
    "propertyNames",
    "then",
];
/// Keywords with schemas by name.
const NAMED: &[&str] = &["dependencies", "dependentSchemas", "patternProperties", "properties"];
/// Keywords of which it cannot be known what they take.
const UNBOUNDED: &[&str] = &[
    "$dynamicRef",
    "$recursiveRef",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords with schemas that apply only where they are referred to.
const ELSEWHERE: &[&str] = &["$defs", "definitions"];
/// Keywords that make another document of a part: its references would be other ones.
const OF_THE_WHOLE: &[&str] = &["$id", "$schema"];

/// How much a schema is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    /// JSON values that are looked at for one value of a document, at most.
    pub(super) values: u64,
    /// Steps for each byte of its texts.
    pub(super) per_byte: u64,
    /// Whether there are alternatives, each with its own errors.
    pub(super) branches: bool,
    /// Regular expressions, each as often as it stands there.
    pub(super) patterns: u64,
    depth: u32,
}

impl Extent {
    /// Of `schema`.
    pub(super) fn of(schema: &Value) -> Result<Self, BadSchema> {
        let mut parts = schema.as_object().into_iter().flatten();
        parts.try_for_each(|(_, part)| one_document(part))?;
        let mut walk = Walk {
            whole: schema,
            targets: HashMap::new(),
            patterns: HashSet::new(),
        };
        walk.schema(schema, 1)
    }

    /// Steps to check a document of so many values, which has so many bytes of text.
    pub(super) const fn steps(self, values: u64, bytes: u64) -> u64 {
        let looked_at = self.values.saturating_mul(values.saturating_add(bytes / 16));
        looked_at.saturating_add(self.per_byte.saturating_mul(bytes))
    }

    fn add(&mut self, other: Self) -> Result<(), BadSchema> {
        self.values = self.values.saturating_add(other.values);
        self.per_byte = self.per_byte.saturating_add(other.per_byte);
        self.branches |= other.branches;
        self.patterns = self.patterns.saturating_add(other.patterns);
        self.depth = self.depth.max(other.depth);
        if self.values > VALUES_MAX {
            return Err(BadSchema::TooMuch);
        }
        Ok(())
    }

    const fn of_values(values: u64) -> Self {
        Self {
            values,
            per_byte: 0,
            patterns: 0,
            branches: false,
            depth: 0,
        }
    }
}

/// Refuses what only a whole schema has.
fn one_document(value: &Value) -> Result<(), BadSchema> {
    match value {
        Value::Array(values) => values.iter().try_for_each(one_document),
        Value::Object(pairs) => pairs.iter().try_for_each(|(key, value)| {
            if value.is_string() && OF_THE_WHOLE.contains(&key.as_str()) {
                return Err(BadSchema::NotAtTheTop(key.clone()));
            }
            one_document(value)
        }),
        _ => Ok(()),
    }
}

struct Walk<'a> {
    whole: &'a Value,
    /// What is referred to; nothing while it is under way.
    targets: HashMap<&'a str, Option<Extent>>,
    patterns: HashSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn schema(&mut self, schema: &'a Value, depth: u32) -> Result<Extent, BadSchema> {
        if depth > DEPTH_MAX {
            return Err(BadSchema::TooDeep);
        }
        let mut extent = Extent::of_values(1);
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            extent.add(self.keyword(keyword, value, depth)?)?;
        }
        extent.depth += 1;
        Ok(extent)
    }

    fn keyword(&mut self, keyword: &'a str, value: &'a Value, depth: u32) -> Result<Extent, BadSchema> {
        match (keyword, value) {
            ("$ref", Value::String(to)) => self.reference(to, depth),
            ("pattern", Value::String(pattern)) => self.pattern(pattern),
            ("uniqueItems", _) => Ok(Extent::of_values(UNIQUE_VALUES)),
            ("multipleOf", _) => Ok(Extent::of_values(MULTIPLE_VALUES)),
            ("format", _) => Ok(Extent {
                per_byte: FORMAT_PER_BYTE,
                ..Extent::of_values(1)
            }),
            _ if UNBOUNDED.contains(&keyword) => Err(BadSchema::Unbounded(keyword.to_owned())),
            _ if ELSEWHERE.contains(&keyword) => Ok(Extent::default()),
            _ if ONE.contains(&keyword) => {
                let mut extent = Extent {
                    branches: ["anyOf", "oneOf"].contains(&keyword),
                    ..Extent::of_values(1)
                };
                let schemas = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                for schema in schemas {
                    extent.add(self.schema(schema, depth + 1)?)?;
                }
                Ok(extent)
            }
            (_, Value::Object(schemas)) if NAMED.contains(&keyword) => {
                let mut extent = Extent::of_values(1);
                for (name, schema) in schemas {
                    if keyword == "patternProperties" {
                        extent.add(self.pattern(name)?)?;
                    }
                    extent.add(self.schema(schema, depth + 1)?)?;
                    // Not a schema: names that have to be there.
                    extent.add(Extent::of_values(schema.as_array().map_or(0, Vec::len) as u64))?;
                }
                Ok(extent)
            }
            _ => Ok(Extent::of_values(count(value))),
        }
    }

    fn reference(&mut self, to: &'a str, depth: u32) -> Result<Extent, BadSchema> {
        match self.targets.get(to) {
            Some(None) => return Err(BadSchema::Circle(to.to_owned())),
            Some(Some(known)) if depth + known.depth > DEPTH_MAX => return Err(BadSchema::TooDeep),
            Some(Some(known)) => return Ok(*known),
            None => {}
        }
        let pointer = to
            .strip_prefix('#')
            .and_then(|rest| percent_decode_str(rest).decode_utf8().ok());
        let target = pointer.and_then(|pointer| self.whole.pointer(&pointer));
        let target = target.ok_or_else(|| BadSchema::Elsewhere(to.to_owned()))?;
        self.targets.insert(to, None);
        let extent = self.schema(target, depth + 1)?;
        self.targets.insert(to, Some(extent));
        Ok(extent)
    }

    fn pattern(&mut self, pattern: &'a str) -> Result<Extent, BadSchema> {
        if !self.patterns.contains(pattern) {
            if self.patterns.len() == PATTERNS_MAX {
                return Err(BadSchema::Patterns);
            }
            if !pattern::is_small(pattern) {
                return Err(BadSchema::Pattern(pattern.to_owned()));
            }
            self.patterns.insert(pattern);
        }
        Ok(Extent {
            per_byte: pattern::STEPS_PER_BYTE,
            patterns: 1,
            ..Extent::of_values(1)
        })
    }
}

/// How many values there are in `value`, with itself.
pub(super) fn count(value: &Value) -> u64 {
    match value {
        Value::Array(values) => 1 + values.iter().map(count).sum::<u64>(),
        Value::Object(pairs) => 1 + pairs.values().map(count).sum::<u64>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn extent(schema: &Value) -> Result<Extent, String> {
        Extent::of(schema).map_err(|why| why.to_string())
    }

    #[test]
    fn what_is_referred_to_counts_each_time() {
        let plain = extent(&json!({ "properties": { "a": { "type": "string" } } })).unwrap();
        assert_eq!((plain.values, plain.per_byte, plain.branches), (4, 0, false));
        let twice = json!({
            "$defs": { "a": { "pattern": "^x" }, "unused": { "type": "string" } },
            "anyOf": [{ "$ref": "#/$defs/a" }, { "$ref": "#/%24defs/a" }, { "enum": [1, 2, 3] }],
        });
        let twice = extent(&twice).unwrap();
        assert_eq!((twice.values, twice.per_byte, twice.branches), (13, 4, true));
    }

    #[test]
    fn what_cannot_be_bounded_is_refused_by_name() {
        let doubled = |levels: usize| {
            let mut defs: Map<String, Value> = (0..levels)
                .map(|level| {
                    let next = json!({ "$ref": format!("#/$defs/d{}", level + 1) });
                    (format!("d{level}"), json!({ "allOf": [next, next] }))
                })
                .collect();
            defs.insert(format!("d{levels}"), json!({ "type": "string" }));
            json!({ "$defs": defs, "$ref": "#/$defs/d0" })
        };
        let deep = (0..40).fold(json!({}), |inner, _| json!({ "not": inner }));
        let patterns: Map<String, Value> = (0..33).map(|n| (format!("^a{n}"), json!({}))).collect();
        for (schema, words) in [
            (json!({ "properties": { "a": { "$ref": "#" } } }), "to itself"),
            (
                json!({ "$defs": { "a": { "items": { "$ref": "#/$defs/b" } }, "b": { "not": { "$ref": "#/$defs/a" } } },
                        "$ref": "#/$defs/a" }),
                "to itself",
            ),
            (
                json!({ "properties": { "a": { "not": { "$ref": "#/properties/a" } } } }),
                "to itself",
            ),
            (
                json!({ "$ref": "https://example.com/a.json" }),
                "https://example.com/a.json",
            ),
            (json!({ "$ref": "#anchor" }), "#anchor"),
            (json!({ "$ref": "#/$defs/none" }), "#/$defs/none"),
            (json!({ "not": { "$id": "https://example.com/b" } }), "$id"),
            (
                json!({ "not": { "unevaluatedProperties": false } }),
                "unevaluatedProperties",
            ),
            (json!({ "$dynamicRef": "#a" }), "$dynamicRef"),
            (doubled(14), "20000"),
            (doubled(1000), "32"),
            (deep, "32"),
            (json!({ "enum": vec![1; 20_000] }), "20000"),
            (json!({ "patternProperties": patterns }), "32 different"),
            (json!({ "patternProperties": { "(": {} } }), "`(`"),
        ] {
            let said = extent(&schema).unwrap_err();
            assert!(said.contains(words), "{schema:.100}: {said}");
        }
        // What is only called so is a field.
        let named = json!({ "properties": { "$ref": { "type": "string" }, "$id": { "type": "string" }, "unevaluatedItems": {} } });
        assert!(extent(&named).is_ok());
    }

    #[test]
    fn steps_do_not_overflow() {
        let large = Extent {
            values: u64::MAX,
            per_byte: u64::MAX,
            ..Extent::default()
        };
        assert_eq!(large.steps(u64::MAX, u64::MAX), u64::MAX);
        let small = Extent {
            per_byte: 25,
            ..Extent::of_values(3)
        };
        assert_eq!(small.steps(10, 160), 3 * 20 + 25 * 160);
    }
}
