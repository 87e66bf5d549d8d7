//! Where a page ended, for whoever wants the next: the place of its last document in the order.
//!
//! It is not sealed: all it can do is begin somewhere else among what the query finds anyway. It is as long as the
//! values that documents are sorted by.

use picloud_sdk::value::{Reader, Token, write};

use super::layout::Name;
use super::sort::Order;

/// A cursor that does not go with a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCursor {
    /// It is none.
    #[error("cursor: it is malformed")]
    Malformed,
    /// It is another one's.
    #[error("cursor: it is of `{collection:.80}` by {order:.160}, and this query is of `{of}` by {by}")]
    OfAnother {
        /// Its collection.
        collection: String,
        /// Its order.
        order: String,
        /// The query's collection.
        of: String,
        /// The query's order.
        by: String,
    },
}

/// After the document at `place`.
#[must_use]
pub fn encode(collection: &Name, order: &Order, place: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, Token::Text(collection.as_str()));
    write(&mut bytes, Token::Text(&order.to_string()));
    write(&mut bytes, Token::Blob(place));
    bytes
}

/// The place after which a page begins.
///
/// # Errors
/// When the cursor is none, or of another collection or order.
pub fn decode(cursor: &[u8], of: &Name, by: &Order) -> Result<Vec<u8>, BadCursor> {
    let mut reader = Reader::new(cursor);
    let tokens = [reader.token(), reader.token(), reader.token()];
    let [
        Ok(Token::Text(collection)),
        Ok(Token::Text(order)),
        Ok(Token::Blob(place)),
    ] = tokens
    else {
        return Err(BadCursor::Malformed);
    };
    if collection != of.as_str() || order != by.to_string() {
        return Err(BadCursor::OfAnother {
            collection: collection.to_owned(),
            order: order.to_owned(),
            of: of.to_string(),
            by: by.to_string(),
        });
    }
    if !reader.rest().is_empty() || by.parts_of(place).is_none() {
        return Err(BadCursor::Malformed);
    }
    Ok(place.to_owned())
}

#[cfg(test)]
mod tests {
    use picloud_sdk::value::Value;

    use super::super::path::Path;
    use super::super::sort::By;
    use super::*;

    fn order(descending: bool) -> Order {
        let path = Path::new("a").unwrap();
        Order::new(vec![By { path, descending }]).unwrap()
    }

    #[test]
    fn a_cursor_is_of_one_collection_and_order() {
        let (one, other) = (
            Name::of_collection("one").unwrap(),
            Name::of_collection("other").unwrap(),
        );
        let order_down = order(true);
        let place = order_down.place("x", &Value::Map([].into()).encode());
        let cursor = encode(&one, &order_down, &place);
        assert_eq!(decode(&cursor, &one, &order_down), Ok(place.clone()));
        let said = decode(&cursor, &other, &order(false)).unwrap_err().to_string();
        assert_eq!(
            said,
            "cursor: it is of `one` by -a, -id, and this query is of `other` by a, id"
        );
        for (collection, order) in [(&one, order(false)), (&other, order_down.clone())] {
            let refused = decode(&cursor, collection, &order);
            assert!(matches!(refused, Err(BadCursor::OfAnother { .. })), "{refused:?}");
        }
        for length in 0..cursor.len() {
            assert_eq!(decode(&cursor[..length], &one, &order_down), Err(BadCursor::Malformed));
        }
        let more = [&cursor[..], &[0]].concat();
        assert_eq!(decode(&more, &one, &order_down), Err(BadCursor::Malformed));
        let elsewhere = encode(&one, &order_down, &place[1..]);
        assert_eq!(decode(&elsewhere, &one, &order_down), Err(BadCursor::Malformed));
    }
}
