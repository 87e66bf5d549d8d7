//! A way as far as it was gone.

use std::collections::VecDeque;

use super::found::Found;
use super::layout::{self, Name};
use super::page::FindError;
use super::way::Way;
use crate::data::key::{Key, Range};
use crate::data::space::Query;
use crate::data::writes::Entry;

/// Rows that are asked for at once.
pub(super) const ROWS_MAX: usize = 256;
/// Keys that are, when they are all there is to know.
const KEYS_MAX: usize = 1000;

/// What was read of a way, and what is left.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) way: Way,
    pub(super) found: Found,
    /// What is left to read.
    ranges: VecDeque<Range>,
    /// Rows that were asked for last.
    asked: usize,
    /// Documents to fetch.
    ids: VecDeque<String>,
    /// Whether all entries are known before the first document is fetched.
    gathers: bool,
    /// Entries that were, until now.
    pub(super) gathered: usize,
}

impl Walk {
    /// Along `way`, through `ranges`, towards `found`; a first time for so many rows.
    pub(super) fn new(way: Way, mut ranges: Vec<Range>, found: Found, rows: usize) -> Self {
        if way.is_reversed() {
            ranges.reverse();
        }
        Self {
            // Of what comes in order, the first few may be enough.
            gathers: way.index().is_some() && !found.may_end_early(),
            way,
            found,
            ranges: ranges.into(),
            // The first time it is doubled.
            asked: rows.div_ceil(2),
            ids: VecDeque::new(),
            gathered: 0,
        }
    }

    /// Whether nothing is to be read any more: the page is full, or that was all.
    pub(super) fn is_over(&self) -> bool {
        self.found.is_full() || self.ranges.is_empty() && self.ids.is_empty()
    }

    /// Whether something was not read.
    pub(super) fn are_unread(&self) -> bool {
        !self.ranges.is_empty() || !self.ids.is_empty()
    }

    /// Whether entries are still to be gathered.
    pub(super) fn is_gathering(&self) -> bool {
        self.gathers && !self.ranges.is_empty() && !self.is_counted()
    }

    /// Whether keys are all there is to know.
    pub(super) const fn is_counted(&self) -> bool {
        matches!(self.found, Found::Count(_)) && self.way.is_exact()
    }

    /// The documents to fetch now.
    pub(super) fn fetch(&self, collection: &Name) -> Option<Vec<Key>> {
        if self.is_gathering() || self.ids.is_empty() {
            return None;
        }
        let ids = self.ids.iter().take(ROWS_MAX);
        Some(ids.map(|id| layout::document(collection, id)).collect())
    }

    /// Those that were fetched.
    pub(super) fn fetched(&mut self) -> Vec<String> {
        let count = self.ids.len().min(ROWS_MAX);
        self.ids.drain(..count).collect()
    }

    /// What to read next, when `left` more may be.
    pub(super) fn query(&mut self, left: usize) -> Option<Query> {
        let range = self.ranges.front()?.clone();
        let rows = match (self.is_counted(), self.found.may_end_early()) {
            (true, _) => KEYS_MAX,
            (false, true) => (self.asked * 2).min(ROWS_MAX),
            (false, false) => ROWS_MAX,
        };
        self.asked = if self.is_counted() { rows } else { rows.min(left) };
        Some(Query {
            range,
            limit: self.asked,
            reversed: self.way.is_reversed(),
        })
    }

    /// What was read is not read again.
    pub(super) fn advance(&mut self, entries: &[Entry]) {
        let is_all = entries.len() < self.asked;
        let Some(range) = self.ranges.front_mut() else { return };
        match entries.last() {
            Some((last, _)) if self.way.is_reversed() => range.to = Some(last.clone()),
            Some((last, _)) => range.from = last.next(),
            None => {}
        }
        if is_all || range.is_empty() {
            self.ranges.pop_front();
        }
    }

    /// The document of an entry is to be fetched.
    pub(super) fn gather(&mut self, id: &str) {
        self.gathered += 1;
        self.ids.push_back(id.to_owned());
    }

    /// The id of the document that is meant by what stands at `key`.
    pub(super) fn id<'a>(&self, collection: &Name, key: &'a Key) -> Result<&'a str, FindError> {
        let id = match self.way.index() {
            Some(index) => layout::id_of_entry(collection, &index.name, index.fields.len(), key),
            None => layout::id_of_document(collection, key),
        };
        id.ok_or_else(|| FindError::Broken(key.clone()))
    }
}
