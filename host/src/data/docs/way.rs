//! One way to what a query wants: where to read, which way, and in which order that comes.

use std::collections::BTreeMap;

use picloud_sdk::value::Value;

use super::index::Index;
use super::layout::{self, Name};
use super::part;
use super::scan::{Piece, Scan};
use super::sort::Order;
use crate::data::key::{Key, Range};

/// A scan, without what it was made of.
#[derive(Debug, Clone)]
pub struct Way {
    index: Option<Index>,
    ranges: Vec<Range>,
    in_order: Option<Vec<Piece>>,
    is_exact: bool,
    is_reversed: bool,
    scan: &'static str,
}

impl Way {
    /// The way that `scan` is.
    pub(super) fn by(scan: &Scan<'_>, order: &Order) -> Self {
        Self {
            index: scan.index.cloned(),
            ranges: scan.ranges.clone(),
            in_order: scan.in_order.clone(),
            is_exact: scan.is_exact,
            is_reversed: scan.in_order.is_some() && order.id_descending(),
            scan: match scan {
                Scan { is_one: true, .. } => "one",
                Scan { is_narrowed: true, .. } => "range",
                Scan { equal: 1.., .. } => "equal",
                _ => "all",
            },
        }
    }

    /// The index to read; else the documents are read themselves.
    #[must_use]
    pub const fn index(&self) -> Option<&Index> {
        self.index.as_ref()
    }

    /// Where to read, in order and apart.
    #[must_use]
    pub fn ranges(&self) -> &[Range] {
        &self.ranges
    }

    /// Whether to read from the end.
    #[must_use]
    pub const fn is_reversed(&self) -> bool {
        self.is_reversed
    }

    /// Whether all has to be found before the first is known.
    #[must_use]
    pub const fn is_sorted_in_memory(&self) -> bool {
        self.in_order.is_none()
    }

    /// Whether everything that stands in the ranges is wanted.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// What is read: one document, what has equal fields, a range, or all.
    #[must_use]
    pub const fn scan(&self) -> &'static str {
        self.scan
    }

    /// What it is, for whoever wonders why it is slow.
    pub(super) fn explain(&self) -> BTreeMap<String, Value> {
        let index = self.index.as_ref();
        let index = index.map_or(Value::Unit, |index| Value::Text(index.name.to_string()));
        let ranges = i64::try_from(self.ranges.len()).unwrap_or(i64::MAX);
        let pairs = [
            ("index", index),
            ("scan", Value::Text(self.scan.to_owned())),
            ("ranges", Value::Int(ranges)),
            ("reversed", Value::Bool(self.is_reversed)),
            ("sorted_in_memory", Value::Bool(self.is_sorted_in_memory())),
        ];
        pairs.map(|(key, value)| (key.to_owned(), value)).into()
    }

    /// What is left to read in the wanted order after `place`; everything when that is no place of it, or when the
    /// order is made in memory.
    #[must_use]
    pub fn ranges_after(&self, collection: &Name, order: &Order, place: &[u8]) -> Vec<Range> {
        let Some(end) = self.key_range(collection, order, place) else {
            return self.ranges.clone();
        };
        let narrowed = self.ranges.iter().cloned().map(|mut range| {
            if self.is_reversed {
                range.to = Some(range.to.map_or(end.from.clone(), |to| to.min(end.from.clone())));
            } else if let Some(to) = &end.to {
                range.from = range.from.max(to.clone());
            }
            range
        });
        narrowed.filter(|range| !range.is_empty()).collect()
    }

    /// Where the document is found that is at `place` of the order: what is read before it and after it is around it.
    fn key_range(&self, collection: &Name, order: &Order, place: &[u8]) -> Option<Range> {
        let pieces = self.in_order.as_ref()?;
        let (fields, id) = order.parts_of(place)?;
        let Some(index) = &self.index else {
            return Some(Range::point(layout::document(collection, &id)));
        };
        let mut key = layout::entry_start(collection, &index.name);
        for piece in pieces {
            match piece {
                Piece::Part(part) => key.extend_from_slice(part),
                Piece::Field(place) => key.extend_from_slice(fields.get(*place)?),
                Piece::Id => key.extend(part::text(&id)),
            }
        }
        if pieces.len() < index.fields.len() {
            // It ends with the id as a field: one document has it.
            return Some(Range::prefix(&key));
        }
        key.extend_from_slice(id.as_bytes());
        Some(Range::point(Key::from(key)))
    }
}
