//! A run that is over, once more: in the world of its journal, with no effect, and compared with how it ended then.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use picloud_executor::{Attempt, Budget, Ending, Execution, Identity, Job, Linked, Run};
use picloud_sdk::api::{self, Difference, LogLine};
use picloud_sdk::limits::Limits;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::attempt::hide;
use super::report::{report, textual};
use crate::commit::{Ended, Journal};
use crate::config::DataConfig;
use crate::secrets::Secret;
use crate::world::replay::{Parted, Replay, WasTold};
use crate::world::{Scripts, ToldSecret, question_bytes_max};

/// What came of it.
#[derive(Debug)]
pub struct Compared {
    /// How it ended now.
    pub execution: Execution,
    /// What it logged now.
    pub log: Vec<LogLine>,
    /// How it ended now, as it is compared.
    pub now: Ended,
    /// How it ended then.
    pub then: Ended,
    /// The first call that is another one.
    pub parted: Option<Parted>,
}

impl Compared {
    /// As the API has it.
    #[must_use]
    pub fn told(self, same_guest: bool) -> api::Replayed {
        let Self {
            execution,
            log,
            now,
            then,
            parted,
        } = self;
        let (ending, error) = report(&execution.ending);
        // That it was given up where it parted is no error of its own.
        let error = error.filter(|_| parted.is_none());
        let differences = [
            (Difference::Calls, parted.is_some()),
            (
                Difference::Outcome,
                (now.ending, now.status, now.outcome) != (then.ending, then.status, then.outcome),
            ),
            (Difference::Log, now.log != then.log),
            (Difference::Fuel, now.fuel != then.fuel),
            (Difference::Memory, now.memory_bytes != then.memory_bytes),
        ];
        let differs: Vec<Difference> = differences
            .into_iter()
            .filter_map(|(what, is)| is.then_some(what))
            .collect();
        api::Replayed {
            same: differs.is_empty() && now.host_calls == then.host_calls,
            differs,
            parted: parted.map(|parted| api::Parted {
                call: parted.call as u64,
                then: parted.recorded,
                now: parted.asked,
            }),
            same_guest,
            then: api::Then {
                ending: then.ending,
                status: then.status,
                fuel: then.fuel,
                memory_bytes: then.memory_bytes,
                host_calls: then.host_calls,
            },
            ending,
            reply: match execution.ending {
                Ending::Replied(reply) => Some(textual(reply)),
                _ => None,
            },
            error,
            log,
            usage: execution.usage,
        }
    }
}

/// Runs `program` as `journal` says, with the `secrets` and `scripts` that it refers to, out of the `memory` that it shares with others.
pub async fn replay(
    runner: &dyn Run,
    program: Arc<Linked>,
    (journal, secrets, scripts): (Journal, Vec<(ToldSecret, Secret)>, Arc<dyn Scripts>),
    (data, sent_bytes_max): (&DataConfig, u32),
    memory: Arc<Budget>,
) -> Compared {
    let then = journal.ended.clone();
    let limits = limits_of(&journal);
    let script: Arc<str> = journal.script.into();
    let world = Replay::open(
        journal.now_ms,
        WasTold {
            body: journal.body,
            calls: journal.calls,
            secrets,
            scripts,
            script: Arc::clone(&script),
            memory: Arc::clone(&memory),
        },
        limits.log_bytes_max,
        question_bytes_max(data, limits.log_bytes_max, sent_bytes_max),
    );
    let job = Job {
        program,
        identity: Arc::new(Identity {
            app: journal.app.into(),
            script,
            version: journal.number,
            execution: journal.execution,
            trace: journal.trace,
        }),
        attempt: Attempt {
            number: journal.attempt,
            seed: journal.seed,
            now_ms: journal.now_ms,
        },
        event: journal.event,
        limits,
        memory,
        world: Box::new(world),
    };
    let ran = AssertUnwindSafe(runner.run(job)).catch_unwind().await;
    let (execution, closed) = match ran {
        Ok((execution, world)) => {
            let is_whole = !matches!(execution.ending, Ending::GivenUp(_));
            (execution, Replay::close(world, is_whole))
        }
        Err(_) => (
            super::Attempted::broke("the executor panicked".to_owned()).execution,
            None,
        ),
    };
    let closed = closed.unwrap_or_default();
    let mut execution = execution;
    hide(&closed.seen, &mut execution.ending);
    let now = ended(&execution, &closed.log);
    execution.usage.log_bytes = closed.log_bytes;
    Compared {
        execution,
        log: closed.log,
        now,
        then,
        parted: closed.parted,
    }
}

/// How a run ended, as far as another one can be compared with it.
#[must_use]
pub fn ended(execution: &Execution, log: &[LogLine]) -> Ended {
    let (ending, error) = report(&execution.ending);
    let mut outcome = Xxh3::new();
    let mut status = 0;
    if let Ending::Replied(reply) = &execution.ending {
        status = reply.status;
        for (name, value) in &reply.headers {
            outcome.update(name.as_bytes());
            outcome.update(b": ");
            outcome.update(value.as_bytes());
            outcome.update(b"\n");
        }
        outcome.update(b"\n");
        outcome.update(&reply.body);
    }
    if let Some(error) = error {
        outcome.update(&serde_json::to_vec(&error).unwrap_or_default());
    }
    Ended {
        ending,
        status,
        outcome: outcome.digest128(),
        log: xxh3_128(&serde_json::to_vec(log).unwrap_or_default()),
        fuel: execution.usage.fuel,
        memory_bytes: execution.usage.memory_bytes,
        host_calls: execution.usage.host_calls,
    }
}

/// What a run was allowed; what this release bounds and that one did not, is as large as it gets.
#[must_use]
pub fn limits_of(journal: &Journal) -> Limits {
    let read = Limits::read(|bound| {
        let known = journal.limits.iter().find(|(variable, _)| variable == bound.variable);
        Ok::<_, std::convert::Infallible>(known.map_or(bound.max, |(_, value)| *value))
    });
    let Ok(limits) = read;
    limits
}
