//! `checks/schedule.rs`, fuzzed. Takes in the folder it is about rather than the whole host.
#![no_main]
#![allow(dead_code, reason = "the host uses the rest")]

#[path = "../checks/schedule.rs"]
mod check;

#[path = "../../host/src/duration.rs"]
mod duration;

#[path = "../../host/src/schedule/mod.rs"]
mod schedule;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::check(bytes));
