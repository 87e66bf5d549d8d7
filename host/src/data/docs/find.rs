//! Finds documents as planned: says what it wants to read, is told, and comes to a page.
//!
//! ```text
//! step ─▶ Scan(query) ─▶ rows(…) ─▶ step ─▶ Fetch(keys) ─▶ documents(…) ─▶ step ─▶ … ─▶ Done(page)
//! ```

use std::collections::VecDeque;

use super::cursor;
use super::found::Found;
use super::layout;
use super::page::{Bounds, FindError, LIMIT_MAX, Page, Request};
use super::plan::Plan;
use crate::data::key::{Key, Range};
use crate::data::space::Query;
use crate::data::writes::{Entry, Value};

/// Rows that are asked for at once.
const ROWS_MAX: usize = 256;

/// What a find wants next.
#[derive(Debug)]
pub enum Step {
    /// The entries of a range: [`Find::rows`].
    Scan(Query),
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
    /// What is left to read.
    ranges: VecDeque<Range>,
    /// Rows that were asked for last.
    asked: usize,
    /// Documents to fetch.
    fetch: Vec<String>,
    looked_at: usize,
    found: Found,
}

impl Find {
    /// A page of documents.
    ///
    /// # Errors
    /// When there can be no such page.
    pub fn page(plan: Plan, request: Request, bounds: Bounds) -> Result<Self, FindError> {
        let limit = request.limit;
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(FindError::Limit(limit));
        }
        let cursor = request.cursor.as_deref();
        let after = cursor
            .map(|cursor| cursor::decode(cursor, plan.collection(), plan.order()))
            .transpose()?;
        let ranges = after
            .as_ref()
            .map_or_else(|| plan.ranges().to_vec(), |place| plan.ranges_after(place));
        let found = Found::of_page(&plan, request.fields, limit, after);
        Ok(Self::begin(plan, bounds, ranges, found, limit))
    }

    /// How many documents there are. They are not read when the index has the answer.
    #[must_use]
    pub fn count(plan: Plan, bounds: Bounds) -> Self {
        let ranges = plan.ranges().to_vec();
        Self::begin(plan, bounds, ranges, Found::Count(0), ROWS_MAX)
    }

    fn begin(plan: Plan, bounds: Bounds, mut ranges: Vec<Range>, found: Found, rows: usize) -> Self {
        if plan.is_reversed() {
            ranges.reverse();
        }
        Self {
            plan,
            bounds,
            ranges: ranges.into(),
            // The first time it is doubled.
            asked: rows.div_ceil(2),
            fetch: Vec::new(),
            looked_at: 0,
            found,
        }
    }

    /// The plan, and how many documents it has looked at.
    #[must_use]
    pub fn explain(&self) -> picloud_sdk::value::Value {
        self.plan.explain(self.looked_at)
    }

    /// What it wants next.
    pub fn step(&mut self) -> Step {
        if !self.fetch.is_empty() {
            let key = |id: &String| layout::document(self.plan.collection(), id);
            return Step::Fetch(self.fetch.iter().map(key).collect());
        }
        let Some(range) = self.ranges.front().filter(|_| !self.found.is_full()) else {
            return Step::Done(self.found.take(&self.plan, self.looked_at, !self.ranges.is_empty()));
        };
        // One more than it may look at, to know whether there is one.
        let left = (self.bounds.looked_at_max - self.looked_at).saturating_add(1);
        let rows = if self.found.may_end_early() {
            self.asked * 2
        } else {
            ROWS_MAX
        };
        self.asked = rows.min(ROWS_MAX).min(left);
        Step::Scan(Query {
            range: range.clone(),
            limit: self.asked,
            reversed: self.plan.is_reversed(),
        })
    }

    /// What is in the range that it asked for, in the query's order. When they are fewer than the query's limit, there
    /// are no more.
    ///
    /// # Errors
    /// When this is too much, or not as it was written.
    pub fn rows(&mut self, entries: Vec<Entry>) -> Result<(), FindError> {
        self.advance(entries.last().map(|(key, _)| key), entries.len() < self.asked);
        for (key, value) in entries {
            let collection = self.plan.collection();
            let id = match self.plan.index() {
                Some(index) => layout::id_of_entry(collection, &index.name, index.fields.len(), &key),
                None => layout::id_of_document(collection, &key),
            };
            let Some(id) = id else {
                return Err(FindError::Broken(key));
            };
            if matches!(self.found, Found::Count(_)) && self.plan.is_exact() {
                self.look()?;
                self.found.offer(&self.plan, "", &value);
            } else if self.plan.index().is_some() {
                self.fetch.push(id.to_owned());
            } else {
                self.look_at(id, &value)?;
            }
        }
        Ok(())
    }

    /// What stands under the keys that it asked for, in their order.
    ///
    /// # Errors
    /// When this is too much, or not as it was written.
    pub fn documents(&mut self, documents: Vec<Option<Value>>) -> Result<(), FindError> {
        let ids = std::mem::take(&mut self.fetch);
        let mut documents = documents.into_iter();
        for id in ids {
            let Some(document) = documents.next().flatten() else {
                return Err(FindError::Broken(layout::document(self.plan.collection(), &id)));
            };
            self.look_at(&id, &document)?;
        }
        Ok(())
    }

    /// Leaves out what was read, up to `last`, or all of it.
    fn advance(&mut self, last: Option<&Key>, is_all: bool) {
        let Some(range) = self.ranges.front_mut() else { return };
        match last {
            Some(last) if self.plan.is_reversed() => range.to = Some(last.clone()),
            Some(last) => range.from = last.next(),
            None => {}
        }
        if is_all || range.is_empty() {
            self.ranges.pop_front();
        }
    }

    /// Looks at one document.
    fn look_at(&mut self, id: &str, document: &Value) -> Result<(), FindError> {
        if self.found.is_full() {
            self.found.leave_out();
            return Ok(());
        }
        self.look()?;
        if !self.plan.filter().matches(document) {
            return Ok(());
        }
        let bytes = self.found.offer(&self.plan, id, document);
        let allowed = self.bounds.bytes_max;
        if bytes > allowed {
            return Err(FindError::TooLarge { bytes, allowed });
        }
        Ok(())
    }

    fn look(&mut self) -> Result<(), FindError> {
        let allowed = self.bounds.looked_at_max;
        if self.looked_at >= allowed {
            return Err(FindError::TooBroad {
                looked_at: self.looked_at,
                allowed,
                advice: self.plan.advice().cloned(),
            });
        }
        self.looked_at += 1;
        Ok(())
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
        let index = &plan.index().unwrap().name;
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
    fn what_an_index_knows_is_counted_without_documents() {
        let bounds = Bounds {
            looked_at_max: 2,
            bytes_max: 0,
        };
        let mut find = Find::count(equal(), bounds);
        assert_eq!(rows_wanted(&mut find), 3);
        find.rows(vec![entry(&equal(), "1"), entry(&equal(), "2")]).unwrap();
        let Step::Done(page) = find.step() else {
            unreachable!("all was read")
        };
        assert_eq!((page.count, page.looked_at, page.documents.len()), (2, 2, 0));
        let mut find = Find::count(equal(), bounds);
        rows_wanted(&mut find);
        let three = ["1", "2", "3"].map(|id| entry(&equal(), id)).to_vec();
        assert!(matches!(
            find.rows(three),
            Err(FindError::TooBroad {
                looked_at: 2,
                allowed: 2,
                ..
            })
        ));
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
        let all = equal().ranges()[0].clone();
        match find.step() {
            Step::Scan(query) => assert!(all.from < query.range.from && all.to == query.range.to),
            other => unreachable!("{other:?}"),
        }
    }
}
