//! Lines of JSON, as files have what an app keeps: `{key, value, expires_at}` and `{collection, document}`.

use picloud_sdk::api::Time;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::{RawValue, to_raw_value};

/// One line: a key with its value, or a document.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    #[serde(deserialize_with = "any", skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<Time>,
    /// The same in milliseconds since 1970, as files had it once; it is read, and not written.
    #[serde(skip_serializing)]
    pub(super) expires_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) collection: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) document: Option<Box<RawValue>>,
}

impl Line {
    /// From when on it is not there, in milliseconds since 1970.
    pub(super) fn expires_ms(&self) -> Option<i64> {
        self.expires_at.map(|at| at.0.div_euclid(1000)).or(self.expires_at_ms)
    }
}

/// `null` is a value like any other.
fn any<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(from).map(Some)
}

/// A time as lines have it; what no clock shows is as good as never.
pub(super) fn time_of(ms: i64) -> Option<Time> {
    ms.checked_mul(1000).and_then(|us| Time(us).to_string().parse().ok())
}

/// What the lines of a file are.
#[derive(Debug)]
pub(super) enum Lines {
    /// A key with its value.
    Entries,
    /// A document of this collection, alone or with the collection's name.
    Documents(String),
}

impl Lines {
    /// A line as it is sent; what is none is for the server to refuse. A sentence, when it is for another place.
    pub(super) fn sent(&self, line: Box<RawValue>) -> Result<Box<RawValue>, String> {
        let Ok(mut read) = serde_json::from_str::<Line>(line.get()) else {
            return Ok(line);
        };
        match (self, read.collection.take(), read.document.take()) {
            (Self::Entries, Some(of), Some(_)) if read.key.is_none() => Err(format!(
                "this is a document of the collection {of:?}; import it with: picloud docs import"
            )),
            (Self::Entries, ..) if read.expires_at_ms.is_some() => {
                read.expires_at = read.expires_ms().and_then(time_of);
                to_raw_value(&read).map_err(|error| error.to_string())
            }
            (Self::Documents(collection), Some(of), Some(document)) if read.key.is_none() => {
                if of == *collection {
                    return Ok(document);
                }
                Err(format!(
                    "this is a document of the collection {of:?}, not of {collection:?}"
                ))
            }
            _ => Ok(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_either_spelling_are_sent_as_the_api_has_them() {
        let sent = |lines: &Lines, line: &str| {
            let sent = lines.sent(RawValue::from_string(line.to_owned()).unwrap());
            sent.map(|line| line.get().to_owned())
        };
        let documents = Lines::Documents("c".to_owned());
        for (lines, line, expected) in [
            (
                &Lines::Entries,
                r#"{"key":"a","value":1.0}"#,
                r#"{"key":"a","value":1.0}"#,
            ),
            (
                &Lines::Entries,
                r#"{"key":"a","value":null,"expires_at_ms":0}"#,
                r#"{"key":"a","value":null,"expires_at":"1970-01-01T00:00:00.000000Z"}"#,
            ),
            (
                &Lines::Entries,
                r#"{"key":"a","value":{"b":1.0},"expires_at_ms":1700000000500}"#,
                r#"{"key":"a","value":{"b":1.0},"expires_at":"2023-11-14T22:13:20.500000Z"}"#,
            ),
            (&documents, r#"{"id":"a","n":1.0}"#, r#"{"id":"a","n":1.0}"#),
            (
                &documents,
                r#"{"collection":"c","document":{"id":"a"}}"#,
                r#"{"id":"a"}"#,
            ),
            (&documents, r#"{"collection":"c"}"#, r#"{"collection":"c"}"#),
        ] {
            assert_eq!(sent(lines, line).unwrap(), expected);
        }
        for lines in [Lines::Entries, Lines::Documents("d".to_owned())] {
            let refused = sent(&lines, r#"{"collection":"c","document":{"id":"a"}}"#);
            assert!(refused.unwrap_err().contains("\"c\""));
        }
    }
}
