//! The fuzz targets of the route table and of schedules on stable: what was found once, and the corpus they start from.

use std::fs;

use picloud::{routing, schedule};

use crate::harness::binary::root;

#[path = "../../../fuzz/checks/route_match.rs"]
mod route_match;
#[path = "../../../fuzz/checks/schedule.rs"]
mod schedules;

fn again(target: &str, check: fn(&[u8])) {
    let folders = ["corpus", "regressions"].map(|kind| root().join("fuzz").join(kind).join(target));
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert!(files.len() >= 3, "the corpus of {target} is gone");
    for file in files {
        check(&fs::read(&file).expect("a readable input"));
    }
}

#[test]
fn route_match_again() {
    again("route_match", route_match::check);
}

#[test]
fn schedule_again() {
    again("schedule", schedules::check);
}
