//! Which index would serve a query best.

use std::borrow::Cow;

use picloud_sdk::value::Value;

use super::index::{FIELDS_MAX, Index};
use super::layout::Name;
use super::part;
use super::path::Path;
use super::said::{Field, Said};
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
    /// Indexes of the fields that have to be equal, and then either of those of the order, or of one that is narrowed; the
    /// better first. One of both would have neither the order nor the narrowed field together.
    pub(super) fn on(collection: &Name, said: &Said<'_>, order: &Order) -> Vec<Self> {
        let has = said.fields.iter().find(|(_, field)| field.has.is_some());
        let mut equal: Vec<&Path> = has.map(|(path, _)| *path).into_iter().collect();
        // Of all that has no order, an index would find everything.
        let scalar = |field: &Field| field.equal.as_ref().is_some_and(|part| part::is_scalar(part));
        let scalars = said.fields.iter().filter(|(_, field)| scalar(field));
        equal.extend(
            scalars
                .map(|(path, _)| *path)
                .filter(|path| has.is_none_or(|(other, _)| other != path)),
        );
        let is_open = |path: &&Path| said.fields.get(path).is_none_or(|field| field.equal.is_none());
        // An index goes one way.
        let one_way = order.fields().iter().all(|by| by.descending == order.id_descending());
        let ordered = order.fields().iter().filter(|_| one_way).map(|by| &by.path);
        let ordered: Vec<_> = ordered.filter(is_open).collect();
        let mut narrowed = said.fields.iter().filter(|(_, field)| field.ranges.is_some());
        let narrowed = narrowed.find(|(path, _)| is_open(path)).map(|(path, _)| *path);
        let first = (!ordered.is_empty()).then_some(ordered);
        [first, Some(narrowed.into_iter().collect())]
            .into_iter()
            .flatten()
            .filter_map(|rest| Self::of(collection, &equal, &rest, has.is_some()))
            .collect()
    }

    fn of(collection: &Name, equal: &[&Path], rest: &[&Path], each: bool) -> Option<Self> {
        let mut fields: Vec<Path> = Vec::new();
        for path in equal.iter().chain(rest).take(FIELDS_MAX) {
            if !fields.contains(path) {
                fields.push((*path).clone());
            }
        }
        let cannot_be_typed = |path: &Path| path.as_str().contains(char::is_control);
        if fields.is_empty() || fields.iter().any(cannot_be_typed) {
            return None;
        }
        let collection = collection.clone();
        Some(Self {
            collection,
            fields,
            each,
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

    /// What to type into a shell to have it, for an app of that name.
    #[must_use]
    pub fn command(&self, app: &str) -> String {
        let names = [app, self.collection.as_str()].into_iter();
        let names: Vec<_> = names.chain(self.fields.iter().map(Path::as_str)).collect();
        let each = if self.each { "--each " } else { "" };
        let options_end = if names.iter().any(|name| name.starts_with('-')) {
            "-- "
        } else {
            ""
        };
        let words: Vec<_> = names.into_iter().map(quoted).collect();
        format!("picloud docs index {each}{options_end}{}", words.join(" "))
    }

    /// For scripts, of an app of that name.
    #[must_use]
    pub fn to_value(&self, app: &str) -> Value {
        let fields = self.fields.iter().map(|field| Value::Text(field.to_string()));
        let pairs = [
            ("fields", Value::Array(fields.collect())),
            ("each", Value::Bool(self.each)),
            ("command", Value::Text(self.command(app))),
        ];
        Value::Map(pairs.map(|(key, value)| (key.to_owned(), value)).into())
    }
}

/// `word` as one word of a POSIX shell.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', "'\\''")).into()
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
        let advice = Advice::on(&collection, &Said::by(&filter), &order);
        let commands: Vec<_> = advice.iter().map(|advice| advice.command("shop")).collect();
        (!commands.is_empty()).then(|| commands.join("; "))
    }

    #[test]
    fn what_is_equal_comes_first_then_the_order_or_what_is_narrowed() {
        let since = map([("gt", Value::Int(1))]);
        let filter = map([("city", text("Bern")), ("at", since), ("c", map([("ne", Value::Unit)]))]);
        let sort = [("city", false), ("name", false)];
        assert_eq!(
            advised(&filter, &sort).unwrap(),
            "picloud docs index shop orders city name; picloud docs index shop orders city at"
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
            "picloud docs index --each shop orders tags a"
        );
    }

    #[test]
    fn a_shell_takes_what_is_advised_as_it_is_meant() {
        let command = |field: &str| advised(&map([(field, Value::Int(1))]), &[]);
        for (field, word) in [
            ("to.city", "to.city"),
            ("many a", "'many a'"),
            ("x'y", r"'x'\''y'"),
            ("$(reboot)", "'$(reboot)'"),
            ("größe", "'größe'"),
        ] {
            assert_eq!(
                command(field).unwrap(),
                format!("picloud docs index shop orders {word}")
            );
        }
        assert_eq!(command("-rf").unwrap(), "picloud docs index -- shop orders -rf");
        assert_eq!(command("a\nb"), None);
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
