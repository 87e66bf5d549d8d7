//! The fuzz target of the route table on stable: what was found once, and the corpus it starts from.

use std::fs;

use picloud::routing;

use crate::harness::binary::root;

#[path = "../../../fuzz/checks/route_match.rs"]
mod route_match;

#[test]
fn route_match_again() {
    let folders = ["corpus", "regressions"].map(|kind| root().join("fuzz").join(kind).join("route_match"));
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert!(files.len() >= 3, "the corpus of route_match is gone");
    for file in files {
        route_match::check(&fs::read(&file).expect("a readable input"));
    }
}
