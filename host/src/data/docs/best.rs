//! The first few of many documents in some order, whichever order they come in.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::data::writes::Value;

/// So many at most.
#[derive(Debug)]
pub(super) struct Best {
    limit: usize,
    rows: BinaryHeap<Row>,
    bytes: usize,
    /// Whether any was left out.
    are_more: bool,
}

/// A document, by its place.
#[derive(Debug)]
struct Row {
    place: Vec<u8>,
    document: Value,
}

impl Best {
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            limit,
            rows: BinaryHeap::new(),
            bytes: 0,
            are_more: false,
        }
    }

    /// Keeps a document if it is among the first; what all that is kept takes.
    pub(super) fn offer(&mut self, place: Vec<u8>, document: impl FnOnce() -> Value) -> usize {
        if self.rows.len() == self.limit {
            self.are_more = true;
            if self.rows.peek().is_none_or(|last| last.place <= place) {
                return self.bytes;
            }
            self.bytes -= self.rows.pop().map_or(0, |last| last.bytes());
        }
        let row = Row {
            place,
            document: document(),
        };
        self.bytes += row.bytes();
        self.rows.push(row);
        self.bytes
    }

    /// What all that is kept takes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// All that were kept, in order, and the place of the last, if there are more after it.
    pub(super) fn take(&mut self) -> (Vec<Value>, Option<Vec<u8>>) {
        let rows = std::mem::take(&mut self.rows).into_sorted_vec();
        let last = rows.last().filter(|_| self.are_more).map(|row| row.place.clone());
        (rows.into_iter().map(|row| row.document).collect(), last)
    }
}

impl Row {
    fn bytes(&self) -> usize {
        self.place.len() + self.document.len()
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for Row {}

impl PartialOrd for Row {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Row {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place.cmp(&other.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_first_few_and_knows_of_more() {
        let mut best = Best::new(2);
        let bytes = [3, 1, 4, 1].map(|place| best.offer(vec![place], || Value::from([place; 9])));
        assert_eq!(bytes, [10, 20, 20, 20]);
        let (documents, last) = best.take();
        assert_eq!((documents.len(), last), (2, Some(vec![1])));
        let mut best = Best::new(2);
        best.offer(vec![1], || Value::from([]));
        assert_eq!(best.take().1, None);
    }
}
