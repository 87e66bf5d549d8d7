//! Values as parts of keys: the bytes sort as the values do.
//!
//! Null, then booleans, numbers, times, texts and blobs. Integers and floats are one order: `5` and `5.0` are the same
//! key, as they are equal to a script, and no integer is rounded away. Several values one after another sort as a row
//! does, by the first that differs.

use super::key::Key;

/// A value that can be part of a key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar<'a> {
    /// `()`
    Null,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `float`
    Float(f64),
    /// In milliseconds since 1970.
    Time(i64),
    /// `string` or `char`
    Text(&'a str),
    /// `blob`
    Blob(&'a [u8]),
}

/// A float that is no number has no place in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("NaN has no place in an order")]
pub struct NotANumber;

/// Begins a value of each kind. Gaps are for kinds to come.
mod kind {
    pub(super) const NULL: u8 = 0x10;
    pub(super) const FALSE: u8 = 0x20;
    pub(super) const TRUE: u8 = 0x21;
    pub(super) const NUMBER: u8 = 0x30;
    pub(super) const TIME: u8 = 0x40;
    pub(super) const TEXT: u8 = 0x50;
    pub(super) const BLOB: u8 = 0x60;
}

/// Ends bytes of any length: less than whatever could go on in its place.
const END: [u8; 2] = [0, 0];
/// A zero among such bytes.
const ZERO: [u8; 2] = [0, u8::MAX];
/// Makes numbers with a sign sort as numbers without one.
const SIGN: u64 = 1 << 63;

/// Appends `value` to `key`.
///
/// # Errors
/// For a float that is no number.
pub fn append(key: &mut Vec<u8>, value: Scalar<'_>) -> Result<(), NotANumber> {
    match value {
        Scalar::Null => key.push(kind::NULL),
        Scalar::Bool(false) => key.push(kind::FALSE),
        Scalar::Bool(true) => key.push(kind::TRUE),
        Scalar::Int(int) => number(key, nearest(int), remainder(int)),
        Scalar::Float(float) if float.is_nan() => return Err(NotANumber),
        // There is one zero.
        Scalar::Float(float) => number(key, float + 0.0, 0),
        Scalar::Time(ms) => {
            key.push(kind::TIME);
            key.extend((ms.cast_unsigned() ^ SIGN).to_be_bytes());
        }
        Scalar::Text(text) => bytes(key, kind::TEXT, text.as_bytes()),
        Scalar::Blob(blob) => bytes(key, kind::BLOB, blob),
    }
    Ok(())
}

/// `values` one after another.
///
/// # Errors
/// As [`append`].
pub fn key<'a>(values: impl IntoIterator<Item = Scalar<'a>>) -> Result<Key, NotANumber> {
    let mut key = Vec::new();
    for value in values {
        append(&mut key, value)?;
    }
    Ok(key.into())
}

/// A float, and how much more the number is: at most half of the way to the next float, which is 512.
fn number(key: &mut Vec<u8>, float: f64, more: i16) {
    let bits = float.to_bits();
    let ordered = if bits & SIGN == 0 { bits | SIGN } else { !bits };
    key.push(kind::NUMBER);
    key.extend(ordered.to_be_bytes());
    key.extend((more.cast_unsigned() ^ (1 << 15)).to_be_bytes());
}

#[expect(clippy::cast_precision_loss, reason = "what is lost is the remainder")]
const fn nearest(int: i64) -> f64 {
    int as f64
}

/// How much more `int` is than the float that is nearest to it.
fn remainder(int: i64) -> i16 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float made of an i64 is a whole number of 65 bits"
    )]
    let float = nearest(int) as i128;
    i16::try_from(i128::from(int) - float).expect("floats of this size are 1024 apart")
}

fn bytes(key: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    key.push(kind);
    for (index, part) in bytes.split(|byte| *byte == 0).enumerate() {
        if index > 0 {
            key.extend(ZERO);
        }
        key.extend_from_slice(part);
    }
    key.extend(END);
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Any {
        Null,
        Bool(bool),
        Int(i64),
        Float(f64),
        Time(i64),
        Text(String),
        Blob(Vec<u8>),
    }

    impl Any {
        fn scalar(&self) -> Scalar<'_> {
            match self {
                Self::Null => Scalar::Null,
                Self::Bool(value) => Scalar::Bool(*value),
                Self::Int(value) => Scalar::Int(*value),
                Self::Float(value) => Scalar::Float(*value),
                Self::Time(value) => Scalar::Time(*value),
                Self::Text(value) => Scalar::Text(value),
                Self::Blob(value) => Scalar::Blob(value),
            }
        }

        fn rank(&self) -> u8 {
            match self {
                Self::Null => 0,
                Self::Bool(_) => 1,
                Self::Int(_) | Self::Float(_) => 2,
                Self::Time(_) => 3,
                Self::Text(_) => 4,
                Self::Blob(_) => 5,
            }
        }
    }

    /// As numbers are in mathematics.
    fn int_to_float(int: i64, float: f64) -> Ordering {
        let limit = 2_f64.powi(63);
        if float >= limit {
            Ordering::Less
        } else if float < -limit {
            Ordering::Greater
        } else {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it is within, and its fraction is looked at after"
            )]
            let whole = float.floor() as i64;
            int.cmp(&whole).then(if float > float.floor() {
                Ordering::Less
            } else {
                Ordering::Equal
            })
        }
    }

    fn expected(one: &Any, other: &Any) -> Ordering {
        match (one, other) {
            (Any::Bool(one), Any::Bool(other)) => one.cmp(other),
            (Any::Int(one), Any::Int(other)) | (Any::Time(one), Any::Time(other)) => one.cmp(other),
            (Any::Float(one), Any::Float(other)) => one.partial_cmp(other).unwrap(),
            (Any::Int(int), Any::Float(float)) => int_to_float(*int, *float),
            (Any::Float(float), Any::Int(int)) => int_to_float(*int, *float).reverse(),
            (Any::Text(one), Any::Text(other)) => one.cmp(other),
            (Any::Blob(one), Any::Blob(other)) => one.cmp(other),
            (one, other) => one.rank().cmp(&other.rank()),
        }
    }

    fn int() -> impl Strategy<Value = i64> {
        let edge = prop_oneof![
            Just(0_i64),
            Just(1 << 53),
            Just(i64::MAX),
            Just(i64::MIN),
            Just(1 << 62)
        ];
        prop_oneof![
            any::<i64>(),
            (edge, -1100_i64..1100).prop_map(|(edge, off)| edge.saturating_add(off))
        ]
    }

    fn any_value() -> impl Strategy<Value = Any> {
        let float = prop_oneof![
            any::<f64>().prop_filter("a number", |float| !float.is_nan()),
            int().prop_map(nearest),
            (-3_i32..3).prop_map(|halves| f64::from(halves) / 2.0),
            Just(-0.0),
        ];
        let bytes = prop::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(255), any::<u8>()], 0..5);
        prop_oneof![
            Just(Any::Null),
            any::<bool>().prop_map(Any::Bool),
            int().prop_map(Any::Int),
            float.prop_map(Any::Float),
            int().prop_map(Any::Time),
            prop::collection::vec(prop_oneof![Just('\0'), Just('\u{1}'), any::<char>()], 0..4)
                .prop_map(|chars| Any::Text(chars.into_iter().collect())),
            bytes.prop_map(Any::Blob),
        ]
    }

    fn row() -> impl Strategy<Value = Vec<Any>> {
        prop::collection::vec(any_value(), 0..4)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn rows_sort_as_their_values_do(one in row(), other in row()) {
            let by_value = one
                .iter()
                .zip(&other)
                .map(|(one, other)| expected(one, other))
                .find(|order| order.is_ne())
                .unwrap_or(one.len().cmp(&other.len()));
            let key_of = |row: &[Any]| key(row.iter().map(Any::scalar)).unwrap();
            prop_assert_eq!(key_of(&one).cmp(&key_of(&other)), by_value);
        }
    }

    #[test]
    fn an_integer_and_its_float_are_one_key_and_neighbours_are_two() {
        let of = |value| key([value]).unwrap();
        assert_eq!(of(Scalar::Int(5)), of(Scalar::Float(5.0)));
        assert_eq!(of(Scalar::Float(-0.0)), of(Scalar::Int(0)));
        assert!(of(Scalar::Int(i64::MAX - 1)) < of(Scalar::Int(i64::MAX)));
        assert!(of(Scalar::Int(i64::MAX)) < of(Scalar::Float(2_f64.powi(63))));
        assert_eq!(key([Scalar::Float(f64::NAN)]), Err(NotANumber));
    }
}
