//! What a run would write, and what it sees over it.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use super::key::{Key, Range};

/// A value as it is stored. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// From when on it counts as deleted, in milliseconds since 1970.
    pub expires_ms: Option<i64>,
}

impl<B: Into<Arc<[u8]>>> From<B> for Value {
    fn from(bytes: B) -> Self {
        Self {
            bytes: bytes.into(),
            expires_ms: None,
        }
    }
}

impl Deref for Value {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A key with what is stored under it.
pub type Entry = (Key, Value);

/// The last that was written under each key; none where it was deleted.
#[derive(Debug, Clone, Default)]
pub struct Writes {
    of: BTreeMap<Key, Option<Value>>,
    bytes: usize,
}

impl Writes {
    /// Writes `value` under `key`, or deletes it. Answers what all writes come to in bytes, keys included.
    pub fn put(&mut self, key: Key, value: Option<Value>) -> usize {
        let length = |value: &Option<Value>| value.as_ref().map_or(0, |value| value.len());
        self.bytes += key.as_bytes().len() + length(&value);
        let key_bytes = key.as_bytes().len();
        if let Some(before) = self.of.insert(key, value) {
            self.bytes -= key_bytes + length(&before);
        }
        self.bytes
    }

    /// Forgets what was written under `key`.
    pub fn forget(&mut self, key: &Key) {
        if let Some(value) = self.of.remove(key) {
            self.bytes -= key.as_bytes().len() + value.map_or(0, |value| value.len());
        }
    }

    /// What was written under `key`: nothing, a deletion, or a value.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<Option<&Value>> {
        self.of.get(key).map(Option::as_ref)
    }

    /// How many keys in `range` are deleted.
    #[must_use]
    pub fn deletions(&self, range: &Range) -> usize {
        let within = self.of.range::<Key, _>(range.bounds());
        within.filter(|(_, value)| value.is_none()).count()
    }

    /// What all of them come to in bytes, keys included.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether any is in `range`.
    #[must_use]
    pub fn touches(&self, range: &Range) -> bool {
        self.of.range::<Key, _>(range.bounds()).next().is_some()
    }

    /// All of them, in order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Key, Option<&Value>)> {
        self.of.iter().map(|(key, value)| (key, value.as_ref()))
    }

    /// How many keys they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// What is in `range` for whoever wrote this: `stored`, which has all that is stored there in order, and the writes over
    /// it. From the end, when `reversed`, and then so is `stored`.
    pub fn over<'a>(
        &'a self,
        range: &Range,
        reversed: bool,
        stored: impl Iterator<Item = Entry> + 'a,
    ) -> impl Iterator<Item = Entry> + 'a {
        let own = self.of.range::<Key, _>(range.bounds());
        let own: Box<dyn Iterator<Item = _>> = if reversed { Box::new(own.rev()) } else { Box::new(own) };
        let own = own.map(|(key, value)| (key.clone(), value.clone()));
        merged(own, stored, if reversed { Key::gt } else { Key::lt })
    }
}

/// Two rows of entries as one; of two with one key, the first row's holds, and its deletions are left out.
fn merged(
    own: impl Iterator<Item = (Key, Option<Value>)>,
    stored: impl Iterator<Item = Entry>,
    comes_first: fn(&Key, &Key) -> bool,
) -> impl Iterator<Item = Entry> {
    let (mut own, mut stored) = (own.peekable(), stored.peekable());
    std::iter::from_fn(move || {
        loop {
            let stored_first = match (own.peek(), stored.peek()) {
                (None, _) => true,
                (Some((mine, _)), Some((theirs, _))) => comes_first(theirs, mine),
                (Some(_), None) => false,
            };
            if stored_first {
                return stored.next();
            }
            let (key, value) = own.next()?;
            stored.next_if(|(theirs, _)| *theirs == key);
            if let Some(value) = value {
                return Some((key, value));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> impl Strategy<Value = Key> {
        prop::collection::vec(0_u8..4, 0..3).prop_map(Key::from)
    }

    fn value() -> impl Strategy<Value = Value> {
        prop::collection::vec(any::<u8>(), 0..3).prop_map(Value::from)
    }

    proptest! {
        #[test]
        fn a_run_sees_its_own_writes_over_what_is_stored(
            stored in prop::collection::btree_map(key(), value(), 0..12),
            own in prop::collection::vec((key(), prop::option::of(value())), 0..12),
            (from, to) in (key(), prop::option::of(key())),
        ) {
            let range = Range { from, to };
            let (mut writes, mut expected) = (Writes::default(), stored.clone());
            let mut bytes = 0;
            for (key, value) in own {
                bytes = writes.put(key.clone(), value.clone());
                match value {
                    Some(value) => drop(expected.insert(key, value)),
                    None => drop(expected.remove(&key)),
                }
            }
            let sum: usize = writes.iter().map(|(key, value)| key.as_bytes().len() + value.map_or(0, |v| v.len())).sum();
            prop_assert_eq!(bytes, sum);
            let of = |map: &BTreeMap<Key, Value>| -> Vec<Entry> {
                map.iter().filter(|(key, _)| range.contains(key)).map(|(k, v)| (k.clone(), v.clone())).collect()
            };
            let (rows, mut expected) = (of(&stored), of(&expected));
            let seen: Vec<_> = writes.over(&range, false, rows.clone().into_iter()).collect();
            prop_assert_eq!(&seen, &expected);
            expected.reverse();
            let seen: Vec<_> = writes.over(&range, true, rows.into_iter().rev()).collect();
            prop_assert_eq!(seen, expected);
        }
    }
}
