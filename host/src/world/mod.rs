//! What a running script may reach: its app's world, opened for one attempt at an event and closed when that is over.
//!
//! One file a capability, named as in `sdk/src/call` and in the guest's `api`; one arm of [`Live::answer`] registers it.

mod body;
mod data;
pub mod kv;
mod log;
mod told;

use std::any::Any;

use bytes::Bytes;
use picloud_executor::{Boxed, GivenUp, Said, World};
use picloud_sdk::api::LogLine;
use picloud_sdk::call::kv::{Page, Question};
use picloud_sdk::call::{Answer, Envelope, HostCall};
use picloud_sdk::wire;
use serde::Serialize;

use crate::commit::spaces::Session;
use crate::config::DataConfig;
use crate::data::key::Key;

pub use data::Data;
use log::Log;
pub use told::{No, Told};

/// What comes on top of the longest thing that a question carries.
const QUESTION_FRAME_BYTES: usize = 64 << 10;

/// The world as it is. Whose it is, was decided when it was opened: nothing in a question says so.
#[derive(Debug)]
pub struct Live {
    /// Time stands still but for what a capability waits for.
    now_ms: i64,
    body: Bytes,
    log: Log,
    data: Data,
    /// Where it was overtaken, once it was.
    lost_on: Option<Key>,
}

/// What a world is opened with.
#[derive(Debug)]
pub struct Opening {
    /// When the event arrived, in milliseconds since 1970.
    pub now_ms: i64,
    /// Its body.
    pub body: Bytes,
    /// What it may log.
    pub log_bytes_max: u32,
    /// What its app keeps.
    pub session: Session,
    /// How much of that it may touch.
    pub data: DataConfig,
}

/// What is left of a world when its run is over.
#[derive(Debug)]
pub struct Closed {
    /// What the run logged, in order.
    pub log: Vec<LogLine>,
    /// Text and fields of it.
    pub log_bytes: u32,
    /// What it read and wrote of what its app keeps.
    pub session: Session,
    /// Where it was overtaken, if it was.
    pub lost_on: Option<Key>,
}

impl Live {
    /// Opens it.
    #[must_use]
    pub fn open(opening: Opening) -> Self {
        let Opening {
            now_ms,
            body,
            log_bytes_max,
            session,
            data,
        } = opening;
        Self {
            now_ms,
            body,
            log: Log::new(log_bytes_max),
            data: Data::new(session, data, now_ms),
            lost_on: None,
        }
    }

    /// Closes it.
    #[must_use]
    pub fn close(self) -> Closed {
        let (log, log_bytes) = self.log.into_lines();
        Closed {
            log,
            log_bytes,
            session: self.data.into_session(),
            lost_on: self.lost_on,
        }
    }

    /// Closes what a run gave back; nothing when it is another's.
    #[must_use]
    pub fn close_any(world: Box<dyn World>) -> Option<Closed> {
        let world: Box<dyn Any> = world;
        world.downcast::<Self>().ok().map(|live| live.close())
    }

    async fn answer(&mut self, question: &[u8], room: usize) -> Said {
        let data = &mut self.data;
        match wire::decode(question, question.len()) {
            Ok(HostCall::Body(call)) => {
                let told = body::answer(call, &self.body, room);
                said(self.now_ms, &mut self.lost_on, told)
            }
            Ok(HostCall::Log(call)) => {
                let told = self.log.answer(&call);
                self.said(told)
            }
            Ok(HostCall::Kv(question)) => match question {
                Question::Get(get) => match kv::get(data, &get).await {
                    Ok(values) => self.said(Ok(values.iter().map(Option::as_deref).collect::<Vec<Option<&[u8]>>>())),
                    Err(no) => self.said::<()>(Err(no)),
                },
                Question::List(list) => match kv::list(data, &list).await {
                    Ok(page) => self.said(Ok(Page {
                        entries: page
                            .entries
                            .iter()
                            .map(|(name, value)| (&**name, value.as_deref()))
                            .collect(),
                        cursor: page.cursor.as_deref(),
                    })),
                    Err(no) => self.said::<()>(Err(no)),
                },
                Question::Set(set) => {
                    let told = kv::set(data, &set).await;
                    self.said(told)
                }
                Question::Delete(delete) => {
                    let told = kv::delete(data, &delete).await;
                    self.said(told)
                }
                Question::Increment(increment) => {
                    let told = kv::increment(data, &increment).await;
                    self.said(told)
                }
                Question::CompareAndSet(swap) => {
                    let told = kv::compare_and_set(data, &swap).await;
                    self.said(told)
                }
            },
            Err(error) => Said::Fault(error.into()),
        }
    }

    fn said<R: Serialize>(&mut self, told: Told<R>) -> Said {
        said(self.now_ms, &mut self.lost_on, told)
    }
}

fn said<R: Serialize>(now_ms: i64, lost_on: &mut Option<Key>, told: Told<R>) -> Said {
    let no = match told {
        Ok(reply) => {
            let answer = Answer::Given(reply);
            return Said::Answer(wire::encode(&Envelope { now_ms, answer }));
        }
        Err(no) => no,
    };
    match no {
        No::Refused { code, message } => {
            let message = &*message;
            let answer: Answer<'_, ()> = Answer::Refused { code, message };
            Said::Answer(wire::encode(&Envelope { now_ms, answer }))
        }
        No::Stop(stop) => Said::Stop(stop),
        No::Overtaken(key) => {
            *lost_on = key;
            Said::GiveUp(GivenUp::Overtaken)
        }
        No::Unavailable(why) => {
            tracing::warn!("a run is given up: {why}");
            Said::GiveUp(GivenUp::Unavailable)
        }
        No::Fault(fault) => Said::Fault(fault),
    }
}

impl World for Live {
    fn call<'a>(&'a mut self, question: &'a [u8], room: usize) -> Boxed<'a, Said> {
        Box::pin(self.answer(question, room))
    }

    fn question_bytes_max(&self) -> usize {
        let data = self
            .data
            .limits()
            .write_bytes_max
            .max(self.data.limits().value_bytes_max.into());
        self.log.bytes_max().max(usize::try_from(data).unwrap_or(usize::MAX)) + QUESTION_FRAME_BYTES
    }

    fn too_long(&mut self, beginning: &[u8], bytes: usize) -> Said {
        // A log line is the only thing that ends a run by its length.
        if beginning.first() == Some(&LOG_TAG) {
            return Said::Stop(self.log.too_long(bytes));
        }
        let allowed = self.question_bytes_max();
        self.said::<()>(told::refuse(
            "limit_exceeded",
            format!("bytes of one call: {bytes}, {allowed} allowed"),
        ))
    }

    fn now_ms(&self) -> i64 {
        self.now_ms
    }
}

/// How an encoded `HostCall::Log` begins.
const LOG_TAG: u8 = 1;
