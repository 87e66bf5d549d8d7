//! The executor by its front door: source in, execution out.
//!
//! [`harness::check`] compiles a script, runs it and renders how it ended on one line; most tests are that line.

mod abi;
mod conformance;
mod harness;
mod hostile_guest;
mod limits;
mod module_parts;
mod modules;
mod regressions;
mod script;
mod small_machine;
