//! What a filter says of single fields, as places of their values' parts.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{Condition, Test};
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
            Filter::Any(_) | Filter::Not(_) => self.is_all = false,
            Filter::Is(Condition { path, test }) => self.fields.entry(path).or_default().add(test),
        }
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
            let both = match &self.ranges {
                Some(old) => common(old, &new),
                None => new,
            };
            self.ranges = Some(both);
        }
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
    let both = |one: &Range, other: &Range| Range {
        from: one.from.clone().max(other.from.clone()),
        to: earlier(one.to.as_ref(), other.to.as_ref()).cloned(),
    };
    let pairs = some
        .iter()
        .flat_map(|one| others.iter().map(move |other| both(one, other)));
    pairs.filter(|range| !range.is_empty()).collect()
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn what_is_wanted_is_where_it_is_said_to_be(operand in naive::field_filter(), value in naive::value()) {
            let filter = Filter::parse(&Value::Map([("a".to_owned(), operand)].into())).unwrap();
            let document = Value::Map([("a".to_owned(), value.clone())].into()).encode();
            let said = Said::by(&filter);
            let field = said.fields.values().next().unwrap();
            let key = part::of(&value.encode()).into();
            let there = field.ranges.as_ref().is_none_or(|ranges| ranges.iter().any(|range| range.contains(&key)));
            let wanted = filter.matches(&document);
            prop_assert!(there || !wanted);
            prop_assert!(wanted || !there || !field.is_exact);
            let ranges = field.ranges.as_deref().unwrap_or_default();
            let apart = ranges.windows(2).all(|pair| pair[0].to.as_ref().is_some_and(|to| *to <= pair[1].from));
            prop_assert!(apart, "{:?}", ranges);
        }
    }
}
