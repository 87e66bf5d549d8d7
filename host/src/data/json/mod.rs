//! Values as JSON and back, without loss: for the management API and for files.
//!
//! What JSON has is written as it is; a float always has a point or an exponent, so `1.0` stays a float. What JSON has not
//! is an object with one key that begins with `$`:
//!
//! ```text
//! {"$blob": "AP8="}   {"$char": "x"}   {"$time": "2027-01-31T00:00:00.000000Z"}   {"$float": "NaN"}, "inf", "-inf"
//! {"$map": {…}}       a map that has one key, which begins with $
//! ```
//!
//! JSON is read from its text, as `serde_json`'s own tree has lost digits of long numbers by then.

mod reader;

use std::collections::BTreeMap;

use data_encoding::BASE64;
use picloud_sdk::api::Time;
use picloud_sdk::value::{DEPTH_MAX, Value};
use serde::ser::{Error as _, Serialize, SerializeMap as _, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use reader::Reader;

/// Why JSON is no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadJson {
    /// It is no JSON.
    #[error("this is no JSON")]
    Malformed,
    /// An integer that is too long.
    #[error("the integer {0:.80} has no room in an int, which holds {min} to {max}; send it as a string", min = i64::MIN, max = i64::MAX)]
    TooLong(String),
    /// A number that is too large.
    #[error("the number {0:.80} has no room in a float")]
    TooLarge(String),
    /// Arrays and maps one in another.
    #[error("it is more than {DEPTH_MAX} deep")]
    TooDeep,
    /// A key of an object that is there already.
    #[error("the key {0:?} is there twice")]
    Twice(String),
    /// One key that begins with `$`, and means nothing.
    #[error("an object whose one key is {0:?} means nothing; a map that is so is written {{\"$map\": {{…}}}}")]
    Unknown(String),
    /// The same with something else than it takes.
    #[error("{0:?} takes {1}")]
    Takes(&'static str, &'static str),
}

/// The value that the JSON `text` says.
///
/// # Errors
/// When it says none, or more than a value holds.
pub fn read(text: &str) -> Result<Value, BadJson> {
    meant(Reader::new(text).only()?, 0)
}

/// `value` as JSON, on one line.
///
/// # Errors
/// Never for a value of a depth that is kept.
pub fn write(value: &Value) -> serde_json::Result<Box<RawValue>> {
    to_raw_value(&Written(value))
}

/// The same as `serde_json` has it, for what reads that.
///
/// # Errors
/// As [`write`].
pub fn tree(value: &Value) -> serde_json::Result<serde_json::Value> {
    serde_json::to_value(Written(value))
}

/// What JSON means that stands at this depth of a value.
fn meant(value: Value, depth: u32) -> Result<Value, BadJson> {
    if depth > DEPTH_MAX {
        return Err(BadJson::TooDeep);
    }
    match value {
        Value::Array(values) => {
            let values = values.into_iter().map(|value| meant(value, depth + 1));
            Ok(Value::Array(values.collect::<Result<_, _>>()?))
        }
        Value::Map(mut pairs) => match marked(&pairs).map(str::to_owned) {
            Some(mark) => {
                let inside = pairs.remove(&mark).unwrap_or(Value::Unit);
                special(&mark, inside, depth)
            }
            None => plain(pairs, depth),
        },
        other => Ok(other),
    }
}

fn plain(pairs: BTreeMap<String, Value>, depth: u32) -> Result<Value, BadJson> {
    let pairs = pairs
        .into_iter()
        .map(|(key, value)| Ok((key, meant(value, depth + 1)?)));
    Ok(Value::Map(pairs.collect::<Result<_, _>>()?))
}

/// The one key of a map, if it has one, which begins with `$`.
fn marked(pairs: &BTreeMap<String, Value>) -> Option<&str> {
    let (key, _) = pairs.first_key_value().filter(|_| pairs.len() == 1)?;
    key.starts_with('$').then_some(key)
}

fn special(mark: &str, inside: Value, depth: u32) -> Result<Value, BadJson> {
    match (mark, inside) {
        ("$map", Value::Map(pairs)) => plain(pairs, depth),
        ("$map", _) => Err(BadJson::Takes("$map", "an object")),
        ("$blob", Value::Text(text)) => match BASE64.decode(text.as_bytes()) {
            Ok(blob) => Ok(Value::Blob(blob)),
            Err(_) => Err(BadJson::Takes("$blob", "base64 with padding")),
        },
        ("$blob", _) => Err(BadJson::Takes("$blob", "a string in base64")),
        ("$char", Value::Text(text)) if text.chars().count() == 1 => {
            Ok(text.chars().next().map_or(Value::Unit, Value::Char))
        }
        ("$char", _) => Err(BadJson::Takes("$char", "a string of one character")),
        ("$time", Value::Int(ms)) => Ok(Value::Time(ms)),
        ("$time", Value::Text(text)) => match text.parse::<Time>() {
            Ok(Time(us)) => Ok(Value::Time(us.div_euclid(1000))),
            Err(_) => Err(BadJson::Takes("$time", "a time such as 2027-01-31T00:00:00Z")),
        },
        ("$time", _) => Err(BadJson::Takes("$time", "a time such as 2027-01-31T00:00:00Z")),
        ("$float", Value::Text(text)) if text == "NaN" => Ok(Value::Float(f64::NAN)),
        ("$float", Value::Text(text)) if text == "inf" => Ok(Value::Float(f64::INFINITY)),
        ("$float", Value::Text(text)) if text == "-inf" => Ok(Value::Float(f64::NEG_INFINITY)),
        ("$float", _) => Err(BadJson::Takes("$float", "\"NaN\", \"inf\" or \"-inf\"")),
        _ => Err(BadJson::Unknown(mark.to_owned())),
    }
}

/// A value as it is written.
struct Written<'a>(&'a Value);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Unit => to.serialize_unit(),
            Value::Bool(value) => to.serialize_bool(*value),
            Value::Int(value) => to.serialize_i64(*value),
            Value::Float(value) if value.is_finite() => to.serialize_f64(*value),
            Value::Float(value) if value.is_nan() => one(to, "$float", "NaN"),
            Value::Float(value) => one(to, "$float", if *value > 0.0 { "inf" } else { "-inf" }),
            Value::Char(value) => one(to, "$char", value),
            Value::Text(value) => to.serialize_str(value),
            Value::Blob(value) => one(to, "$blob", &BASE64.encode(value)),
            Value::Time(ms) => match time(*ms) {
                Some(text) => one(to, "$time", &text),
                None => one(to, "$time", ms),
            },
            Value::Array(values) => to.collect_seq(values.iter().map(Written)),
            Value::Map(pairs) if marked(pairs).is_some() => one(to, "$map", &Pairs(pairs)),
            Value::Map(pairs) => Pairs(pairs).serialize(to),
        }
    }
}

/// A map's pairs, whatever their keys.
struct Pairs<'a>(&'a BTreeMap<String, Value>);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(key, value)| (key, Written(value))))
    }
}

fn one<S: Serializer>(to: S, mark: &str, value: &(impl Serialize + ?Sized)) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(1)).map_err(S::Error::custom)?;
    map.serialize_entry(mark, value)?;
    map.end()
}

/// A time as clocks show it; none of one that no clock shows.
fn time(ms: i64) -> Option<String> {
    let at = Time(ms.checked_mul(1000)?);
    let text = at.to_string();
    text.parse().is_ok_and(|read: Time| read == at).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Unit),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Float),
            prop::sample::select(vec![
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                -0.0,
                1.0,
                1e300,
                5e-324
            ])
            .prop_map(Value::Float),
            any::<char>().prop_map(Value::Char),
            any::<String>().prop_map(Value::Text),
            any::<Vec<u8>>().prop_map(Value::Blob),
            any::<i64>().prop_map(Value::Time),
            (0..4_000_000_000_000_i64).prop_map(Value::Time),
        ];
        let key = prop_oneof!["[$a-c\"\\\\]{0,3}", Just("$map".to_owned()), Just("$blob".to_owned())];
        leaf.prop_recursive(5, 40, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::btree_map(key.clone(), inner, 0..3).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_it_was(value in value()) {
            let text = write(&value).unwrap();
            prop_assert_eq!(read(text.get()).unwrap().encode(), value.encode(), "{}", text);
            // Others read it too.
            prop_assert!(serde_json::from_str::<serde_json::Value>(text.get()).is_ok());
        }

        #[test]
        fn whatever_it_is_it_is_read_or_refused(text in "[\\[\\]{}\",:0-9.eE$ a-z\\\\+-]{0,30}") {
            let _ = read(&text);
        }
    }

    #[test]
    fn each_kind_has_its_json() {
        for (text, value) in [
            ("null", Value::Unit),
            ("1", Value::Int(1)),
            ("1.0", Value::Float(1.0)),
            ("-0.0", Value::Float(-0.0)),
            (r#""é""#, Value::Text("é".to_owned())),
            (r#"{"$char":"x"}"#, Value::Char('x')),
            (r#"{"$blob":"AP8="}"#, Value::Blob(vec![0, 255])),
            (
                r#"{"$time":"2023-11-14T22:13:20.500000Z"}"#,
                Value::Time(1_700_000_000_500),
            ),
            (r#"{"$time":9223372036854775807}"#, Value::Time(i64::MAX)),
            (r#"{"$float":"-inf"}"#, Value::Float(f64::NEG_INFINITY)),
            (
                r#"{"$map":{"$blob":1}}"#,
                Value::Map([("$blob".to_owned(), Value::Int(1))].into()),
            ),
            (
                r#"{"$blob":1,"b":[]}"#,
                Value::Map(
                    [
                        ("$blob".to_owned(), Value::Int(1)),
                        ("b".to_owned(), Value::Array(vec![])),
                    ]
                    .into(),
                ),
            ),
        ] {
            assert_eq!(write(&value).unwrap().get(), text);
            assert_eq!(read(text), Ok(value));
        }
        assert_eq!(read(" { \"a\" : [ 1 , 2e3 ] } ").unwrap().encode(), {
            let list = Value::Array(vec![Value::Int(1), Value::Float(2000.0)]);
            Value::Map([("a".to_owned(), list)].into()).encode()
        });
    }

    #[test]
    fn what_a_value_does_not_hold_is_refused_by_name() {
        for (text, words) in [
            ("9223372036854775808", "9223372036854775808 has no room in an int"),
            (
                "[-123456789012345678901234567890]",
                "-123456789012345678901234567890 has",
            ),
            ("1e400", "1e400 has no room in a float"),
            (r#"{"a":1,"a":2}"#, "\"a\" is there twice"),
            (r#"{"$what":1}"#, "\"$what\" means nothing"),
            (r#"{"$blob":"AP8"}"#, "base64"),
            (r#"{"$char":"xy"}"#, "one character"),
            (r#"{"$time":"now"}"#, "a time such as"),
            (r#"{"$float":"1"}"#, "inf"),
            (r#"{"$map":1}"#, "an object"),
            ("[1", "no JSON"),
            ("1 2", "no JSON"),
            ("-", "no JSON"),
            ("", "no JSON"),
        ] {
            let said = read(text).unwrap_err().to_string();
            assert!(said.contains(words), "{text}: {said}");
        }
        let deep = |levels: usize| ["[".repeat(levels), "]".repeat(levels)].concat();
        assert!(read(&deep(129)).is_ok());
        assert_eq!(read(&deep(130)), Err(BadJson::TooDeep));
        assert_eq!(read(&deep(1_000_000)), Err(BadJson::TooDeep));
        // What wraps a map is no level of it.
        let deep = |levels: usize| [r#"{"$map":{"$a":"#.repeat(levels), "1".to_owned(), "}}".repeat(levels)].concat();
        assert!(read(&deep(128)).is_ok());
        assert_eq!(read(&deep(129)), Err(BadJson::TooDeep));
    }
}
