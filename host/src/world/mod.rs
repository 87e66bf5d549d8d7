//! What a running script may reach: its app's world, opened for one attempt at an event and closed when that is over.
//!
//! One file a capability, named as in `sdk/src/call` and in the guest's `api`; one arm of [`Live::answer`] registers it.

mod about;
mod body;
mod changes;
mod crypto;
mod data;
mod describe;
pub mod docs;
mod effects;
mod env;
mod http;
pub mod indexes;
mod invoke;
pub mod kv;
mod log;
mod mail;
mod outbox;
mod queue;
mod recorder;
pub mod replay;
pub mod schemas;
mod secret;
mod told;
mod topic;
mod transact;

use std::any::Any;
use std::sync::Arc;

use bytes::Bytes;
use picloud_executor::{Boxed, Budget, Ending, GivenUp, Said, World};
use picloud_sdk::api::LogLine;
use picloud_sdk::call::HostCall;
use picloud_sdk::call::crypto::PasswordCost;
use picloud_sdk::call::secret::Question;
use picloud_sdk::wire;

use crate::commit::Call;
use crate::commit::spaces::Session;
use crate::config::DataConfig;
use crate::data::key::Key;
use crate::outbound::Calls;
use crate::secrets::{Seen, Vault};

pub use changes::tell_changes;
pub use data::Data;
pub use effects::{Effects, effects};
use http::Http;
use invoke::Callers;
pub use invoke::{AtHand, Called, Callee, Scripts, called_in};
use log::Log;
pub use mail::{HOPS_MAX, Mailing, TOO_MANY_HOPS};
use recorder::Recorder;
pub use secret::{ToldSecret, told_secrets};
pub use told::{No, TOO_MUCH, Told};
use told::{given, refused};
pub use transact::Keeping;

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
    journal: Recorder,
    vault: Arc<Vault>,
    passwords: PasswordCost,
    /// The secrets that it was told.
    seen: Seen,
    /// What the journal has in place of an answer that was just made.
    instead: Option<Vec<u8>>,
    http: Http,
    mailing: Mailing,
    scripts: Arc<dyn Scripts>,
    callers: Callers,
}

/// What a world is opened with.
#[derive(Debug)]
pub struct Opening {
    /// When the event arrived, in milliseconds since 1970.
    pub now_ms: i64,
    /// Seeds what is drawn in it.
    pub seed: [u8; 32],
    /// The event's body.
    pub body: Bytes,
    /// What it may log.
    pub log_bytes_max: u32,
    /// What its app keeps.
    pub session: Session,
    /// How much of that it may touch.
    pub data: DataConfig,
    /// What its journal may take; 0 for none.
    pub journal_bytes_max: usize,
    /// Its app's secrets and settings.
    pub vault: Arc<Vault>,
    /// What its run sends to others.
    pub calls: Arc<Calls>,
    /// How long it has, in milliseconds.
    pub wall_ms_max: u32,
    /// What hashing a password takes.
    pub passwords: PasswordCost,
    /// To whom it may send.
    pub mailing: Mailing,
    /// What may run within it.
    pub scripts: Arc<dyn Scripts>,
    /// The name of the script that runs.
    pub script: Arc<str>,
    /// The memory that it shares with others.
    pub memory: Arc<Budget>,
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
    /// What it asked and was told, unless that was too much, or has a secret in it.
    pub calls: Option<Vec<Call>>,
    /// The secrets that it was told: they are in nothing else that is left.
    pub seen: Seen,
}

impl Live {
    /// Opens it.
    #[must_use]
    pub fn open(opening: Opening) -> Self {
        let Opening {
            now_ms,
            seed,
            body,
            log_bytes_max,
            session,
            data,
            journal_bytes_max,
            vault,
            calls,
            wall_ms_max,
            passwords,
            mailing,
            scripts,
            script,
            memory,
        } = opening;
        Self {
            now_ms,
            body,
            log: Log::new(log_bytes_max),
            data: Data::new(session, data, now_ms, seed),
            lost_on: None,
            journal: Recorder::new(journal_bytes_max),
            vault,
            passwords,
            seen: Seen::default(),
            instead: None,
            http: Http::new(calls, wall_ms_max),
            mailing,
            scripts,
            callers: Callers::new(script, memory),
        }
    }

    /// Closes it.
    #[must_use]
    pub fn close(self) -> Closed {
        let (mut log, log_bytes) = self.log.into_lines();
        self.seen.hide_in_log(&mut log);
        Closed {
            log,
            log_bytes,
            session: self.data.into_session(),
            lost_on: self.lost_on,
            calls: self.journal.into_calls(&self.seen),
            seen: self.seen,
        }
    }

    /// Closes what a run gave back; nothing when it is another's.
    #[must_use]
    pub fn close_any(world: Box<dyn World>) -> Option<Closed> {
        let world: Box<dyn Any> = world;
        world.downcast::<Self>().ok().map(|live| live.close())
    }

    async fn answer(&mut self, question: &[u8], room: usize) -> Said {
        let told = match wire::decode(question, question.len()) {
            Ok(HostCall::Body(call)) => {
                let body = self.callers.body().unwrap_or(&self.body);
                body::answer(call, body, room).map(|body| given(self.now_ms, body))
            }
            Ok(HostCall::Log(call)) => self.log.answer(&call).map(|()| given(self.now_ms, ())),
            Ok(HostCall::Kv(question)) => kv::answer(&mut self.data, question).await,
            Ok(HostCall::Docs(question)) => docs::answer(&mut self.data, question).await,
            Ok(HostCall::Secret(question)) => self.secret(&question),
            Ok(HostCall::Env(question)) => Ok(env::answer(&self.vault, self.now_ms, &question)),
            Ok(HostCall::Http(http::Question::Send(asked))) => {
                let within = (&mut self.data, &self.seen);
                self.http.answer((&asked, question), within, &mut self.now_ms).await
            }
            Ok(HostCall::Http(http::Question::Later(asked))) => {
                let kept = self.http.kept(&asked.request, &self.seen);
                outbox::answer((&mut self.data, &self.seen), &self.mailing, kept, &asked.message).await
            }
            Ok(HostCall::Queue(question)) => queue::answer(&mut self.data, &self.mailing, &question).await,
            Ok(HostCall::Topic(question)) => topic::answer(&mut self.data, &self.mailing, &question).await,
            Ok(HostCall::Invoke(invoke::Question::Later(asked))) => {
                invoke::later(&mut self.data, &self.mailing, &asked).await
            }
            Ok(HostCall::Invoke(invoke::Question::Call(asked))) => return self.enter(&asked).await,
            // Anything else of it was computed already.
            Ok(HostCall::Crypto(_)) => Ok(crypto::cost(self.now_ms, self.passwords)),
            Err(error) => Err(No::Fault(error.into())),
        };
        self.say(told)
    }

    fn say(&mut self, told: Told<Vec<u8>>) -> Said {
        match told {
            Ok(answer) => Said::Answer(answer),
            Err(no) => self.no(no),
        }
    }

    /// Another script is to run within this run.
    async fn enter(&mut self, asked: &invoke::Call<'_>) -> Said {
        let found = match self.callers.check() {
            Ok(()) => invoke::find(&*self.scripts, self.now_ms, asked).await,
            Err(no) => Err(no),
        };
        match found {
            Ok((callee, reference)) => {
                self.instead = Some(reference);
                self.data.enter();
                let invoke::Callee {
                    script,
                    number,
                    program,
                    ..
                } = callee;
                self.callers.enter((script, number), program, asked.body.0)
            }
            Err(no) => self.no(no),
        }
    }

    fn secret(&mut self, question: &Question<'_>) -> Told<Vec<u8>> {
        let answered = secret::answer(&self.vault, &mut self.seen, self.now_ms, question)?;
        self.instead = Some(answered.reference);
        Ok(answered.answer)
    }

    fn note(&mut self, question: &[u8], said: &Said) {
        match self.instead.take() {
            Some(reference) => self.journal.note(question, &Said::Answer(reference), &self.seen),
            None => self.journal.note(question, said, &self.seen),
        }
    }

    fn no(&mut self, no: No) -> Said {
        match no {
            No::Refused { code, message } => {
                self.data.undo_call();
                Said::Answer(refused(self.now_ms, code, &message))
            }
            No::Stop(stop) => Said::Stop(stop),
            No::Overtaken(key) => {
                self.lost_on = key;
                Said::GiveUp(GivenUp::Overtaken)
            }
            No::Unavailable(why) => {
                tracing::warn!("a run is given up: {why}");
                Said::GiveUp(GivenUp::Unavailable)
            }
            No::Fault(fault) => Said::Fault(fault),
        }
    }
}

impl World for Live {
    fn call<'a>(&'a mut self, question: &'a [u8], room: usize) -> Boxed<'a, Said> {
        Box::pin(async move {
            self.data.begin_call();
            if let Some(told) = crypto::computed(self.now_ms, self.vault.app(), question).await {
                return self.say(told);
            }
            let said = self.answer(question, room).await;
            self.note(question, &said);
            said
        })
    }

    fn price(&self, question: &[u8]) -> u64 {
        crypto::price(question)
    }

    fn question_bytes_max(&self) -> usize {
        question_bytes_max(self.data.limits(), self.log.bytes_max(), self.http.bytes_max())
    }

    fn too_long(&mut self, beginning: &[u8], bytes: usize) -> Said {
        // A log line is the only thing that ends a run by its length.
        if recorder::is_of_log(beginning) {
            return Said::Stop(self.log.too_long(bytes));
        }
        let said = Said::Answer(told::too_long(self.now_ms, (bytes, self.question_bytes_max())));
        if !crypto::is_asked(beginning) {
            self.note(beginning, &said);
        }
        said
    }

    fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn returned(&mut self, ending: Option<Ending>) -> Said {
        let (said, is_kept) = self.callers.leave(self.now_ms, ending);
        self.data.leave(is_kept);
        said
    }
}

/// The longest question that a world takes whose runs may write, log and send so much.
#[must_use]
pub fn question_bytes_max(data: &DataConfig, log_bytes_max: u32, sent_bytes_max: u32) -> usize {
    let data = data
        .write_bytes_max
        .max(data.value_bytes_max.into())
        .max(log_bytes_max.into())
        .max(sent_bytes_max.into());
    usize::try_from(data)
        .unwrap_or(usize::MAX)
        .saturating_add(QUESTION_FRAME_BYTES)
}
