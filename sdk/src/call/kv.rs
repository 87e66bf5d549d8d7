//! `kv::*`: values under keys. Values are [`crate::value`]s, as bytes.

use serde::{Deserialize, Serialize};

/// The longest key, in bytes.
pub const KEY_BYTES_MAX: usize = 512;
/// The most entries of one page.
pub const LIST_MAX: u32 = 1000;

super::questions! {
    Kv:
    /// What is stored under each of some keys.
    Get {
        /// Which.
        #[serde(borrow)]
        keys: Vec<&'a str>,
    } -> Vec<Option<&'static [u8]>>, Read;
    /// Stores values.
    Set {
        /// Each key with its value.
        #[serde(borrow)]
        pairs: Vec<(&'a str, &'a [u8])>,
        /// After how many milliseconds they are gone.
        ttl_ms: Option<u64>,
    } -> (), Write;
    /// Deletes a key; whether it was there.
    Delete {
        /// Which.
        key: &'a str,
    } -> bool, Write;
    /// Adds to a whole number, which is 0 when it is not there; what it is then.
    Increment {
        /// Which.
        key: &'a str,
        /// How much.
        by: i64,
    } -> i64, Write;
    /// Stores a value if another one was there; whether it was. None is for "not there", on both sides.
    CompareAndSet {
        /// Where.
        key: &'a str,
        /// What has to be there.
        #[serde(borrow)]
        old: Option<&'a [u8]>,
        /// What is there then.
        #[serde(borrow)]
        new: Option<&'a [u8]>,
    } -> bool, Write;
    /// The entries whose keys begin with a prefix, in order, some at a time.
    List {
        /// How their keys begin.
        prefix: &'a str,
        /// How many at most, up to [`LIST_MAX`].
        limit: u32,
        /// Where the last page ended.
        #[serde(borrow)]
        cursor: Option<&'a str>,
        /// Whether from the end.
        reverse: bool,
        /// Whether with their values.
        values: bool,
    } -> Page<'static>, Read;
}

/// Some entries, in the order that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<'a> {
    /// Each key with its value, if that was asked for.
    #[serde(borrow)]
    pub entries: Vec<(&'a str, Option<&'a [u8]>)>,
    /// Where the next page begins; none when this was the last.
    pub cursor: Option<&'a str>,
}
