//! Keys of a space: bytes, in the order of bytes.

use std::ops::Bound;

/// A key, or the place where one would be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Box<[u8]>);

/// Keys from one place up to another, which is not among them. With no end, to the end of the space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The first that may be in it.
    pub from: Key,
    /// The first that is not.
    pub to: Option<Key>,
}

impl Key {
    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The place right after it: nothing is between the two.
    #[must_use]
    pub fn next(&self) -> Self {
        let mut bytes = Vec::with_capacity(self.0.len() + 1);
        bytes.extend_from_slice(&self.0);
        bytes.push(0);
        Self(bytes.into())
    }
}

impl<B: Into<Box<[u8]>>> From<B> for Key {
    fn from(bytes: B) -> Self {
        Self(bytes.into())
    }
}

impl Range {
    /// One key, there or not.
    #[must_use]
    pub fn point(key: Key) -> Self {
        let to = Some(key.next());
        Self { from: key, to }
    }

    /// All keys that begin with `prefix`.
    #[must_use]
    pub fn prefix(prefix: &[u8]) -> Self {
        // What begins so ends where the last byte that can grow has grown; bytes that cannot are of no matter.
        let to = prefix.iter().rposition(|byte| *byte < u8::MAX).map(|last| {
            let mut end = prefix[..=last].to_vec();
            end[last] += 1;
            Key::from(end)
        });
        Self {
            from: prefix.into(),
            to,
        }
    }

    /// Whether nothing can be in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.to.as_ref().is_some_and(|to| *to <= self.from)
    }

    /// Whether `key` is in it.
    #[must_use]
    pub fn contains(&self, key: &Key) -> bool {
        self.from <= *key && self.to.as_ref().is_none_or(|to| key < to)
    }

    /// For the maps of the standard library, which do not take an empty one.
    #[must_use]
    pub fn bounds(&self) -> (Bound<&Key>, Bound<&Key>) {
        let to = match &self.to {
            Some(to) => Bound::Excluded(to.max(&self.from)),
            None => Bound::Unbounded,
        };
        (Bound::Included(&self.from), to)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_prefix_is_the_range_of_what_begins_with_it(
            prefix in prop::collection::vec(prop_oneof![Just(0_u8), Just(254), Just(255)], 0..4),
            key in prop::collection::vec(prop_oneof![Just(0_u8), Just(254), Just(255)], 0..6),
        ) {
            let inside = Range::prefix(&prefix).contains(&Key::from(key.clone()));
            prop_assert_eq!(inside, key.starts_with(&prefix));
        }

        #[test]
        fn a_point_is_one_key(key: Vec<u8>, other: Vec<u8>) {
            let point = Range::point(key.clone().into());
            prop_assert!(point.contains(&key.clone().into()));
            prop_assert_eq!(point.contains(&other.clone().into()), key == other);
        }
    }
}
