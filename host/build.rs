//! Says when the crate is to be built anew: when the dashboard was, whose files the binary carries.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A path that is missing would count as changed every time; until there is a build, its source is watched.
    let built = Path::new("../dashboard/build");
    let watched = if built.exists() {
        built
    } else {
        Path::new("../dashboard")
    };
    if watched.exists() {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
}
