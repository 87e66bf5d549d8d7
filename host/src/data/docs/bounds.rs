//! How long, how many and how deep, of all that documents have: for the documentation.

use super::{condition, entries, filter, index, layout, page, path, project, sort};

/// What, at most, and the unit. `docs/bounds.md` shows it.
pub const BOUNDS: &[(&str, usize, &str)] = &[
    ("name of a collection or of an index", layout::NAME_BYTES_MAX, "bytes"),
    ("id of a document", layout::ID_BYTES_MAX, "bytes"),
    ("path of a field", path::BYTES_MAX, "bytes"),
    ("steps of a path", path::STEPS_MAX, "steps"),
    ("documents of a page", page::LIMIT_MAX, "documents"),
    ("conditions of a filter", filter::CONDITIONS_MAX, "conditions"),
    ("filters one in another", filter::DEPTH_MAX, "levels"),
    ("values of an `in` or `nin`", condition::LIST_MAX, "values"),
    ("fields to sort by", sort::FIELDS_MAX, "fields"),
    ("fields to show", project::FIELDS_MAX, "fields"),
    ("indexes of a collection", index::INDEXES_MAX, "indexes"),
    ("fields of an index", index::FIELDS_MAX, "fields"),
    ("values of a document in an index", entries::BYTES_MAX, "bytes"),
    (
        "elements of a document in an index by each",
        entries::ELEMENTS_MAX,
        "elements",
    ),
];
