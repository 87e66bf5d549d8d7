//! `checks/route_match.rs`, fuzzed. Takes in the folder it is about rather than the whole host.
#![no_main]
#![allow(dead_code, reason = "the host uses the rest")]

#[path = "../checks/route_match.rs"]
mod route_match;

#[path = "../../host/src/routing/mod.rs"]
mod routing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| route_match::check(bytes));
