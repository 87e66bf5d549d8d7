//! Which documents are wanted: `#{ age: #{ ge: 18, lt: 65 }, or: [ #{ city: "Bern" }, #{ tags: #{ has: "x" } } ] }`.
//!
//! All keys of a map have to hold. `and`, `or` and `not` take filters and are no fields; every other key is a path.
//! What is asked of a field is a map of operators, or a value that it has to equal. A map that has no operator among
//! its keys, of this language or of another, is such a value; one that has operators and other keys is refused.

use picloud_sdk::value::Value;

use super::condition::{BadFilter, Condition};
use super::{foreign, kind};

/// Filters of more conditions are refused.
pub const CONDITIONS_MAX: usize = 64;
/// Filters that are more filters one in another are refused.
pub const DEPTH_MAX: usize = 8;

/// A filter that was understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them hold; true when there are none.
    All(Vec<Self>),
    /// One of them holds; false when there are none.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// One field is as it should be.
    Is(Condition),
}

impl Filter {
    /// The filter that `value` says. An empty map wants every document.
    ///
    /// # Errors
    /// When it says none, or too much.
    pub fn parse(value: &Value) -> Result<Self, BadFilter> {
        parse("", value, 0, &mut 0)
    }

    /// Whether an encoded document is wanted.
    #[must_use]
    pub fn matches(&self, document: &[u8]) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.matches(document)),
            Self::Any(filters) => filters.iter().any(|filter| filter.matches(document)),
            Self::Not(filter) => !filter.matches(document),
            Self::Is(condition) => condition.matches(document),
        }
    }
}

/// The filter that stands at `at`, so deep, after so many conditions.
fn parse(at: &str, value: &Value, depth: usize, conditions: &mut usize) -> Result<Filter, BadFilter> {
    if depth > DEPTH_MAX {
        return Err(bad(at, format!("filters are {depth} deep; {DEPTH_MAX} are allowed")));
    }
    let Value::Map(pairs) = value else {
        return Err(bad(at, format!("a filter is a map, not {}", kind::of(value))));
    };
    let mut filters = Vec::new();
    for (key, value) in pairs {
        match &**key {
            "and" => filters.push(Filter::All(list(key, value, depth, conditions)?)),
            "or" => filters.push(Filter::Any(list(key, value, depth, conditions)?)),
            "not" => filters.push(Filter::Not(Box::new(parse(key, value, depth + 1, conditions)?))),
            path => {
                if let Some(own) = foreign::meant(path).filter(|_| path.starts_with('$')) {
                    return Err(bad(path, format!("there is no operator `{path}`, but `{own}`")));
                }
                let found = Condition::parse(path, value)?;
                *conditions += found.len();
                if *conditions > CONDITIONS_MAX {
                    let problem = format!("condition {conditions} of the filter; {CONDITIONS_MAX} are allowed");
                    return Err(bad(path, problem));
                }
                filters.extend(found.into_iter().map(Filter::Is));
            }
        }
    }
    Ok(Filter::All(filters))
}

fn list(at: &str, value: &Value, depth: usize, conditions: &mut usize) -> Result<Vec<Filter>, BadFilter> {
    let Value::Array(values) = value else {
        return Err(bad(at, format!("takes an array of filters, not {}", kind::of(value))));
    };
    if values.len() > CONDITIONS_MAX {
        let count = values.len();
        return Err(bad(at, format!("has {count} filters; {CONDITIONS_MAX} are allowed")));
    }
    let filters = values.iter().map(|value| parse(at, value, depth + 1, conditions));
    filters.collect()
}

fn bad(at: &str, problem: String) -> BadFilter {
    let at = if at.is_empty() { "#{ … }" } else { at };
    BadFilter {
        at: at.to_owned(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
        Value::Map(pairs.map(|(key, value)| (key.to_owned(), value)).into())
    }

    fn equals(path: &str, int: i64) -> Value {
        map([(path, Value::Int(int))])
    }

    #[test]
    fn keys_have_to_hold_together_and_combinators_combine() {
        let either = Value::Array(vec![equals("a", 1), equals("a", 2)]);
        let filter = map([("or", either), ("not", equals("b", 3)), ("and", Value::Array(vec![]))]);
        let filter = Filter::parse(&filter).unwrap();
        let matches = |a, b| filter.matches(&map([("a", Value::Int(a)), ("b", Value::Int(b))]).encode());
        assert!(matches(1, 0) && matches(2, 0));
        assert!(!matches(3, 0) && !matches(1, 3));
        let none = Filter::parse(&map([("or", Value::Array(vec![]))])).unwrap();
        assert!(!none.matches(&map([]).encode()));
        assert!(Filter::parse(&map([])).unwrap().matches(&map([]).encode()));
    }

    #[test]
    fn a_filter_is_bounded() {
        let many = |count: i64| {
            let conditions = (0..count).map(|number| equals(&format!("f{number}"), 1));
            map([("and", Value::Array(conditions.collect()))])
        };
        assert!(Filter::parse(&many(64)).is_ok());
        let said = Filter::parse(&map([("and", Value::Array(vec![many(40), many(25)]))]))
            .unwrap_err()
            .to_string();
        assert_eq!(said, "filter: `f24`: condition 65 of the filter; 64 are allowed");
        let empty = Value::Array(vec![map([]); 65]);
        let said = Filter::parse(&map([("or", empty)])).unwrap_err().to_string();
        assert_eq!(said, "filter: `or`: has 65 filters; 64 are allowed");
        let deep = |levels: usize| (0..levels).fold(equals("a", 1), |filter, _| map([("not", filter)]));
        assert!(Filter::parse(&deep(8)).is_ok());
        let said = Filter::parse(&deep(9)).unwrap_err().to_string();
        assert_eq!(said, "filter: `not`: filters are 9 deep; 8 are allowed");
    }

    #[test]
    fn operators_of_other_databases_are_no_values() {
        let said = |value: Value| Filter::parse(&map([("a", value)])).unwrap_err().to_string();
        for (foreign, own) in [
            ("gte", "ge"),
            ("$lt", "lt"),
            ("not", "ne` or `nin"),
            ("or", "or` in place of a field"),
        ] {
            let said = said(equals(foreign, 1));
            assert!(
                said.starts_with(&format!(
                    "filter: `a.{foreign}`: there is no operator `{foreign}`, but `{own}`;"
                )),
                "{said}"
            );
        }
        let some = Value::Map([("ge".to_owned(), Value::Int(1)), ("gee".to_owned(), Value::Int(1))].into());
        assert!(said(some).contains("there is no operator `gee`; there are eq, ne"));
        let or = Filter::parse(&map([("$or", Value::Array(vec![]))])).unwrap_err();
        assert_eq!(
            or.to_string(),
            "filter: `$or`: there is no operator `$or`, but `or` in place of a field`"
        );
        let wanted = equals("gte", 1);
        let filter = Filter::parse(&map([("a", map([("eq", wanted.clone())]))])).unwrap();
        assert!(filter.matches(&map([("a", wanted)]).encode()));
        assert!(Filter::parse(&map([("a", equals("city", 1))])).is_ok());
        // A field may be called so.
        assert!(Filter::parse(&equals("gte", 1)).is_ok());
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let said = |value: Value| Filter::parse(&value).unwrap_err().to_string();
        assert_eq!(said(Value::Int(1)), "filter: `#{ … }`: a filter is a map, not an int");
        assert_eq!(
            said(map([("or", Value::Int(1))])),
            "filter: `or`: takes an array of filters, not an int"
        );
        let one = Value::Array(vec![Value::Int(1)]);
        assert_eq!(
            said(map([("and", one)])),
            "filter: `and`: a filter is a map, not an int"
        );
    }
}
