//! Documents of which only some fields are wanted.

use std::collections::BTreeMap;

use picloud_sdk::value::{self, Reader, Token};

use super::path::{ID, Path, place};

/// More fields are refused.
pub const FIELDS_MAX: usize = 64;

/// Which fields are wanted. The id always is.
///
/// A path through maps leaves maps of what it leads to; through an array, an array of the elements that it leads to.
/// What is not there is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// Wanted with all that is in it.
    whole: bool,
    inner: BTreeMap<Box<str>, Self>,
}

/// Too many fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("fields: {0} fields; {FIELDS_MAX} are allowed")]
pub struct TooManyFields(pub usize);

impl Fields {
    /// These, and the id.
    ///
    /// # Errors
    /// When they are too many.
    pub fn new(paths: &[Path]) -> Result<Self, TooManyFields> {
        if paths.len() > FIELDS_MAX {
            return Err(TooManyFields(paths.len()));
        }
        let mut fields = Self::default();
        fields.add([ID].into_iter());
        for path in paths {
            fields.add(path.steps());
        }
        Ok(fields)
    }

    fn add<'a>(&mut self, steps: impl Iterator<Item = &'a str>) {
        let mut at = self;
        for step in steps {
            at = at.inner.entry(step.into()).or_default();
        }
        at.whole = true;
    }

    /// What is wanted of an encoded document.
    #[must_use]
    pub fn of(&self, document: &[u8]) -> Vec<u8> {
        self.part_of(document).unwrap_or_default()
    }

    fn part_of(&self, value: &[u8]) -> Option<Vec<u8>> {
        if self.whole {
            return Some(value.to_vec());
        }
        let mut reader = Reader::new(value);
        let mut bytes = Vec::new();
        match reader.token().ok()? {
            Token::Map(count) => {
                let mut wanted = Vec::new();
                for _ in 0..count {
                    let key = reader.key().ok()?;
                    let value = reader.skip().ok()?;
                    let part = self.inner.get(key).and_then(|inner| inner.part_of(value));
                    wanted.extend(part.map(|part| (key, part)));
                }
                value::write(&mut bytes, Token::Map(wanted.len()));
                for (key, part) in &wanted {
                    value::key(&mut bytes, key);
                    bytes.extend_from_slice(part);
                }
                (!wanted.is_empty()).then_some(bytes)
            }
            Token::Array(count) => {
                let inner = |at| self.inner.iter().find(|(step, _)| place(step) == Some(at));
                let mut wanted = Vec::new();
                for at in 0..count {
                    let value = reader.skip().ok()?;
                    wanted.extend(inner(at).and_then(|(_, inner)| inner.part_of(value)));
                }
                value::write(&mut bytes, Token::Array(wanted.len()));
                bytes.extend(wanted.concat());
                (!wanted.is_empty()).then_some(bytes)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use picloud_sdk::value::Value;

    use super::*;

    fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
        Value::Map(pairs.map(|(key, value)| (key.to_owned(), value)).into())
    }

    #[test]
    fn what_is_wanted_is_left_and_the_id() {
        let id = ("id", Value::Text("x".to_owned()));
        let address = map([("city", Value::Int(1)), ("street", Value::Int(2))]);
        let tags = Value::Array(vec![Value::Int(3), Value::Int(4), map([("t", Value::Int(5))])]);
        let document = map([
            id.clone(),
            ("address", address.clone()),
            ("n", Value::Unit),
            ("tags", tags),
        ])
        .encode();
        let of = |paths: &[&str]| {
            let paths: Vec<_> = paths.iter().map(|path| Path::new(path).unwrap()).collect();
            Value::decode(&Fields::new(&paths).unwrap().of(&document)).unwrap()
        };
        assert_eq!(of(&[]), map([id.clone()]));
        assert_eq!(of(&["n", "gone", "n.x"]), map([id.clone(), ("n", Value::Unit)]));
        let city = map([("city", Value::Int(1))]);
        assert_eq!(of(&["address.city", "address.x"]), map([id.clone(), ("address", city)]));
        assert_eq!(
            of(&["address.city", "address"]),
            map([id.clone(), ("address", address)])
        );
        let some = Value::Array(vec![Value::Int(4), map([("t", Value::Int(5))])]);
        assert_eq!(of(&["tags.1", "tags.2.t", "tags.7"]), map([id, ("tags", some)]));
        assert_eq!(Fields::new(&vec![Path::new("a").unwrap(); 65]), Err(TooManyFields(65)));
    }
}
