//! Rounds of random runs side by side: for what they saw and left there must be an order in which, one after another, they
//! would have seen and left the same. It is searched for.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::host::TestHost;

/// Does the steps that it is sent, and tells what it saw.
const PLAYER: &str = r#"
    let seen = [];
    for step in req.json() {
        let key = step.key;
        switch step.op {
            "get" => seen.push(kv::get(key)),
            "set" => kv::set(key, step.value),
            "delete" => seen.push(kv::delete(key)),
            "list" => seen.push(kv::list("k", #{ limit: step.limit, reverse: step.reverse }).entries.map(|e| [e.key, e.value])),
            "put" => docs::upsert("c", key, #{ v: step.value, n: step.n }),
            "remove" => seen.push(docs::delete("c", key)),
            "find" => seen.push(docs::find("c", #{ n: #{ ge: step.n } }, #{ sort: "n", limit: step.limit }).documents.map(|d| [d.id, d.v])),
            _ => throw "?"
        }
    }
    seen
"#;
const ROUNDS: usize = 40;
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

    /// Steps whose values tell who wrote them.
    fn steps(&mut self, who: &str) -> Vec<Value> {
        let steps = 1 + self.roll(STEPS);
        let step = |number| {
            let (key, document) = (format!("k{}", self.roll(4)), format!("d{}", self.roll(4)));
            let (value, limit, n) = (format!("{who}.{number}"), 1 + self.roll(4), self.roll(4));
            match self.roll(10) {
                0 | 1 => json!({ "op": "get", "key": key }),
                2 | 3 => json!({ "op": "set", "key": key, "value": value }),
                4 => json!({ "op": "delete", "key": key }),
                5 => json!({ "op": "list", "key": "", "limit": limit, "reverse": self.roll(2) == 0 }),
                6 | 7 => json!({ "op": "put", "key": document, "value": value, "n": n }),
                8 => json!({ "op": "remove", "key": document }),
                _ => json!({ "op": "find", "key": "", "n": n, "limit": limit }),
            }
        };
        (0..steps).map(step).collect()
    }
}

/// What is kept.
#[derive(Debug, Clone, Default, PartialEq)]
struct Kept {
    values: BTreeMap<String, Value>,
    documents: BTreeMap<String, (u64, Value)>,
}

impl Kept {
    /// One step; what is seen, if it looks at anything.
    fn step(&mut self, step: &Value) -> Option<Value> {
        let key = step["key"].as_str().unwrap().to_owned();
        let limit = usize::try_from(step["limit"].as_u64().unwrap_or(0)).unwrap();
        match step["op"].as_str().unwrap() {
            "get" => Some(self.values.get(&key).cloned().unwrap_or(Value::Null)),
            "set" => {
                self.values.insert(key, step["value"].clone());
                None
            }
            "delete" => Some(self.values.remove(&key).is_some().into()),
            "list" => {
                let mut all: Vec<Value> = self.values.iter().map(|(key, value)| json!([key, value])).collect();
                if step["reverse"] == json!(true) {
                    all.reverse();
                }
                all.truncate(limit);
                Some(all.into())
            }
            "put" => {
                let document = (step["n"].as_u64().unwrap(), step["value"].clone());
                self.documents.insert(key, document);
                None
            }
            "remove" => Some(self.documents.remove(&key).is_some().into()),
            _ => {
                let from = step["n"].as_u64().unwrap();
                let matching = self.documents.iter().filter(|(_, (n, _))| *n >= from);
                let mut found: Vec<_> = matching
                    .map(|(id, (n, value))| (*n, id.clone(), value.clone()))
                    .collect();
                found.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
                found.truncate(limit);
                Some(found.into_iter().map(|(_, id, value)| json!([id, value])).collect())
            }
        }
    }

    fn run(&mut self, steps: &[Value]) -> Value {
        steps.iter().filter_map(|step| self.step(step)).collect()
    }
}

/// A run, and what it saw.
type Ran = (Vec<Value>, Value);

/// What is kept after `runs` in some order in which each sees what it saw, for every such order.
fn explanations(kept: &Kept, runs: &[Ran]) -> Vec<Kept> {
    if runs.is_empty() {
        return vec![kept.clone()];
    }
    let mut found: Vec<Kept> = Vec::new();
    for (at, (steps, seen)) in runs.iter().enumerate() {
        let mut next = kept.clone();
        if next.run(steps) == *seen {
            let mut others = runs.to_vec();
            others.remove(at);
            for kept in explanations(&next, &others) {
                if !found.contains(&kept) {
                    found.push(kept);
                }
            }
        }
    }
    found
}

#[tokio::test]
async fn what_runs_saw_side_by_side_they_could_have_seen_one_after_another() {
    let mut groups: Vec<Vec<TestHost>> = Vec::new();
    for host in TestHost::real_on_both(&[]).await {
        groups.push(vec![host]);
    }
    if let Some(two) = TestHost::two_on_postgres(&[]).await {
        groups.push(two.into());
    }
    for (group, hosts) in groups.into_iter().enumerate() {
        hosts[0].app("a", &[("POST /", PLAYER)]).await;
        for host in &hosts[1..] {
            host.follow().await;
        }
        let hosts: Vec<Arc<TestHost>> = hosts.into_iter().map(Arc::new).collect();
        let mut dice = Dice(group as u64);
        // All that may be kept: the last word of a round may not tell which run had it.
        let mut kept = vec![Kept::default()];
        for round in 0..ROUNDS {
            let mut running = JoinSet::new();
            for run in 0..RUNS {
                let steps = dice.steps(&format!("{round}/{run}"));
                let host = Arc::clone(&hosts[run % hosts.len()]);
                running.spawn(async move {
                    let body = serde_json::to_vec(&steps).unwrap();
                    let answer = host.send("POST http://a.localhost/", &[], &body).await;
                    assert_eq!(answer.status, 200, "{}", answer.text());
                    (steps, answer.json())
                });
            }
            let runs = running.join_all().await;
            kept = kept.iter().flat_map(|kept| explanations(kept, &runs)).collect();
            kept.dedup();
            assert!(
                !kept.is_empty(),
                "group {group}, round {round}: no order explains {runs:#?}"
            );
        }
    }
}

#[test]
fn without_a_look_at_what_was_written_they_could_not() {
    let mut dice = Dice(7);
    let caught = (0..100).filter(|_| {
        // Steps in any order on one state, with the writes of each run left to its end: what everybody begins to build.
        let mut kept = Kept::default();
        let before = kept.clone();
        let steps: Vec<Vec<Value>> = (0..RUNS).map(|run| dice.steps(&run.to_string())).collect();
        let mut views: Vec<(usize, Kept, Vec<Value>)> = vec![(0, Kept::default(), Vec::new()); RUNS];
        let mut ran = Vec::new();
        while ran.len() < RUNS {
            let run = dice.roll(RUNS);
            let (at, view, seen) = &mut views[run];
            match steps[run].get(*at) {
                Some(step) => {
                    if *at == 0 {
                        *view = kept.clone();
                    }
                    seen.extend(view.step(step));
                    *at += 1;
                }
                None if *at == steps[run].len() => {
                    kept.run(&steps[run]);
                    ran.push((steps[run].clone(), Value::from(seen.clone())));
                    *at += 1;
                }
                None => {}
            }
        }
        !explanations(&before, &ran).contains(&kept)
    });
    let caught = caught.count();
    assert!(caught > 10, "{caught} of 100 rounds were caught");
}
