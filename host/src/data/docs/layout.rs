//! Where documents and what is made of them stand in an app's space.
//!
//! ```text
//! d collection 0 id                   → the document
//! i collection 0 index 0 values id    → nothing: the document has these values
//! u collection 0 index 0 values       → id: nobody else may have these values
//! b collection 0 index                → how far an index is built that is not ready
//! m collection                        → what is known of the collection
//! ```
//!
//! Each value says itself where it ends, so the id can be cut off an entry.

use std::fmt;

use super::part;
use crate::data::key::{Key, Range};

/// Longer names are refused.
pub const NAME_BYTES_MAX: usize = 64;
/// Longer ids are refused.
pub const ID_BYTES_MAX: usize = 128;

const DOCUMENT: u8 = b'd';
const ENTRY: u8 = b'i';
const CLAIM: u8 = b'u';
const BUILT: u8 = b'b';
const ABOUT: u8 = b'm';

/// Name of a collection or of an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

/// Text that cannot name what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name:.80}` is no name of {what}: it has 1 to {NAME_BYTES_MAX} of A-Z, a-z, 0-9, _ . -, and is not . or ..")]
pub struct BadName {
    /// What it should name.
    pub what: &'static str,
    /// The text.
    pub name: String,
}

/// Text that is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0:.160}` is no id of a document: it has 1 to {ID_BYTES_MAX} bytes, none of them zero, and is not . or ..")]
pub struct BadId(pub String);

impl Name {
    /// Of a collection.
    ///
    /// # Errors
    /// When `name` cannot be one.
    pub fn of_collection(name: &str) -> Result<Self, BadName> {
        Self::of("a collection", name)
    }

    /// Of an index.
    ///
    /// # Errors
    /// When `name` cannot be one.
    pub fn of_index(name: &str) -> Result<Self, BadName> {
        Self::of("an index", name)
    }

    fn of(what: &'static str, name: &str) -> Result<Self, BadName> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        if (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(known) && !is_step(name) {
            return Ok(Self(name.into()));
        }
        let name = name.to_owned();
        Err(BadName { what, name })
    }

    /// As it was written.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether it is what addresses have for "here" and "above": clients and proxies take such a step, also when it is
/// percent-encoded, and never ask for what is called so.
#[must_use]
pub fn is_step(name: &str) -> bool {
    matches!(name, "." | "..")
}

/// Whether `id` can be one.
///
/// # Errors
/// When it cannot.
pub fn check_id(id: &str) -> Result<(), BadId> {
    if (1..=ID_BYTES_MAX).contains(&id.len()) && !id.contains('\0') && !is_step(id) {
        return Ok(());
    }
    Err(BadId(id.to_owned()))
}

/// Of a document.
#[must_use]
pub fn document(collection: &Name, id: &str) -> Key {
    joined(start(DOCUMENT, collection, None), id.as_bytes())
}

/// All documents.
#[must_use]
pub fn documents(collection: &Name) -> Range {
    Range::prefix(&start(DOCUMENT, collection, None))
}

/// Of a document's entry in an index, by the parts of its values.
#[must_use]
pub fn entry(collection: &Name, index: &Name, parts: &[u8], id: &str) -> Key {
    let mut key = entry_start(collection, index);
    key.extend_from_slice(parts);
    joined(key, id.as_bytes())
}

/// All entries of an index.
#[must_use]
pub fn entries(collection: &Name, index: &Name) -> Range {
    Range::prefix(&entry_start(collection, index))
}

/// Of the one document that may have these values.
#[must_use]
pub fn claim(collection: &Name, index: &Name, parts: &[u8]) -> Key {
    joined(start(CLAIM, collection, Some(index)), parts)
}

/// All claims of an index.
#[must_use]
pub fn claims(collection: &Name, index: &Name) -> Range {
    Range::prefix(&start(CLAIM, collection, Some(index)))
}

/// Of how far an index is built.
#[must_use]
pub fn built(collection: &Name, index: &Name) -> Key {
    joined(start(BUILT, collection, None), index.as_str().as_bytes())
}

/// All documents of all collections.
#[must_use]
pub fn all_documents() -> Range {
    Range::prefix(&[DOCUMENT])
}

/// The collection of the document that stands at `key`.
#[must_use]
pub fn collection_of_document(key: &Key) -> Option<Name> {
    let name = key
        .as_bytes()
        .strip_prefix(&[DOCUMENT])?
        .split(|byte| *byte == 0)
        .next()?;
    Name::of_collection(std::str::from_utf8(name).ok()?).ok()
}

/// Whether a document stands at `key`.
#[must_use]
pub fn is_document(key: &Key) -> bool {
    key.as_bytes().first() == Some(&DOCUMENT)
}

/// The name of the collection that what stands at `key` belongs to, whatever it is; none of what belongs to no collection.
#[must_use]
pub fn collection_of(key: &Key) -> Option<&str> {
    let (kind, rest) = key.as_bytes().split_first()?;
    let name = match *kind {
        DOCUMENT | ENTRY | CLAIM | BUILT => rest.split(|byte| *byte == 0).next()?,
        ABOUT => rest,
        _ => return None,
    };
    std::str::from_utf8(name).ok()
}

/// All that stands in indexes of all collections: entries, claims.
#[must_use]
pub fn all_indexed() -> [Range; 2] {
    [Range::prefix(&[ENTRY]), Range::prefix(&[CLAIM])]
}

/// The collection and the index that an entry or a claim at `key` is of.
#[must_use]
pub fn index_of_indexed(key: &Key) -> Option<(Name, Name)> {
    let rest = key
        .as_bytes()
        .strip_prefix(&[ENTRY])
        .or(key.as_bytes().strip_prefix(&[CLAIM]))?;
    let mut names = rest.split(|byte| *byte == 0).map(std::str::from_utf8);
    let (collection, index) = (names.next()?.ok()?, names.next()?.ok()?);
    Some((Name::of_collection(collection).ok()?, Name::of_index(index).ok()?))
}

/// Of what is known of a collection.
#[must_use]
pub fn about(collection: &Name) -> Key {
    joined(vec![ABOUT], collection.as_str().as_bytes())
}

/// What is known of all collections.
#[must_use]
pub fn abouts() -> Range {
    Range::prefix(&[ABOUT])
}

/// The collection that `key` is about.
#[must_use]
pub fn collection_of_about(key: &Key) -> Option<Name> {
    let name = key.as_bytes().strip_prefix(&[ABOUT])?;
    Name::of_collection(std::str::from_utf8(name).ok()?).ok()
}

/// The id of the document that stands at `key`.
#[must_use]
pub fn id_of_document<'a>(collection: &Name, key: &'a Key) -> Option<&'a str> {
    let id = key.as_bytes().strip_prefix(&start(DOCUMENT, collection, None)[..])?;
    std::str::from_utf8(id).ok()
}

/// The id of the document whose entry stands at `key`, in an index of so many fields.
#[must_use]
pub fn id_of_entry<'a>(collection: &Name, index: &Name, fields: usize, key: &'a Key) -> Option<&'a str> {
    let parts = key.as_bytes().strip_prefix(&entry_start(collection, index)[..])?;
    std::str::from_utf8(part::skip(parts, fields)?).ok()
}

/// What all keys of documents begin with.
pub(super) fn document_start(collection: &Name) -> Vec<u8> {
    start(DOCUMENT, collection, None)
}

/// What all keys of an index's entries begin with.
pub(super) fn entry_start(collection: &Name, index: &Name) -> Vec<u8> {
    start(ENTRY, collection, Some(index))
}

fn start(first: u8, collection: &Name, index: Option<&Name>) -> Vec<u8> {
    let mut key = vec![first];
    for name in [Some(collection), index].into_iter().flatten() {
        key.extend_from_slice(name.as_str().as_bytes());
        key.push(0);
    }
    key
}

fn joined(mut key: Vec<u8>, rest: &[u8]) -> Key {
    key.extend_from_slice(rest);
    key.into()
}

#[cfg(test)]
mod tests {
    use picloud_sdk::value::Value;

    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for name in ["a", "...", "Orders_2.x-y", &"a".repeat(64)] {
            assert_eq!(Name::of_collection(name).unwrap().as_str(), name);
        }
        for name in ["", "a b", "é", "a\0", ".", "..", &"a".repeat(65)] {
            assert!(Name::of_collection(name).is_err(), "{name}");
        }
        let said = Name::of_index("a b").unwrap_err().to_string();
        assert_eq!(
            said,
            "`a b` is no name of an index: it has 1 to 64 of A-Z, a-z, 0-9, _ . -, and is not . or .."
        );
    }

    #[test]
    fn ids_are_short_texts_without_a_zero() {
        for id in ["a", "é /:", &"a".repeat(128)] {
            assert_eq!(check_id(id), Ok(()));
        }
        for id in ["", "a\0", ".", "..", &"a".repeat(129)] {
            assert_eq!(check_id(id), Err(BadId(id.to_owned())));
        }
    }

    #[test]
    fn ids_are_cut_from_keys() {
        let (collection, index) = (Name::of_collection("c").unwrap(), Name::of_index("i").unwrap());
        let key = document(&collection, "x");
        assert_eq!(key.as_bytes(), b"dc\0x");
        assert!(documents(&collection).contains(&key));
        assert_eq!(id_of_document(&collection, &key), Some("x"));
        let parts = [part::text("a\0b"), part::of(&Value::Int(5).encode())].concat();
        let key = entry(&collection, &index, &parts, "x");
        assert!(entries(&collection, &index).contains(&key));
        assert_eq!(id_of_entry(&collection, &index, 2, &key), Some("x"));
        assert_eq!(id_of_entry(&collection, &index, 3, &key), None);
        assert!(claims(&collection, &index).contains(&claim(&collection, &index, &parts)));
        assert_eq!(collection_of_about(&about(&collection)), Some(collection.clone()));
        let claim = claim(&collection, &index, &parts);
        for key in [key, claim] {
            assert_eq!(index_of_indexed(&key), Some((collection.clone(), index.clone())));
            assert!(all_indexed().iter().any(|range| range.contains(&key)));
        }
        let key = document(&collection, "x");
        assert_eq!(collection_of_document(&key), Some(collection.clone()));
        assert!(all_documents().contains(&key));
        assert!(abouts().contains(&about(&collection)));
    }

    #[test]
    fn whatever_is_of_a_collection_has_its_name() {
        let (collection, index) = (Name::of_collection("c").unwrap(), Name::of_index("i").unwrap());
        let of_it = [
            document(&collection, "x"),
            entry(&collection, &index, &part::text("a"), "x"),
            claim(&collection, &index, &part::text("a")),
            built(&collection, &index),
            about(&collection),
        ];
        for key in &of_it {
            assert_eq!(collection_of(key), Some("c"), "{key:?}");
        }
        assert_eq!(of_it.iter().filter(|key| is_document(key)).count(), 1);
        assert_eq!(collection_of(&b"kc\0x".to_vec().into()), None);
    }

    #[test]
    fn a_collection_is_apart_from_one_whose_name_begins_as_its_own() {
        let (short, long) = (Name::of_collection("a").unwrap(), Name::of_collection("a.b").unwrap());
        assert!(!documents(&short).contains(&document(&long, "x")));
    }
}
