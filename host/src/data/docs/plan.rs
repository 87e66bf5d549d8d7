//! How the documents of a query are found: where to read, which way, and what to do with what is there.

use picloud_sdk::value::Value;

use super::advice::Advice;
use super::filter::Filter;
use super::index::Index;
use super::layout::{self, Name};
use super::said::Said;
use super::scan::{Piece, Scan};
use super::sort::Order;
use crate::data::key::{Key, Range};

/// One way to find what is wanted, in the wanted order. The whole filter is asked of each document again.
#[derive(Debug, Clone)]
pub struct Plan {
    collection: Name,
    filter: Filter,
    order: Order,
    index: Option<Index>,
    ranges: Vec<Range>,
    in_order: Option<Vec<Piece>>,
    is_exact: bool,
    scan: &'static str,
    advice: Option<Advice>,
}

impl Plan {
    /// The best of all ways: through the index with the longest row of equal fields, then with a narrowed field after
    /// them, then in the wanted order; through the documents when no index is better. Indexes that are not ready are
    /// none.
    #[must_use]
    pub fn new(collection: &Name, filter: Filter, order: Order, indexes: &[Index]) -> Self {
        let said = Said::by(&filter);
        let scans = scans(collection, &said, &order, indexes);
        // The first of the best.
        let best = scans.into_iter().rev().max_by_key(Scan::rank);
        let best = best.unwrap_or_else(|| Scan::of_documents(collection, &said, &order));
        let plan = Self::by(collection, &best, &said, &order);
        Self { filter, order, ..plan }
    }

    /// All ways, for a test that compares them.
    #[cfg(test)]
    pub(super) fn every(collection: &Name, filter: &Filter, order: &Order, indexes: &[Index]) -> Vec<Self> {
        let said = Said::by(filter);
        let scans = scans(collection, &said, order, indexes);
        let plan = |scan: &Scan<'_>| Self {
            filter: filter.clone(),
            ..Self::by(collection, scan, &said, order)
        };
        scans.iter().map(plan).collect()
    }

    /// The way that `scan` is; of every document until it has its filter.
    fn by(collection: &Name, scan: &Scan<'_>, said: &Said<'_>, order: &Order) -> Self {
        let advice = Advice::on(collection, said, order).filter(|advice| {
            let index = advice.index();
            let advised = Scan::of_index(collection, &index, said, order);
            advised.is_some_and(|advised| advised.rank() > scan.rank())
        });
        Self {
            collection: collection.clone(),
            filter: Filter::All(Vec::new()),
            order: order.clone(),
            index: scan.index.cloned(),
            ranges: scan.ranges.clone(),
            in_order: scan.in_order.clone(),
            is_exact: scan.is_exact,
            scan: match scan {
                Scan { is_one: true, .. } => "one",
                Scan { is_narrowed: true, .. } => "range",
                Scan { equal: 1.., .. } => "equal",
                _ => "all",
            },
            advice,
        }
    }

    /// Of which collection.
    #[must_use]
    pub const fn collection(&self) -> &Name {
        &self.collection
    }

    /// Which documents are wanted.
    #[must_use]
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// In which order.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
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
        self.in_order.is_some() && self.order.id_descending()
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

    /// An index that would do better.
    #[must_use]
    pub const fn advice(&self) -> Option<&Advice> {
        self.advice.as_ref()
    }

    /// What is left to read in the wanted order after `place`; everything when that is no place of it, or when the
    /// order is made in memory.
    #[must_use]
    pub fn ranges_after(&self, place: &[u8]) -> Vec<Range> {
        let Some(end) = self.key_range(place) else {
            return self.ranges.clone();
        };
        let narrowed = self.ranges.iter().cloned().map(|mut range| {
            if self.is_reversed() {
                range.to = Some(range.to.map_or(end.from.clone(), |to| to.min(end.from.clone())));
            } else if let Some(to) = &end.to {
                range.from = range.from.max(to.clone());
            }
            range
        });
        narrowed.filter(|range| !range.is_empty()).collect()
    }

    /// Where the document is found that is at `place` of the order: what is read before it and after it is around it.
    fn key_range(&self, place: &[u8]) -> Option<Range> {
        let pieces = self.in_order.as_ref()?;
        let (fields, id) = self.order.parts_of(place)?;
        let Some(index) = &self.index else {
            return Some(Range::point(layout::document(&self.collection, &id)));
        };
        let mut key = layout::entry_start(&self.collection, &index.name);
        for piece in pieces {
            match piece {
                Piece::Part(part) => key.extend_from_slice(part),
                Piece::Field(place) => key.extend_from_slice(fields.get(*place)?),
                Piece::Id => key.extend(super::part::text(&id)),
            }
        }
        if pieces.len() < index.fields.len() {
            // It ends with the id as a field: one document has it.
            return Some(Range::prefix(&key));
        }
        key.extend_from_slice(id.as_bytes());
        Some(Range::point(Key::from(key)))
    }

    /// What it does, for whoever wonders why it is slow; and how many documents it has looked at.
    #[must_use]
    pub fn explain(&self, looked_at: usize) -> Value {
        let index = self
            .index
            .as_ref()
            .map_or(Value::Unit, |index| Value::Text(index.name.to_string()));
        let count = |count: usize| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
        let pairs = [
            ("index", index),
            ("scan", Value::Text(self.scan.to_owned())),
            ("ranges", count(self.ranges.len())),
            ("reversed", Value::Bool(self.is_reversed())),
            ("sorted_in_memory", Value::Bool(self.is_sorted_in_memory())),
            ("looked_at", count(looked_at)),
            ("advice", self.advice.as_ref().map_or(Value::Unit, Advice::to_value)),
        ];
        Value::Map(pairs.map(|(key, value)| (key.to_owned(), value)).into())
    }
}

/// All ways to what is wanted, the documents first.
fn scans<'a>(collection: &Name, said: &Said<'_>, order: &Order, indexes: &'a [Index]) -> Vec<Scan<'a>> {
    let ready = indexes.iter().filter(|index| index.ready);
    let through = ready.filter_map(|index| Scan::of_index(collection, index, said, order));
    [Scan::of_documents(collection, said, order)]
        .into_iter()
        .chain(through)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::naive::{map, text};
    use super::super::path::Path;
    use super::super::sort::By;
    use super::*;

    /// Indexes by their fields, which are their names; of `[]` by each.
    fn index(fields: &str) -> Index {
        let each = fields.ends_with("[]");
        let paths = fields
            .trim_end_matches("[]")
            .split('-')
            .map(|path| Path::new(path).unwrap())
            .collect();
        let name = Name::of_index(fields.trim_end_matches("[]")).unwrap();
        let index = Index::new(name, paths, false, each).unwrap();
        Index { ready: true, ..index }
    }

    fn plan_of(filter: &Value, sort: &[(&str, bool)], indexes: &[Index]) -> Plan {
        let by = |(path, descending): &(&str, bool)| By {
            path: Path::new(path).unwrap(),
            descending: *descending,
        };
        let order = Order::new(sort.iter().map(by).collect()).unwrap();
        Plan::new(
            &Name::of_collection("c").unwrap(),
            Filter::parse(filter).unwrap(),
            order,
            indexes,
        )
    }

    fn chosen(filter: &Value, sort: &[(&str, bool)], indexes: &[&str]) -> String {
        let indexes: Vec<_> = indexes.iter().map(|fields| index(fields)).collect();
        let plan = plan_of(filter, sort, &indexes);
        let index = plan.index().map_or("documents", |index| index.name.as_str());
        let way = match (plan.is_sorted_in_memory(), plan.is_reversed()) {
            (true, _) => "sorted",
            (false, true) => "down",
            (false, false) => "up",
        };
        format!("{index} {} {} {way}", plan.scan, plan.ranges().len())
    }

    fn more(int: i64) -> Value {
        map([("gt", Value::Int(int))])
    }

    #[test]
    fn the_longest_row_of_equal_fields_wins_then_a_narrowed_one_then_the_order() {
        let filter = map([("a", Value::Int(1)), ("b", Value::Int(2)), ("c", more(3))]);
        assert_eq!(chosen(&filter, &[], &["a", "a-c", "b-a"]), "b-a equal 1 up");
        assert_eq!(chosen(&filter, &[], &["a", "a-c"]), "a-c range 1 sorted");
        assert_eq!(chosen(&filter, &[("d", true)], &["a", "b-d"]), "b-d equal 1 down");
        assert_eq!(chosen(&filter, &[("d", true)], &["d", "d-a"]), "d all 1 down");
        assert_eq!(chosen(&filter, &[], &["d"]), "documents all 1 up");
        assert_eq!(chosen(&filter, &[("d", false)], &[]), "documents all 1 sorted");
    }

    #[test]
    fn one_document_is_found_by_its_id_or_by_what_only_it_has() {
        let filter = map([("id", text("x")), ("a", Value::Int(1)), ("b", Value::Int(1))]);
        assert_eq!(chosen(&filter, &[("d", false)], &["a-b"]), "documents one 1 up");
        let unique = Index {
            unique: true,
            ..index("a")
        };
        let filter = map([("a", Value::Int(1)), ("b", Value::Int(1))]);
        let plan = plan_of(&filter, &[], &[index("a-b"), unique.clone()]);
        assert_eq!((plan.index().unwrap().name.as_str(), plan.scan), ("a", "one"));
        let missing = map([("a", Value::Unit)]);
        assert_eq!(plan_of(&missing, &[], &[unique]).scan, "equal");
    }

    #[test]
    fn the_order_of_an_index_holds_for_what_follows_equal_fields() {
        let filter = map([("a", Value::Int(1)), ("b", Value::Int(2))]);
        let all = map([]);
        assert_eq!(
            chosen(&filter, &[("b", false), ("c", true)], &["a-c"]),
            "a-c equal 1 down"
        );
        assert_eq!(chosen(&all, &[("c", false), ("d", false)], &["c-d"]), "c-d all 1 up");
        assert_eq!(
            chosen(&all, &[("c", false), ("d", true)], &["c-d"]),
            "documents all 1 sorted"
        );
        assert_eq!(chosen(&all, &[("c", false)], &["c-d", "c-id"]), "c-id all 1 up");
        let some = map([("c", map([("in", Value::Array(vec![Value::Int(1), Value::Int(2)]))]))]);
        assert_eq!(chosen(&some, &[("c", true)], &["c"]), "c range 2 down");
        assert_eq!(chosen(&some, &[], &["c"]), "c range 2 sorted");
    }

    #[test]
    fn an_index_by_each_is_for_elements_only() {
        let has = map([("a", map([("has", Value::Int(1))]))]);
        assert_eq!(chosen(&has, &[], &["a[]"]), "a equal 1 up");
        assert_eq!(chosen(&has, &[("a", false)], &["a[]"]), "a equal 1 sorted");
        assert_eq!(chosen(&has, &[], &["a"]), "documents all 1 up");
        assert_eq!(
            chosen(&map([("a", more(1))]), &[("a", false)], &["a[]"]),
            "documents all 1 sorted"
        );
        let array = map([("a", Value::Array(vec![Value::Int(1)]))]);
        assert_eq!(chosen(&array, &[], &["a[]"]), "documents all 1 up");
    }

    #[test]
    fn nothing_is_read_for_what_nothing_can_be() {
        let id = map([("id", Value::Int(1))]);
        assert_eq!(chosen(&id, &[], &[]), "documents one 0 up");
        let contrary = map([("a", map([("gt", Value::Int(2)), ("lt", Value::Int(1))]))]);
        assert_eq!(chosen(&contrary, &[], &["a"]), "a range 0 sorted");
        let contrary = map([("a", map([("eq", Value::Int(1)), ("gt", Value::Int(2))]))]);
        assert_eq!(chosen(&contrary, &[], &["a"]), "a equal 0 up");
    }

    #[test]
    fn what_is_not_ready_is_not_read_and_advice_is_better_than_what_is() {
        let not_ready = Index {
            ready: false,
            ..index("a")
        };
        let filter = map([("a", Value::Int(1))]);
        let plan = plan_of(&filter, &[], &[not_ready]);
        assert_eq!(plan.index(), None);
        assert_eq!(plan.advice().unwrap().fields, [Path::new("a").unwrap()]);
        assert_eq!(plan_of(&filter, &[], &[index("a")]).advice(), None);
        let Value::Map(said) = plan.explain(7) else {
            unreachable!("a map")
        };
        assert_eq!((&said["index"], &said["looked_at"]), (&Value::Unit, &Value::Int(7)));
        assert_eq!(
            (&said["scan"], &said["sorted_in_memory"]),
            (&text("all"), &Value::Bool(false))
        );
    }
}
