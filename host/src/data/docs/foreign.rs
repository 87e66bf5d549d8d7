//! Operators of other databases, which are none here: what they are called here, for whoever writes them out of habit.

/// What stands in place of each.
const TABLE: [(&str, &str); 41] = [
    ("==", "eq"),
    ("=", "eq"),
    ("equals", "eq"),
    ("$eq", "eq"),
    ("!=", "ne"),
    ("<>", "ne"),
    ("neq", "ne"),
    ("$ne", "ne"),
    ("<", "lt"),
    ("$lt", "lt"),
    ("<=", "le"),
    ("lte", "le"),
    ("$lte", "le"),
    (">", "gt"),
    ("$gt", "gt"),
    (">=", "ge"),
    ("gte", "ge"),
    ("$gte", "ge"),
    ("$in", "in"),
    ("notIn", "nin"),
    ("not_in", "nin"),
    ("$nin", "nin"),
    ("contains", "has"),
    ("includes", "has"),
    ("array-contains", "has"),
    ("$all", "has"),
    ("$elemMatch", "has"),
    ("startsWith", "starts"),
    ("starts_with", "starts"),
    ("startswith", "starts"),
    ("$regex", "starts"),
    ("like", "starts"),
    ("$exists", "exists"),
    ("between", "ge` and `le"),
    ("not", "ne` or `nin"),
    ("$not", "ne` or `nin"),
    ("and", "and` in place of a field"),
    ("or", "or` in place of a field"),
    ("$and", "and` in place of a field"),
    ("$or", "or` in place of a field"),
    ("$nor", "not` with `or` in place of a field"),
];

/// What somebody means who writes `key` where an operator stands; nothing when it may be anything.
pub(super) fn meant(key: &str) -> Option<&'static str> {
    TABLE.iter().find(|(foreign, _)| *foreign == key).map(|(_, own)| *own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_named() {
        for (key, own) in [
            ("gte", Some("ge")),
            ("$in", Some("in")),
            ("gee", None),
            ("city", None),
            ("size", None),
        ] {
            assert_eq!(meant(key), own, "{key}");
        }
    }
}
