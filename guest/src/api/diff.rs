//! What is different in two texts, line by line; part of `text::*`. By E. W. Myers' greedy algorithm ("An O(ND) Difference
//! Algorithm and Its Variations", 1986). The crate `similar` has more of them, in 500 KB of wasm.

use std::fmt::Write as _;

use rhai::plugin::*;
use rhai::{Array, Dynamic, Map};

/// Lines around a change that a unified diff shows.
const CONTEXT_LINES: usize = 3;
/// Texts that differ in more lines are not compared further: all between what they begin and end with is removed and
/// added. What is noted down grows with the square of it.
const CHANGED_LINES_MAX: usize = 1_000;

#[derive(Clone, Copy, PartialEq)]
enum Change {
    Same,
    Removed,
    Added,
}

type Line<'a> = (Change, &'a str);

fn compared<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let same = |(a, b): &(&&str, &&str)| a == b;
    let begun = old.iter().zip(&new).take_while(same).count();
    let (old_rest, new_rest) = (&old[begun..], &new[begun..]);
    let ended = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(same)
        .count();
    let (old_rest, new_rest) = (&old_rest[..old_rest.len() - ended], &new_rest[..new_rest.len() - ended]);
    let mut lines: Vec<Line<'a>> = old[..begun].iter().map(|line| (Change::Same, *line)).collect();
    if let Some(steps) = furthest(old_rest, new_rest) {
        lines.extend(path(old_rest, new_rest, &steps));
    } else {
        lines.extend(old_rest.iter().map(|line| (Change::Removed, *line)));
        lines.extend(new_rest.iter().map(|line| (Change::Added, *line)));
    }
    lines.extend(old[old.len() - ended..].iter().map(|line| (Change::Same, *line)));
    lines
}

/// How far into the old text each diagonal comes with so many changes. With `d` of them the diagonals are those of
/// `2 * i - d` more lines of the old text than of the new one, for `i` up to `d`.
type Steps = Vec<Vec<usize>>;

/// Whether the diagonal `i` of step `d` is reached by a line that was added, and how far into the old text that is.
fn from(before: &[usize], d: usize, i: usize) -> (bool, usize) {
    if i == 0 || i < d && before[i - 1] < before[i] {
        (true, before[i])
    } else {
        (false, before[i - 1] + 1)
    }
}

/// The steps until both texts are at their end, unless there are too many.
fn furthest(old: &[&str], new: &[&str]) -> Option<Steps> {
    let mut steps = Steps::new();
    for d in 0..=CHANGED_LINES_MAX.min(old.len() + new.len()) {
        let mut reached = Vec::with_capacity(d + 1);
        for i in 0..=d {
            let mut x = steps.last().map_or(0, |before| from(before, d, i).1);
            let mut y = x + d - 2 * i;
            while x < old.len() && y < new.len() && old[x] == new[y] {
                (x, y) = (x + 1, y + 1);
            }
            reached.push(x);
            if x >= old.len() && y >= new.len() {
                steps.push(reached);
                return Some(steps);
            }
        }
        steps.push(reached);
    }
    None
}

/// The lines on the way that the steps found, which is followed from its end.
fn path<'a>(old: &[&'a str], new: &[&'a str], steps: &Steps) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let (mut x, mut y) = (old.len(), new.len());
    for d in (1..steps.len()).rev() {
        let (is_added, reached) = from(&steps[d - 1], d, (x + d - y) / 2);
        while x > reached {
            (x, y) = (x - 1, y - 1);
            lines.push((Change::Same, old[x]));
        }
        if is_added {
            y -= 1;
            lines.push((Change::Added, new[y]));
        } else {
            x -= 1;
            lines.push((Change::Removed, old[x]));
        }
    }
    lines.extend(old[..x].iter().rev().map(|line| (Change::Same, *line)));
    lines.reverse();
    lines
}

/// Ranges of lines that are shown together: changes with what is around them.
fn hunks(lines: &[Line<'_>]) -> Vec<std::ops::Range<usize>> {
    let mut hunks: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, _) in lines
        .iter()
        .enumerate()
        .filter(|(_, (change, _))| *change != Change::Same)
    {
        let shown = at.saturating_sub(CONTEXT_LINES)..(at + CONTEXT_LINES + 1).min(lines.len());
        match hunks.last_mut() {
            Some(last) if shown.start <= last.end => last.end = shown.end,
            _ => hunks.push(shown),
        }
    }
    hunks
}

/// `-3,4`: where the lines of a hunk begin, counted from 1, and how many there are.
fn range(before: usize, count: usize) -> String {
    match count {
        0 => format!("{before},0"),
        1 => format!("{}", before + 1),
        _ => format!("{},{count}", before + 1),
    }
}

fn unified(old: &str, new: &str) -> String {
    let lines = compared(old, new);
    let count = |of: &[Line<'_>], other: Change| of.iter().filter(|(change, _)| *change != other).count();
    let mut shown = String::new();
    for hunk in hunks(&lines) {
        let (before, within) = (&lines[..hunk.start], &lines[hunk]);
        let of_old = range(count(before, Change::Added), count(within, Change::Added));
        let of_new = range(count(before, Change::Removed), count(within, Change::Removed));
        // A string takes everything.
        _ = writeln!(shown, "@@ -{of_old} +{of_new} @@");
        for (change, line) in within {
            shown.push(match change {
                Change::Same => ' ',
                Change::Removed => '-',
                Change::Added => '+',
            });
            shown.push_str(line);
            if !line.ends_with('\n') {
                shown.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    shown
}

fn as_map((change, line): Line<'_>) -> Dynamic {
    let word = match change {
        Change::Same => "same",
        Change::Removed => "removed",
        Change::Added => "added",
    };
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let mut map = Map::new();
    map.insert("change".into(), word.into());
    map.insert("text".into(), line.into());
    map.into()
}

#[export_module]
pub(super) mod functions {
    /// The lines of both texts as an array of `#{ change, text }`, where `change` is `"same"`, `"removed"` or `"added"`:
    /// `text::diff("a\nb\n", "a\nc\n").map(|line| line.change)` is `["same", "removed", "added"]`. Where more than 1,000
    /// lines differ, all of them are removed and added.
    #[rhai_fn(name = "diff")]
    pub fn diff(old: &str, new: &str) -> Array {
        compared(old, new).into_iter().map(as_map).collect()
    }

    /// The same as `diff -u` shows it, with three lines around what changed; an empty text when nothing did.
    #[rhai_fn(name = "unified_diff")]
    pub fn unified_diff(old: &str, new: &str) -> ImmutableString {
        unified(old, new).into()
    }
}
