//! Dotted paths to a field of a document: `address.city`, `tags.0`.
//!
//! A dot always means nesting. A key that has a dot in it, or is empty, is kept but not reached by a path.

use std::fmt;

use picloud_sdk::value::{Reader, Token};

/// Longer paths are refused.
pub const BYTES_MAX: usize = 256;
/// Paths of more steps are refused.
pub const STEPS_MAX: usize = 16;
/// The field that every document has.
pub const ID: &str = "id";
/// What a field is that is not there: `()`, encoded.
pub(super) const MISSING: &[u8] = &[0];

/// Where a field is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Box<str>);

/// Text that is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// Nothing, or nothing between two dots.
    #[error("`{0:.80}` is no path: a name of it is empty")]
    Empty(String),
    /// More than [`BYTES_MAX`].
    #[error("a path of {0} bytes: {BYTES_MAX} are allowed")]
    TooLong(usize),
    /// More than [`STEPS_MAX`].
    #[error("`{path}` has {steps} steps: {STEPS_MAX} are allowed")]
    TooDeep {
        /// The path.
        path: String,
        /// How many.
        steps: usize,
    },
}

impl Path {
    /// The path that `text` is.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(text: &str) -> Result<Self, BadPath> {
        if text.len() > BYTES_MAX {
            return Err(BadPath::TooLong(text.len()));
        }
        if text.split('.').any(str::is_empty) {
            return Err(BadPath::Empty(text.to_owned()));
        }
        let steps = text.split('.').count();
        if steps > STEPS_MAX {
            let path = text.to_owned();
            return Err(BadPath::TooDeep { path, steps });
        }
        Ok(Self(text.into()))
    }

    /// As it was written.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }

    /// Its names, from the outside in.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.0.split('.')
    }

    /// Whether it is the field that every document has.
    #[must_use]
    pub fn is_id(&self) -> bool {
        self.as_str() == ID
    }

    /// The value at this path of an encoded document.
    #[must_use]
    pub fn find<'a>(&self, document: &'a [u8]) -> Option<&'a [u8]> {
        self.steps().try_fold(document, step)
    }

    /// The same, and `()` where there is none.
    pub(super) fn value<'a>(&self, document: &'a [u8]) -> &'a [u8] {
        self.find(document).unwrap_or(MISSING)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What `name` is in a map, or in an array if it is a number.
fn step<'a>(value: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut reader = Reader::new(value);
    match reader.token().ok()? {
        Token::Map(count) => {
            for _ in 0..count {
                let key = reader.key().ok()?;
                let value = reader.skip().ok()?;
                if key == name {
                    return Some(value);
                }
            }
            None
        }
        Token::Array(count) => {
            let place = place(name).filter(|place| *place < count)?;
            for _ in 0..place {
                reader.skip().ok()?;
            }
            reader.skip().ok()
        }
        _ => None,
    }
}

/// The place in an array that `name` means.
pub(super) fn place(name: &str) -> Option<usize> {
    let digits = name.bytes().all(|byte| byte.is_ascii_digit());
    if digits { name.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use picloud_sdk::value::Value;

    use super::*;

    fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
        Value::Map(pairs.map(|(key, value)| (key.to_owned(), value)).into())
    }

    #[test]
    fn missing_is_unit() {
        assert_eq!(MISSING, Value::Unit.encode());
    }

    #[test]
    fn paths_lead_through_maps_and_arrays() {
        let tags = Value::Array(vec![Value::Int(7), map([("x", Value::Int(8))])]);
        let document = map([
            ("a", map([("b", Value::Int(1)), ("c", Value::Unit)])),
            ("a.b", Value::Int(2)),
            ("tags", tags),
        ])
        .encode();
        let at = |path: &str| {
            Path::new(path)
                .unwrap()
                .find(&document)
                .map(|bytes| Value::decode(bytes).unwrap())
        };
        assert_eq!(at("a.b"), Some(Value::Int(1)));
        assert_eq!(at("a.c"), Some(Value::Unit));
        assert_eq!(at("tags.0"), Some(Value::Int(7)));
        assert_eq!(at("tags.1.x"), Some(Value::Int(8)));
        for nothing in ["b", "a.b.c", "tags.2", "tags.+0", "tags.x", "tags.0.x"] {
            assert_eq!(at(nothing), None, "{nothing}");
        }
        assert_eq!(
            Path::new("a").unwrap().find(&Value::Map(BTreeMap::new()).encode()),
            None
        );
        assert_eq!(Path::new("a").unwrap().find(&[255]), None);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for empty in ["", ".", "a.", ".a", "a..b"] {
            assert_eq!(Path::new(empty), Err(BadPath::Empty(empty.to_owned())));
        }
        assert_eq!(Path::new(&"a".repeat(257)), Err(BadPath::TooLong(257)));
        assert!(Path::new(&["a"; 16].join(".")).is_ok());
        let said = Path::new(&["a"; 17].join(".")).unwrap_err().to_string();
        assert!(said.ends_with("has 17 steps: 16 are allowed"), "{said}");
    }
}
