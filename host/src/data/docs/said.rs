//! What a filter says of single fields, as places of their values' parts.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{Condition, LIST_MAX, Test};
use super::filter::Filter;
use super::part;
use super::path::Path;
use crate::data::key::{Key, Range};

/// Of the fields that all wanted documents have something in common in.
#[derive(Debug)]
pub(super) struct Said<'a> {
    pub(super) fields: BTreeMap<&'a Path, Field>,
    /// Whether the filter says nothing beside it.
    pub(super) is_all: bool,
}

/// Of one field.
#[derive(Debug)]
pub(super) struct Field {
    /// The part that its value has.
    pub(super) equal: Option<Vec<u8>>,
    /// Whether this is an array's.
    pub(super) equal_is_array: bool,
    /// The part of an element of it.
    pub(super) has: Option<Vec<u8>>,
    /// Where its value's part is, in order and apart; anywhere when nothing is said.
    pub(super) ranges: Option<Vec<Range>>,
    /// Whether all values that are there are wanted.
    pub(super) is_exact: bool,
}

impl<'a> Said<'a> {
    /// By `filter`.
    pub(super) fn by(filter: &'a Filter) -> Self {
        let mut said = Self {
            fields: BTreeMap::new(),
            is_all: true,
        };
        said.add(filter);
        said
    }

    fn add(&mut self, filter: &'a Filter) {
        match filter {
            Filter::All(filters) => filters.iter().for_each(|filter| self.add(filter)),
            Filter::Any(filters) => self.add_any(filters),
            Filter::Not(_) => self.is_all = false,
            Filter::Is(Condition { path, test }) => self.fields.entry(path).or_default().add(test),
        }
    }
}

impl<'a> Said<'a> {
    /// One of them holds: a field that all of them say something of is where one of them says it is.
    fn add_any(&mut self, filters: &'a [Filter]) {
        let each: Vec<Self> = filters.iter().map(Self::by).collect();
        let Some((first, others)) = each.split_first() else {
            self.is_all = false;
            return;
        };
        // Else it may hold for a field of one and another one of another.
        self.is_all &= each.iter().all(|said| said.is_all && said.fields.len() == 1);
        let ranges = |said: &Self, path: &Path| said.fields.get(path)?.ranges.clone();
        let mut is_said = false;
        for path in first.fields.keys().copied() {
            let of_all: Option<Vec<_>> = each.iter().map(|said| ranges(said, path)).collect();
            let Some(of_all) = of_all else { continue };
            let any = union(of_all.into_iter().flatten().collect());
            if any.len() > LIST_MAX {
                continue;
            }
            is_said = true;
            let is_exact = each.iter().all(|said| said.fields[path].is_exact);
            let field = self.fields.entry(path).or_default();
            field.is_exact &= is_exact;
            field.narrow(any);
        }
        // One field in each, and the same in all.
        self.is_all &= is_said && others.iter().all(|other| other.fields.keys().eq(first.fields.keys()));
    }
}

impl Default for Field {
    fn default() -> Self {
        Self {
            equal: None,
            equal_is_array: false,
            has: None,
            ranges: None,
            is_exact: true,
        }
    }
}

impl Field {
    fn add(&mut self, test: &Test) {
        match test {
            Test::Equal(value) => {
                self.equal = Some(part::of(value));
                self.equal_is_array = super::compare::elements(value).is_some();
            }
            Test::Has(value) => self.has = Some(part::of(value)),
            _ => {}
        }
        self.is_exact &= is_exact(test);
        if let Some(new) = ranges(test) {
            self.narrow(new);
        }
    }

    fn narrow(&mut self, new: Vec<Range>) {
        let both = match &self.ranges {
            Some(old) => common(old, &new),
            None => new,
        };
        self.ranges = Some(both);
    }
}

/// Where the parts are of all values that pass.
fn ranges(test: &Test) -> Option<Vec<Range>> {
    let points = |values: &[Vec<u8>]| {
        let parts: BTreeSet<_> = values.iter().map(|value| part::of(value)).collect();
        parts.iter().map(|part| Range::prefix(part)).collect()
    };
    Some(match test {
        Test::Equal(value) => points(std::slice::from_ref(value)),
        Test::In(values) => points(values),
        Test::Ordered { than, less, or_equal } => {
            let part = part::of(than);
            let equal = Range::prefix(&part);
            // A float that is no number has none.
            let kind = part::of_its_kind(&part);
            let narrowed = kind.map(|kind| match (less, or_equal) {
                (true, true) => Range { to: equal.to, ..kind },
                (true, false) => Range {
                    to: Some(equal.from),
                    ..kind
                },
                (false, true) => Range {
                    from: equal.from,
                    ..kind
                },
                (false, false) => Range {
                    from: equal.to.unwrap_or(equal.from),
                    ..kind
                },
            });
            narrowed.into_iter().filter(|range| !range.is_empty()).collect()
        }
        Test::Starts(start) => vec![Range::prefix(&part::text_start(start))],
        Test::Exists(true) => vec![part::not_null()],
        Test::Exists(false) => vec![part::null()],
        Test::NotEqual(_) | Test::NotIn(_) | Test::Has(_) => return None,
    })
}

/// Whether all values pass that are in the ranges.
fn is_exact(test: &Test) -> bool {
    let scalar = |value: &Vec<u8>| part::is_scalar(&part::of(value));
    match test {
        Test::Equal(value) => scalar(value),
        Test::In(values) => values.iter().all(scalar),
        Test::Ordered { .. } | Test::Starts(_) | Test::Exists(_) => true,
        Test::NotEqual(_) | Test::NotIn(_) | Test::Has(_) => false,
    }
}

/// What is in both, each in order and apart.
fn common(some: &[Range], others: &[Range]) -> Vec<Range> {
    let (mut some, mut others) = (some.iter().peekable(), others.iter().peekable());
    let mut both = Vec::new();
    while let (Some(one), Some(other)) = (some.peek(), others.peek()) {
        let range = Range {
            from: one.from.clone().max(other.from.clone()),
            to: earlier(one.to.as_ref(), other.to.as_ref()).cloned(),
        };
        // The one that ends first meets nothing more.
        if range.to == one.to {
            some.next();
        } else {
            others.next();
        }
        if !range.is_empty() {
            both.push(range);
        }
    }
    both
}

/// What is in any, in order and apart.
fn union(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_by(|one, other| one.from.cmp(&other.from));
    let mut apart: Vec<Range> = Vec::new();
    for range in ranges {
        match apart.last_mut() {
            // Without an end it goes on to the last.
            Some(last) if last.to.as_ref().is_none_or(|to| *to >= range.from) => {
                let ends = last.to.take().zip(range.to);
                last.to = ends.map(|(one, other)| one.max(other));
            }
            _ => apart.push(range),
        }
    }
    apart
}

/// The earlier of two ends, of which none is the latest.
fn earlier<'a>(one: Option<&'a Key>, other: Option<&'a Key>) -> Option<&'a Key> {
    [one, other].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use picloud_sdk::value::Value;
    use proptest::prelude::*;

    use super::super::naive;
    use super::*;

    #[test]
    fn one_of_several_is_where_any_of_them_is() {
        let by = |filters: &[Value]| {
            let filter = Filter::parse(&naive::map([("or", Value::Array(filters.to_vec()))])).unwrap();
            let said = Said::by(&filter);
            let ranges = |(path, field): (&&Path, &Field)| (path.to_string(), field.ranges.as_ref().map(Vec::len));
            (said.is_all, said.fields.iter().map(ranges).collect::<Vec<_>>())
        };
        let is = |path: &str, int: i64| naive::map([(path, Value::Int(int))]);
        let more = |int: i64| naive::map([("a", naive::map([("gt", Value::Int(int))]))]);
        let a = |count| vec![("a".to_owned(), Some(count))];
        assert_eq!(by(&[is("a", 3), is("a", 4), is("a", 3)]), (true, a(2)));
        assert_eq!(by(&[is("a", 3), more(2), more(7)]), (true, a(1)));
        assert_eq!(by(&[is("a", 3), is("b", 3)]), (false, vec![]));
        assert_eq!(by(&[]), (false, vec![]));
        let both = naive::map([("a", Value::Int(3)), ("b", Value::Int(3))]);
        assert_eq!(by(&[both, is("a", 4)]), (false, a(2)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn what_is_wanted_is_where_it_is_said_to_be(
            operands in prop::collection::vec(naive::field_filter(), 1..4),
            value in naive::value(),
        ) {
            let of_each = operands.into_iter().map(|operand| naive::map([("a", operand)])).collect();
            let filter = Filter::parse(&naive::map([("or", Value::Array(of_each))])).unwrap();
            let document = Value::Map([("a".to_owned(), value.clone())].into()).encode();
            let said = Said::by(&filter);
            let Some(field) = said.fields.values().next() else {
                return Ok(());
            };
            let key = part::of(&value.encode()).into();
            let there = field.ranges.as_ref().is_none_or(|ranges| ranges.iter().any(|range| range.contains(&key)));
            let wanted = filter.matches(&document);
            prop_assert!(there || !wanted);
            prop_assert!(wanted || !there || !field.is_exact || !said.is_all);
            let ranges = field.ranges.as_deref().unwrap_or_default();
            let apart = ranges.windows(2).all(|pair| pair[0].to.as_ref().is_some_and(|to| *to <= pair[1].from));
            prop_assert!(apart, "{:?}", ranges);
        }
    }
}
