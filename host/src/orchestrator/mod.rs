//! Event → execution.

pub mod given;
pub mod pattern;
