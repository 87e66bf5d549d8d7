//! The host's one integration test binary.

mod harness;
mod manager;
mod store;
mod tidy;
