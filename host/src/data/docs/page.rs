//! What is asked of a plan, what it comes to, and why it may not.

use super::cursor::BadCursor;
use super::project::Fields;
use crate::data::key::Key;
use crate::data::writes::Value;

/// Documents of a page, when nobody says how many.
pub const LIMIT_DEFAULT: usize = 100;
/// Longer pages are refused.
pub const LIMIT_MAX: usize = 1000;
/// How many documents a whole find looks at, when nobody says how many.
pub const LOOKED_AT_MAX: usize = 10_000;

/// What is wanted of what a plan finds.
#[derive(Debug, Clone)]
pub struct Request {
    /// How many documents.
    pub limit: usize,
    /// Which of their fields; all when none are said.
    pub fields: Option<Fields>,
    /// After which page; of the beginning when none is said.
    pub cursor: Option<Vec<u8>>,
}

/// Entries of an index that are gathered, and documents that are looked at, before another way is tried.
pub const TRIED_MAX: usize = 256;

/// Every bound on one find.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Documents that it looks at.
    pub looked_at_max: usize,
    /// Entries of an index that it gathers where there is another way.
    pub gathered_max: usize,
    /// The same before that one is tried; and documents looked at there before it is left again.
    pub tried_max: usize,
    /// What it keeps, for a page or until it is sorted.
    pub bytes_max: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Encoded documents, in order; none when they are only counted.
    pub documents: Vec<Value>,
    /// How many they are.
    pub count: usize,
    /// For the next page, when there may be one.
    pub cursor: Option<Vec<u8>>,
    /// How many documents it took to find them.
    pub looked_at: usize,
}

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// A page of no documents, or of more than [`LIMIT_MAX`].
    #[error("limit: {0}; 1 to {LIMIT_MAX} are allowed")]
    Limit(usize),
    /// A cursor of something else.
    #[error(transparent)]
    Cursor(#[from] BadCursor),
    /// Too many documents to look at.
    #[error("the query looks at more than {allowed} documents, which are allowed")]
    TooBroad {
        /// How many it has looked at.
        looked_at: usize,
        /// How many it may.
        allowed: usize,
    },
    /// Too much to keep.
    #[error("the documents of the page take {bytes} bytes; {allowed} are allowed: ask for fewer, or for some `fields`")]
    TooLarge {
        /// What they take.
        bytes: usize,
        /// What they may.
        allowed: usize,
    },
    /// An entry of an index without its document, or something else that is not as it was written.
    #[error("what is stored of the collection does not fit together at {0:?}")]
    Broken(Key),
}
