//! What is known of a collection besides its documents: indexes and a schema, and how that is kept.

use std::sync::Arc;

use picloud_sdk::value::{Malformed, Value};

use super::index::{self, Index};

/// What is declared of a collection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Its indexes, ready or not.
    pub indexes: Vec<Index>,
    /// What its documents have to be like, as it was declared.
    pub schema: Option<Arc<str>>,
}

const INDEXES: &str = "indexes";
const SCHEMA: &str = "schema";

impl About {
    /// As it is kept; nothing when nothing is declared.
    #[must_use]
    pub fn encode(&self) -> Option<Vec<u8>> {
        if *self == Self::default() {
            return None;
        }
        let mut pairs = vec![(INDEXES, index::to_value(&self.indexes))];
        if let Some(schema) = &self.schema {
            pairs.push((SCHEMA, Value::Text(schema.to_string())));
        }
        let pairs = pairs.into_iter().map(|(key, value)| (key.to_owned(), value));
        Some(Value::Map(pairs.collect()).encode())
    }

    /// What was kept.
    ///
    /// # Errors
    /// When it is nothing that [`Self::encode`] made.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let Value::Map(mut pairs) = Value::decode(bytes)? else {
            return Err(Malformed);
        };
        let schema = match pairs.remove(SCHEMA) {
            None => None,
            Some(Value::Text(schema)) => Some(schema.into()),
            Some(_) => return Err(Malformed),
        };
        let indexes = pairs.get(INDEXES).and_then(index::from_value).ok_or(Malformed)?;
        Ok(Self { indexes, schema })
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::Name;
    use super::super::path::Path;
    use super::*;

    fn index(fields: &[&str]) -> Index {
        let fields = fields.iter().map(|field| Path::new(field).unwrap()).collect();
        Index::new(Name::of_index("i").unwrap(), fields, true, false).unwrap()
    }

    #[test]
    fn what_is_declared_comes_back_as_it_was() {
        let other = Index {
            ready: true,
            unique: false,
            each: true,
            ..index(&["tags"])
        };
        for schema in [None, Some("{}".into())] {
            let indexes = vec![index(&["a", "b.c"]), other.clone()];
            let about = About { indexes, schema };
            assert_eq!(About::decode(&about.encode().unwrap()), Ok(about));
        }
        let schema = About {
            schema: Some("{}".into()),
            ..About::default()
        };
        assert_eq!(About::decode(&schema.encode().unwrap()), Ok(schema));
        assert_eq!(About::default().encode(), None);
    }

    #[test]
    fn what_was_kept_before_there_were_schemas_is_read() {
        let kept = Value::Map([("indexes".to_owned(), index::to_value(&[index(&["a"])]))].into()).encode();
        let about = About::decode(&kept).unwrap();
        assert_eq!((about.indexes, about.schema), (vec![index(&["a"])], None));
    }

    #[test]
    fn what_is_nothing_of_the_kind_is_malformed() {
        let text = Value::Text("{}".to_owned());
        let without_indexes = Value::Map([("schema".to_owned(), text)].into());
        for kept in [Value::Int(1).encode(), Vec::new(), without_indexes.encode()] {
            assert_eq!(About::decode(&kept), Err(Malformed));
        }
    }
}
