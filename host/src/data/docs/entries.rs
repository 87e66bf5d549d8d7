//! What stands in indexes for a document, and what changes there when the document does.

use std::collections::{BTreeMap, BTreeSet};

use super::index::Index;
use super::layout::{self, Name};
use super::path::Path;
use super::{compare, part};
use crate::data::key::Key;
use crate::data::writes::{Entry, Value};

/// The values of one entry take no more than this.
pub const BYTES_MAX: usize = 1024;
/// A document has no more entries in one index.
pub const ELEMENTS_MAX: usize = 1000;

/// Why a document cannot be in an index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotIndexed {
    /// The values of an entry take more than [`BYTES_MAX`].
    #[error("index `{index}`: the entry takes {bytes} bytes, most of them for `{field}`; {BYTES_MAX} are allowed")]
    TooLong {
        /// Which.
        index: Name,
        /// The longest of its fields.
        field: Path,
        /// What they take.
        bytes: usize,
    },
    /// An array of more different elements than [`ELEMENTS_MAX`].
    #[error("index `{index}`: `{field}` has more than {ELEMENTS_MAX} different elements")]
    TooMany {
        /// Which.
        index: Name,
        /// The array.
        field: Path,
    },
}

/// What a change of one document changes in the indexes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Keys that are there and should not.
    pub delete: Vec<Key>,
    /// Entries that are not there and should.
    pub add: Vec<Entry>,
    /// Of what is added, what nobody else may have: where it stands already, the change is refused.
    pub claims: Vec<Claim>,
}

/// Values that only one document may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Where it stands who has them.
    pub key: Key,
    /// The index that says so.
    pub index: Name,
}

/// The parts of `document`'s values, one row of parts for each of its entries in `index`, in order.
///
/// # Errors
/// When it cannot be in the index.
pub fn parts(index: &Index, document: &[u8]) -> Result<Vec<Vec<u8>>, NotIndexed> {
    let Some((field, others)) = index.fields.split_first() else {
        return Ok(Vec::new());
    };
    let value = field.value(document);
    let mut firsts = BTreeSet::new();
    match compare::elements(value) {
        Some(elements) if index.each => {
            for element in elements {
                firsts.insert(part::of(element));
                if firsts.len() > ELEMENTS_MAX {
                    let (index, field) = (index.name.clone(), field.clone());
                    return Err(NotIndexed::TooMany { index, field });
                }
            }
        }
        _ => drop(firsts.insert(part::of(value))),
    }
    let rest: Vec<Vec<u8>> = others.iter().map(|field| part::of(field.value(document))).collect();
    let row = |first: Vec<u8>| {
        let bytes = first.len() + rest.iter().map(Vec::len).sum::<usize>();
        if bytes > BYTES_MAX {
            let lengths = [first.len()].into_iter().chain(rest.iter().map(Vec::len));
            let longest = index.fields.iter().zip(lengths).max_by_key(|(_, length)| *length);
            return Err(NotIndexed::TooLong {
                index: index.name.clone(),
                field: longest.map_or(field, |(longest, _)| longest).clone(),
                bytes,
            });
        }
        Ok([first, rest.concat()].concat())
    };
    firsts.into_iter().map(row).collect()
}

/// All that stands in `index` for `document`, by key.
///
/// # Errors
/// When it cannot be in the index.
pub fn entries(collection: &Name, index: &Index, id: &str, document: &[u8]) -> Result<Vec<Entry>, NotIndexed> {
    let mut entries = Vec::new();
    for parts in parts(index, document)? {
        entries.push((layout::entry(collection, &index.name, &parts, id), Value::from([])));
        if is_claimed(index, &parts) {
            entries.push((layout::claim(collection, &index.name, &parts), id.as_bytes().into()));
        }
    }
    Ok(entries)
}

/// Whether nobody else may have these values. `()` is like no other value, and so is what has no order: all of that is
/// one part.
fn is_claimed(index: &Index, parts: &[u8]) -> bool {
    let mut rest = parts;
    index.unique
        && index.fields.iter().all(|_| {
            let (part, others) = rest.split_at(part::length(rest).unwrap_or(0));
            rest = others;
            !part::is_null(part) && part::is_scalar(part)
        })
}

/// What changes in all of a collection's indexes, ready or not, when the document `id` is no more what it was.
///
/// # Errors
/// When what it is now cannot be in one of them.
pub fn difference(
    collection: &Name,
    indexes: &[Index],
    id: &str,
    old: Option<&[u8]>,
    new: Option<&[u8]>,
) -> Result<Difference, NotIndexed> {
    let mut difference = Difference::default();
    for index in indexes {
        let of = |document: Option<&[u8]>| {
            let entries = document.map(|document| entries(collection, index, id, document));
            entries.unwrap_or(Ok(Vec::new()))
        };
        // What could not be in it is not in it.
        let old: BTreeMap<Key, Value> = of(old).unwrap_or_default().into_iter().collect();
        let new: BTreeMap<Key, Value> = of(new)?.into_iter().collect();
        let gone = old.keys().filter(|key| !new.contains_key(key));
        difference.delete.extend(gone.cloned());
        for (key, value) in new.into_iter().filter(|(key, _)| !old.contains_key(key)) {
            if !value.is_empty() {
                let (key, index) = (key.clone(), index.name.clone());
                difference.claims.push(Claim { key, index });
            }
            difference.add.push((key, value));
        }
    }
    Ok(difference)
}

#[cfg(test)]
mod tests {
    use picloud_sdk::value::Value;

    use super::*;

    fn name(name: &str) -> Name {
        Name::of_index(name).unwrap()
    }

    fn index(fields: &[&str], unique: bool, each: bool) -> Index {
        let fields = fields.iter().map(|field| Path::new(field).unwrap()).collect();
        Index::new(name("i"), fields, unique, each).unwrap()
    }

    fn document<const N: usize>(pairs: [(&str, Value); N]) -> Vec<u8> {
        Value::Map(pairs.map(|(key, value)| (key.to_owned(), value)).into()).encode()
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn every_document_has_an_entry_unless_by_each_of_no_elements() {
        let plain = index(&["a", "b"], false, false);
        let nothing = document([]);
        assert_eq!(parts(&plain, &nothing).unwrap(), [[0x10, 0x10]]);
        let odd = document([("a", Value::Array(vec![])), ("b", Value::Float(f64::NAN))]);
        assert_eq!(parts(&plain, &odd).unwrap(), [[0xf0, 0xf0]]);
        let each = index(&["a"], false, true);
        assert_eq!(parts(&each, &odd).unwrap(), Vec::<Vec<u8>>::new());
        assert_eq!(parts(&each, &nothing).unwrap(), [[0x10]]);
        let elements = Value::Array(vec![Value::Int(1), Value::Bool(true), Value::Float(1.0), Value::Unit]);
        let rows = parts(&each, &document([("a", elements)])).unwrap();
        assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), [0x10, 0x21, 0x30]);
    }

    #[test]
    fn an_entry_is_bounded() {
        let index = index(&["a", "b"], false, false);
        let fits = document([("b", text(&"x".repeat(1020)))]);
        assert_eq!(parts(&index, &fits).unwrap()[0].len(), 1024);
        let said = parts(&index, &document([("b", text(&"x".repeat(1021)))]))
            .unwrap_err()
            .to_string();
        assert_eq!(
            said,
            "index `i`: the entry takes 1025 bytes, most of them for `b`; 1024 are allowed"
        );
        let each = Index { each: true, ..index };
        let many = |count| document([("a", Value::Array((0..count).map(Value::Int).collect()))]);
        assert_eq!(parts(&each, &many(1000)).unwrap().len(), 1000);
        let said = parts(&each, &many(1001)).unwrap_err().to_string();
        assert_eq!(said, "index `i`: `a` has more than 1000 different elements");
    }

    #[test]
    fn what_is_missing_is_not_claimed() {
        let unique = index(&["a", "b"], true, false);
        let keys = |document: &[u8]| entries(&name("c"), &unique, "x", document).unwrap();
        let both = keys(&document([("a", Value::Int(1)), ("b", Value::Int(2))]));
        assert_eq!(both.len(), 2);
        assert_eq!((both[1].0.as_bytes()[0], &*both[1].1), (b'u', &b"x"[..]));
        assert_eq!(keys(&document([("a", Value::Int(1))])).len(), 1);
    }

    #[test]
    fn a_change_is_what_differs() {
        let indexes = [index(&["a"], true, false)];
        let change = |old: Option<&[u8]>, new: Option<&[u8]>| difference(&name("c"), &indexes, "x", old, new);
        let (one, other) = (document([("a", Value::Int(1))]), document([("a", Value::Int(2))]));
        let same = document([("a", Value::Int(1)), ("b", Value::Int(1))]);
        assert_eq!(change(Some(&one), Some(&same)), Ok(Difference::default()));
        let changed = change(Some(&one), Some(&other)).unwrap();
        assert_eq!(
            (changed.delete.len(), changed.add.len(), changed.claims.len()),
            (2, 2, 1)
        );
        let gone = change(Some(&one), None).unwrap();
        assert_eq!((gone.delete.len(), gone.add.len()), (2, 0));
        let long = document([("a", text(&"x".repeat(2000)))]);
        assert!(change(None, Some(&long)).is_err());
        assert_eq!(change(Some(&long), None), Ok(Difference::default()));
    }
}
