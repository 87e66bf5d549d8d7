//! Event → execution.

pub mod pattern;
