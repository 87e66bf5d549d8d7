//! Values, filters and orders for tests, and what they mean said in the plainest way: on trees, without keys.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use picloud_sdk::value::Value;
use proptest::prelude::*;
use proptest::sample::select;

/// Fields to sort by, and whether each goes from the most to the least.
pub(super) type Sort = Vec<(String, bool)>;

/// Paths that filters, orders and indexes are made of.
pub(super) const PATHS: [&str; 6] = ["a", "b", "c.d", "tags", "tags.0", "id"];

pub(super) fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Map(pairs.map(|(key, value)| (key.to_owned(), value)).into())
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Of few values, so that they meet often.
pub(super) fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0_i64..4).prop_map(Value::Int),
        2 => select(vec![0.5, 1.0, 2.0, -0.0, f64::INFINITY]).prop_map(Value::Float),
        3 => select(vec!["", "a", "ab", "b", "a\0", "a\0b", "é"]).prop_map(text),
        2 => Just(Value::Unit),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => select(vec!['a', 'b', '\0']).prop_map(Value::Char),
        1 => select(vec![vec![], vec![0], vec![0, 255], b"a".to_vec()]).prop_map(Value::Blob),
        1 => (-1_i64..2).prop_map(Value::Time),
        1 => select(vec![i64::MAX, i64::MAX - 1, i64::MIN]).prop_map(Value::Int),
    ]
}

pub(super) fn value() -> impl Strategy<Value = Value> {
    let array = prop::collection::vec(scalar(), 0..4).prop_map(Value::Array);
    let nested = prop::collection::vec(scalar(), 0..2).prop_map(|inner| Value::Array(vec![Value::Array(inner)]));
    prop_oneof![
        8 => scalar(),
        3 => array,
        1 => nested,
        1 => scalar().prop_map(|value| map([("d", value)])),
        1 => Just(Value::Float(f64::NAN)),
    ]
}

/// Without an id.
pub(super) fn document() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let field = prop_oneof![
        (select(vec!["a", "b", "c", "tags"]), value()),
        (Just("c"), value().prop_map(|value| map([("d", value)]))),
        (
            Just("tags"),
            prop::collection::vec(scalar(), 0..4).prop_map(Value::Array)
        ),
    ];
    prop::collection::vec(field, 0..6)
        .prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// What a filter may ask of a field.
pub(super) fn field_filter() -> impl Strategy<Value = Value> {
    let list = prop::collection::vec(value(), 0..4).prop_map(Value::Array);
    let operand = scalar().prop_map(|operand| if operand == Value::Unit { Value::Int(1) } else { operand });
    let ordering = (select(vec!["lt", "le", "gt", "ge"]), operand);
    let one = prop_oneof![
        3 => (select(vec!["eq", "has"]), value()),
        1 => (Just("ne"), value()),
        4 => ordering,
        2 => (select(vec!["in", "in", "nin"]), list),
        1 => (Just("starts"), select(vec!["", "a", "a\0", "x1"]).prop_map(text)),
        1 => (Just("exists"), any::<bool>().prop_map(Value::Bool)),
    ];
    prop_oneof![
        2 => scalar(),
        5 => prop::collection::vec(one, 1..3).prop_map(|operators| {
            Value::Map(operators.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
        }),
    ]
}

pub(super) fn filter() -> impl Strategy<Value = Value> {
    let id = select(vec!["x0", "x1", "x2", "x3", "x"]).prop_map(text);
    let of_id = prop_oneof![
        id.clone(),
        (select(vec!["lt", "le", "gt", "ge", "starts"]), id.clone()).prop_map(|(key, id)| map([(key, id)])),
        prop::collection::vec(id, 0..4).prop_map(|ids| map([("in", Value::Array(ids))])),
    ];
    let field = prop_oneof![
        9 => (select(PATHS.to_vec()), field_filter()),
        2 => (Just("id"), of_id),
    ];
    let fields = prop::collection::vec(field, 0..4)
        .prop_map(|fields| Value::Map(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()));
    fields.prop_recursive(2, 6, 2, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array);
        prop_oneof![
            (select(vec!["and", "or"]), list),
            inner.clone().prop_map(|filter| ("not", filter))
        ]
        .prop_flat_map(move |(key, value)| {
            inner.clone().prop_map(move |filter| match filter {
                Value::Map(mut pairs) => {
                    pairs.insert(key.to_owned(), value.clone());
                    Value::Map(pairs)
                }
                other => other,
            })
        })
    })
}

pub(super) fn at<'a>(document: &'a Value, path: &str) -> &'a Value {
    let mut found = document;
    for step in path.split('.') {
        found = match found {
            Value::Map(pairs) => pairs.get(step).unwrap_or(&Value::Unit),
            Value::Array(values) => step
                .parse()
                .ok()
                .and_then(|place: usize| values.get(place))
                .unwrap_or(&Value::Unit),
            _ => &Value::Unit,
        };
    }
    found
}

/// Kinds in order; nothing for what has none.
fn kind(value: &Value) -> Option<u8> {
    Some(match value {
        Value::Unit => 0,
        Value::Bool(_) => 1,
        Value::Int(_) => 2,
        Value::Float(float) if !float.is_nan() => 2,
        Value::Time(_) => 3,
        Value::Text(_) | Value::Char(_) => 4,
        Value::Blob(_) => 5,
        _ => return None,
    })
}

/// As numbers are in mathematics. Floats of these tests are small, or infinite.
#[expect(
    clippy::cast_precision_loss,
    reason = "larger than 2^53, it is larger than any finite float here"
)]
fn numbers(one: &Value, other: &Value) -> Ordering {
    let float = |value: &Value| match value {
        Value::Int(int) => *int as f64,
        Value::Float(float) => *float,
        _ => unreachable!("a number"),
    };
    match (one, other) {
        (Value::Int(one), Value::Int(other)) => one.cmp(other),
        _ => float(one).partial_cmp(&float(other)).unwrap(),
    }
}

fn within_kind(one: &Value, other: &Value) -> Option<Ordering> {
    let string = |value: &Value| match value {
        Value::Char(char) => char.to_string(),
        Value::Text(text) => text.clone(),
        _ => unreachable!("a text"),
    };
    if kind(one)? != kind(other)? {
        return None;
    }
    Some(match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Time(one), Value::Time(other)) => one.cmp(other),
        (Value::Blob(one), Value::Blob(other)) => one.cmp(other),
        (Value::Unit, _) => Ordering::Equal,
        (Value::Int(_) | Value::Float(_), _) => numbers(one, other),
        _ => string(one).cmp(&string(other)),
    })
}

pub(super) fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            one.keys().eq(other.keys()) && one.values().zip(other.values()).all(|(one, other)| equal(one, other))
        }
        _ => within_kind(one, other) == Some(Ordering::Equal),
    }
}

/// Whether a unique index minds it.
pub(super) fn is_told_apart(value: &Value) -> bool {
    *value != Value::Unit && kind(value).is_some()
}

pub(super) fn matches(filter: &Value, document: &Value) -> bool {
    let Value::Map(pairs) = filter else {
        unreachable!("a filter")
    };
    let list = |value: &Value| match value {
        Value::Array(values) => values.clone(),
        _ => unreachable!("a list"),
    };
    pairs.iter().all(|(key, value)| match &**key {
        "and" => list(value).iter().all(|filter| matches(filter, document)),
        "or" => list(value).iter().any(|filter| matches(filter, document)),
        "not" => !matches(value, document),
        path => {
            let found = at(document, path);
            match value {
                Value::Map(tests) => tests.iter().all(|(operator, operand)| passes(operator, operand, found)),
                wanted => equal(found, wanted),
            }
        }
    })
}

fn passes(operator: &str, operand: &Value, found: &Value) -> bool {
    let is_in = || matches!(operand, Value::Array(values) if values.iter().any(|value| equal(found, value)));
    let order = || within_kind(found, operand);
    match operator {
        "eq" => equal(found, operand),
        "ne" => !equal(found, operand),
        "lt" => order() == Some(Ordering::Less),
        "le" => order().is_some_and(Ordering::is_le),
        "gt" => order() == Some(Ordering::Greater),
        "ge" => order().is_some_and(Ordering::is_ge),
        "in" => is_in(),
        "nin" => !is_in(),
        "has" => matches!(found, Value::Array(values) if values.iter().any(|value| equal(value, operand))),
        "exists" => (*operand == Value::Bool(true)) == (*found != Value::Unit),
        _ => match (found, operand) {
            (Value::Text(found), Value::Text(start)) => found.starts_with(start),
            (Value::Char(found), Value::Text(start)) => found.to_string().starts_with(start),
            _ => false,
        },
    }
}

/// By `sort`, and the id in the last one's direction.
pub(super) fn order(sort: &Sort, one: &Value, other: &Value) -> Ordering {
    let id = ("id", sort.last().is_some_and(|(_, descending)| *descending));
    let fields = sort.iter().map(|(path, descending)| (&**path, *descending));
    for (path, descending) in fields.chain([id]) {
        let (one, other) = (at(one, path), at(other, path));
        let kinds = kind(one).unwrap_or(u8::MAX).cmp(&kind(other).unwrap_or(u8::MAX));
        let order = kinds.then(within_kind(one, other).unwrap_or(Ordering::Equal));
        let order = if descending { order.reverse() } else { order };
        // The id of a document that was changed is still its own.
        if order.is_ne() || path == "id" {
            return order;
        }
    }
    Ordering::Equal
}
