//! What a setting is.

use std::ops::RangeInclusive;

/// A variable that the operator may set.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// What it may be, and what holds when it is not set.
    pub kind: Kind,
    /// One sentence for the operator.
    pub about: &'static str,
}

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text with a form of its own.
    Text {
        /// Empty when there is nothing then.
        default: &'static str,
    },
    /// A whole number, both bounds included.
    Number {
        /// What holds when it is not set.
        default: u64,
        /// The smallest that makes sense.
        min: u64,
        /// The largest that makes sense.
        max: u64,
        /// What it counts.
        unit: &'static str,
    },
}

pub(super) const fn text(default: &'static str) -> Kind {
    Kind::Text { default }
}

pub(super) const fn number(default: u64, range: RangeInclusive<u64>, unit: &'static str) -> Kind {
    let (min, max) = (*range.start(), *range.end());
    Kind::Number {
        default,
        min,
        max,
        unit,
    }
}
