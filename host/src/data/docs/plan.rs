//! How the documents of a query are found: the best way to them, and another one where that may come to too much.

use super::advice::Advice;
use super::filter::Filter;
use super::index::Index;
use super::layout::Name;
use super::said::Said;
use super::scan::Scan;
use super::sort::Order;
use super::way::Way;

/// How to find what is wanted, in the wanted order. The whole filter is asked of each document again.
#[derive(Debug, Clone)]
pub struct Plan {
    collection: Name,
    filter: Filter,
    order: Order,
    best: Way,
    /// When the best is through an index and gives all that it finds before anything of it is known to be first: what
    /// comes in the wanted order, or the documents themselves. An index that finds too much costs no query its answer.
    other: Option<Way>,
    advice: Option<Advice>,
    /// Whether what is advised would come in the wanted order.
    advised_in_order: bool,
    /// Fields in whose order the best way is.
    natural: Option<String>,
}

impl Plan {
    /// For a page, the best of all ways: through the index with the longest row of equal fields, then with a narrowed field
    /// after them, then in the wanted order; through the documents when no index is better. Indexes that are not ready are
    /// none.
    #[must_use]
    pub fn new(collection: &Name, filter: Filter, order: Order, indexes: &[Index]) -> Self {
        let said = Said::by(&filter);
        let scans = scans(collection, &said, &order, indexes);
        let best = best_of(scans.iter(), Scan::rank).unwrap_or(&scans[0]);
        let ordered = best_of(scans.iter().filter(|scan| scan.in_order.is_some()), Scan::rank);
        let other =
            (best.in_order.is_none() && best.index.is_some() && !best.is_one).then(|| ordered.unwrap_or(&scans[0]));
        let plan = Self::by(collection, best, &order).with(other.map(|other| Way::by(other, &order)));
        let is_better = |advised: &Scan<'_>| {
            let of_those_in_order = ordered.is_none_or(|ordered| advised.rank() > ordered.rank());
            advised.rank() > best.rank() || advised.in_order.is_some() && of_those_in_order
        };
        let plan = plan.advised(&said, is_better);
        Self { filter, order, ..plan }
    }

    /// For a count, the best of all ways: where all that is there is wanted, nothing of it has to be looked at.
    #[must_use]
    pub fn of_count(collection: &Name, filter: Filter, indexes: &[Index]) -> Self {
        let order = Order::by_id();
        let said = Said::by(&filter);
        let scans = scans(collection, &said, &order, indexes);
        let best = best_of(scans.iter(), Scan::rank_of_count).unwrap_or(&scans[0]);
        let other = (best.index.is_some() && !best.is_exact && !best.is_one).then(|| Way::by(&scans[0], &order));
        let plan = Self::by(collection, best, &order).with(other);
        let plan = plan.advised(&said, |advised| advised.rank_of_count() > best.rank_of_count());
        Self { filter, ..plan }
    }

    /// All ways, for a test that compares them.
    #[cfg(test)]
    pub(super) fn every(collection: &Name, filter: &Filter, order: &Order, indexes: &[Index]) -> Vec<Self> {
        let said = Said::by(filter);
        let scans = scans(collection, &said, order, indexes);
        let plan = |scan: &Scan<'_>| Self {
            filter: filter.clone(),
            ..Self::by(collection, scan, order)
        };
        scans.iter().map(plan).collect()
    }

    /// The way that `scan` is; of every document until it has its filter.
    fn by(collection: &Name, scan: &Scan<'_>, order: &Order) -> Self {
        Self {
            collection: collection.clone(),
            filter: Filter::All(Vec::new()),
            order: order.clone(),
            best: Way::by(scan, order),
            other: None,
            advice: None,
            advised_in_order: false,
            natural: scan.natural(order),
        }
    }

    fn with(self, other: Option<Way>) -> Self {
        Self { other, ..self }
    }

    /// With the advice to make an index that `is_better`.
    fn advised(self, said: &Said<'_>, is_better: impl Fn(&Scan<'_>) -> bool) -> Self {
        for advice in Advice::on(&self.collection, said, &self.order) {
            let index = advice.index();
            let advised = Scan::of_index(&self.collection, &index, said, &self.order);
            if let Some(advised) = advised.filter(&is_better) {
                let advised_in_order = advised.in_order.is_some();
                let advice = Some(advice);
                return Self {
                    advice,
                    advised_in_order,
                    ..self
                };
            }
        }
        self
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

    /// The best way to them.
    #[must_use]
    pub const fn best(&self) -> &Way {
        &self.best
    }

    /// The way for when that finds too much.
    #[must_use]
    pub const fn other(&self) -> Option<&Way> {
        self.other.as_ref()
    }

    /// An index that would do better.
    #[must_use]
    pub const fn advice(&self) -> Option<&Advice> {
        self.advice.as_ref()
    }

    /// Whether that is one in the wanted order.
    #[must_use]
    pub const fn is_advised_in_order(&self) -> bool {
        self.advised_in_order
    }

    /// What whoever asked too much could do, as the end of a sentence; `app` is what their app is called.
    #[must_use]
    pub fn remedy(&self, app: &str) -> String {
        match (&self.advice, &self.natural) {
            (Some(advice), _) => format!("; an index would help: {}", advice.command(app)),
            (None, Some(fields)) => format!("; ask for less, or with `sort` by {fields}, the order of the index"),
            (None, None) => String::new(),
        }
    }
}

/// The first of the best.
fn best_of<'a, 'i, R: Ord>(
    scans: impl DoubleEndedIterator<Item = &'a Scan<'i>>,
    rank: impl Fn(&Scan<'i>) -> R,
) -> Option<&'a Scan<'i>>
where
    'i: 'a,
{
    scans.rev().max_by_key(|scan| rank(scan))
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
    use picloud_sdk::value::Value;

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
        let best = plan.best();
        let index = best.index().map_or("documents", |index| index.name.as_str());
        let way = match (best.is_sorted_in_memory(), best.is_reversed()) {
            (true, _) => "sorted",
            (false, true) => "down",
            (false, false) => "up",
        };
        format!("{index} {} {} {way}", best.scan(), best.ranges().len())
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
        assert_eq!(
            (plan.best.index().unwrap().name.as_str(), plan.best.scan()),
            ("a", "one")
        );
        let missing = map([("a", Value::Unit)]);
        assert_eq!(plan_of(&missing, &[], &[unique]).best.scan(), "equal");
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
        assert_eq!(plan.best.index(), None);
        assert_eq!(plan.advice().unwrap().fields, [Path::new("a").unwrap()]);
        assert_eq!(plan_of(&filter, &[], &[index("a")]).advice(), None);
    }

    #[test]
    fn an_index_that_may_find_too_much_has_another_way_beside_it() {
        let other = |filter: &Value, sort: &[(&str, bool)], indexes: &[&str]| {
            let indexes: Vec<_> = indexes.iter().map(|fields| index(fields)).collect();
            let plan = plan_of(filter, sort, &indexes);
            let name = |way: &Way| {
                let index = way.index().map_or("documents", |index| index.name.as_str());
                format!(
                    "{index} {}",
                    if way.is_sorted_in_memory() {
                        "sorted"
                    } else {
                        "in order"
                    }
                )
            };
            plan.other().map(name)
        };
        let filter = map([("a", Value::Int(1)), ("b", more(2))]);
        assert_eq!(other(&filter, &[], &["a-c"]).unwrap(), "documents in order");
        assert_eq!(other(&filter, &[], &["b", "a"]), None, "the best comes in order");
        assert_eq!(
            other(&filter, &[("d", true)], &["a-b", "a-d", "d"]).unwrap(),
            "a-d in order"
        );
        assert_eq!(other(&filter, &[("d", true)], &["a-b", "d"]).unwrap(), "d in order");
        assert_eq!(other(&filter, &[("d", true)], &["a-b"]).unwrap(), "documents sorted");
        assert_eq!(other(&filter, &[("d", true)], &[]), None);
    }

    #[test]
    fn advice_is_an_index_that_changes_something_and_else_an_order() {
        let filter = map([("a", more(1))]);
        let remedy = |sort: &[(&str, bool)], indexes: &[&str]| {
            let indexes: Vec<_> = indexes.iter().map(|fields| index(fields)).collect();
            plan_of(&filter, sort, &indexes).remedy("shop")
        };
        let make = |fields: &str| format!("; an index would help: picloud docs index shop c {fields}");
        assert_eq!(remedy(&[], &[]), make("a"));
        assert_eq!(
            remedy(&[], &["a-b"]),
            "; ask for less, or with `sort` by a, b, the order of the index"
        );
        assert_eq!(remedy(&[("b", false)], &["a"]), make("b"), "it is in order");
        assert_eq!(remedy(&[("b", false)], &["a", "b"]), "");
        assert_eq!(remedy(&[("b", false)], &["b"]), make("a"));
    }

    #[test]
    fn what_an_index_counts_is_better_than_what_is_nearer() {
        let filter = map([("a", Value::Int(1)), ("b", map([("ne", Value::Int(2))]))]);
        let index_of = |filter: &Value, indexes: &[&str]| {
            let indexes: Vec<_> = indexes.iter().map(|fields| index(fields)).collect();
            let filter = Filter::parse(filter).unwrap();
            let plan = Plan::of_count(&Name::of_collection("c").unwrap(), filter, &indexes);
            (
                plan.best.index().map(|index| index.name.to_string()),
                plan.best.is_exact(),
            )
        };
        assert_eq!(index_of(&filter, &["b", "a-b"]), (Some("a-b".to_owned()), false));
        let exact = map([("a", Value::Int(1)), ("b", more(1))]);
        assert_eq!(index_of(&exact, &["a-c-b", "a-b"]), (Some("a-b".to_owned()), true));
        assert_eq!(index_of(&map([]), &["a"]), (None, true));
    }
}
