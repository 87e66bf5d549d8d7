//! What the server logs about itself: to stderr, for people on a terminal, as JSON lines otherwise.

use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

/// Starts logging by `filter`, such as `info` or `picloud=debug`.
///
/// # Errors
/// When `filter` is none, or logging was started before.
pub fn init(filter: &str) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(filter).with_context(|| format!("PICLOUD_LOG={filter:?} is no filter such as info"))?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let started = if io::stderr().is_terminal() {
        subscriber.try_init()
    } else {
        subscriber.json().try_init()
    };
    started.map_err(|error| anyhow::anyhow!("logging was started before: {error}"))
}
