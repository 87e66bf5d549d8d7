//! Which index would serve a query best.

use picloud_sdk::value::Value;

use super::index::{FIELDS_MAX, Index};
use super::layout::Name;
use super::part;
use super::path::Path;
use super::said::Said;
use super::sort::Order;

/// An index to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Of which collection.
    pub collection: Name,
    /// Of which fields, the first first.
    pub fields: Vec<Path>,
    /// Whether by each element of the first.
    pub each: bool,
}

impl Advice {
    /// The fields that have to be equal, those of the order, and one that is narrowed.
    pub(super) fn on(collection: &Name, said: &Said<'_>, order: &Order) -> Option<Self> {
        let mut fields: Vec<&Path> = Vec::new();
        let mut add = |path| {
            if !fields.contains(&path) {
                fields.push(path);
            }
        };
        let has = said.fields.iter().find(|(_, field)| field.has.is_some());
        if let Some((path, _)) = has {
            add(path);
        }
        // Of all that has no order, an index would find everything.
        for (path, field) in &said.fields {
            if field.equal.as_ref().is_some_and(|part| part::is_scalar(part)) {
                add(path);
            }
        }
        // An index goes one way.
        if order.fields().iter().all(|by| by.descending == order.id_descending()) {
            let is_equal = |path| said.fields.get(path).is_some_and(|field| field.equal.is_some());
            for by in order.fields().iter().filter(|by| !is_equal(&by.path)) {
                add(&by.path);
            }
        }
        let narrowed = said
            .fields
            .iter()
            .find(|(_, field)| field.equal.is_none() && field.ranges.is_some());
        if let Some((path, _)) = narrowed {
            add(path);
        }
        fields.truncate(FIELDS_MAX);
        if fields.is_empty() {
            return None;
        }
        Some(Self {
            collection: collection.clone(),
            fields: fields.into_iter().cloned().collect(),
            each: has.is_some(),
        })
    }

    /// The index, as if it were there.
    pub(super) fn index(&self) -> Index {
        Index {
            name: self.collection.clone(),
            fields: self.fields.clone(),
            unique: false,
            each: self.each,
            ready: true,
        }
    }

    /// What to type to have it.
    #[must_use]
    pub fn command(&self, app: &str) -> String {
        let fields: Vec<_> = self.fields.iter().map(Path::as_str).collect();
        let each = if self.each { " --each" } else { "" };
        format!(
            "picloud docs index {app} {} {}{each}",
            self.collection,
            fields.join(" ")
        )
    }

    /// For scripts.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let fields = self.fields.iter().map(|field| Value::Text(field.to_string()));
        let pairs = [
            ("fields", Value::Array(fields.collect())),
            ("each", Value::Bool(self.each)),
            ("command", Value::Text(self.command("APP"))),
        ];
        Value::Map(pairs.map(|(key, value)| (key.to_owned(), value)).into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::filter::Filter;
    use super::super::naive::{map, text};
    use super::super::sort::By;
    use super::*;

    fn advised(filter: &Value, sort: &[(&str, bool)]) -> Option<String> {
        let filter = Filter::parse(filter).unwrap();
        let by = |(path, descending): &(&str, bool)| By {
            path: Path::new(path).unwrap(),
            descending: *descending,
        };
        let order = Order::new(sort.iter().map(by).collect()).unwrap();
        let collection = Name::of_collection("orders").unwrap();
        let advice = Advice::on(&collection, &Said::by(&filter), &order)?;
        Some(advice.command("shop"))
    }

    #[test]
    fn what_is_equal_comes_first_then_the_order_then_what_is_narrowed() {
        let since = map([("gt", Value::Int(1))]);
        let filter = map([("city", text("Bern")), ("at", since), ("c", map([("ne", Value::Unit)]))]);
        let sort = [("city", false), ("name", false)];
        assert_eq!(
            advised(&filter, &sort).unwrap(),
            "picloud docs index shop orders city name at"
        );
        let mixed = [("name", false), ("n", true)];
        assert_eq!(
            advised(&filter, &mixed).unwrap(),
            "picloud docs index shop orders city at"
        );
    }

    #[test]
    fn an_array_is_looked_into_by_each_of_its_elements() {
        let tags = ("tags", map([("has", text("x"))]));
        let filter = map([("a", Value::Int(1)), tags]);
        assert_eq!(
            advised(&filter, &[]).unwrap(),
            "picloud docs index shop orders tags a --each"
        );
    }

    #[test]
    fn what_no_index_narrows_has_no_advice() {
        for filter in [
            map([]),
            map([("a", map([("ne", Value::Unit)]))]),
            map([("a", Value::Array(vec![]))]),
        ] {
            assert_eq!(advised(&filter, &[]), None, "{filter:?}");
        }
    }
}
