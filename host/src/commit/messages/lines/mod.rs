//! How much waits in each line, and when it is to be looked at next.

pub(crate) mod queries;
