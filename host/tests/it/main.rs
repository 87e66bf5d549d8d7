//! The host's one integration test binary.

mod harness;

mod cli;
mod docs;
mod examples;
mod hostile;
mod manager;
mod store;
mod tidy;
mod walkthrough;
