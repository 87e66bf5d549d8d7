//! `checks/wire_decode.rs`, fuzzed.
#![no_main]

#[path = "../checks/wire_decode.rs"]
mod wire_decode;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wire_decode::check(bytes));
