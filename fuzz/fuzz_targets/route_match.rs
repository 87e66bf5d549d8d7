//! `checks/route_match.rs`, fuzzed. Takes in the two files it is about rather than the whole host.
#![no_main]
#![allow(dead_code, reason = "the host uses the rest")]

#[path = "../checks/route_match.rs"]
mod route_match;

#[path = "../../host/src/orchestrator"]
mod orchestrator {
    pub mod pattern;
    pub mod routes;
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| route_match::check(bytes));
