//! `checks/route_match.rs`, fuzzed. Takes in the two files it is about rather than the whole host.
#![no_main]
#![allow(dead_code, reason = "the host uses the rest")]

#[path = "../checks/route_match.rs"]
mod route_match;

mod orchestrator {
    #[path = "../../../host/src/orchestrator/pattern.rs"]
    pub mod pattern;
    #[path = "../../../host/src/orchestrator/routes.rs"]
    pub mod routes;
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| route_match::check(bytes));
