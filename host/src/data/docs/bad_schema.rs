//! Why there is no such schema.

/// Longer schemas are refused.
pub const BYTES_MAX: usize = 64 << 10;
/// Schemas one in another, references followed.
pub(super) const DEPTH_MAX: u32 = 32;
/// Values of a schema, references followed.
pub(super) const VALUES_MAX: u64 = 20_000;
/// Different regular expressions of a schema.
pub(super) const PATTERNS_MAX: usize = 32;

/// Why there is no such schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSchema {
    /// Too many bytes.
    #[error("it has {0} bytes; {BYTES_MAX} are allowed")]
    TooLong(usize),
    /// No JSON, or nested too deep for one.
    #[error("it is no JSON: {0}")]
    Malformed(String),
    /// Something else than an object.
    #[error("it is an object")]
    NoObject,
    /// Another dialect than those that are known.
    #[error(
        "`$schema` is {0:.200}; those of 2020-12, which is meant when there is none, 2019-09 and draft-07 are understood"
    )]
    Dialect(String),
    /// Not as the dialect has it.
    #[error("{at}{why}")]
    Invalid {
        /// Where in the schema.
        at: String,
        /// What is wrong.
        why: String,
    },
    /// A keyword of which it cannot be known what it takes.
    #[error("`{0}` is not supported")]
    Unbounded(String),
    /// A keyword that stands for the whole schema, in a part of it.
    #[error("`{0:.80}` stands at the top of a schema and nowhere else")]
    NotAtTheTop(String),
    /// A reference to what is not in this schema.
    #[error("`$ref`: there is no {0:?} here; a reference begins with `#/` and is to a part of the same schema")]
    Elsewhere(String),
    /// A reference in a circle.
    #[error("`$ref`: {0:?} refers to itself, directly or through others")]
    Circle(String),
    /// Too many schemas one in another.
    #[error("more than {DEPTH_MAX} schemas one in another, with those that are referred to")]
    TooDeep,
    /// Too many values.
    #[error("more than {VALUES_MAX} values, with those that are referred to, each time")]
    TooMuch,
    /// Too many regular expressions.
    #[error("more than {PATTERNS_MAX} different regular expressions")]
    Patterns,
    /// A regular expression that is none, or no small automaton.
    #[error(
        "`{0:.200}` is no regular expression, or none that is a small automaton (without look-around, back references and counts that multiply)"
    )]
    Pattern(String),
}
