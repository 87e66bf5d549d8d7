//! What apps keep, in all and by collection: counted with every group that is written, in the same transaction.

pub(super) mod queries;

use std::collections::BTreeMap;

use crate::data::docs::layout;
use crate::data::key::Key;
use crate::data::replies;
use crate::data::writes::Writes;

/// Kept replies are counted like a collection that is called so, which none is: apart from what scripts keep, and listed
/// nowhere.
const REPLIES: &str = "";

/// What an app keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Bytes, keys included.
    pub bytes: u64,
    /// How many that may be.
    pub bytes_max: u64,
    /// Keys: of values, documents, what stands in indexes, and kept replies.
    pub keys: u64,
    /// How many that may be.
    pub keys_max: u64,
    /// Bytes of what is in no collection: keys and values.
    pub kv_bytes: u64,
    /// Keys of that.
    pub kv_keys: u64,
}

/// A collection, and what it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionUsage {
    /// What it is called.
    pub name: String,
    /// Its documents.
    pub documents: u64,
    /// Bytes of documents and of what stands in indexes, keys included.
    pub bytes: u64,
}

/// How many entries there are more, and what they take; less, when they are negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) documents: i64,
    pub(super) keys: i64,
    pub(super) bytes: i64,
}

/// What writes change of what is kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Change<'a> {
    /// In all.
    pub(super) all: Counts,
    /// Of each collection that they touch.
    pub(super) collections: BTreeMap<&'a str, Counts>,
}

impl<'a> Change<'a> {
    /// Whether `writes` touch collections.
    fn is_by_collection(writes: &Writes) -> bool {
        writes.iter().any(|(key, _)| counted_under(key).is_some())
    }

    /// Of `writes` that touch no collection, over so many entries that take so many bytes.
    fn in_all(writes: &'a Writes, keys: i64, bytes: i64) -> Self {
        let mut change = Self::of(writes, &BTreeMap::new());
        change.all.keys -= keys;
        change.all.bytes -= bytes;
        change
    }

    /// Of `writes`, over entries that take so much.
    fn of(writes: &'a Writes, sizes: &BTreeMap<Vec<u8>, i64>) -> Self {
        let mut change = Self::default();
        for (key, value) in writes.iter() {
            let new = value.map(|value| bytes(key.as_bytes().len() + value.len()));
            let old = sizes.get(key.as_bytes()).copied();
            let keys = i64::from(new.is_some()) - i64::from(old.is_some());
            let collection = counted_under(key);
            let difference = Counts {
                documents: if layout::is_document(key) { keys } else { 0 },
                keys,
                bytes: new.unwrap_or(0) - old.unwrap_or(0),
            };
            change.all.add(difference);
            if let Some(collection) = collection {
                change.collections.entry(collection).or_default().add(difference);
            }
        }
        change.collections.retain(|_, counts| *counts != Counts::default());
        change
    }
}

impl Counts {
    const fn add(&mut self, other: Self) {
        self.documents += other.documents;
        self.keys += other.keys;
        self.bytes += other.bytes;
    }
}

/// Where what stands at `key` is counted beside all else.
fn counted_under(key: &Key) -> Option<&str> {
    if replies::is_reply(key) {
        Some(REPLIES)
    } else {
        layout::collection_of(key)
    }
}

fn bytes(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::docs::layout::Name;
    use crate::data::writes::Value;

    #[test]
    fn a_change_is_what_is_more_or_less() {
        let name = |name: &str| Name::of_collection(name).unwrap();
        let (c, e) = (name("c"), name("e"));
        let mut writes = Writes::default();
        let mut sizes = BTreeMap::new();
        let mut write = |key: Key, old: Option<i64>, new: Option<&[u8]>| {
            let length = bytes(key.as_bytes().len());
            sizes.extend(old.map(|old| (key.as_bytes().to_vec(), length + old)));
            writes.put(key, new.map(Value::from));
        };
        write(b"kx".to_vec().into(), None, Some(b"12345"));
        write(layout::document(&c, "new"), None, Some(b"123"));
        write(layout::document(&c, "old"), Some(10), Some(b"1"));
        write(layout::entry(&c, &name("i"), b"p", "new"), None, Some(b""));
        write(layout::document(&e, "gone"), Some(7), None);
        write(layout::document(&e, "never"), None, None);
        write(layout::document(&name("same"), "x"), Some(1), Some(b"y"));
        write(replies::place("r", "k"), None, Some(b"12"));
        let change = Change::of(&writes, &sizes);
        let counts = |documents, keys, bytes| Counts { documents, keys, bytes };
        let (new, entry) = (3 + 6, 9);
        let reply = counts(0, 1, 4 + 2);
        let expected = [
            (REPLIES, reply),
            ("c", counts(1, 2, new + entry - 9)),
            ("e", counts(-1, -1, -7 - 7)),
        ];
        assert_eq!(change.collections, expected.into());
        assert_eq!(change.all, counts(0, 3, 7 + new + entry - 9 - 14 + reply.bytes));
    }
}
