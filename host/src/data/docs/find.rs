//! Finds documents as planned: says what it wants to read, is told, and comes to a page.
//!
//! ```text
//! step ─▶ Scan(query) ─▶ rows(…) ─▶ step ─▶ Fetch(keys) ─▶ documents(…) ─▶ step ─▶ … ─▶ Done(page)
//! ```

use picloud_sdk::value::Value as Tree;

use super::advice::Advice;
use super::cursor;
use super::found::Found;
use super::layout;
use super::page::{Bounds, FindError, LIMIT_MAX, Page, Request};
use super::plan::Plan;
use super::stage::Stage;
use super::walk::{ROWS_MAX, Walk};
use super::way::Way;
use crate::data::key::Key;
use crate::data::space::Query;
use crate::data::writes::{Entry, Value};

/// What a find wants next.
#[derive(Debug)]
pub enum Step {
    /// The entries of a range: [`Find::rows`].
    Scan(Query),
    /// The same without their values.
    Keys(Query),
    /// The documents under these keys: [`Find::documents`].
    Fetch(Vec<Key>),
    /// Nothing: this is what it found.
    Done(Page),
}

/// One find, under way.
#[derive(Debug)]
pub struct Find {
    plan: Plan,
    bounds: Bounds,
    stage: Stage,
    walk: Walk,
    /// The other way.
    other: Option<Walk>,
    /// Documents to look at in order before entries are gathered again.
    trial_max: usize,
    /// What was left, as it came to too much.
    given_up: Option<&'static str>,
    looked_at: usize,
}

impl Find {
    /// A page of documents.
    ///
    /// # Errors
    /// When there can be no such page.
    pub fn page(plan: Plan, request: Request, bounds: Bounds) -> Result<Self, FindError> {
        let Request { limit, fields, cursor } = request;
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(FindError::Limit(limit));
        }
        let after = cursor
            .map(|cursor| cursor::decode(&cursor, plan.collection(), plan.order()))
            .transpose()?;
        let walk = |way: &Way| {
            let ranges = after.as_ref().map_or_else(
                || way.ranges().to_vec(),
                |place| way.ranges_after(plan.collection(), plan.order(), place),
            );
            let found = Found::of_page(way.is_sorted_in_memory(), fields.clone(), limit, after.clone());
            Walk::new(way.clone(), ranges, found, limit)
        };
        let (best, other) = (walk(plan.best()), plan.other().map(walk));
        Ok(Self::begin(plan, bounds, best, other, limit))
    }

    /// How many documents there are. They are not read when the index has the answer.
    #[must_use]
    pub fn count(plan: Plan, bounds: Bounds) -> Self {
        let walk = |way: &Way| Walk::new(way.clone(), way.ranges().to_vec(), Found::Count(0), ROWS_MAX);
        let (best, other) = (walk(plan.best()), plan.other().map(walk));
        Self::begin(plan, bounds, best, other, 0)
    }

    fn begin(plan: Plan, bounds: Bounds, walk: Walk, other: Option<Walk>, limit: usize) -> Self {
        Self {
            plan,
            bounds,
            stage: match &other {
                Some(other) if other.found.may_end_early() => Stage::First,
                Some(_) => Stage::Gather,
                None => Stage::Last,
            },
            walk,
            other,
            trial_max: bounds.tried_max.max(2 * limit),
            given_up: None,
            looked_at: 0,
        }
    }

    /// An index that would do better, if it did not do well enough.
    fn advice(&self) -> Option<&Advice> {
        let went_well = self.walk.found.may_end_early() && self.looked_at <= self.trial_max;
        self.plan
            .advice()
            .filter(|_| self.plan.is_advised_in_order() || !went_well)
    }

    /// As it was planned.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether nothing is known before all is read.
    #[must_use]
    pub const fn needs_all(&self) -> bool {
        self.walk.way.is_sorted_in_memory() || self.walk.is_counted()
    }

    /// What it did, for whoever wonders why it is slow; `app` is what their app is called.
    #[must_use]
    pub fn explain(&self, app: &str) -> Tree {
        let count = |count: usize| Tree::Int(i64::try_from(count).unwrap_or(i64::MAX));
        let given_up = self.given_up.map_or(Tree::Unit, |what| Tree::Text(what.to_owned()));
        let mut said = self.walk.way.explain();
        said.extend([
            ("looked_at".to_owned(), count(self.looked_at)),
            ("given_up".to_owned(), given_up),
            (
                "advice".to_owned(),
                self.advice().map_or(Tree::Unit, |advice| advice.to_value(app)),
            ),
        ]);
        Tree::Map(said)
    }

    /// What it wants next.
    pub fn step(&mut self) -> Step {
        loop {
            if self.walk.is_over() {
                let are_unread = self.walk.are_unread();
                return Step::Done(self.walk.found.take(&self.plan, self.looked_at, are_unread));
            }
            if let Some(keys) = self.walk.fetch(self.plan.collection()) {
                return Step::Fetch(keys);
            }
            let left = self.left();
            if left == 0 {
                self.turn();
                continue;
            }
            let is_counted = self.walk.is_counted();
            if let Some(query) = self.walk.query(left) {
                return if is_counted {
                    Step::Keys(query)
                } else {
                    Step::Scan(query)
                };
            }
        }
    }

    /// How much more may be read before it is the other way's turn.
    fn left(&self) -> usize {
        self.stage
            .left(self.bounds, self.trial_max, (self.looked_at, self.walk.gathered))
    }

    /// It is the other way's turn.
    fn turn(&mut self) {
        let Some(other) = self.other.take() else { return };
        let walk = std::mem::replace(&mut self.walk, other);
        self.given_up = Some(self.stage.is_given_up());
        self.stage = self.stage.next();
        self.other = (self.stage != Stage::Last).then_some(walk);
    }

    /// What is in the range that it asked for, in the query's order. When they are fewer than the query's limit, there
    /// are no more.
    ///
    /// # Errors
    /// When this is too much, or not as it was written.
    pub fn rows(&mut self, entries: Vec<Entry>) -> Result<(), FindError> {
        self.walk.advance(&entries);
        for (key, value) in entries {
            let id = self.walk.id(self.plan.collection(), &key)?;
            if self.walk.is_counted() {
                self.walk.found.offer(&self.plan, "", &value);
            } else if self.walk.way.index().is_some() {
                self.walk.gather(id);
            } else {
                self.look_at(id, &value)?;
            }
        }
        let allowed = self.bounds.looked_at_max;
        if self.walk.is_gathering() && self.stage == Stage::Last && self.walk.gathered > allowed {
            return Err(self.too_broad());
        }
        Ok(())
    }

    /// What stands under the keys that it asked for, in their order.
    ///
    /// # Errors
    /// When this is too much, or not as it was written.
    pub fn documents(&mut self, documents: Vec<Option<Value>>) -> Result<(), FindError> {
        let mut documents = documents.into_iter();
        for id in self.walk.fetched() {
            let Some(document) = documents.next().flatten() else {
                return Err(FindError::Broken(layout::document(self.plan.collection(), &id)));
            };
            self.look_at(&id, &document)?;
        }
        Ok(())
    }

    /// Looks at one document.
    fn look_at(&mut self, id: &str, document: &Value) -> Result<(), FindError> {
        if self.walk.found.is_full() {
            self.walk.found.leave_out();
            return Ok(());
        }
        if self.looked_at >= self.bounds.looked_at_max {
            return Err(self.too_broad());
        }
        self.looked_at += 1;
        if !self.plan.filter().matches(document) {
            return Ok(());
        }
        let bytes = self.walk.found.offer(&self.plan, id, document);
        let allowed = self.bounds.bytes_max;
        if bytes > allowed {
            return Err(FindError::TooLarge { bytes, allowed });
        }
        Ok(())
    }

    const fn too_broad(&self) -> FindError {
        FindError::TooBroad {
            looked_at: self.looked_at,
            allowed: self.bounds.looked_at_max,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cursor::BadCursor;
    use super::super::filter::Filter;
    use super::super::index::Index;
    use super::super::layout::Name;
    use super::super::naive::{map, text};
    use super::super::path::Path;
    use super::super::sort::{By, Order};
    use super::*;

    fn plan(filter: &picloud_sdk::value::Value) -> Plan {
        let (collection, name) = (Name::of_collection("c").unwrap(), Name::of_index("i").unwrap());
        let index = Index::new(name, vec![Path::new("a").unwrap()], false, false).unwrap();
        let order = Order::new(Vec::new()).unwrap();
        let filter = Filter::parse(filter).unwrap();
        Plan::new(&collection, filter, order, &[Index { ready: true, ..index }])
    }

    fn equal() -> Plan {
        plan(&map([("a", text("x"))]))
    }

    fn page(plan: Plan, limit: usize, cursor: Option<Vec<u8>>) -> Result<Find, FindError> {
        let bounds = Bounds {
            looked_at_max: 1000,
            gathered_max: 1000,
            tried_max: 2,
            bytes_max: 1000,
        };
        let request = Request {
            limit,
            fields: None,
            cursor,
        };
        Find::page(plan, request, bounds)
    }

    fn rows_wanted(find: &mut Find) -> usize {
        match find.step() {
            Step::Scan(query) => query.limit,
            other => unreachable!("{other:?}"),
        }
    }

    fn entry(plan: &Plan, id: &str) -> Entry {
        let parts = super::super::part::text("x");
        let index = &plan.best().index().unwrap().name;
        (layout::entry(plan.collection(), index, &parts, id), Value::from([]))
    }

    #[test]
    fn asks_for_as_many_as_are_wanted_and_for_more_when_they_do_not_match() {
        let plan = plan(&map([("b", text("x"))]));
        let mut find = page(plan.clone(), 2, None).unwrap();
        let row = |number: usize| {
            let id = format!("{number:03}");
            (
                layout::document(plan.collection(), &id),
                Value::from(map([("id", text(&id))]).encode()),
            )
        };
        let mut asked = Vec::new();
        for _ in 0..9 {
            let rows = rows_wanted(&mut find);
            let seen: usize = asked.iter().sum();
            find.rows((seen..seen + rows).map(row).collect()).unwrap();
            asked.push(rows);
        }
        // At the end, one more than it may look at.
        assert_eq!(asked, [2, 4, 8, 16, 32, 64, 128, 256, 256]);
        assert_eq!(rows_wanted(&mut find), 235);
    }

    #[test]
    fn an_entry_without_its_document_is_no_page() {
        let mut find = page(equal(), 2, None).unwrap();
        rows_wanted(&mut find);
        find.rows(vec![entry(&equal(), "1")]).unwrap();
        let Step::Fetch(keys) = find.step() else {
            unreachable!("a document")
        };
        assert_eq!(keys, [layout::document(equal().collection(), "1")]);
        assert_eq!(find.documents(vec![None]), Err(FindError::Broken(keys[0].clone())));
        let mut find = page(equal(), 2, None).unwrap();
        rows_wanted(&mut find);
        let other = layout::document(equal().collection(), "1");
        assert_eq!(
            find.rows(vec![(other.clone(), Value::from([]))]),
            Err(FindError::Broken(other))
        );
    }

    #[test]
    fn what_an_index_knows_is_counted_by_its_keys_however_many_they_are() {
        let bounds = Bounds {
            looked_at_max: 2,
            gathered_max: 2,
            tried_max: 2,
            bytes_max: 0,
        };
        let mut find = Find::count(equal(), bounds);
        let mut counted = 0;
        for rows in [1000, 1000, 7] {
            let Step::Keys(query) = find.step() else {
                unreachable!("keys")
            };
            assert_eq!(query.limit, 1000);
            let entries = (0..rows).map(|number| entry(&equal(), &format!("{counted}-{number}")));
            find.rows(entries.collect()).unwrap();
            counted += rows;
        }
        let Step::Done(page) = find.step() else {
            unreachable!("all was read")
        };
        assert_eq!((page.count, page.looked_at, page.documents.len()), (counted, 0, 0));
    }

    #[test]
    fn what_cannot_be_a_page_is_refused() {
        assert_eq!(page(equal(), 0, None).unwrap_err(), FindError::Limit(0));
        assert_eq!(page(equal(), 1001, None).unwrap_err(), FindError::Limit(1001));
        let bad = page(equal(), 1, Some(vec![1, 2, 3])).unwrap_err();
        assert_eq!(bad, FindError::Cursor(BadCursor::Malformed));
    }

    #[test]
    fn what_is_read_from_the_end_begins_with_the_last_range() {
        let collection = Name::of_collection("c").unwrap();
        let ids = picloud_sdk::value::Value::Array(vec![text("1"), text("2")]);
        let filter = Filter::parse(&map([("id", map([("in", ids)]))])).unwrap();
        let path = Path::new("id").unwrap();
        let descending = true;
        let order = Order::new(vec![By { path, descending }]).unwrap();
        let mut find = page(Plan::new(&collection, filter, order, &[]), 2, None).unwrap();
        let Step::Scan(query) = find.step() else {
            unreachable!("documents")
        };
        assert_eq!(query.range.from, layout::document(&collection, "2"));
        assert!(query.reversed);
    }

    #[test]
    fn a_cursor_leads_nowhere_else() {
        let place = Order::new(Vec::new()).unwrap().place("zzz", &[]);
        let beyond = cursor::encode(equal().collection(), equal().order(), &place);
        let mut find = page(equal(), 1, Some(beyond)).unwrap();
        let all = equal().best().ranges()[0].clone();
        match find.step() {
            Step::Scan(query) => assert!(all.from < query.range.from && all.to == query.range.to),
            other => unreachable!("{other:?}"),
        }
    }
}
