//! What the server logs about itself: to stderr, for people on a terminal, as JSON lines otherwise.

use std::io::{self, IsTerminal};

use anyhow::{Context, bail};
use tracing_subscriber::EnvFilter;

/// Words that stand for themselves in a filter.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Starts logging by `filter`, such as `info` or `picloud=debug`.
///
/// # Errors
/// When `filter` is none, or logging was started before.
pub fn init(filter: &str) -> anyhow::Result<()> {
    let filter = parse(filter)?;
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

/// A filter. A word that is no level would be taken for the name of a crate, and silence everything else.
fn parse(filter: &str) -> anyhow::Result<EnvFilter> {
    let is_level = |word: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word));
    let words = filter.split(',').map(str::trim).filter(|part| !part.is_empty());
    for word in words.filter(|part| !part.contains(['=', '[', ']', '{', '}'])) {
        if !is_level(word) {
            bail!(
                "PICLOUD_LOG={filter:?}: {word} is no level; there are {}, and picloud=debug is one for a crate",
                LEVELS.join(", ")
            );
        }
    }
    EnvFilter::try_new(filter).with_context(|| format!("PICLOUD_LOG={filter:?} is no filter such as info"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_level_is_refused() {
        for good in [
            "info",
            "DEBUG",
            "off",
            "warn,picloud=debug",
            "info,hyper=off",
            "picloud[x{a=1}]=trace",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in ["verbose", "info,loud", "picloud", "picloud=loud", "3x"] {
            let error = parse(bad).unwrap_err().to_string();
            assert!(error.starts_with("PICLOUD_LOG="), "{error}");
        }
    }
}
