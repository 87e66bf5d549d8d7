//! What documents of a collection have to be like: a JSON Schema, understood once and checked at every write.
//!
//! It sees a document as JSON, as [`crate::data::json`] writes it. What a schema may be is bounded so that it is known
//! beforehand what a check takes at most: [`Schema::steps`].

use std::fmt;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, ValidationError, Validator};
use picloud_sdk::value::Value as Tree;
use serde_json::Value;

pub use super::bad_schema::{BYTES_MAX, BadSchema};
use super::extent::{self, Extent};
use super::pattern;
use crate::data::json;

/// Documents and schemas with alternatives that come to more are not looked at for where it is wrong: each alternative has
/// errors of its own, and they are all made.
const EXPLAINED_MAX: u64 = 1 << 18;
/// Characters of a message: what is required, and what was found.
const REQUIRED_MAX: usize = 300;
const FOUND_MAX: usize = 100;
/// What a schema takes in memory, about: for each value, and for each byte of it.
const VALUE_BYTES: u64 = 512;
const TEXT_BYTES: u64 = 16;

/// A schema, understood.
pub struct Schema {
    validator: Validator,
    extent: Extent,
    bytes: usize,
}

/// A document, as schemas see it.
#[derive(Debug)]
pub struct Document {
    json: Value,
    values: u64,
    text_bytes: u64,
}

/// What is wrong with a document, in the first place where something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where in it, as `address.city`; nothing for all of it.
    pub at: String,
    /// What is required.
    pub required: String,
    /// What there is, or the beginning of it.
    pub found: String,
}

impl Schema {
    /// The schema that `text` is.
    ///
    /// # Errors
    /// When it is none, or could take too long.
    pub fn new(text: &str) -> Result<Self, BadSchema> {
        if text.len() > BYTES_MAX {
            return Err(BadSchema::TooLong(text.len()));
        }
        let whole = serde_json::from_str(text).map_err(|why| BadSchema::Malformed(why.to_string()))?;
        let Value::Object(pairs) = &whole else {
            return Err(BadSchema::NoObject);
        };
        let draft = pairs.get("$schema").map_or(Ok(Draft::Draft202012), dialect)?;
        let extent = Extent::of(&whole)?;
        let validator = pattern::options(draft).build(&whole).map_err(|why| invalid(&why))?;
        Ok(Self {
            validator,
            extent,
            bytes: text.len(),
        })
    }

    /// What checking `document` takes at most; a thousand steps are some microseconds.
    #[must_use]
    pub const fn steps(&self, document: &Document) -> u64 {
        self.extent.steps(document.values, document.text_bytes)
    }

    /// What it takes in memory, about.
    #[must_use]
    pub const fn memory_bytes(&self) -> u64 {
        let Extent { values, patterns, .. } = self.extent;
        values * VALUE_BYTES + self.bytes as u64 * TEXT_BYTES + patterns * pattern::BYTES
    }

    /// Whether `document` is as it has to be.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self, document: &Document) -> Result<(), Violation> {
        if self.validator.is_valid(&document.json) {
            return Ok(());
        }
        let errors_max = self.extent.values.saturating_mul(document.values);
        if self.extent.branches && errors_max > EXPLAINED_MAX {
            return Err(Violation {
                at: String::new(),
                required: "the document is too large to say what is wrong with it".to_owned(),
                found: String::new(),
            });
        }
        self.validator
            .validate(&document.json)
            .map_err(|error| Violation::of(&error))
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema")
            .field("extent", &self.extent)
            .finish_non_exhaustive()
    }
}

impl Document {
    /// A document as JSON.
    ///
    /// # Errors
    /// As [`json::tree`].
    pub fn of(document: &Tree) -> serde_json::Result<Self> {
        let json = json::tree(document)?;
        Ok(Self {
            values: extent::count(&json),
            text_bytes: text_bytes(&json),
            json,
        })
    }
}

impl Violation {
    fn of(error: &ValidationError<'_>) -> Self {
        let place = dotted(error.instance_path().as_str());
        // It has the name, and not where it stands.
        let inner = match error.kind() {
            ValidationErrorKind::PropertyNames { error } => Some(error),
            _ => None,
        };
        let required = inner.map_or_else(
            || error.masked_with("it").to_string(),
            |inner| format!("of its names, {inner}"),
        );
        Self {
            at: shortened(place, REQUIRED_MAX),
            required: shortened(required, REQUIRED_MAX),
            found: shortened(error.instance().to_string(), FOUND_MAX),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, required, found } = self;
        if !at.is_empty() {
            write!(f, "`{at}`: ")?;
        }
        f.write_str(required)?;
        if found.is_empty() {
            return Ok(());
        }
        write!(f, "; found {found}")
    }
}

fn dialect(named: &Value) -> Result<Draft, BadSchema> {
    let name = named.as_str().map(|name| name.trim_end_matches('#'));
    match name {
        Some("https://json-schema.org/draft/2020-12/schema") => Ok(Draft::Draft202012),
        Some("https://json-schema.org/draft/2019-09/schema") => Ok(Draft::Draft201909),
        Some("http://json-schema.org/draft-07/schema" | "https://json-schema.org/draft-07/schema") => Ok(Draft::Draft7),
        _ => Err(BadSchema::Dialect(named.to_string())),
    }
}

fn invalid(error: &ValidationError<'_>) -> BadSchema {
    let place = error.instance_path().as_str();
    let at = if place.is_empty() {
        String::new()
    } else {
        format!("`{}`: ", shortened(dotted(place), REQUIRED_MAX))
    };
    let why = shortened(error.to_string(), REQUIRED_MAX);
    BadSchema::Invalid { at, why }
}

/// A JSON pointer as a path of a document.
fn dotted(pointer: &str) -> String {
    let names = pointer.split('/').skip(1);
    let names: Vec<String> = names.map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
    names.join(".")
}

fn shortened(mut text: String, characters: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(characters) {
        text.truncate(end);
        text.push('…');
    }
    text
}

fn text_bytes(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Array(values) => values.iter().map(text_bytes).sum(),
        Value::Object(pairs) => pairs
            .iter()
            .map(|(key, value)| key.len() as u64 + text_bytes(value))
            .sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(schema: &Value, document: &str) -> Result<(), String> {
        let schema = Schema::new(&schema.to_string()).unwrap();
        let document = Document::of(&json::read(document).unwrap()).unwrap();
        schema.check(&document).map_err(|violation| violation.to_string())
    }

    #[test]
    fn a_violation_says_where_and_what() {
        let schema = json!({
            "type": "object",
            "required": ["id", "name"],
            "additionalProperties": false,
            "properties": {
                "id": { "type": "string", "pattern": "^[a-z]+$" },
                "name": { "type": "string", "minLength": 2 },
                "at": { "type": "object", "properties": { "city": { "enum": ["Bern", "Thun"] } }, "propertyNames": { "maxLength": 4 } },
                "tags": { "type": "array", "items": { "type": "string" }, "uniqueItems": true },
                "born": { "type": "string", "format": "date" },
                "n": { "anyOf": [{ "type": "integer" }, { "type": "null" }] },
            },
        });
        assert_eq!(
            checked(&schema, r#"{"id":"a","name":"Ada","at":{"city":"Bern"},"n":1.0}"#),
            Ok(())
        );
        for (document, said) in [
            (r#"{"id":"a"}"#, r#""name" is a required property; found {"id":"a"}"#),
            (
                r#"{"id":"a","name":"Ada","at":{"city":"Rome"}}"#,
                r#"`at.city`: it is not one of "Bern" or "Thun"; found "Rome""#,
            ),
            (
                r#"{"id":"a","name":"Ada","tags":["x",5]}"#,
                r#"`tags.1`: it is not of type "string"; found 5"#,
            ),
            (
                r#"{"id":"a","name":"Ada","tags":["x","x"]}"#,
                r#"`tags`: it has non-unique elements; found ["x","x"]"#,
            ),
            (
                r#"{"id":"A","name":"Ada"}"#,
                r#"`id`: it does not match "^[a-z]+$"; found "A""#,
            ),
            (
                r#"{"id":"a","name":"Ada","born":"today"}"#,
                r#"`born`: it is not a "date"; found "today""#,
            ),
            (
                r#"{"id":"a","name":"Ada","n":"x"}"#,
                r#"`n`: it is not valid under any of the schemas listed in the 'anyOf' keyword; found "x""#,
            ),
            (
                r#"{"id":"a","name":"Ada","more":1}"#,
                r#"Additional properties are not allowed ('more' was unexpected); found {"id":"a","more":1,"name":"Ada"}"#,
            ),
        ] {
            assert_eq!(checked(&schema, document), Err(said.to_owned()), "{document}");
        }
        let names = checked(&schema, r#"{"id":"a","name":"Ada","at":{"street":1}}"#).unwrap_err();
        assert!(
            names.starts_with("`at`: of its names, \"street\" is longer than 4"),
            "{names}"
        );
    }

    #[test]
    fn a_message_is_short() {
        let schema = json!({ "properties": { "a": { "const": "x".repeat(1000) } } });
        let document = format!(r#"{{"a":"{}"}}"#, "é".repeat(100_000));
        let said = checked(&schema, &document).unwrap_err();
        assert!(said.chars().count() < 500 && said.contains('…'), "{said}");
    }

    #[test]
    fn what_json_has_not_is_an_object() {
        let schema = json!({ "properties": {
            "when": { "required": ["$time"] }, "bytes": { "properties": { "$blob": { "maxLength": 4 } } }, "c": { "type": "object" },
        } });
        let document = r#"{"when":{"$time":0},"bytes":{"$blob":"AP8="},"c":{"$char":"x"}}"#;
        assert_eq!(checked(&schema, document), Ok(()));
        assert!(checked(&schema, r#"{"when":0,"c":"x"}"#).is_err());
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        for (text, words) in [
            ("{", "no JSON"),
            ("true", "an object"),
            (r#"{"type":"text"}"#, "`type`"),
            (r#"{"$schema":"http://json-schema.org/draft-04/schema#"}"#, "draft-04"),
            (r#"{"$ref":"file:///etc/passwd"}"#, "/etc/passwd"),
            (r#"{"properties":{"a":{"minimum":"1"}}}"#, "`properties.a.minimum`"),
            (&"[".repeat(1000), "no JSON"),
            (&" ".repeat(BYTES_MAX + 1), "65536 are allowed"),
        ] {
            let said = Schema::new(text).unwrap_err().to_string();
            assert!(said.contains(words), "{text:.50}: {said}");
        }
        for dialect in [
            "http://json-schema.org/draft-07/schema#",
            "https://json-schema.org/draft/2019-09/schema",
        ] {
            let schema = json!({ "$schema": dialect, "$id": "https://example.com/a", "definitions": { "a": { "type": "string" } },
                "properties": { "a": { "$ref": "#/definitions/a" } } });
            assert!(checked(&schema, r#"{"a":1}"#).unwrap_err().contains("`a`"));
        }
    }

    #[test]
    fn alternatives_of_what_is_large_are_not_told_apart() {
        let many = vec![json!({ "items": { "type": "string" } }); 100];
        let document = format!(r#"{{"a":[{}1]}}"#, "1,".repeat(10_000));
        let said = checked(&json!({ "properties": { "a": { "anyOf": many } } }), &document).unwrap_err();
        assert_eq!(said, "the document is too large to say what is wrong with it");
    }
}
