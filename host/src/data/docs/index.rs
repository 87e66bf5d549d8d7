//! Indexes of a collection, and how they are kept.

use picloud_sdk::value::Value;

use super::layout::Name;
use super::path::Path;

/// Indexes of more fields are refused.
pub const FIELDS_MAX: usize = 8;
/// Collections have no more indexes.
pub const INDEXES_MAX: usize = 16;

/// Documents in the order of some of their fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// What it is called.
    pub name: Name,
    /// The fields, the first first.
    pub fields: Vec<Path>,
    /// Whether two documents may not have the same values. They may when a value is `()`, an array, a map or no number.
    pub unique: bool,
    /// Whether the first field stands there by each of its elements, if it is an array.
    pub each: bool,
    /// Whether all documents are in it: else it is kept up to date, but not searched.
    pub ready: bool,
}

/// Why there is no such index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadIndex {
    /// Of nothing, or of more than [`FIELDS_MAX`].
    #[error("index `{index}`: {fields} fields; 1 to {FIELDS_MAX} are allowed")]
    Fields {
        /// Which.
        index: Name,
        /// How many.
        fields: usize,
    },
    /// A field twice.
    #[error("index `{index}`: `{field}` is in it twice")]
    Twice {
        /// Which.
        index: Name,
        /// What.
        field: Path,
    },
}

impl Index {
    /// One that is not ready.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn new(name: Name, fields: Vec<Path>, unique: bool, each: bool) -> Result<Self, BadIndex> {
        if !(1..=FIELDS_MAX).contains(&fields.len()) {
            let fields = fields.len();
            return Err(BadIndex::Fields { index: name, fields });
        }
        let twice = (1..fields.len()).find(|place| fields[..*place].contains(&fields[*place]));
        if let Some(place) = twice {
            let field = fields[place].clone();
            return Err(BadIndex::Twice { index: name, field });
        }
        Ok(Self {
            name,
            fields,
            unique,
            each,
            ready: false,
        })
    }

    fn to_value(&self) -> Value {
        let fields = self.fields.iter().map(|field| Value::Text(field.to_string()));
        let pairs = [
            ("name", Value::Text(self.name.to_string())),
            ("fields", Value::Array(fields.collect())),
            ("unique", Value::Bool(self.unique)),
            ("each", Value::Bool(self.each)),
            ("ready", Value::Bool(self.ready)),
        ];
        Value::Map(pairs.map(|(key, value)| (key.to_owned(), value)).into())
    }

    fn from_value(value: &Value) -> Option<Self> {
        let Value::Map(pairs) = value else { return None };
        let (Value::Text(name), Value::Array(fields)) = (pairs.get("name")?, pairs.get("fields")?) else {
            return None;
        };
        let field = |field: &Value| match field {
            Value::Text(path) => Path::new(path).ok(),
            _ => None,
        };
        let flag = |name: &str| match pairs.get(name) {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        };
        let fields = fields.iter().map(field).collect::<Option<_>>()?;
        let index = Self::new(Name::of_index(name).ok()?, fields, flag("unique")?, flag("each")?).ok()?;
        let ready = flag("ready")?;
        Some(Self { ready, ..index })
    }
}

/// Indexes as they are kept.
pub(super) fn to_value(indexes: &[Index]) -> Value {
    Value::Array(indexes.iter().map(Index::to_value).collect())
}

/// The indexes that [`to_value`] made this of.
pub(super) fn from_value(value: &Value) -> Option<Vec<Index>> {
    let Value::Array(indexes) = value else { return None };
    indexes.iter().map(Index::from_value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(fields: &[&str]) -> Result<Index, BadIndex> {
        let fields = fields.iter().map(|field| Path::new(field).unwrap()).collect();
        Index::new(Name::of_index("i").unwrap(), fields, true, false)
    }

    #[test]
    fn what_is_no_index_is_refused() {
        let said = |fields: &[&str]| index(fields).unwrap_err().to_string();
        assert_eq!(said(&[]), "index `i`: 0 fields; 1 to 8 are allowed");
        assert_eq!(said(&["a"; 9]), "index `i`: 9 fields; 1 to 8 are allowed");
        assert_eq!(said(&["a", "b", "a"]), "index `i`: `a` is in it twice");
    }
}
