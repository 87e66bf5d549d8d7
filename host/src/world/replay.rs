//! The world of a run that is over, for one that is to go the same way: answers come from the journal, and nothing is done.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use picloud_executor::{Boxed, Budget, Ending, GivenUp, Said, World};
use picloud_sdk::api::LogLine;
use picloud_sdk::call::HostCall;
use picloud_sdk::wire;

use super::invoke::{self, Callers, Scripts};
use super::log::Log;
use super::secret::{self, ToldSecret};
use super::told::{No, Told, given, refused, told_at};
use super::{body, crypto, describe, recorder, told};
use crate::commit::Call;
use crate::secrets::{Secret, Seen};

/// Replays of all apps compute as if they were one app.
const OF_REPLAYS: &str = "";

/// The world of a run that is over.
#[derive(Debug)]
pub struct Replay {
    now_ms: i64,
    /// None when it was left out of the journal.
    body: Option<Bytes>,
    log: Log,
    calls: VecDeque<Call>,
    question_bytes_max: usize,
    asked: usize,
    parted: Option<Parted>,
    secrets: Vec<(ToldSecret, Secret)>,
    /// Those that the run was told once more.
    seen: Seen,
    scripts: Arc<dyn Scripts>,
    callers: Callers,
}

/// What a run was told that is over.
#[derive(Debug)]
pub struct WasTold {
    /// The body, if the journal has it.
    pub body: Option<Bytes>,
    /// The answers.
    pub calls: Vec<Call>,
    /// The secrets that answers refer to, as far as they are kept.
    pub secrets: Vec<(ToldSecret, Secret)>,
    /// What ran within it.
    pub scripts: Arc<dyn Scripts>,
    /// The name of the script that ran.
    pub script: Arc<str>,
    /// The memory that it shares with others.
    pub memory: Arc<Budget>,
}

/// Where a run went another way than the one that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parted {
    /// At which call, counted from 1; the body and the log do not count.
    pub call: usize,
    /// What was asked then; none when nothing more was.
    pub recorded: Option<String>,
    /// What is asked now; none when nothing more is.
    pub asked: Option<String>,
}

/// What is left of it.
#[derive(Debug, Default)]
pub struct Replayed {
    /// What the run logged.
    pub log: Vec<LogLine>,
    /// Text and fields of it.
    pub log_bytes: u32,
    /// Where it went another way, if it did.
    pub parted: Option<Parted>,
    /// The secrets that it was told; they are in nothing else that is left.
    pub seen: Seen,
}

impl Replay {
    /// Of a run at `now_ms` that was told this.
    #[must_use]
    pub fn open(now_ms: i64, told: WasTold, log_bytes_max: u32, question_bytes_max: usize) -> Self {
        let WasTold {
            body,
            calls,
            secrets,
            scripts,
            script,
            memory,
        } = told;
        Self {
            now_ms,
            body,
            log: Log::new(log_bytes_max),
            calls: calls.into(),
            question_bytes_max,
            asked: 0,
            parted: None,
            secrets,
            seen: Seen::default(),
            scripts,
            callers: Callers::new(script, memory),
        }
    }

    /// Closes what a run gave back, which came to its end if `is_whole`.
    #[must_use]
    pub fn close(world: Box<dyn World>, is_whole: bool) -> Option<Replayed> {
        let world: Box<dyn Any> = world;
        let mut replay = *world.downcast::<Self>().ok()?;
        if is_whole
            && replay.parted.is_none()
            && let Some(next) = replay.calls.front()
        {
            let recorded = Some(describe::call(&next.question));
            replay.part(recorded, None);
        }
        let (mut log, log_bytes) = replay.log.into_lines();
        replay.seen.hide_in_log(&mut log);
        if let Some(Parted { recorded, asked, .. }) = &mut replay.parted {
            for described in [recorded, asked].into_iter().flatten() {
                replay.seen.hide(described);
            }
        }
        Some(Replayed {
            log,
            log_bytes,
            parted: replay.parted,
            seen: replay.seen,
        })
    }

    fn part(&mut self, recorded: Option<String>, asked: Option<String>) {
        let call = self.asked + 1;
        self.parted = Some(Parted { call, recorded, asked });
    }

    async fn answer(&mut self, question: &[u8], room: usize) -> Said {
        if let Some(computed) = crypto::computed(self.now_ms, OF_REPLAYS, question).await {
            return self.say(computed);
        }
        let told = match wire::decode(question, question.len()) {
            Ok(HostCall::Body(call)) => {
                let Some(body) = self.callers.body().or(self.body.as_ref()) else {
                    self.part(None, Some("the body, which the journal has not".to_owned()));
                    return Said::GiveUp(GivenUp::Unavailable);
                };
                body::answer(call, body, room).map(|body| given(self.now_ms, body))
            }
            Ok(HostCall::Log(call)) => self.log.answer(&call).map(|()| given(self.now_ms, ())),
            Ok(HostCall::Invoke(invoke::Question::Call(call))) => return self.enter(question, &call).await,
            Ok(_) => return self.next(question),
            Err(error) => Err(No::Fault(error.into())),
        };
        self.say(told)
    }

    fn say(&self, told: Told<Vec<u8>>) -> Said {
        match told {
            Ok(answer) => Said::Answer(answer),
            Err(No::Refused { code, message }) => Said::Answer(refused(self.now_ms, code, &message)),
            Err(No::Stop(stop)) => Said::Stop(stop),
            Err(no) => Said::Fault(anyhow::anyhow!("{no:?}")),
        }
    }

    /// What a journal's answer to a question for a secret stands for; a refusal for itself.
    fn secret(&mut self, answer: Vec<u8>) -> Said {
        let Some(told) = secret::referred(&answer) else {
            return Said::Answer(answer);
        };
        let ToldSecret { name, .. } = &told;
        let Some((_, value)) = self.secrets.iter().find(|(kept, _)| *kept == told) else {
            let asked = format!("secret::get({name:?}), whose value of then is not there");
            self.asked -= 1;
            self.part(Some(format!("secret::get({name:?})")), Some(asked));
            return Said::GiveUp(GivenUp::Unavailable);
        };
        self.seen.add(&name.as_str().into(), value);
        Said::Answer(secret::restored(self.now_ms, value))
    }

    /// What ran within the run then, runs within it now.
    async fn enter(&mut self, question: &[u8], call: &invoke::Call<'_>) -> Said {
        let said = self.next(question);
        let Said::Answer(answer) = &said else { return said };
        let Some(called) = invoke::called(answer) else {
            return said;
        };
        let Ok(program) = self.scripts.program(called.version).await else {
            let described = describe::call(question);
            let asked = format!("{described}, whose version of then is not there");
            self.asked -= 1;
            self.part(Some(described), Some(asked));
            return Said::GiveUp(GivenUp::Unavailable);
        };
        self.callers
            .enter((called.script.into(), called.number), program, call.body.0)
    }

    fn next(&mut self, question: &[u8]) -> Said {
        match self.calls.pop_front() {
            Some(call) if call.is_of(question) => {
                self.asked += 1;
                match call.answer {
                    Some(answer) if secret::is_asked(question) => self.secret(answer),
                    Some(answer) => {
                        // It took the time that it took.
                        self.now_ms = told_at(&answer).unwrap_or(self.now_ms);
                        Said::Answer(answer)
                    }
                    None => Said::GiveUp(GivenUp::Unavailable),
                }
            }
            other => {
                let recorded = other.map(|call| describe::call(&call.question));
                let mut asked = describe::call(question);
                if recorded.as_ref() == Some(&asked) {
                    asked += " with another value";
                }
                self.part(recorded, Some(asked));
                Said::GiveUp(GivenUp::Overtaken)
            }
        }
    }
}

impl World for Replay {
    fn call<'a>(&'a mut self, question: &'a [u8], room: usize) -> Boxed<'a, Said> {
        Box::pin(self.answer(question, room))
    }

    fn price(&self, question: &[u8]) -> u64 {
        crypto::price(question)
    }

    fn question_bytes_max(&self) -> usize {
        self.question_bytes_max
    }

    fn too_long(&mut self, beginning: &[u8], bytes: usize) -> Said {
        if recorder::is_of_log(beginning) {
            return Said::Stop(self.log.too_long(bytes));
        }
        if crypto::is_asked(beginning) {
            return Said::Answer(told::too_long(self.now_ms, (bytes, self.question_bytes_max)));
        }
        self.next(beginning)
    }

    fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn returned(&mut self, ending: Option<Ending>) -> Said {
        self.callers.leave(self.now_ms, ending).0
    }
}
