//! Event → execution.

mod admission;
mod programs;
mod records;
mod routes;
mod snapshots;
