//! `log::*`, `print` and `debug`: lines that go into the execution's record. The executor counts their bytes.

use picloud_sdk::call::LogLevel;
use serde::Serialize;
use serde_json::{Map, Value};

/// What a line takes besides its text.
const LINE_BYTES: usize = 40;

/// One line of an execution's log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogLine {
    /// How loud.
    pub level: LogLevel,
    /// What the script said.
    pub message: String,
    /// What it said beside that; empty mostly.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
    #[serde(skip)]
    fields_bytes: usize,
}

impl LogLine {
    /// A line as the guest sent it: `fields` is a JSON object or empty. What is no object stays readable as text.
    #[must_use]
    pub fn new(level: LogLevel, message: &str, fields: &str) -> Self {
        let fields_bytes = fields.len();
        let fields = match fields {
            "" => Map::new(),
            text => match serde_json::from_str(text) {
                Ok(Value::Object(fields)) => fields
                    .into_iter()
                    .map(|(key, value)| (clean(&key), cleaned(value)))
                    .collect(),
                _ => Map::from_iter([("fields".to_owned(), Value::String(clean(text)))]),
            },
        };
        Self {
            level,
            message: clean(message),
            fields,
            fields_bytes,
        }
    }

    /// What it takes in the app's history, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        LINE_BYTES + self.message.len() + self.fields_bytes
    }
}

/// Without the one character that PostgreSQL has no place for.
fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => Value::String(clean(&text)),
        Value::Array(values) => Value::Array(values.into_iter().map(cleaned).collect()),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (clean(&key), cleaned(value)))
            .collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_kept_as_they_are_and_nul_goes() {
        let line = LogLine::new(LogLevel::Warn, "a\0b", r#"{"n": 1, "deep": ["\u0000"]}"#);
        let expected = json!({ "level": "warn", "message": "a\u{fffd}b", "fields": { "n": 1, "deep": ["\u{fffd}"] } });
        assert_eq!(serde_json::to_value(line).unwrap(), expected);
    }

    #[test]
    fn what_is_no_object_stays_readable() {
        for text in ["[1]", "{", "\"x\"", "{\"a\": 1e999}"] {
            let line = LogLine::new(LogLevel::Info, "m", text);
            assert_eq!(line.fields["fields"], json!(text));
        }
    }
}
