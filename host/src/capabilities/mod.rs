//! What a running script may reach: its app's world.

mod log;

use std::sync::{Mutex, PoisonError};

use picloud_executor::{Answer, Boxed, Capabilities, HostFault};
use picloud_sdk::call::HostCall;

pub use log::LogLine;

/// One run's view of its app. Whose it is, is decided here: nothing in a host call says so.
#[derive(Debug, Default)]
pub struct World {
    log: Mutex<Vec<LogLine>>,
}

impl World {
    /// What the run logged, in order.
    #[must_use]
    pub fn take_log(&self) -> Vec<LogLine> {
        // A line is pushed whole or not at all.
        std::mem::take(&mut self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Capabilities for World {
    fn call<'a>(&'a self, call: HostCall<'a>) -> Boxed<'a, Result<Answer, HostFault>> {
        let answer = match call {
            HostCall::Log { level, message, fields } => {
                let line = LogLine::new(level, message, fields);
                self.log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                Ok(Answer::Done)
            }
            HostCall::Body => Err(HostFault(anyhow::anyhow!(
                "the executor has the body, and answers for it"
            ))),
        };
        Box::pin(std::future::ready(answer))
    }
}
