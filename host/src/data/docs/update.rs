//! Changes of a document.
//!
//! Maps are merged, `()` takes a field away, any other value takes a field's place. A key with dots is a path, at the top
//! and nowhere else; maps that are missing on its way are made. An element of an array can be changed by its place; `()` is put there, as the
//! others stay where they are. Values in arrays are taken as they are.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use picloud_sdk::value::{DEPTH_MAX, Value};

use super::kind;
use super::path::{self, BadPath, ID, Path};

/// Why a document cannot be changed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadChange {
    /// Changes, or a document, that are no map.
    #[error("update: takes a map, not {0}")]
    NoMap(&'static str),
    /// A document keeps its id.
    #[error("update: `id` cannot be changed")]
    Id,
    /// A key with dots that is no path.
    #[error("update: {0}")]
    Path(#[from] BadPath),
    /// A path that is not at the top.
    #[error("update: the key `{0:.80}` has a dot and is within a map: a path stands at the top, as `a.b.c`")]
    Within(String),
    /// There is no way through what is there.
    #[error("update: `{path}`: `{at}` is {kind}; there is nothing in it")]
    NoWay {
        /// Where it should lead.
        path: String,
        /// As far as it goes.
        at: String,
        /// What is there.
        kind: &'static str,
    },
    /// An array has no such place.
    #[error("update: `{path}`: `{at}` has {count} elements, and no `{step:.40}`")]
    NoElement {
        /// Where it should lead.
        path: String,
        /// The array.
        at: String,
        /// What was looked for in it.
        step: String,
        /// How many it has.
        count: usize,
    },
    /// Values in values in values.
    #[error("update: the document would be {0} deep; {DEPTH_MAX} are allowed")]
    TooDeep(usize),
}

/// `document` with `changes` in it.
///
/// # Errors
/// When that is no document.
pub fn merge(document: &Value, changes: &Value) -> Result<Value, BadChange> {
    let (Value::Map(pairs), Value::Map(changes)) = (document, changes) else {
        let other = if matches!(document, Value::Map(_)) {
            changes
        } else {
            document
        };
        return Err(BadChange::NoMap(kind::of(other)));
    };
    if changes.get(ID).is_some_and(|id| pairs.get(ID) != Some(id)) {
        return Err(BadChange::Id);
    }
    // Looked at before anything is built: paths make it deeper than it is written.
    let wanted = depth_along(changes);
    if wanted > DEPTH_MAX as usize {
        return Err(BadChange::TooDeep(wanted));
    }
    let mut merged = pairs.clone();
    for (key, change) in changes {
        if key.contains('.') {
            let path = Path::new(key)?;
            let steps: Vec<&str> = path.steps().collect();
            along(&mut merged, &steps, 0, change)?;
        } else {
            merge_field(&mut merged, key, change)?;
        }
    }
    let merged = Value::Map(merged);
    let depth = depth(&merged);
    if depth > DEPTH_MAX as usize {
        return Err(BadChange::TooDeep(depth));
    }
    Ok(merged)
}

/// How deep changes lead, each step of a path a level.
fn depth_along(changes: &BTreeMap<String, Value>) -> usize {
    let depths = changes.iter().map(|(key, change)| {
        let steps = key.split('.').count();
        steps
            + if let Value::Map(changes) = change {
                depth_along(changes)
            } else {
                depth(change)
            }
    });
    depths.max().unwrap_or(0)
}

fn merge_map(pairs: &mut BTreeMap<String, Value>, changes: &BTreeMap<String, Value>) -> Result<(), BadChange> {
    for (key, change) in changes {
        if key.contains('.') {
            return Err(BadChange::Within(key.clone()));
        }
        merge_field(pairs, key, change)?;
    }
    Ok(())
}

fn merge_field(pairs: &mut BTreeMap<String, Value>, key: &str, change: &Value) -> Result<(), BadChange> {
    if *change == Value::Unit {
        pairs.remove(key);
        return Ok(());
    }
    merge_value(pairs.entry(key.to_owned()).or_insert(Value::Unit), change)
}

fn merge_value(value: &mut Value, change: &Value) -> Result<(), BadChange> {
    let Value::Map(changes) = change else {
        *value = change.clone();
        return Ok(());
    };
    if !matches!(value, Value::Map(_)) {
        *value = Value::Map(BTreeMap::new());
    }
    let Value::Map(pairs) = value else { return Ok(()) };
    merge_map(pairs, changes)
}

/// Changes what is at the end of a path of which so many steps are done.
fn along(pairs: &mut BTreeMap<String, Value>, steps: &[&str], done: usize, change: &Value) -> Result<(), BadChange> {
    let step = steps[done];
    if done + 1 == steps.len() {
        return merge_field(pairs, step, change);
    }
    match pairs.entry(step.to_owned()) {
        // Nothing is made to take nothing away.
        Entry::Vacant(_) if *change == Value::Unit => Ok(()),
        Entry::Vacant(entry) => within(entry.insert(Value::Unit), steps, done + 1, change),
        Entry::Occupied(entry) => within(entry.into_mut(), steps, done + 1, change),
    }
}

fn within(value: &mut Value, steps: &[&str], done: usize, change: &Value) -> Result<(), BadChange> {
    if *value == Value::Unit {
        if *change == Value::Unit {
            return Ok(());
        }
        *value = Value::Map(BTreeMap::new());
    }
    let (path, at) = (|| steps.join("."), || steps[..done].join("."));
    match value {
        Value::Map(pairs) => along(pairs, steps, done, change),
        Value::Array(values) => {
            let (count, step) = (values.len(), steps[done]);
            let element = path::place(step).and_then(|place| values.get_mut(place));
            let Some(element) = element else {
                return Err(BadChange::NoElement {
                    path: path(),
                    at: at(),
                    step: step.to_owned(),
                    count,
                });
            };
            if done + 1 == steps.len() {
                merge_value(element, change)
            } else {
                within(element, steps, done + 1, change)
            }
        }
        other => Err(BadChange::NoWay {
            path: path(),
            at: at(),
            kind: kind::of(other),
        }),
    }
}

/// How many values are around the innermost.
fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Array(values) => values.iter().map(depth).max(),
        Value::Map(pairs) => pairs.values().map(depth).max(),
        _ => None,
    };
    inner.map_or(0, |inner| inner + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
        Value::Map(pairs.map(|(key, value)| (key.to_owned(), value)).into())
    }

    fn int(int: i64) -> Value {
        Value::Int(int)
    }

    #[test]
    fn maps_merge_and_unit_takes_away() {
        let id = ("id", Value::Text("x".to_owned()));
        let inner = map([("b", int(1)), ("c", int(2))]);
        let document = map([id.clone(), ("a", inner), ("n", int(1)), ("gone", int(1))]);
        let new = map([("x", Value::Unit), ("y", map([("z", int(4))]))]);
        let changes = map([
            id.clone(),
            ("a", map([("c", Value::Unit), ("d", int(3))])),
            ("n", new),
            ("gone", Value::Unit),
        ]);
        let expected = map([
            id,
            ("a", map([("b", int(1)), ("d", int(3))])),
            ("n", map([("y", map([("z", int(4))]))])),
        ]);
        assert_eq!(merge(&document, &changes), Ok(expected));
    }

    #[test]
    fn paths_lead_through_what_is_there_and_make_what_is_missing() {
        let array = Value::Array(vec![int(0), map([("x", int(1))])]);
        let document = map([("a", array), ("n", Value::Unit), ("t", int(1))]);
        let merged = |path: &str, value: Value| merge(&document, &map([(path, value)]));
        let with = |path: &str| Path::new(path).unwrap();
        let found = |path: &str| {
            let merged = merged(path, int(7)).unwrap().encode();
            with(path).find(&merged).map(|value| Value::decode(value).unwrap())
        };
        for path in ["a.0", "a.1.x", "a.1.y.z", "n.x", "new.x.0"] {
            assert_eq!(found(path), Some(int(7)), "{path}");
        }
        assert_eq!(merged("new.x", Value::Unit), Ok(document.clone()));
        assert_eq!(merged("n.x.y", Value::Unit), Ok(document.clone()));
        let emptied = merged("a.0", Value::Unit).unwrap().encode();
        assert_eq!(with("a.0").find(&emptied), Some(path::MISSING));
        let said = |path: &str| merged(path, int(7)).unwrap_err().to_string();
        assert_eq!(said("t.x"), "update: `t.x`: `t` is an int; there is nothing in it");
        assert_eq!(said("a.2"), "update: `a.2`: `a` has 2 elements, and no `2`");
        assert_eq!(said("a.x.y"), "update: `a.x.y`: `a` has 2 elements, and no `x`");
        let within = merge(&document, &map([("n", map([("y.z", int(1))]))]))
            .unwrap_err()
            .to_string();
        assert_eq!(
            within,
            "update: the key `y.z` has a dot and is within a map: a path stands at the top, as `a.b.c`"
        );
        assert_eq!(said("a..b"), "update: `a..b` is no path: a name of it is empty");
    }

    #[test]
    fn an_id_stays() {
        let document = map([("id", Value::Text("x".to_owned()))]);
        for id in [Value::Unit, Value::Text("y".to_owned()), Value::Char('x')] {
            assert_eq!(merge(&document, &map([("id", id)])), Err(BadChange::Id));
        }
        assert!(merge(&document, &map([("id.x", int(1))])).is_err());
        assert_eq!(merge(&document, &int(1)), Err(BadChange::NoMap("an int")));
    }

    #[test]
    fn a_document_is_not_too_deep() {
        let deep = |levels| (0..levels).fold(int(1), |value, _| Value::Array(vec![value]));
        let merged = merge(&map([]), &map([("a", deep(127))])).unwrap();
        assert!(Value::decode(&merged.encode()).is_ok());
        assert_eq!(
            merge(&map([]), &map([("a.b", deep(127))])),
            Err(BadChange::TooDeep(129))
        );
    }
}
