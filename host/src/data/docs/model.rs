//! A property of the whole: through any plan, page by page, a find gives what a look at all documents gives, and
//! entries that followed every change are those of the documents.

use std::collections::BTreeMap;

use picloud_sdk::value::Value;
use proptest::prelude::*;

use super::asked::{self, Asked};
use super::entries::{self, Difference};
use super::filter::Filter;
use super::find::{Find, Step};
use super::index::Index;
use super::layout::{self, Name};
use super::naive::{self, Sort};
use super::page::{Bounds, FindError, Page, Request};
use super::plan::Plan;
use crate::data::key::Key;
use crate::data::writes;

const BOUNDS: Bounds = Bounds {
    looked_at_max: 1000,
    gathered_max: 1000,
    tried_max: 1000,
    bytes_max: 1 << 20,
};

/// Bounds within which two ways take turns, and neither is too much.
fn bounds() -> impl Strategy<Value = Bounds> {
    (0..20_usize, 0..4_usize).prop_map(|(gathered_max, tried_max)| Bounds {
        gathered_max,
        tried_max,
        ..BOUNDS
    })
}

/// A collection that is changed as a caller would change it.
struct Collection {
    name: Name,
    indexes: Vec<Index>,
    stored: BTreeMap<Key, writes::Value>,
    documents: BTreeMap<String, Value>,
}

impl Collection {
    fn new(indexes: Vec<Index>) -> Self {
        Self {
            name: Name::of_collection("c").unwrap(),
            indexes,
            stored: BTreeMap::new(),
            documents: BTreeMap::new(),
        }
    }

    /// Puts a document, or takes it away; unless somebody else has what it claims.
    fn change(&mut self, id: &str, new: Option<&Value>) -> bool {
        let bytes = |value: &Value| value.encode();
        let (old, encoded) = (self.documents.get(id).map(bytes), new.map(bytes));
        let difference = entries::difference(&self.name, &self.indexes, id, old.as_deref(), encoded.as_deref());
        let Difference { delete, add, claims } = difference.unwrap();
        if claims.iter().any(|claim| self.stored.contains_key(&claim.key)) {
            return false;
        }
        for key in &delete {
            assert!(self.stored.remove(key).is_some(), "{key:?}");
        }
        for (key, value) in add {
            assert_eq!(self.stored.insert(key, value), None);
        }
        let key = layout::document(&self.name, id);
        if let Some((new, encoded)) = new.zip(encoded) {
            self.documents.insert(id.to_owned(), new.clone());
            self.stored.insert(key, encoded.into());
        } else {
            self.documents.remove(id);
            self.stored.remove(&key);
        }
        true
    }

    /// All that stands in its space, made from nothing.
    fn made_anew(&self) -> BTreeMap<Key, writes::Value> {
        let mut stored = BTreeMap::new();
        for (id, document) in &self.documents {
            let document = document.encode();
            for index in &self.indexes {
                stored.extend(entries::entries(&self.name, index, id, &document).unwrap());
            }
            stored.insert(layout::document(&self.name, id), document.into());
        }
        stored
    }

    /// Whether a unique index says no, found by looking at all documents.
    fn is_taken(&self, id: &str, new: &Value) -> bool {
        let rows = |index: &Index, document: &Value| {
            let counts = |value: &&Value| naive::is_told_apart(value);
            let fields: Vec<_> = index
                .fields
                .iter()
                .map(|field| naive::at(document, field.as_str()))
                .collect();
            let firsts = match fields[0] {
                Value::Array(elements) if index.each => elements.iter().collect(),
                first => vec![first],
            };
            let rows = firsts.into_iter().map(|first| [&[first][..], &fields[1..]].concat());
            let rows = rows.filter(|row| row.iter().all(counts));
            rows.map(|row| row.into_iter().cloned().collect())
                .collect::<Vec<Vec<Value>>>()
        };
        self.indexes.iter().filter(|index| index.unique).any(|index| {
            let mine = rows(index, new);
            let others = self.documents.iter().filter(|(other, _)| *other != id);
            others.flat_map(|(_, document)| rows(index, document)).any(|theirs| {
                let array = Value::Array(theirs);
                mine.iter()
                    .any(|mine| naive::equal(&array, &Value::Array(mine.clone())))
            })
        })
    }

    /// Plays the store to a find.
    fn run(&self, mut find: Find) -> Result<Page, FindError> {
        loop {
            match find.step() {
                Step::Done(page) => return Ok(page),
                Step::Fetch(keys) => find.documents(keys.iter().map(|key| self.stored.get(key).cloned()).collect())?,
                Step::Scan(query) | Step::Keys(query) => {
                    assert!(query.limit > 0 && !query.range.is_empty());
                    let rows = self.stored.range::<Key, _>(query.range.bounds());
                    let rows = rows.map(|(key, value)| (key.clone(), value.clone()));
                    let rows: Vec<_> = if query.reversed {
                        rows.rev().take(query.limit).collect()
                    } else {
                        rows.take(query.limit).collect()
                    };
                    find.rows(rows)?;
                }
            }
        }
    }

    /// What a look at all documents finds.
    fn wanted(&self, filter: &Value, sort: &Sort) -> Vec<Value> {
        let mut wanted: Vec<_> = self
            .documents
            .values()
            .filter(|document| naive::matches(filter, document))
            .collect();
        wanted.sort_by(|one, other| naive::order(sort, one, other));
        wanted.into_iter().cloned().collect()
    }
}

fn changes(count: usize) -> impl Strategy<Value = Vec<(String, Option<Value>)>> {
    let id = (0_usize..14).prop_map(|number| format!("x{number}"));
    let change = (id, prop::option::weighted(0.85, naive::document())).prop_map(|(id, document)| {
        let document = document.map(|mut fields| {
            fields.insert("id".to_owned(), naive::text(&id));
            Value::Map(fields)
        });
        (id, document)
    });
    prop::collection::vec(change, 0..count)
}

/// A collection's indexes, and queries of it.
fn with_indexes(count: usize) -> impl Strategy<Value = (Vec<Index>, Vec<Asked>)> {
    let with = move |indexes: Vec<Index>| {
        let asked = prop::collection::vec(asked::asked(&indexes), 1..=count);
        (Just(indexes), asked)
    };
    asked::indexes().prop_flat_map(with)
}

fn page(collection: &Collection, asked: &Asked, plan: Plan, bounds: Bounds, cursor: Option<Vec<u8>>) -> Page {
    let (limit, fields) = (asked.limit, asked.fields());
    let request = Request { limit, fields, cursor };
    collection.run(Find::page(plan, request, bounds).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_find_gives_what_a_look_at_all_documents_gives(
        (indexes, asked) in with_indexes(5),
        history in changes(40),
        bounds in bounds(),
    ) {
        let mut collection = Collection::new(indexes);
        for (id, new) in &history {
            let is_taken = new.as_ref().is_some_and(|new| collection.is_taken(id, new));
            prop_assert_eq!(collection.change(id, new.as_ref()), !is_taken, "{} {:?}", id, new);
        }
        prop_assert_eq!(&collection.made_anew(), &collection.stored);
        for asked in asked {
            let (filter, order) = (asked.filter(), asked.order());
            let wanted = collection.wanted(&asked.filter, &asked.sort);
            let shown: Vec<_> = wanted.iter().map(|document| asked.shown(document)).collect();
            let best = Plan::new(&collection.name, filter.clone(), order.clone(), &collection.indexes);
            let every = Plan::every(&collection.name, &filter, &order, &collection.indexes);
            let count_best = Plan::of_count(&collection.name, filter.clone(), &collection.indexes);
            let count = collection.run(Find::count(count_best.clone(), bounds)).unwrap().count;
            prop_assert_eq!(count, wanted.len(), "{:?}", count_best);
            for plan in [&best].into_iter().chain(&every) {
                let (mut found, mut cursor) = (Vec::new(), None);
                loop {
                    let page = page(&collection, &asked, plan.clone(), bounds, cursor);
                    prop_assert!(page.cursor.is_none() || page.documents.len() == asked.limit);
                    found.extend(page.documents.iter().map(|document| document.to_vec()));
                    cursor = page.cursor;
                    if cursor.is_none() {
                        break;
                    }
                    prop_assert!(found.len() <= shown.len(), "{:?}", plan);
                }
                prop_assert_eq!(&found, &shown, "{:?}", plan);
                let count = collection.run(Find::count(plan.clone(), bounds)).unwrap().count;
                prop_assert_eq!(count, wanted.len(), "{:?}", plan);
            }
        }
    }

    #[test]
    fn pages_are_steady_while_documents_come_and_go(
        (indexes, asked) in with_indexes(1),
        history in changes(40),
        between in prop::collection::vec(changes(4), 1..6),
        bounds in bounds(),
    ) {
        let mut collection = Collection::new(indexes);
        for (id, new) in &history {
            collection.change(id, new.as_ref());
        }
        let asked = &asked[0];
        let (filter, order) = (asked.filter(), asked.order());
        let mut left = collection.wanted(&asked.filter, &asked.sort);
        let (mut between, mut plans) = (between.iter(), asked.plans.iter().cycle());
        let (mut last, mut cursor) = (None::<Value>, None);
        loop {
            // What comes after the last that was seen, as it is now, and however it is found.
            let mut every = Plan::every(&collection.name, &filter, &order, &collection.indexes);
            every.push(Plan::new(&collection.name, filter.clone(), order.clone(), &collection.indexes));
            let plan = plans.next().unwrap().get(&every).clone();
            let page = page(&collection, asked, plan.clone(), bounds, cursor);
            let expected: Vec<_> = left.iter().take(asked.limit).map(|document| asked.shown(document)).collect();
            let documents: Vec<_> = page.documents.iter().map(|document| document.to_vec()).collect();
            prop_assert_eq!(&documents, &expected, "{:?}", plan);
            if page.cursor.is_none() {
                prop_assert!(left.len() <= asked.limit);
                break;
            }
            last = left.get(asked.limit - 1).cloned().or(last);
            cursor = page.cursor;
            for (id, new) in between.next().into_iter().flatten() {
                collection.change(id, new.as_ref());
            }
            left = collection.wanted(&asked.filter, &asked.sort);
            left.retain(|document| last.as_ref().is_none_or(|last| naive::order(&asked.sort, document, last).is_gt()));
        }
    }
}

#[test]
fn what_is_too_broad_or_too_large_is_refused_with_a_remedy() {
    let mut collection = Collection::new(Vec::new());
    for number in 0..30 {
        let id = format!("x{number:02}");
        let document = naive::map([("id", naive::text(&id)), ("a", Value::Int(number % 3))]);
        collection.change(&id, Some(&document));
    }
    let filter = || Filter::parse(&naive::map([("a", Value::Int(7))])).unwrap();
    let plan = || {
        Plan::new(
            &collection.name,
            filter(),
            asked::order(&[("b".to_owned(), false)]),
            &[],
        )
    };
    let find = |looked_at_max, bytes_max, filter: Filter| {
        let plan = Plan::new(&collection.name, filter, asked::order(&[("b".to_owned(), false)]), &[]);
        let request = Request {
            limit: 20,
            fields: None,
            cursor: None,
        };
        let bounds = Bounds {
            looked_at_max,
            bytes_max,
            ..BOUNDS
        };
        collection.run(Find::page(plan, request, bounds).unwrap())
    };
    assert_eq!(find(30, 0, filter()).unwrap().looked_at, 30);
    let said = find(29, 0, filter()).unwrap_err().to_string();
    assert_eq!(said, "the query looks at more than 29 documents, which are allowed");
    assert_eq!(
        plan().remedy("shop"),
        "; an index would help: picloud docs index shop c a b"
    );
    let all = Filter::All(Vec::new());
    assert!(matches!(
        find(30, 99, all),
        Err(FindError::TooLarge {
            bytes: 100..,
            allowed: 99
        })
    ));
    let advised = plan().advice().unwrap().index();
    let better = Plan::new(
        &collection.name,
        filter(),
        asked::order(&[("b".to_owned(), false)]),
        &[advised],
    );
    assert!(!better.best().is_sorted_in_memory());
    assert_eq!(better.advice(), None);
}
