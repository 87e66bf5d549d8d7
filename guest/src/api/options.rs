//! The map of options that a function takes last: what is in it is known by name and type, and nothing else may be.

use rhai::{Dynamic, ImmutableString, Map};

use super::{Fallible, refuse};
use crate::words;

/// Options of which some are taken already.
pub(super) struct Options {
    of: &'static str,
    left: Map,
    known: Vec<&'static str>,
}

impl Options {
    /// Those of a function.
    pub(super) const fn new(of: &'static str, left: Map) -> Self {
        Self {
            of,
            left,
            known: Vec::new(),
        }
    }

    /// The option of that name, unless it is left out or `()`.
    pub(super) fn take<T: Clone + 'static>(&mut self, name: &'static str) -> Fallible<Option<T>> {
        self.known.push(name);
        let Some(value) = self.left.remove(name).filter(|value| !value.is_unit()) else {
            return Ok(None);
        };
        let is = words::a_type(value.type_name());
        if let Some(value) = value.try_cast::<T>() {
            return Ok(Some(value));
        }
        let wanted = words::a_type(std::any::type_name::<T>());
        refuse(
            "bad_option",
            format!("{}: `{name}` is {is}, it has to be {wanted}", self.of),
        )
    }

    /// The option of that name, of whatever type, unless it is left out or `()`.
    pub(super) fn value(&mut self, name: &'static str) -> Option<Dynamic> {
        self.known.push(name);
        self.left.remove(name).filter(|value| !value.is_unit())
    }

    /// The whole number of that name, within bounds.
    pub(super) fn number(&mut self, name: &'static str, min: i64, max: i64) -> Fallible<Option<i64>> {
        match self.take::<i64>(name)? {
            Some(number) if number < min || number > max => refuse(
                "bad_option",
                format!("{}: `{name}` is {number}, it may be {min} to {max}", self.of),
            ),
            number => Ok(number),
        }
    }

    /// The texts of that name: one, or an array of them.
    pub(super) fn texts(&mut self, name: &'static str) -> Fallible<Vec<ImmutableString>> {
        self.known.push(name);
        let Some(value) = self.left.remove(name).filter(|value| !value.is_unit()) else {
            return Ok(Vec::new());
        };
        let values = if value.is_array() {
            value.into_array().unwrap_or_default()
        } else {
            vec![value]
        };
        let texts = values.into_iter().map(|value| {
            value.into_immutable_string().or_else(|is| {
                let is = words::a_type(is);
                refuse(
                    "bad_option",
                    format!("{}: `{name}` is a string or an array of strings, not {is}", self.of),
                )
            })
        });
        texts.collect()
    }

    /// The same of what is checked by them: to leave it out is one thing, to give nothing another.
    pub(super) fn wanted_texts(&mut self, name: &'static str) -> Fallible<Vec<ImmutableString>> {
        let is_given = self.left.contains_key(name);
        let texts = self.texts(name)?;
        if is_given && texts.is_empty() {
            return refuse(
                "bad_option",
                format!(
                    "{}: `{name}` is there and has nothing in it: leave it out if it is not to be checked",
                    self.of
                ),
            );
        }
        Ok(texts)
    }

    /// There are no others.
    pub(super) fn end(self) -> Fallible<()> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(name) => {
                let known = self.known.join("`, `");
                refuse(
                    "bad_option",
                    format!("{}: there is no option `{name}`; there are `{known}`", self.of),
                )
            }
        }
    }
}
