//! What a run has looked at.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::key::{Key, Range};

/// Intervals of the space that do not touch each other, each from its first key to where it ends.
#[derive(Debug, Clone, Default)]
pub struct Reads(BTreeMap<Key, Option<Key>>);

impl Reads {
    /// Of one range.
    #[must_use]
    pub fn of(range: Range) -> Self {
        let mut reads = Self::default();
        reads.add(range);
        reads
    }

    /// Of single keys.
    #[must_use]
    pub fn of_keys(keys: &[Key]) -> Self {
        let mut reads = Self::default();
        for key in keys {
            reads.add(Range::point(key.clone()));
        }
        reads
    }

    /// Looked at all of `range`: what is in it, and that nothing else is.
    pub fn add(&mut self, range: Range) {
        if range.is_empty() {
            return;
        }
        let Range { mut from, mut to } = range;
        // Those that begin within it or at its end, and the one before: they become one.
        let up_to = match &to {
            Some(to) => Bound::Included(to.clone()),
            None => Bound::Unbounded,
        };
        let before = self.0.range(..&from).next_back();
        let reaches = before.filter(|(_, end)| end.as_ref().is_none_or(|end| *end >= from));
        let first = reaches.map_or(&from, |(first, _)| first).clone();
        let met: Vec<Key> = self
            .0
            .range((Bound::Included(first), up_to))
            .map(|(key, _)| key.clone())
            .collect();
        for key in met {
            let Some(end) = self.0.remove(&key) else { continue };
            to = later(to, end);
            from = from.min(key);
        }
        self.0.insert(from, to);
    }

    /// The intervals, in order.
    pub fn ranges(&self) -> impl Iterator<Item = Range> {
        self.0.iter().map(|(from, to)| Range {
            from: from.clone(),
            to: to.clone(),
        })
    }

    /// Whether nothing was looked at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `key` was looked at.
    #[must_use]
    pub fn contains(&self, key: &Key) -> bool {
        let last = self.0.range(..=key).next_back();
        last.is_some_and(|(_, end)| end.as_ref().is_none_or(|end| key < end))
    }
}

/// The later of two ends, of which none is the latest.
fn later(one: Option<Key>, other: Option<Key>) -> Option<Key> {
    one.zip(other).map(|(one, other)| one.max(other))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Short keys of few bytes: they meet often.
    fn key() -> impl Strategy<Value = Key> {
        prop::collection::vec(0_u8..4, 0..3).prop_map(Key::from)
    }

    fn range() -> impl Strategy<Value = Range> {
        (key(), prop::option::weighted(0.9, key())).prop_map(|(from, to)| Range { from, to })
    }

    proptest! {
        #[test]
        fn has_what_any_range_has_in_few_intervals(ranges in prop::collection::vec(range(), 0..12), key in key()) {
            let mut reads = Reads::default();
            for range in &ranges {
                reads.add(range.clone());
            }
            prop_assert_eq!(reads.contains(&key), ranges.iter().any(|range| range.contains(&key)));
            let kept: Vec<_> = reads.ranges().collect();
            prop_assert!(kept.iter().all(|range| !range.is_empty()));
            let apart = kept.windows(2).all(|pair| pair[0].to.as_ref().is_some_and(|to| *to < pair[1].from));
            prop_assert!(apart, "{:?}", kept);
        }
    }
}
