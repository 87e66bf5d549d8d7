//! What a running script may reach: its app's world, opened for one attempt at an event and closed when that is over.
//!
//! One file a capability, named as in `sdk/src/call` and in the guest's `api`; one arm of [`Live::answer`] registers it.

mod body;
mod log;

use std::any::Any;

use bytes::Bytes;
use picloud_executor::{Boxed, Said, World};
use picloud_sdk::api::LogLine;
use picloud_sdk::call::{Answer, Envelope, HostCall};
use picloud_sdk::limits::Stop;
use picloud_sdk::wire;
use serde::Serialize;

use log::Log;

/// What comes on top of the longest thing that a question carries.
const QUESTION_FRAME_BYTES: usize = 64 << 10;

/// The world as it is. Whose it is, was decided when it was opened: nothing in a question says so.
#[derive(Debug)]
pub struct Live {
    /// Time stands still but for what a capability waits for.
    now_ms: i64,
    body: Bytes,
    log: Log,
}

/// What is left of a world when its run is over.
#[derive(Debug, Default)]
pub struct Closed {
    /// What the run logged, in order.
    pub log: Vec<LogLine>,
    /// Text and fields of it.
    pub log_bytes: u32,
}

/// What a capability says: its reply, or the end of the run.
type Told<R> = Result<R, Stop>;

impl Live {
    /// Opens it for an event that arrived at `now_ms` with this body.
    #[must_use]
    pub fn open(now_ms: i64, body: Bytes, log_bytes_max: u32) -> Self {
        Self {
            now_ms,
            body,
            log: Log::new(log_bytes_max),
        }
    }

    /// Closes it.
    #[must_use]
    pub fn close(self) -> Closed {
        let (log, log_bytes) = self.log.into_lines();
        Closed { log, log_bytes }
    }

    /// Closes what a run gave back; nothing is left when it was lost on the way.
    #[must_use]
    pub fn close_any(world: Box<dyn World>) -> Closed {
        let world: Box<dyn Any> = world;
        world
            .downcast::<Self>()
            .map_or_else(|_| Closed::default(), |live| live.close())
    }

    fn answer(&mut self, question: &[u8], room: usize) -> Said {
        match wire::decode(question, question.len()) {
            Ok(HostCall::Body(call)) => self.said(body::answer(call, &self.body, room)),
            Ok(HostCall::Log(call)) => {
                let told = self.log.answer(&call);
                self.said(told)
            }
            Err(error) => Said::Fault(error.into()),
        }
    }

    fn said<R: Serialize>(&self, told: Told<R>) -> Said {
        match told {
            Ok(reply) => Said::Answer(wire::encode(&Envelope {
                now_ms: self.now_ms,
                answer: Answer::Given(reply),
            })),
            Err(stop) => Said::Stop(stop),
        }
    }
}

impl World for Live {
    fn call<'a>(&'a mut self, question: &'a [u8], room: usize) -> Boxed<'a, Said> {
        Box::pin(std::future::ready(self.answer(question, room)))
    }

    fn question_bytes_max(&self) -> usize {
        self.log.bytes_max() + QUESTION_FRAME_BYTES
    }

    fn too_long(&mut self, _: &[u8], bytes: usize) -> Said {
        // Nothing but a log line may be long.
        Said::Stop(self.log.too_long(bytes))
    }

    fn now_ms(&self) -> i64 {
        self.now_ms
    }
}
