//! `docs::*`: documents in collections. Documents, filters and changes are [`crate::value`]s, as bytes.

use serde::{Deserialize, Serialize};

/// The most documents of one page.
pub const FIND_MAX: u32 = 1000;

super::questions! {
    Docs:
    /// Stores a new document; its id.
    Insert {
        /// Where.
        collection: &'a str,
        /// A map; its `id` is made when it has none.
        document: &'a [u8],
    } -> &'static str, Write;
    /// The document of that id.
    GetOne {
        /// Where.
        collection: &'a str,
        /// Which.
        id: &'a str,
    } -> Option<&'static [u8]>, Read;
    /// Changes some of a document; what it is then, if it is there.
    Update {
        /// Where.
        collection: &'a str,
        /// Which.
        id: &'a str,
        /// A map of what is different then.
        changes: &'a [u8],
    } -> Option<&'static [u8]>, Write;
    /// Stores another document in place of one; whether there was one.
    Replace {
        /// Where.
        collection: &'a str,
        /// Which.
        id: &'a str,
        /// A map.
        document: &'a [u8],
        /// Whether it is stored also when there was none.
        or_insert: bool,
    } -> bool, Write;
    /// Deletes a document; whether there was one.
    Remove {
        /// Where.
        collection: &'a str,
        /// Which.
        id: &'a str,
    } -> bool, Write;
    /// Some of the documents that a filter matches.
    Find {
        /// Where.
        collection: &'a str,
        /// A map.
        filter: &'a [u8],
        /// By which fields, the first first; with `-` before it from the most to the least.
        #[serde(borrow)]
        sort: Vec<&'a str>,
        /// How many at most, up to [`FIND_MAX`].
        limit: u32,
        /// Where the last page ended.
        #[serde(borrow)]
        cursor: Option<&'a str>,
        /// Which of their fields; all when there are none.
        #[serde(borrow)]
        fields: Vec<&'a str>,
        /// Whether to tell how they were found.
        explain: bool,
    } -> Page<'static>, Read;
    /// How many documents a filter matches.
    Count {
        /// Where.
        collection: &'a str,
        /// A map.
        filter: &'a [u8],
    } -> u64, Read;
}

/// Some documents, in the order that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<'a> {
    /// Each with its `id`.
    #[serde(borrow)]
    pub documents: Vec<&'a [u8]>,
    /// Where the next page begins; none when this was the last.
    pub cursor: Option<&'a str>,
    /// How they were found, if that was asked for.
    #[serde(borrow)]
    pub explained: Option<&'a [u8]>,
}
