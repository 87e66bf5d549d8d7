//! The names that every script finds, and the one that was probably meant by another.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use rhai::Engine;

use crate::describe::{self, Signature};

/// What Rhai answers by itself.
const BUILT_IN: [&str; 9] = [
    "Fn",
    "call",
    "curry",
    "debug",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "print",
    "type_of",
];

/// What is longer is no slip of another: to compare two names costs the product of their lengths.
const COMPARED_CHARS_MAX: usize = 64;

thread_local! {
    /// Gathered once, before the snapshot.
    static KNOWN: OnceCell<Known> = const { OnceCell::new() };
}

/// Names and types of one variant's parameters.
pub(crate) type Params = Vec<(String, String)>;

#[derive(Default)]
pub(crate) struct Known {
    /// Functions that need no path.
    pub(crate) functions: BTreeSet<String>,
    /// Those that do, by their path.
    pub(crate) namespaces: BTreeMap<String, BTreeMap<String, Vec<Params>>>,
}

/// To be called when the engine is built.
pub(crate) fn gather(engine: &Engine) {
    let mut known = Known::default();
    known.functions.extend(BUILT_IN.map(str::to_owned));
    for Signature { path, name, params } in describe::signatures(engine) {
        if path.is_empty() {
            known.functions.insert(name);
        } else {
            let members = known.namespaces.entry(path).or_default();
            members.entry(name).or_default().push(params);
        }
    }
    KNOWN.with(|cell| cell.set(known).map_err(drop).expect("it is gathered once"));
}

/// Looks something up.
pub(crate) fn with<T>(look: impl FnOnce(&Known) -> T) -> T {
    KNOWN.with(|known| look(known.get().expect("it was gathered")))
}

/// The name among others that was probably meant; the editor has the same rule.
pub(crate) fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut least = match name.chars().count() {
        0..3 => 1,
        3..6 => 2,
        6..=COMPARED_CHARS_MAX => 3,
        _ => return None,
    };
    let mut best = None;
    for other in known.filter(|other| *other != name) {
        let letters = difference(&name.to_lowercase(), &other.to_lowercase(), least);
        if letters < least {
            (least, best) = (letters, Some(other));
        }
    }
    best
}

/// How many letters have to be changed, left out, put in or exchanged with the next one; `most` when it is no less.
fn difference(a: &str, b: &str, most: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) >= most {
        return most;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i];
        for j in 1..=b.len() {
            let changed = row[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut letters = changed.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                letters = letters.min(before[j - 2] + 1);
            }
            next.push(letters);
        }
        (before, row) = (row, next);
    }
    row[b.len()].min(most)
}
