//! An index and the order take turns: what a find reads of each, and when it leaves one for the other.

use picloud_sdk::value::Value as Tree;

use super::filter::Filter;
use super::find::{Find, Step};
use super::index::Index;
use super::layout::{self, Name};
use super::naive::{map, text};
use super::page::{Bounds, Request};
use super::part;
use super::path::Path;
use super::plan::Plan;
use super::sort::Order;
use crate::data::writes::Value;

/// Documents of the collection.
const DOCUMENTS: usize = 1000;

fn index() -> Index {
    let fields = ["a", "c"].map(|field| Path::new(field).unwrap()).into();
    let index = Index::new(Name::of_index("i").unwrap(), fields, false, false).unwrap();
    Index { ready: true, ..index }
}

fn find(looked_at_max: usize) -> Find {
    let collection = Name::of_collection("c").unwrap();
    let filter = Filter::parse(&map([("a", text("x")), ("b", text("y"))])).unwrap();
    let plan = Plan::new(&collection, filter, Order::by_id(), &[index()]);
    let bounds = Bounds {
        looked_at_max,
        gathered_max: looked_at_max,
        tried_max: 2,
        bytes_max: 1000,
    };
    let request = Request {
        limit: 1,
        fields: None,
        cursor: None,
    };
    Find::page(plan, request, bounds).unwrap()
}

/// What a find by id through the index of `a` and `c` asks for, of which there are so many entries: `i` of them, `d`
/// documents, `f` to fetch. All are what it wants, or none.
fn asked(entries: usize, looked_at_max: usize, are_wanted: bool) -> (String, Find) {
    let collection = Name::of_collection("c").unwrap();
    let document = |id: &str| {
        let b = if are_wanted { "y" } else { "z" };
        Value::from(map([("id", text(id)), ("a", text("x")), ("b", text(b))]).encode())
    };
    let parts = [part::text("x"), part::text("")].concat();
    let (mut find, mut asked, mut seen) = (find(looked_at_max), Vec::new(), [0, 0]);
    loop {
        let query = match find.step() {
            Step::Done(_) => return (asked.join(" "), find),
            Step::Fetch(keys) => {
                asked.push(format!("f{}", keys.len()));
                let documents = keys.iter().map(|_| Some(document("x"))).collect();
                find.documents(documents).unwrap();
                continue;
            }
            Step::Scan(query) | Step::Keys(query) => query,
        };
        let of_index = query.range.from.as_bytes()[0] == b'i';
        let seen = &mut seen[usize::from(of_index)];
        let rows = query.limit.min(if of_index { entries } else { DOCUMENTS } - *seen);
        asked.push(format!("{}{rows}", if of_index { "i" } else { "d" }));
        let ids = (*seen..*seen + rows).map(|number| format!("{number:05}"));
        let row = |id: String| {
            if of_index {
                let key = layout::entry(&collection, &index().name, &parts, &id);
                return (key, Value::from([]));
            }
            (layout::document(&collection, &id), document(&id))
        };
        *seen += rows;
        if find.rows(ids.map(row).collect()).is_err() {
            asked.push("too broad".to_owned());
            return (asked.join(" "), find);
        }
    }
}

/// The index that is said to be read, and what was given up.
fn said(find: &Find) -> [Tree; 2] {
    let Tree::Map(said) = find.explain("APP") else {
        unreachable!("a map")
    };
    ["index", "given_up"].map(|key| said[key].clone())
}

#[test]
fn few_entries_are_all_it_takes() {
    let (asked, find) = asked(1, 900, true);
    assert_eq!((&*asked, said(&find)), ("i1 f1", [text("i"), Tree::Unit]));
}

#[test]
fn of_many_the_first_that_are_wanted_are_found_sooner_in_order() {
    let (asked, find) = asked(600, 900, true);
    assert_eq!((&*asked, said(&find)), ("i2 d2", [Tree::Unit, text("index")]));
}

#[test]
fn when_they_are_not_entries_are_gathered() {
    let (asked, find) = asked(600, 900, false);
    assert_eq!(asked, "i2 d2 i256 i256 i86 f256 f256 f88");
    assert_eq!(said(&find), [text("i"), text("order")]);
}

#[test]
fn when_those_are_too_many_it_is_as_if_there_were_no_index() {
    let (asked, find) = asked(1000, 900, false);
    assert_eq!(
        asked,
        "i2 d2 i256 i256 i256 i128 d4 d8 d16 d32 d64 d128 d256 d256 d135 too broad"
    );
    assert_eq!(said(&find), [Tree::Unit, text("index")]);
}
