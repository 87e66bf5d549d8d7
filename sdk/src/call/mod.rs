//! What a guest may ask of the host while it runs. Breadth lives here, not in the wasm imports: one file a capability,
//! with its questions and their answers, and one line of [`HostCall`] that registers it.
//!
//! ```text
//! HostCall ─ postcard ─▶ bytes ─▶ the run's world ─▶ bytes ─ postcard ─▶ Envelope { now_ms, Answer<Reply> }
//! ```
//!
//! The executor between them moves bytes and knows no call, so a journal is a list of those bytes.

pub mod body;
pub mod crypto;
pub mod docs;
pub mod env;
pub mod http;
pub mod invoke;
pub mod kv;
pub mod log;
pub mod queue;
pub mod secret;
pub mod topic;

use serde::{Deserialize, Serialize};

use crate::wire;

/// A question from the sandbox; the only way out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostCall<'a> {
    /// The event's body.
    Body(body::Call),
    /// The execution's log.
    #[serde(borrow)]
    Log(log::Call<'a>),
    /// Keys and values.
    Kv(kv::Question<'a>),
    /// Documents.
    Docs(docs::Question<'a>),
    /// Secrets.
    Secret(secret::Question<'a>),
    /// Settings.
    Env(env::Question<'a>),
    /// Requests to other services.
    Http(http::Question<'a>),
    /// What the host computes.
    Crypto(crypto::Question<'a>),
    /// Messages.
    Queue(queue::Question<'a>),
    /// What happened.
    Topic(topic::Question<'a>),
    /// Other scripts.
    Invoke(invoke::Question<'a>),
}

/// What a question does to the world outside of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing: the answer is made of the question alone, so it is in no journal and comes again when it is asked again.
    Compute,
    /// Something to be remembered of this run; its answer says nothing.
    Note,
    /// Something is looked at.
    Read,
    /// Something is to be changed, together with all else when the run ends well.
    Write,
    /// Something happens outside of the installation, now, and cannot be taken back.
    External,
}

/// A capability's questions.
pub trait Call<'a>: Into<HostCall<'a>> {
    /// What answers them.
    type Reply: Deserialize<'static> + Serialize;

    /// What this one does.
    fn effect(&self) -> Effect;
}

impl HostCall<'_> {
    /// What it does.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Self::Body(call) => call.effect(),
            Self::Log(call) => call.effect(),
            Self::Kv(call) => call.effect(),
            Self::Docs(call) => call.effect(),
            Self::Secret(call) => call.effect(),
            Self::Env(call) => call.effect(),
            Self::Http(call) => call.effect(),
            Self::Crypto(call) => call.effect(),
            Self::Queue(call) => call.effect(),
            Self::Topic(call) => call.effect(),
            Self::Invoke(call) => call.effect(),
        }
    }
}

/// The questions of a capability that has several: each a struct with its answer and its effect, and one enum of them.
macro_rules! questions {
    ($capability:ident: $(
        $(#[doc = $about:literal])+
        $name:ident { $($(#[$what:meta])+ $field:ident: $type:ty,)* } -> $reply:ty, $effect:ident;
    )+) => {
        /// What may be asked.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum Question<'a> {
            $($(#[doc = $about])+ #[serde(borrow)] $name($name<'a>),)+
        }

        impl Question<'_> {
            /// What it does.
            #[must_use]
            pub const fn effect(&self) -> $crate::call::Effect {
                match self { $(Self::$name(_) => $crate::call::Effect::$effect,)+ }
            }
        }

        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
            pub struct $name<'a> { $($(#[$what])+ pub $field: $type,)* }

            impl<'a> $crate::call::Call<'a> for $name<'a> {
                type Reply = $reply;

                fn effect(&self) -> $crate::call::Effect {
                    $crate::call::Effect::$effect
                }
            }

            impl<'a> From<$name<'a>> for $crate::call::HostCall<'a> {
                fn from(question: $name<'a>) -> Self {
                    Self::$capability(Question::$name(question))
                }
            }
        )+
    };
}

use questions;

/// What comes back across the wall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<'a, R> {
    /// What time it is for the run now, in milliseconds since 1970. It moves only here.
    pub now_ms: i64,
    /// The answer.
    #[serde(borrow)]
    pub answer: Answer<'a, R>,
}

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer<'a, R> {
    /// It was done, and this is what came of it.
    Given(R),
    /// The host will not do it: the script's business, catchable by `try`.
    Refused {
        /// A stable word, such as `not_found`.
        code: &'a str,
        /// A sentence for the script's author.
        message: &'a str,
    },
    /// A bound was met: the run is over. What the guest hands back now is looked at for its stack only.
    Stopped,
}

/// The envelope of [`Answer::Stopped`], whatever was asked.
#[must_use]
pub fn stopped(now_ms: i64) -> Vec<u8> {
    let answer = Answer::<()>::Stopped;
    wire::encode(&Envelope { now_ms, answer })
}
