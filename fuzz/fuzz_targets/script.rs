//! `checks/script.rs`, fuzzed.
#![no_main]

#[path = "../checks/script.rs"]
mod script;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| script::check(bytes));
