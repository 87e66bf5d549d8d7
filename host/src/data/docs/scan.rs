//! What reading a collection or one of its indexes would be like for a query.

use super::index::Index;
use super::layout::{self, Name};
use super::part::{self, FirstId};
use super::path::Path;
use super::said::{Field, Said};
use super::sort::Order;
use crate::data::key::{Key, Range};

/// One way to all documents that a filter wants.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    /// Through this index; else through the documents themselves.
    pub(super) index: Option<&'a Index>,
    /// Where to read, in order and apart.
    pub(super) ranges: Vec<Range>,
    /// How many fields are equal in all that is read.
    pub(super) equal: usize,
    /// Whether the next field narrows it.
    pub(super) is_narrowed: bool,
    /// Whether one document is all that can be found.
    pub(super) is_one: bool,
    /// When it comes in the wanted order: how the place of a document in it is a key.
    pub(super) in_order: Option<Vec<Piece>>,
    /// Whether everything there is wanted.
    pub(super) is_exact: bool,
}

/// Of what a key is made, after what all keys begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// This part, for all that is wanted.
    Part(Vec<u8>),
    /// The part of the order's field.
    Field(usize),
    /// The id, as a field.
    Id,
}

impl<'a> Scan<'a> {
    /// Through the documents, by id.
    pub(super) fn of_documents(collection: &Name, said: &Said<'_>, order: &Order) -> Self {
        let id = said
            .fields
            .iter()
            .find(|(path, _)| path.is_id())
            .map(|(_, field)| field);
        let everything = vec![Range::prefix(&[])];
        let ranges = id.and_then(|id| id.ranges.as_ref()).unwrap_or(&everything);
        let is_one = id.is_some_and(|id| id.equal.is_some());
        let by_id = order.fields().iter().all(|by| equal_part(said, &by.path).is_some());
        Self {
            index: None,
            ranges: ranges.iter().filter_map(|range| of_ids(collection, range)).collect(),
            equal: usize::from(is_one),
            is_narrowed: id.is_some_and(|id| id.ranges.is_some()) && !is_one,
            is_one,
            in_order: (is_one || by_id).then(Vec::new),
            is_exact: said.is_all && said.fields.iter().all(|(path, field)| path.is_id() && field.is_exact),
        }
    }

    /// Through an index, if all that is wanted is in it.
    pub(super) fn of_index(collection: &Name, index: &'a Index, said: &Said<'_>, order: &Order) -> Option<Self> {
        let mut prefix = layout::entry_start(collection, &index.name);
        let parts: Vec<_> = (0..).map_while(|place| prefix_part(index, said, place)).collect();
        let equal = parts.len();
        if index.each && equal == 0 {
            // A document of no elements has no entry, and one of several has several.
            return None;
        }
        prefix.extend(parts.iter().copied().flatten());
        let (fixed, rest) = index.fields.split_at(equal);
        let narrow = rest.first().and_then(|field| said.fields.get(field)?.ranges.as_ref());
        let nowhere = |field: &Field| field.ranges.as_ref().is_some_and(Vec::is_empty);
        let ranges = match narrow {
            _ if said.fields.values().any(nowhere) => Vec::new(),
            Some(ranges) => ranges.iter().map(|range| after(&prefix, range)).collect(),
            None => vec![Range::prefix(&prefix)],
        };
        let used = fixed.iter().chain(rest.first().filter(|_| narrow.is_some()));
        let mut used = used.map(|field| said.fields.get(field));
        let is_exact = said.is_all
            && !index.each
            && said.fields.len() == equal + usize::from(narrow.is_some())
            && used.all(|field| field.is_some_and(|field| field.is_exact));
        let told_apart = |part: &&[u8]| !part::is_null(part) && part::is_scalar(part);
        Some(Self {
            index: Some(index),
            ranges,
            equal,
            is_narrowed: narrow.is_some(),
            is_one: index.unique && rest.is_empty() && parts.iter().all(told_apart),
            in_order: pieces(&parts, rest, said, order),
            is_exact,
        })
    }

    /// The better of two is the greater: what finds one document, the longest row of equal fields, a narrower next one,
    /// and the wanted order.
    pub(super) const fn rank(&self) -> (bool, usize, bool, bool) {
        (self.is_one, self.equal, self.is_narrowed, self.in_order.is_some())
    }

    /// The same for a count: rather where nothing has to be looked at.
    pub(super) const fn rank_of_count(&self) -> (bool, bool, usize, bool) {
        (self.is_one, self.is_exact, self.equal, self.is_narrowed)
    }

    /// The fields in whose order it comes, when that is not the one that was asked for and none would be missed.
    pub(super) fn natural(&self, order: &Order) -> Option<String> {
        let index = self.index.filter(|index| !index.each)?;
        let rest: Vec<_> = index.fields[self.equal..].iter().map(Path::as_str).collect();
        let is_free = self.in_order.is_none() && order.fields().is_empty();
        (is_free && !rest.is_empty()).then(|| rest.join(", "))
    }
}

/// The part that the field at `place` has in all entries of documents that are wanted.
fn prefix_part<'a>(index: &Index, said: &'a Said<'_>, place: usize) -> Option<&'a [u8]> {
    let field = said.fields.get(index.fields.get(place)?)?;
    let part = if index.each && place == 0 {
        let one = field.equal.as_ref().filter(|_| !field.equal_is_array);
        field.has.as_ref().or(one)
    } else {
        field.equal.as_ref()
    };
    part.map(Vec::as_slice)
}

/// The part that a field's value has in all documents that are wanted.
fn equal_part<'a>(said: &'a Said<'_>, path: &Path) -> Option<&'a Vec<u8>> {
    said.fields.get(path)?.equal.as_ref()
}

/// How a place in `order` is a key of an index whose first parts are `parts`; nothing when the index has another order.
fn pieces(parts: &[&[u8]], rest: &[Path], said: &Said<'_>, order: &Order) -> Option<Vec<Piece>> {
    let fields = order.fields().iter().enumerate();
    let mut wanted = fields.filter(|(_, by)| equal_part(said, &by.path).is_none());
    let mut pieces: Vec<_> = parts.iter().map(|part| Piece::Part(part.to_vec())).collect();
    for field in rest {
        if let Some(part) = equal_part(said, field) {
            pieces.push(Piece::Part(part.clone()));
            continue;
        }
        match wanted.next() {
            Some((place, by)) if by.path == *field && by.descending == order.id_descending() => {
                pieces.push(Piece::Field(place));
            }
            // What comes after it tells nothing apart.
            None if field.is_id() => {
                pieces.push(Piece::Id);
                return Some(pieces);
            }
            _ => return None,
        }
    }
    wanted.next().is_none().then_some(pieces)
}

/// `range` of what comes after `prefix`.
fn after(prefix: &[u8], range: &Range) -> Range {
    let joined = |key: &Key| Key::from([prefix, key.as_bytes()].concat());
    Range {
        from: joined(&range.from),
        to: range
            .to
            .as_ref()
            .map_or_else(|| Range::prefix(prefix).to, |to| Some(joined(to))),
    }
}

/// Where the documents are whose id's part is in `range`.
fn of_ids(collection: &Name, range: &Range) -> Option<Range> {
    let at = |bound: &Key| match part::first_id(bound) {
        FirstId::From(id) => Some(Key::from([layout::document_start(collection), id].concat())),
        FirstId::None => None,
    };
    let range = Range {
        from: at(&range.from)?,
        to: range.to.as_ref().and_then(at).or(layout::documents(collection).to),
    };
    (!range.is_empty()).then_some(range)
}
