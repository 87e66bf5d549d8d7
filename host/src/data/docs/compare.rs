//! Which encoded values are equal, and which is less.
//!
//! Values are equal as keys are ([`crate::data::order`]): `5` and `5.0`, `'a'` and `"a"`. Arrays and maps are equal
//! when all that is in them is. A float that is no number equals nothing, not even itself.

use std::cmp::Ordering;

use picloud_sdk::value::{Reader, Token};

use super::part;
use crate::data::order::{self, Scalar};

/// Whether two values are equal.
pub(super) fn equal(one: &[u8], other: &[u8]) -> bool {
    same(&mut Reader::new(one), &mut Reader::new(other)) == Some(true)
}

/// How one value compares to another of its kind; nothing for two kinds, and for what has no order.
pub(super) fn order(one: &[u8], other: &[u8]) -> Option<Ordering> {
    tokens(Reader::new(one).token().ok()?, Reader::new(other).token().ok()?)
}

/// Whether an array has an element that equals `wanted`.
pub(super) fn has(array: &[u8], wanted: &[u8]) -> bool {
    elements(array).is_some_and(|mut elements| elements.any(|element| equal(element, wanted)))
}

/// The elements of an array; nothing when it is none.
pub(super) fn elements(array: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let mut reader = Reader::new(array);
    match reader.token() {
        Ok(Token::Array(count)) => Some((0..count).map_while(move |_| reader.skip().ok())),
        _ => None,
    }
}

fn same(one: &mut Reader<'_>, other: &mut Reader<'_>) -> Option<bool> {
    let (mine, theirs) = (one.token().ok()?, other.token().ok()?);
    match (mine, theirs) {
        (Token::Array(count), Token::Array(other_count)) => {
            let equal = count == other_count && (0..count).all(|_| same(one, other) == Some(true));
            Some(equal)
        }
        (Token::Map(count), Token::Map(other_count)) => {
            let mut pair = || Some(one.key().ok()? == other.key().ok()? && same(one, other)?);
            Some(count == other_count && (0..count).all(|_| pair() == Some(true)))
        }
        _ => Some(tokens(mine, theirs)? == Ordering::Equal),
    }
}

fn tokens(one: Token<'_>, other: Token<'_>) -> Option<Ordering> {
    let (mut room, mut other_room) = ([0; 4], [0; 4]);
    scalars(part::scalar(one, &mut room)?, part::scalar(other, &mut other_room)?)
}

fn scalars(one: Scalar<'_>, other: Scalar<'_>) -> Option<Ordering> {
    match (one, other) {
        (Scalar::Null, Scalar::Null) => Some(Ordering::Equal),
        (Scalar::Bool(one), Scalar::Bool(other)) => Some(one.cmp(&other)),
        (Scalar::Int(one), Scalar::Int(other)) | (Scalar::Time(one), Scalar::Time(other)) => Some(one.cmp(&other)),
        (Scalar::Float(one), Scalar::Float(other)) => one.partial_cmp(&other),
        (Scalar::Int(_), Scalar::Float(_)) | (Scalar::Float(_), Scalar::Int(_)) => {
            // No integer is rounded away.
            Some(order::key([one]).ok()?.cmp(&order::key([other]).ok()?))
        }
        (Scalar::Text(one), Scalar::Text(other)) => Some(one.cmp(other)),
        (Scalar::Blob(one), Scalar::Blob(other)) => Some(one.cmp(other)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use picloud_sdk::value::Value;

    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn is_equal(one: &Value, other: &Value) -> bool {
        equal(&one.encode(), &other.encode())
    }

    #[test]
    fn equal_is_what_has_one_key() {
        assert!(is_equal(&Value::Int(5), &Value::Float(5.0)));
        assert!(is_equal(&Value::Float(0.0), &Value::Float(-0.0)));
        assert!(is_equal(&Value::Char('a'), &text("a")));
        assert!(is_equal(&Value::Unit, &Value::Unit));
        assert!(!is_equal(&Value::Int(i64::MAX), &Value::Float(2_f64.powi(63))));
        assert!(!is_equal(&Value::Int(5), &Value::Time(5)));
        assert!(!is_equal(&text("a"), &Value::Blob(b"a".to_vec())));
        assert!(!is_equal(&Value::Float(f64::NAN), &Value::Float(f64::NAN)));
    }

    #[test]
    fn arrays_and_maps_are_equal_by_what_is_in_them() {
        let array = |value| Value::Array(vec![Value::Map([("a".to_owned(), value)].into()), Value::Int(1)]);
        assert!(is_equal(&array(Value::Int(5)), &array(Value::Float(5.0))));
        assert!(!is_equal(&array(Value::Int(5)), &array(Value::Int(6))));
        assert!(!is_equal(
            &array(Value::Float(f64::NAN)),
            &array(Value::Float(f64::NAN))
        ));
        assert!(!is_equal(&Value::Array(vec![Value::Unit]), &Value::Array(vec![])));
        assert!(!is_equal(&Value::Array(vec![]), &Value::Map([].into())));
        let one_more = Value::Map([("a".to_owned(), Value::Unit)].into());
        assert!(!is_equal(&one_more, &Value::Map([].into())));
        assert!(!is_equal(&Value::Map([].into()), &one_more));
    }

    #[test]
    fn order_is_within_one_kind() {
        let order = |one: Value, other: Value| order(&one.encode(), &other.encode());
        assert_eq!(order(Value::Int(1), Value::Float(1.5)), Some(Ordering::Less));
        assert_eq!(order(Value::Bool(true), Value::Bool(false)), Some(Ordering::Greater));
        assert_eq!(order(text("b"), Value::Char('a')), Some(Ordering::Greater));
        assert_eq!(order(Value::Int(1), text("1")), None);
        assert_eq!(order(Value::Int(1), Value::Float(f64::NAN)), None);
        assert_eq!(order(Value::Unit, Value::Int(1)), None);
        assert_eq!(order(Value::Array(vec![]), Value::Array(vec![])), None);
    }

    #[test]
    fn an_array_has_what_equals_one_of_its_elements() {
        let array = Value::Array(vec![Value::Int(1), Value::Array(vec![Value::Int(2)])]).encode();
        assert!(has(&array, &Value::Float(1.0).encode()));
        assert!(has(&array, &Value::Array(vec![Value::Int(2)]).encode()));
        assert!(!has(&array, &Value::Int(2).encode()));
        assert!(!has(&Value::Int(1).encode(), &Value::Int(1).encode()));
    }
}
