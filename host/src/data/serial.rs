//! Runs side by side, on a database that is behind, must be as runs one after another.
//!
//! A round is made of its seed: a few runs of a few steps each, in any order, between which commits become durable, are
//! noticed to be, and are forgotten. Each run writes what it has seen so far, so that whatever it should not have seen is
//! seen in what it leaves. Then the same runs are done alone, in the order of their commits.

use std::collections::BTreeMap;

use super::history::Csn;
use super::key::{Key, Range};
use super::space::{Found, Looked, Missed, Query, Rows, Space};
use super::view::View;
use super::writes::{Entry, Value, Writes};

type Entries = BTreeMap<Key, Value>;

/// Small enough that runs meet.
const KEYS: usize = 6;
const RUNS: usize = 6;
const STEPS: usize = 5;

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Look(Query),
    /// A value that tells all that was seen so far.
    Set(Key),
    Delete(Key),
}

fn key(dice: &mut Dice) -> Key {
    vec![b'k', u8::try_from(dice.roll(KEYS)).unwrap()].into()
}

fn step(dice: &mut Dice) -> Step {
    match dice.roll(8) {
        0..=2 => Step::Look(Query {
            range: Range::point(key(dice)),
            limit: 1,
            reversed: false,
        }),
        3 | 4 => {
            let (one, other) = (key(dice), key(dice));
            Step::Look(Query {
                range: Range {
                    from: one.clone().min(other.clone()),
                    to: Some(one.max(other)),
                },
                limit: 1 + dice.roll(4),
                reversed: dice.roll(2) == 0,
            })
        }
        5 | 6 => Step::Set(key(dice)),
        _ => Step::Delete(key(dice)),
    }
}

/// What a script was told, in order.
type Seen = Vec<Vec<Entry>>;

fn told(seen: &Seen, who: usize) -> Value {
    format!("{who} saw {seen:?}").into_bytes().into()
}

fn look(entries: &Entries, query: &Query, limit: usize) -> Vec<Entry> {
    let all = entries.range::<Key, _>(query.range.bounds());
    let all = all.map(|(key, value)| (key.clone(), value.clone()));
    if query.reversed {
        all.rev().take(limit).collect()
    } else {
        all.take(limit).collect()
    }
}

/// One run on its way, and what became of it.
struct Run {
    steps: Vec<Step>,
    next: usize,
    view: View,
    seen: Seen,
    committed: Option<Csn>,
}

struct World {
    /// After each commit, the first being none.
    states: Vec<Entries>,
    /// How many of them the database has.
    stored: usize,
    space: Space,
    validates: bool,
}

impl World {
    fn take(&mut self, run: &mut Run, who: usize, dice: &mut Dice) {
        let Some(step) = run.steps.get(run.next).cloned() else {
            return self.finish(run);
        };
        run.next += 1;
        match step {
            Step::Set(key) => drop(run.view.put(key, Some(told(&run.seen, who)))),
            Step::Delete(key) => drop(run.view.put(key, None)),
            Step::Look(query) => {
                // Read a moment ago.
                let mut as_of = self.stored - dice.roll(3).min(self.stored);
                let mut wanted = self.space.rows_wanted(&run.view, &query) - dice.roll(2);
                loop {
                    let rows = self.rows(&query, as_of, wanted);
                    match self.look(run, &query, rows) {
                        Ok(entries) => return run.seen.push(entries),
                        Err(Missed::Conflict(_)) => return self.begin_anew(run),
                        Err(Missed::Again) => {}
                        Err(Missed::Behind) => panic!("there is one server"),
                    }
                    as_of = self.stored;
                    wanted = self.space.rows_wanted(&run.view, &query);
                }
            }
        }
    }

    fn rows(&self, query: &Query, as_of: usize, wanted: usize) -> Rows {
        let state = &self.states[as_of];
        let entries = look(state, query, wanted);
        Rows {
            is_all: entries.len() == look(state, query, usize::MAX).len(),
            is_cut: false,
            entries,
            as_of: as_of as Csn,
        }
    }

    fn look(&self, run: &mut Run, query: &Query, rows: Rows) -> Result<Vec<Entry>, Missed> {
        let key = &query.range.from;
        if self.validates && rows.is_all && query.range == Range::point(key.clone()) {
            let found = Found {
                entries: rows.entries,
                asked: vec![key.clone()],
                as_of: rows.as_of,
            };
            let looked = self.space.points(&mut run.view, &found.asked, |_| None, Some(&found))?;
            let Looked::Seen(seen) = looked else {
                panic!("it was found")
            };
            return Ok(seen.into_iter().flatten().map(|value| (key.clone(), value)).collect());
        }
        if self.validates {
            return Ok(self.space.read(&mut run.view, query, rows)?.0);
        }
        // As if it saw it for the first time each time.
        let mut view = self.space.view();
        for (key, value) in run.view.writes().iter() {
            view.put(key.clone(), value.cloned());
        }
        Ok(self.space.read(&mut view, query, rows)?.0)
    }

    fn finish(&mut self, run: &mut Run) {
        let Ok(csn) = self.space.commit(&run.view) else {
            return self.begin_anew(run);
        };
        if !run.view.writes().is_empty() {
            let mut next = self.states.last().unwrap().clone();
            apply(&mut next, run.view.writes());
            self.states.push(next);
        }
        run.committed = Some(csn);
    }

    fn begin_anew(&self, run: &mut Run) {
        run.next = 0;
        run.view = self.space.view();
        run.seen.clear();
    }

    /// What happens beside the runs.
    fn pass(&mut self, dice: &mut Dice) {
        match dice.roll(4) {
            0 => self.stored += dice.roll(self.states.len() - self.stored),
            1 => self.space.is_durable(self.stored as Csn),
            2 if dice.roll(8) == 0 => self.space.forget(dice.roll(200)),
            _ => {}
        }
    }
}

fn apply(entries: &mut Entries, writes: &Writes) {
    for (key, value) in writes.iter() {
        match value {
            Some(value) => entries.insert(key.clone(), value.clone()),
            None => entries.remove(key),
        };
    }
}

/// The same run alone.
fn alone(entries: &mut Entries, steps: &[Step], who: usize) -> Seen {
    let mut seen = Seen::new();
    for step in steps {
        match step {
            Step::Set(key) => drop(entries.insert(key.clone(), told(&seen, who))),
            Step::Delete(key) => drop(entries.remove(key)),
            Step::Look(query) => seen.push(look(entries, query, query.limit)),
        }
    }
    seen
}

/// Whether the runs of a round saw and left what they would have one after another, by the numbers of their commits.
fn is_serial(seed: u64, validates: bool) -> bool {
    let mut dice = Dice(seed);
    let mut world = World {
        states: vec![Entries::new()],
        stored: 0,
        space: Space::new(0),
        validates,
    };
    let mut runs: Vec<Run> = (0..RUNS)
        .map(|_| Run {
            steps: (0..=dice.roll(STEPS)).map(|_| step(&mut dice)).collect(),
            next: 0,
            view: world.space.view(),
            seen: Seen::new(),
            committed: None,
        })
        .collect();
    loop {
        let going: Vec<usize> = (0..RUNS).filter(|who| runs[*who].committed.is_none()).collect();
        if going.is_empty() {
            break;
        }
        let who = going[dice.roll(going.len())];
        world.take(&mut runs[who], who, &mut dice);
        world.pass(&mut dice);
    }
    // Those that wrote nothing saw what the commit left whose number they have.
    let mut order: Vec<usize> = (0..RUNS).collect();
    order.sort_by_key(|who| (runs[*who].committed, runs[*who].view.writes().is_empty()));
    let mut entries = Entries::new();
    let mut as_alone = |who: &usize| alone(&mut entries, &runs[*who].steps, *who) == runs[*who].seen;
    order.iter().all(&mut as_alone) && world.states.last() == Some(&entries)
}

#[test]
fn runs_side_by_side_are_as_runs_one_after_another() {
    for seed in 0..1000 {
        assert!(is_serial(seed, true), "round {seed}");
    }
}

#[test]
fn without_a_look_at_what_was_written_they_are_not() {
    let caught = (0..200).filter(|seed| !is_serial(*seed, false)).count();
    assert!(caught > 50, "{caught} of 200 rounds were caught");
}
