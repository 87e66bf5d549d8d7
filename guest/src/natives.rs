//! What Rhai's own functions do with closures.

/// Native functions that call the closures they are given, and keep none.
const CALL_CLOSURES: [&str; 22] = [
    "all",
    "any",
    "chop",
    "dedup",
    "drain",
    "extract",
    "filter",
    "find",
    "find_map",
    "for_each",
    "index_of",
    "map",
    "order",
    "order_by",
    "reduce",
    "reduce_rev",
    "retain",
    "some",
    "sort",
    "splice",
    "split",
    "zip",
];

/// Whether a function of Rhai has this name, and calls a closure that it is given.
pub(crate) fn calls_closures(name: &str) -> bool {
    CALL_CLOSURES.binary_search(&name).is_ok()
}
