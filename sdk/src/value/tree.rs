//! A value as a tree.

use std::collections::BTreeMap;

use super::{DEPTH_MAX, Malformed, Reader, Token, key, write};

/// A value as a tree, for whoever changes one or shows it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `()`
    Unit,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other.
    Float(f64),
    /// One character.
    Char(char),
    /// A string.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
    /// A moment, in milliseconds since 1970.
    Time(i64),
    /// Values in order.
    Array(Vec<Value>),
    /// Values by key.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// The value that `bytes` are.
    ///
    /// # Errors
    /// When they are none, or more.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let value = Self::read(&mut reader, 0)?;
        if reader.rest().is_empty() {
            Ok(value)
        } else {
            Err(Malformed)
        }
    }

    fn read(reader: &mut Reader<'_>, depth: u32) -> Result<Self, Malformed> {
        if depth > DEPTH_MAX {
            return Err(Malformed);
        }
        Ok(match reader.token()? {
            Token::Unit => Self::Unit,
            Token::Bool(value) => Self::Bool(value),
            Token::Int(value) => Self::Int(value),
            Token::Float(value) => Self::Float(value),
            Token::Char(value) => Self::Char(value),
            Token::Text(value) => Self::Text(value.to_owned()),
            Token::Blob(value) => Self::Blob(value.to_owned()),
            Token::Time(ms) => Self::Time(ms),
            Token::Array(count) => {
                let values = (0..count).map(|_| Self::read(reader, depth + 1));
                Self::Array(values.collect::<Result<_, _>>()?)
            }
            Token::Map(count) => {
                let pairs = (0..count).map(|_| Ok((reader.key()?.to_owned(), Self::read(reader, depth + 1)?)));
                Self::Map(pairs.collect::<Result<_, _>>()?)
            }
        })
    }

    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Unit => write(bytes, Token::Unit),
            Self::Bool(value) => write(bytes, Token::Bool(*value)),
            Self::Int(value) => write(bytes, Token::Int(*value)),
            Self::Float(value) => write(bytes, Token::Float(*value)),
            Self::Char(value) => write(bytes, Token::Char(*value)),
            Self::Text(value) => write(bytes, Token::Text(value)),
            Self::Blob(value) => write(bytes, Token::Blob(value)),
            Self::Time(ms) => write(bytes, Token::Time(*ms)),
            Self::Array(values) => {
                write(bytes, Token::Array(values.len()));
                for value in values {
                    value.write(bytes);
                }
            }
            Self::Map(pairs) => {
                write(bytes, Token::Map(pairs.len()));
                for (name, value) in pairs {
                    key(bytes, name);
                    value.write(bytes);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{check, tag, unsigned};
    use super::*;

    fn one_of_each() -> Value {
        let map = BTreeMap::from([("a".to_owned(), Value::Unit), ("é".to_owned(), Value::Bool(true))]);
        Value::Array(vec![
            Value::Map(map),
            Value::Int(i64::MIN),
            Value::Int(-1),
            Value::Int(i64::MAX),
            Value::Float(-0.0),
            Value::Float(f64::INFINITY),
            Value::Char('🦀'),
            Value::Text("a\0b".to_owned()),
            Value::Blob(vec![0, 255]),
            Value::Time(-1),
            Value::Array(Vec::new()),
        ])
    }

    #[test]
    fn values_come_back_as_they_were() {
        let value = one_of_each();
        assert_eq!(Value::decode(&value.encode()), Ok(value.clone()));
        assert_eq!(check(&value.encode()), Ok(()));
    }

    #[test]
    fn all_nans_are_one() {
        let odd = f64::from_bits(f64::NAN.to_bits() | 1);
        assert_eq!(Value::Float(odd).encode(), Value::Float(f64::NAN).encode());
    }

    #[test]
    fn a_part_of_a_value_is_none() {
        let bytes = one_of_each().encode();
        for length in 0..bytes.len() {
            assert_eq!(Value::decode(&bytes[..length]), Err(Malformed), "{length}");
            assert_eq!(check(&bytes[..length]), Err(Malformed), "{length}");
        }
        assert_eq!(check(&[bytes, vec![0]].concat()), Err(Malformed));
    }

    #[test]
    fn a_count_that_lies_and_a_depth_that_is_too_much_are_refused() {
        let mut lying = vec![tag::ARRAY];
        unsigned(&mut lying, u64::MAX);
        assert_eq!(check(&lying), Err(Malformed));
        assert_eq!(
            check(&[tag::INT, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2]),
            Err(Malformed)
        );
        let deep = |levels: usize| [[tag::ARRAY, 1].repeat(levels), vec![tag::UNIT]].concat();
        assert_eq!(check(&deep(128)), Ok(()));
        assert_eq!(check(&deep(129)), Err(Malformed));
        assert_eq!(Value::decode(&deep(1_000_000)), Err(Malformed));
    }
}
