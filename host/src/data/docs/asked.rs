//! Indexes and queries for tests: some of anything, and some that follow an index, as those do that people write.

use std::collections::BTreeMap;

use picloud_sdk::value::Value;
use proptest::prelude::*;
use proptest::sample::{self, select};

use super::filter::Filter;
use super::index::Index;
use super::layout::Name;
use super::naive::{self, Sort};
use super::path::Path;
use super::project::Fields;
use super::sort::{By, Order};

/// A query, and how it is paged through.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) filter: Value,
    pub(super) sort: Sort,
    pub(super) limit: usize,
    /// Whose plan makes each page.
    pub(super) plans: Vec<sample::Index>,
    fields: Option<Vec<&'static str>>,
}

/// What makes a query follow an index.
#[derive(Debug, Clone)]
struct Along {
    index: sample::Index,
    /// Values that its first fields have to equal, then what is asked of the next.
    equal: Vec<Value>,
    next: Option<Value>,
    /// Whether one of two suffices for that.
    either: Option<Value>,
    /// How many fields to sort by, from which on.
    sorted: (usize, usize),
    descending: bool,
}

fn index(number: usize) -> impl Strategy<Value = Index> {
    let fields = sample::subsequence(naive::PATHS.to_vec(), 1..4).prop_shuffle();
    (
        fields,
        prop::bool::weighted(0.2),
        any::<bool>(),
        prop::bool::weighted(0.9),
    )
        .prop_map(move |(fields, unique, each, ready)| {
            let fields = fields.into_iter().map(|field| Path::new(field).unwrap()).collect();
            let name = Name::of_index(&format!("i{number}")).unwrap();
            let index = Index::new(name, fields, unique, each).unwrap();
            Index { ready, ..index }
        })
}

pub(super) fn indexes() -> impl Strategy<Value = Vec<Index>> {
    let some = (index(0), index(1), index(2), index(3)).prop_map(|(a, b, c, d)| vec![a, b, c, d]);
    (some, 0..5_usize).prop_map(|(indexes, count)| indexes.into_iter().take(count).collect())
}

fn sort() -> impl Strategy<Value = Sort> {
    let by = (select(naive::PATHS.to_vec()), any::<bool>());
    prop::collection::vec(by, 0..4).prop_map(|sort| {
        let owned = |(path, descending): (&str, bool)| (path.to_owned(), descending);
        sort.into_iter().map(owned).collect()
    })
}

fn along() -> impl Strategy<Value = Along> {
    let value = prop_oneof![3 => (0_i64..3).prop_map(Value::Int), 1 => naive::scalar()];
    let equal = prop::collection::vec(value.clone(), 0..3);
    let list = prop::collection::vec(value, 2..5).prop_map(Value::Array);
    let next = prop_oneof![
        list.prop_map(|values| naive::map([("in", values)])),
        naive::field_filter()
    ];
    (
        any::<sample::Index>(),
        equal,
        prop::option::of(next),
        prop::option::of(naive::field_filter()),
        (0_usize..3, 0_usize..4),
        any::<bool>(),
    )
        .prop_map(|(index, equal, next, either, sorted, descending)| Along {
            index,
            equal,
            next,
            either,
            sorted,
            descending,
        })
}

impl Along {
    /// The filter and the order, along one of `indexes`.
    fn of(&self, indexes: &[Index]) -> (Value, Sort) {
        let index = self.index.get(indexes);
        let has = |value: &Value| naive::map([("has", value.clone())]);
        let asked = self.equal.iter().cloned().chain(self.next.clone());
        let mut filter: BTreeMap<_, _> = index.fields.iter().map(Path::to_string).zip(asked).collect();
        let next = index.fields.get(self.equal.len()).map(Path::to_string);
        if let Some((either, next)) = self.either.clone().zip(next)
            && let Some(asked) = filter.remove(&next)
        {
            let is = |asked: Value| naive::map([(&*next, asked)]);
            filter.insert("or".to_owned(), Value::Array(vec![is(asked), is(either)]));
        }
        let first = index.fields[0].to_string();
        if let (true, Some(value)) = (index.each && !self.descending, self.equal.first()) {
            filter.insert(first, has(value));
        }
        let (from, count) = self.sorted;
        let fields = index.fields.iter().skip(from).take(count);
        let sort = fields.map(|field| (field.to_string(), self.descending)).collect();
        (Value::Map(filter), sort)
    }
}

/// A query of a collection that has these indexes.
pub(super) fn asked(indexes: &[Index]) -> BoxedStrategy<Asked> {
    let any_query = (naive::filter(), sort());
    let query = if indexes.is_empty() {
        any_query.boxed()
    } else {
        let indexes = indexes.to_vec();
        let along = along().prop_map(move |along| along.of(&indexes));
        prop_oneof![1 => any_query, 2 => along].boxed()
    };
    let fields = prop::option::of(sample::subsequence(vec!["a", "c.d", "tags", "tags.0"], 0..3));
    let plans = prop::collection::vec(any::<sample::Index>(), 1..4);
    (query, 1_usize..6, fields, plans)
        .prop_map(|((filter, sort), limit, fields, plans)| Asked {
            filter,
            sort,
            limit,
            plans,
            fields,
        })
        .boxed()
}

impl Asked {
    pub(super) fn filter(&self) -> Filter {
        Filter::parse(&self.filter).unwrap()
    }

    pub(super) fn order(&self) -> Order {
        order(&self.sort)
    }

    pub(super) fn fields(&self) -> Option<Fields> {
        let paths = |paths: &Vec<&str>| paths.iter().map(|path| Path::new(path).unwrap()).collect::<Vec<_>>();
        self.fields.as_ref().map(|fields| Fields::new(&paths(fields)).unwrap())
    }

    /// As a page shows a document.
    pub(super) fn shown(&self, document: &Value) -> Vec<u8> {
        let bytes = document.encode();
        self.fields().map_or_else(|| bytes.clone(), |fields| fields.of(&bytes))
    }
}

pub(super) fn order(sort: &[(String, bool)]) -> Order {
    let by = |(path, descending): &(String, bool)| By {
        path: Path::new(path).unwrap(),
        descending: *descending,
    };
    Order::new(sort.iter().map(by).collect()).unwrap()
}
