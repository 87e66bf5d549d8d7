//! The host's one integration test binary. The folders mirror `host/src`; [`harness`] is what tests share.

mod harness;

mod asynchronous;
mod cli;
mod crypto;
mod data;
mod docs;
mod examples;
mod events;
mod faults;
mod generated;
mod hostile;
mod idempotency;
mod ingress;
mod machine;
mod manager;
mod orchestrator;
mod outbound;
mod regressions;
mod secrets;
mod shutdown;
mod store;
mod tidy;
mod walkthrough;
