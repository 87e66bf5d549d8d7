//! Values as parts of keys: as in [`crate::data::order`], and with a place for those that have no order.
//!
//! Arrays, maps and floats that are no number stand after all others, and none of them before another. No part is the
//! beginning of another one: the bytes say themselves where it ends.

use picloud_sdk::value::{Reader, Token};

use crate::data::key::{Key, Range};
use crate::data::order::{self, Scalar};

/// Begins a part of each kind, as in `order`; a test compares.
mod kind {
    pub(super) const NULL: u8 = 0x10;
    pub(super) const FALSE: u8 = 0x20;
    pub(super) const TRUE: u8 = 0x21;
    pub(super) const NUMBER: u8 = 0x30;
    pub(super) const TIME: u8 = 0x40;
    pub(super) const TEXT: u8 = 0x50;
    pub(super) const BLOB: u8 = 0x60;
    /// Not in `order`: what has none.
    pub(super) const OTHER: u8 = 0xf0;
}

/// What ends a text or a blob.
const END: [u8; 2] = [0, 0];

/// What `token` is in an order; nothing when more follows it. A character needs room to be a text.
pub(super) fn scalar<'a>(token: Token<'a>, room: &'a mut [u8; 4]) -> Option<Scalar<'a>> {
    Some(match token {
        Token::Unit => Scalar::Null,
        Token::Bool(value) => Scalar::Bool(value),
        Token::Int(int) => Scalar::Int(int),
        Token::Float(float) => Scalar::Float(float),
        Token::Char(char) => Scalar::Text(char.encode_utf8(room)),
        Token::Text(text) => Scalar::Text(text),
        Token::Blob(blob) => Scalar::Blob(blob),
        Token::Time(ms) => Scalar::Time(ms),
        Token::Array(_) | Token::Map(_) => return None,
    })
}

/// Appends an encoded value to a key.
pub(super) fn append(key: &mut Vec<u8>, value: &[u8]) {
    let mut room = [0; 4];
    let token = Reader::new(value).token().ok();
    let scalar = token.and_then(|token| scalar(token, &mut room));
    if scalar.is_none_or(|scalar| order::append(key, scalar).is_err()) {
        key.push(kind::OTHER);
    }
}

/// An encoded value as a part of its own.
pub(super) fn of(value: &[u8]) -> Vec<u8> {
    let mut part = Vec::new();
    append(&mut part, value);
    part
}

/// Text as a part of its own.
pub(super) fn text(text: &str) -> Vec<u8> {
    let mut part = Vec::new();
    order::append(&mut part, Scalar::Text(text)).expect("a text is no float");
    part
}

/// What the parts of all texts that begin with `text` begin with.
pub(super) fn text_start(start: &str) -> Vec<u8> {
    let mut part = text(start);
    part.truncate(part.len() - END.len());
    part
}

/// The text that `part` is, if it has no zero in it.
pub(super) fn as_text(part: &[u8]) -> Option<&str> {
    let text = part.strip_prefix(&[kind::TEXT])?.strip_suffix(&END)?;
    std::str::from_utf8(text).ok().filter(|text| !text.contains('\0'))
}

/// Whether `part` stands for one value and no other; else for all that have no order.
pub(super) fn is_scalar(part: &[u8]) -> bool {
    part.first().is_some_and(|first| *first != kind::OTHER)
}

/// Whether `part` is of `()`.
pub(super) fn is_null(part: &[u8]) -> bool {
    part == [kind::NULL]
}

/// Where all values stand that can be less or more than `part`'s.
pub(super) fn of_its_kind(part: &[u8]) -> Option<Range> {
    match *part.first()? {
        kind::NULL | kind::OTHER => None,
        kind::FALSE | kind::TRUE => Some(Range {
            from: [kind::FALSE].into(),
            to: Some([kind::TRUE + 1].into()),
        }),
        kind => Some(Range::prefix(&[kind])),
    }
}

/// Where all values but `()` stand.
pub(super) fn not_null() -> Range {
    Range {
        from: [kind::NULL + 1].into(),
        to: None,
    }
}

/// Where `()` stands.
pub(super) fn null() -> Range {
    Range::prefix(&[kind::NULL])
}

/// The first id whose part is not before `bound`, or where it would be. Ids are texts without a zero.
pub(super) fn first_id(bound: &Key) -> FirstId {
    let Some((first, text)) = bound.as_bytes().split_first() else {
        return FirstId::From(Vec::new());
    };
    match *first {
        first if first < kind::TEXT => FirstId::From(Vec::new()),
        kind::TEXT => FirstId::From(match text.iter().position(|byte| *byte == 0) {
            // Its end, or a zero of its own: then what is not before it has more in it.
            Some(zero) if text[zero..] == END => text[..zero].to_vec(),
            Some(zero) => text[..=zero].to_vec(),
            None => text.to_vec(),
        }),
        _ => FirstId::None,
    }
}

/// Answer of [`first_id`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FirstId {
    /// The bytes it has, or that are just before it.
    From(Vec<u8>),
    /// All ids are before.
    None,
}

/// How long the part is that `bytes` begin with.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    let length = match *bytes.first()? {
        kind::NULL | kind::FALSE | kind::TRUE | kind::OTHER => 1,
        kind::NUMBER => 11,
        kind::TIME => 9,
        kind::TEXT | kind::BLOB => length_of_bytes(bytes)?,
        _ => return None,
    };
    (length <= bytes.len()).then_some(length)
}

fn length_of_bytes(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0)?;
        match *bytes.get(at + 1)? {
            0 => return Some(at + 2),
            // A zero among the bytes.
            u8::MAX => at += 2,
            _ => return None,
        }
    }
}

/// What follows the first `count` parts of `bytes`.
pub(super) fn skip(bytes: &[u8], count: usize) -> Option<&[u8]> {
    (0..count).try_fold(bytes, |rest, _| rest.get(length(rest)?..))
}

#[cfg(test)]
mod tests {
    use picloud_sdk::value::Value;
    use proptest::prelude::*;

    use super::super::naive;
    use super::*;

    proptest! {
        #[test]
        fn parts_end_where_they_say(values in prop::collection::vec(naive::value(), 0..4), rest: Vec<u8>) {
            let mut key = Vec::new();
            for value in &values {
                append(&mut key, &value.encode());
            }
            for length in 0..key.len() {
                prop_assert_eq!(skip(&key[..length], values.len()), None);
            }
            key.extend_from_slice(&rest);
            prop_assert_eq!(skip(&key, values.len()), Some(&rest[..]));
        }

        #[test]
        fn ids_stand_where_their_parts_do(id in "[ab\u{1}é]{0,3}", bound in "[ab\u{1}\u{0}é]{0,3}") {
            let mut bounds = vec![Range::prefix(&text(&bound)), Range::prefix(&text_start(&bound)), not_null(), null()];
            bounds.extend(of_its_kind(&text(&bound)));
            bounds.extend(of_its_kind(&of(&Value::Int(1).encode())));
            bounds.extend(of_its_kind(&of(&Value::Blob(vec![]).encode())));
            for bound in bounds.into_iter().flat_map(|range| [Some(range.from), range.to]).flatten() {
                let not_before = match first_id(&bound) {
                    FirstId::From(first) => id.as_bytes() >= &first[..],
                    FirstId::None => false,
                };
                prop_assert_eq!(Key::from(text(&id)) >= bound, not_before, "{:?}", bound);
            }
        }
    }

    #[test]
    fn kinds_are_those_of_the_order() {
        let first = |value: Value| of(&value.encode())[0];
        assert_eq!(first(Value::Unit), kind::NULL);
        assert_eq!(first(Value::Bool(false)), kind::FALSE);
        assert_eq!(first(Value::Bool(true)), kind::TRUE);
        assert_eq!(first(Value::Int(1)), kind::NUMBER);
        assert_eq!(first(Value::Float(1.5)), kind::NUMBER);
        assert_eq!(first(Value::Time(1)), kind::TIME);
        assert_eq!(first(Value::Char('a')), kind::TEXT);
        assert_eq!(first(Value::Text(String::new())), kind::TEXT);
        assert_eq!(first(Value::Blob(Vec::new())), kind::BLOB);
        for other in [Value::Array(Vec::new()), Value::Map([].into()), Value::Float(f64::NAN)] {
            assert_eq!(of(&other.encode()), [kind::OTHER]);
        }
    }

    #[test]
    fn a_text_comes_back() {
        assert_eq!(as_text(&text("ab")), Some("ab"));
        assert_eq!(as_text(&text("a\0b")), None);
        assert_eq!(as_text(&of(&Value::Int(1).encode())), None);
    }
}
