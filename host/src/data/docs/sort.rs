//! In which order documents are wanted.
//!
//! What is equal is told apart by its id, which goes the way of the last field: so the order is an index read from one
//! of its ends. Without fields the order is that of ids. Values that have no order stand after the others, and are
//! equal.

use std::fmt;

use super::path::Path;
use super::{layout, part};

/// Orders of more fields are refused.
pub const FIELDS_MAX: usize = 8;

/// An order of documents in which no two are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The id is not among them.
    fields: Vec<By>,
    id_descending: bool,
}

/// One field of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Which.
    pub path: Path,
    /// Whether from the most to the least.
    pub descending: bool,
}

/// An order of too many fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sort: {0} fields; {FIELDS_MAX} are allowed")]
pub struct TooManyFields(pub usize);

impl Order {
    /// By id.
    #[must_use]
    pub const fn by_id() -> Self {
        Self {
            fields: Vec::new(),
            id_descending: false,
        }
    }

    /// By `fields`, the first first.
    ///
    /// # Errors
    /// When they are too many.
    pub fn new(fields: Vec<By>) -> Result<Self, TooManyFields> {
        if fields.len() > FIELDS_MAX {
            return Err(TooManyFields(fields.len()));
        }
        let mut order = Self {
            id_descending: fields.last().is_some_and(|by| by.descending),
            fields: Vec::new(),
        };
        for by in fields {
            // Of two documents with one id there is nothing more to say.
            if by.path.is_id() {
                order.id_descending = by.descending;
                break;
            }
            if order.fields.iter().all(|other| other.path != by.path) {
                order.fields.push(by);
            }
        }
        Ok(order)
    }

    /// The fields; the id is not among them.
    #[must_use]
    pub fn fields(&self) -> &[By] {
        &self.fields
    }

    /// Whether the id, which comes last, goes from the most to the least.
    #[must_use]
    pub const fn id_descending(&self) -> bool {
        self.id_descending
    }

    /// The place of an encoded document in this order: places sort as bytes.
    #[must_use]
    pub fn place(&self, id: &str, document: &[u8]) -> Vec<u8> {
        let mut place = Vec::new();
        for by in &self.fields {
            let start = place.len();
            part::append(&mut place, by.path.value(document));
            turn(&mut place[start..], by.descending);
        }
        let start = place.len();
        place.extend(part::text(id));
        turn(&mut place[start..], self.id_descending);
        place
    }

    /// The parts of the fields that a place is made of, and the id; nothing when it is no place in this order.
    #[must_use]
    pub fn parts_of(&self, place: &[u8]) -> Option<(Vec<Vec<u8>>, String)> {
        let mut rest = place;
        let mut next = |descending: bool| {
            let mut part = rest.to_vec();
            turn(&mut part, descending);
            part.truncate(part::length(&part)?);
            rest = &rest[part.len()..];
            Some(part)
        };
        let parts = self
            .fields
            .iter()
            .map(|by| next(by.descending))
            .collect::<Option<_>>()?;
        let last = next(self.id_descending)?;
        let id = part::as_text(&last).filter(|id| rest.is_empty() && layout::check_id(id).is_ok())?;
        Some((parts, id.to_owned()))
    }
}

/// Bytes that sort the other way: no part is the beginning of another.
fn turn(part: &mut [u8], descending: bool) {
    if descending {
        for byte in part {
            *byte = !*byte;
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = |descending| if descending { "-" } else { "" };
        for By { path, descending } in &self.fields {
            write!(f, "{}{path}, ", way(*descending))?;
        }
        write!(f, "{}id", way(self.id_descending))
    }
}

#[cfg(test)]
mod tests {
    use picloud_sdk::value::Value;

    use super::*;

    fn order(fields: &[&str]) -> Order {
        let by = |field: &&str| By {
            path: Path::new(field.trim_start_matches('-')).unwrap(),
            descending: field.starts_with('-'),
        };
        Order::new(fields.iter().map(by).collect()).unwrap()
    }

    #[test]
    fn the_id_comes_last_and_goes_the_last_fields_way() {
        for (fields, said) in [
            (&[][..], "id"),
            (&["a"], "a, id"),
            (&["a", "-b"], "a, -b, -id"),
            (&["-a", "id", "b"], "-a, id"),
            (&["-id"], "-id"),
            (&["a", "-a"], "a, -id"),
        ] {
            assert_eq!(order(fields).to_string(), said);
        }
        let many = By {
            path: Path::new("a").unwrap(),
            descending: false,
        };
        assert_eq!(Order::new(vec![many; 9]), Err(TooManyFields(9)));
    }

    #[test]
    fn places_sort_each_field_its_way_and_come_apart_again() {
        let order = order(&["a", "-b"]);
        let place = |a: i64, b: &str, id: &str| {
            let pairs = [
                ("a".to_owned(), Value::Int(a)),
                ("b".to_owned(), Value::Text(b.to_owned())),
            ];
            order.place(id, &Value::Map(pairs.into()).encode())
        };
        let sorted = [
            place(1, "ab", "x"),
            place(1, "a", "xy"),
            place(1, "a", "x"),
            place(1, "", "x"),
            place(2, "b", "x"),
        ];
        assert!(sorted.is_sorted());
        let (parts, id) = order.parts_of(&sorted[1]).unwrap();
        assert_eq!((&parts[1], &*id), (&part::text("a"), "xy"));
        for length in 0..sorted[1].len() {
            assert_eq!(order.parts_of(&sorted[1][..length]), None);
        }
        assert_eq!(order.parts_of(&place(1, "a", "")), None);
    }
}
