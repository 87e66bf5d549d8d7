//! What sets an app's scripts off besides requests: the rules of queues, schedules, subscriptions and changes, and their
//! rows. One model: a source, a name, a script and how messages for it are handed out.

pub(crate) mod queries;
mod topic;
mod wiring;

use std::time::Duration;

use picloud_sdk::api::{BACKOFF_MS_MAX, BATCH_MAX, CONCURRENCY_MAX, CatchUp, Overlap};
use picloud_sdk::call::queue::ATTEMPTS_MAX;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::commit::messages::Source;
use crate::error::Result;
use crate::ids::ScriptId;
use crate::problem::{Code, Problem};
use crate::store::Tx;

pub use topic::{Pattern, check as check_topic};
pub use wiring::{Watch, Wiring};

/// Triggers of one app, of a source. What is published and what is written is compared with all of those that it may be for.
#[must_use]
pub const fn triggers_max(source: Source) -> usize {
    match source {
        Source::Change => 100,
        Source::Subscription => 1_000,
        _ => 10_000,
    }
}
/// Bytes of a trigger's name.
pub const NAME_BYTES_MAX: usize = 64;

/// What is said of a trigger, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How its messages are handed out.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// What is of its source alone.
    #[serde(flatten)]
    pub of: Of,
}

impl Settings {
    /// How its messages are handed out, which of a schedule is one at a time unless runs may overlap.
    #[must_use]
    pub const fn at_once(&self) -> Delivery {
        match &self.of {
            Of::Schedule(Timing {
                overlap: Overlap::Skip | Overlap::Queue,
                ..
            }) => Delivery {
                concurrency: 1,
                ..self.delivery
            },
            _ => self.delivery,
        }
    }
}

/// What is of one source alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "lowercase")]
pub enum Of {
    /// Nothing more.
    Queue,
    /// When it fires.
    Schedule(Timing),
    /// Which topics.
    Subscription {
        /// As [`Pattern`] reads it.
        topic: String,
    },
    /// What is watched.
    Change(Watch),
}

/// When a schedule fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// An expression.
    pub when: String,
    /// Its time zone.
    pub zone: Option<String>,
    /// While the last run goes on.
    pub overlap: Overlap,
    /// While no server was there.
    pub catch_up: CatchUp,
    /// Up to so much later.
    pub jitter_ms: u32,
}

/// How messages are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Runs at once.
    pub concurrency: u32,
    /// Attempts at one message.
    pub attempts: u32,
    /// Before the second attempt.
    pub backoff_ms: u64,
    /// At most.
    pub backoff_ms_max: u64,
    /// Messages of one run.
    #[serde(default = "one")]
    pub batch: u32,
}

/// What was stored before there were batches.
const fn one() -> u32 {
    1
}

impl Delivery {
    /// Of scripts that are run later: nobody says how.
    pub const OF_LATER: Self = Self {
        concurrency: 16,
        attempts: 8,
        backoff_ms: 1000,
        backoff_ms_max: 600_000,
        batch: 1,
    };

    /// Of requests for later, each host by itself: for somewhat more than an hour.
    pub const OF_OUTBOX: Self = Self {
        concurrency: 4,
        attempts: 12,
        backoff_ms: 1000,
        backoff_ms_max: 3_600_000,
        batch: 1,
    };

    /// Of requests that are answered later, each script by itself. Only what is nobody's fault is tried again.
    pub const OF_REQUESTS: Self = Self {
        concurrency: 16,
        attempts: 3,
        backoff_ms: 1000,
        backoff_ms_max: 10_000,
        batch: 1,
    };

    /// What is wrong with it: a field, and why.
    #[must_use]
    pub fn wrong(&self) -> Option<(&'static str, String)> {
        let Self {
            concurrency,
            attempts,
            backoff_ms,
            backoff_ms_max,
            batch,
        } = *self;
        let out_of = |least: u64, most: u64, is: u64| format!("{least} to {most} are allowed, this is {is}");
        if !(1..=CONCURRENCY_MAX).contains(&concurrency) {
            return Some(("concurrency", out_of(1, CONCURRENCY_MAX.into(), concurrency.into())));
        }
        if !(1..=ATTEMPTS_MAX).contains(&attempts) {
            return Some(("attempts", out_of(1, ATTEMPTS_MAX.into(), attempts.into())));
        }
        if !(1..=BATCH_MAX).contains(&batch) {
            return Some(("batch", out_of(1, BATCH_MAX.into(), batch.into())));
        }
        if backoff_ms > BACKOFF_MS_MAX {
            return Some(("backoff_ms", out_of(0, BACKOFF_MS_MAX, backoff_ms)));
        }
        (backoff_ms_max > BACKOFF_MS_MAX).then(|| ("backoff_ms_max", out_of(0, BACKOFF_MS_MAX, backoff_ms_max)))
    }

    /// How long to wait after attempt number `attempt`, counted from 1: twice as long after each, of which a `random` part
    /// between a half and all.
    #[must_use]
    pub fn pause_after(&self, attempt: u32, random: u64) -> Duration {
        let doubled = self.backoff_ms.saturating_mul(1 << attempt.saturating_sub(1).min(40));
        let most = doubled.min(self.backoff_ms_max);
        let half = most / 2;
        Duration::from_millis(half + random % (most - half + 1))
    }
}

impl Of {
    /// Where its messages are from.
    #[must_use]
    pub const fn source(&self) -> Source {
        match self {
            Self::Queue => Source::Queue,
            Self::Schedule(_) => Source::Schedule,
            Self::Subscription { .. } => Source::Subscription,
            Self::Change(_) => Source::Change,
        }
    }
}

/// Refuses what would leave triggers without their script.
pub(crate) async fn refuse_while_triggered(tx: &mut Tx, (script, name): (ScriptId, &str), what: &str) -> Result<()> {
    let triggers = queries::of_script(tx, script).await?;
    if triggers.is_empty() {
        return Ok(());
    }
    let named: Vec<_> = triggers
        .iter()
        .map(|(source, name)| format!("the {source} {name:?}"))
        .collect();
    let message = format!("{name:?} cannot {what} while it is run for: {}", named.join(", "));
    let triggers: Vec<_> = triggers
        .iter()
        .map(|(source, name)| json!({ "source": source, "name": name }))
        .collect();
    Err(Problem::new(Code::InUse, message)
        .with(json!({ "triggers": triggers }))
        .into())
}

/// Whether a trigger may be called so; if not, why.
///
/// # Errors
/// A sentence for whoever chose it.
pub fn check_name(name: &str) -> std::result::Result<(), String> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(format!(
            "a name has 1 to {NAME_BYTES_MAX} bytes, this has {}",
            name.len()
        ));
    }
    if !name.bytes().all(is_letter) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(format!(
            "a name has a-z, 0-9, -, _ and dots, a letter first; got {name:?}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound() {
        let delivery = Delivery::OF_LATER;
        for (attempt, most) in [
            (1, 1000),
            (2, 2000),
            (3, 4000),
            (10, 512_000),
            (11, 600_000),
            (u32::MAX, 600_000),
        ] {
            for random in [0, 1, 77, u64::MAX] {
                let pause = delivery.pause_after(attempt, random).as_millis();
                assert!((most / 2..=most).contains(&pause), "{attempt} {random}: {pause}");
            }
        }
        let at_once = Delivery {
            backoff_ms: 0,
            ..delivery
        };
        assert_eq!(at_once.pause_after(9, 5), Duration::ZERO);
    }

    #[test]
    fn names_are_plain() {
        for name in ["a", "orders.paid", "a-b_c.9"] {
            assert_eq!(check_name(name), Ok(()));
        }
        for name in ["", "A", "9a", "a b", "a/b", "ä", &"a".repeat(65)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
