//! `invoke::*`: other scripts of the app, later or within this run.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use picloud_executor::{Boxed, Budget, Ending, Enter, Linked, Said, ScriptError, Share};
use picloud_sdk::call::crypto::Bytes as Piece;
pub(super) use picloud_sdk::call::invoke::{Call, Question};
use picloud_sdk::call::invoke::{DEPTH_MAX, Later};
use picloud_sdk::call::{Answer, Envelope};
use picloud_sdk::event::{self, Event};
use picloud_sdk::limits::{Limit, Stop};
use picloud_sdk::{value, wire};
use serde::{Deserialize, Serialize};

use super::data::Data;
use super::mail::{self, Mailing};
use super::told::{No, Told, given, refuse, refused};
use crate::commit;

/// Where a run finds what runs within it.
pub trait Scripts: Debug + Send + Sync {
    /// The live version of an endpoint; none when the app has no such endpoint.
    fn live<'a>(&'a self, name: &'a str) -> Boxed<'a, Option<anyhow::Result<Callee>>>;

    /// What a version runs with.
    fn program<'a>(&'a self, version: &'a str) -> Boxed<'a, anyhow::Result<Arc<Linked>>>;
}

/// A script that runs within another's run.
#[derive(Debug)]
pub struct Callee {
    /// Its name.
    pub script: Arc<str>,
    /// The version's number.
    pub number: u32,
    /// The version's id.
    pub version: Box<str>,
    /// What runs.
    pub program: Arc<Linked>,
}

/// Scripts that are at hand, by their versions; none is live.
#[derive(Debug, Default)]
pub struct AtHand(pub HashMap<String, Arc<Linked>>);

impl Scripts for AtHand {
    fn live<'a>(&'a self, _: &'a str) -> Boxed<'a, Option<anyhow::Result<Callee>>> {
        Box::pin(std::future::ready(None))
    }

    fn program<'a>(&'a self, version: &'a str) -> Boxed<'a, anyhow::Result<Arc<Linked>>> {
        let found = self.0.get(version).cloned();
        Box::pin(std::future::ready(
            found.ok_or_else(|| anyhow::anyhow!("{version} is not at hand")),
        ))
    }
}

/// What a journal has in place of an answer: what ran, which will say it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called<'a> {
    /// [`CALLED`], which tells it from answers.
    mark: &'a str,
    /// The script's name.
    pub script: &'a str,
    /// The version's number.
    pub number: u32,
    /// The version's id.
    pub version: &'a str,
}

const CALLED: &str = "invoke::call";

/// The scripts that are at work within each other, from the one that the event is for.
#[derive(Debug)]
pub(super) struct Callers {
    outermost: Arc<str>,
    within: Vec<Caller>,
    /// What they share with others.
    memory: Arc<Budget>,
}

/// A script at work within another.
#[derive(Debug)]
struct Caller {
    script: Arc<str>,
    /// What it was handed.
    body: Bytes,
    /// Of the memory that it shares with others: the body, which is in no sandbox.
    _share: Share,
}

impl Callers {
    pub(super) const fn new(outermost: Arc<str>, memory: Arc<Budget>) -> Self {
        Self {
            outermost,
            within: Vec::new(),
            memory,
        }
    }

    /// The body of the innermost; none of the outermost, whose body is the event's.
    pub(super) fn body(&self) -> Option<&Bytes> {
        self.within.last().map(|caller| &caller.body)
    }

    /// Whether another one may be at work.
    pub(super) fn check(&self) -> Told<()> {
        if self.within.len() < DEPTH_MAX as usize {
            return Ok(());
        }
        let names: Vec<&str> = self.names().collect();
        refuse(
            "too_deep",
            format!(
                "{DEPTH_MAX} scripts may be at work within another, so {} calls no more: {}",
                names[names.len() - 1],
                names.join(" > ")
            ),
        )
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.outermost).chain(self.within.iter().map(|caller| &*caller.script))
    }

    /// Another one begins.
    pub(super) fn enter(&mut self, (script, number): (Arc<str>, u32), program: Arc<Linked>, body: &[u8]) -> Said {
        let from = self.names().last().unwrap_or_default();
        let event = wire::encode(&Event::Call(event::Call { from })).into();
        let mut share = self.memory.share();
        if let Err(spent) = share.grow_to(body.len() as u64) {
            return Said::Stop(Stop {
                limit: Limit::SharedMemory,
                used: spent.wanted,
                allowed: spent.bytes_max,
            });
        }
        self.within.push(Caller {
            script: Arc::clone(&script),
            body: Bytes::copy_from_slice(body),
            _share: share,
        });
        Said::Enter(Box::new(Enter {
            program,
            script,
            version: number,
            event,
        }))
    }

    /// The innermost ended. What its caller is told, and whether what it wrote is kept.
    pub(super) fn leave(&mut self, now_ms: i64, ending: Option<Ending>) -> (Said, bool) {
        let Some(Caller { script, .. }) = self.within.pop() else {
            return (Said::Fault(anyhow::anyhow!("nothing was called that returned")), false);
        };
        match ending {
            Some(Ending::Replied(reply)) => match value::check(&reply.body) {
                Ok(()) => (Said::Answer(given(now_ms, Piece(&reply.body))), true),
                Err(malformed) => (Said::Fault(malformed.into()), false),
            },
            Some(Ending::Threw(error)) => {
                let message = thrown(&script, &error);
                (Said::Answer(refused(now_ms, &error.code, &message)), false)
            }
            None => {
                let message = format!("the server cannot make a sandbox to run {script:?} in; its log says why");
                (Said::Answer(refused(now_ms, "no_place", &message)), false)
            }
            Some(other) => (Said::Fault(anyhow::anyhow!("{other:?} was handed on")), false),
        }
    }
}

/// What a caller is told of an error, for its author.
fn thrown(script: &str, error: &ScriptError) -> String {
    let ScriptError { message, stack, .. } = error;
    let place = stack.iter().find(|frame| frame.line > 0).map(|frame| {
        let module = match &*frame.module {
            "" => String::new(),
            module => format!("module {module:?}, "),
        };
        format!(", {module}line {}", frame.line)
    });
    format!("{message} (in {script:?}{})", place.unwrap_or_default())
}

/// The script that is called, and what a journal says in place of the answer.
pub(super) async fn find(scripts: &dyn Scripts, now_ms: i64, call: &Call<'_>) -> Told<(Callee, Vec<u8>)> {
    let Call { script, body } = call;
    value::check(body.0).map_err(|malformed| No::Fault(malformed.into()))?;
    match scripts.live(script).await {
        Some(Ok(callee)) => {
            let reference = given(
                now_ms,
                Called {
                    mark: CALLED,
                    script: &callee.script,
                    number: callee.number,
                    version: &callee.version,
                },
            );
            Ok((callee, reference))
        }
        Some(Err(why)) => Err(No::Unavailable(format!("{script:?}, which it calls: {why:#}"))),
        None => no_such_script(script),
    }
}

fn no_such_script<T>(script: &str) -> Told<T> {
    refuse("no_such_script", format!("the app has no endpoint {script:?}"))
}

/// What was called, if an answer of a journal stands for that.
#[must_use]
pub(super) fn called(answer: &[u8]) -> Option<Called<'_>> {
    let envelope: Envelope<'_, Called<'_>> = wire::decode(answer, answer.len()).ok()?;
    match envelope.answer {
        Answer::Given(called) => Some(called).filter(|called| called.mark == CALLED),
        Answer::Refused { .. } | Answer::Stopped => None,
    }
}

/// What ran within a run, each version once.
#[must_use]
pub fn called_in(calls: &[commit::Call]) -> Vec<Called<'_>> {
    let answers = calls.iter().filter_map(|call| call.answer.as_deref());
    let mut all: Vec<Called<'_>> = answers.filter_map(called).collect();
    all.sort_unstable_by_key(|called| called.version);
    all.dedup_by_key(|called| called.version);
    all
}

/// What a script is told that wants another one to run later.
pub(super) async fn later(data: &mut Data, mailing: &Mailing, question: &Later<'_>) -> Told<Vec<u8>> {
    let Later { script, message, at_ms } = question;
    let Some(line) = mailing.wiring.later(script) else {
        return no_such_script(script);
    };
    mail::send(data, mailing, (line, *at_ms), message).await?;
    Ok(given(data.now_ms(), ()))
}

/// What is asked, for a person.
pub(super) fn describe(question: &Question<'_>) -> String {
    match question {
        Question::Later(Later { script, .. }) => format!("invoke::later({script:?})"),
        Question::Call(Call { script, .. }) => format!("invoke::call({script:?})"),
    }
}
