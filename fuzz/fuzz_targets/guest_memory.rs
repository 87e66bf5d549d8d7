//! `checks/guest_memory.rs`, fuzzed.
#![no_main]

#[path = "../checks/guest_memory.rs"]
mod guest_memory;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| guest_memory::check(bytes));
