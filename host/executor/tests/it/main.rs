//! The executor by its front door: source in, execution out.
//!
//! [`harness::check`] compiles a script, runs it and renders how it ended on one line; most tests are that line.

mod abi;
mod assignments;
mod conformance;
mod diagnostics;
mod examples;
mod forms;
mod harness;
mod helpers;
mod hostile_guest;
mod limits;
mod messages;
mod module_parts;
mod modules;
mod native;
mod places;
mod regressions;
mod script;
mod small_machine;
mod within;
