//! `event`: what a run is for, when it is not a request.

use std::cell::OnceCell;
use std::rc::Rc;

use picloud_sdk::call::body;
use picloud_sdk::event::{Event as Given, Message};
use picloud_sdk::wire;
use rhai::plugin::*;
use rhai::{Dynamic, Engine, Map, Module};

use super::{Fallible, answered};
use crate::{host, keep};

/// How an encoded `Event::Http` begins.
const HTTP_TAG: u8 = 0;

/// The script's `event`; a cheap handle.
#[derive(Clone)]
pub(crate) struct Event(Rc<Inner>);

#[derive(Default)]
struct Inner {
    encoded: &'static [u8],
    given: OnceCell<Option<Given<'static>>>,
    body: OnceCell<Dynamic>,
}

impl Event {
    #[cfg(feature = "runner")]
    pub(crate) fn new(encoded: &'static [u8]) -> Self {
        Self(Rc::new(Inner {
            encoded,
            ..Inner::default()
        }))
    }

    /// What happened, if it is no request.
    fn given(&self) -> Option<&Given<'static>> {
        let decoded = || {
            // A request is not decoded for that.
            self.0.encoded.first().filter(|tag| **tag != HTTP_TAG)?;
            Some(wire::decode(self.0.encoded, usize::MAX).expect("the host speaks the contract"))
        };
        self.0.given.get_or_init(decoded).as_ref()
    }

    fn message(&self) -> Option<&Message<'static>> {
        match self.given()? {
            Given::Message(message) => Some(message),
            Given::Call(_) | Given::Http(_) => None,
        }
    }

    /// What it is, and of which name; none of a request.
    pub(crate) fn source(&self) -> Option<(&'static str, &'static str)> {
        match self.given()? {
            Given::Message(message) => Some((message.source.as_str(), message.name)),
            Given::Call(call) => Some(("call", call.from)),
            Given::Http(_) => None,
        }
    }

    /// Whether another script waits for what this run returns.
    #[cfg(feature = "runner")]
    pub(crate) fn is_call(&self) -> bool {
        matches!(self.given(), Some(Given::Call(_)))
    }

    fn kind(&self) -> &'static str {
        self.source().map_or("http", |(kind, _)| kind)
    }

    fn name(&self) -> Dynamic {
        self.source().map_or(Dynamic::UNIT, |(_, name)| name.into())
    }

    fn body(&self) -> Fallible<Dynamic> {
        if self.source().is_none() {
            return Ok(Dynamic::UNIT);
        }
        if let Some(body) = self.0.body.get() {
            return Ok(body.clone());
        }
        let body = keep::from_bytes(answered(host::ask(body::Call::Read))?.0);
        Ok(self.0.body.get_or_init(|| body).clone())
    }

    /// Without the body, for logs.
    pub(crate) fn to_map(&self) -> Map {
        let of = |field: fn(&Message<'static>) -> Dynamic| self.message().map_or(Dynamic::UNIT, field);
        let fields: [(&str, Dynamic); 7] = [
            ("kind", self.kind().into()),
            ("id", of(|message| message.id.into())),
            ("name", self.name()),
            ("attempt", of(|message| i64::from(message.attempt).into())),
            ("due", of(|message| message.due_ms.into())),
            ("sent", of(|message| message.sent_ms.into())),
            ("key", of(key)),
        ];
        fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }
}

fn key(message: &Message<'static>) -> Dynamic {
    message.key.map_or(Dynamic::UNIT, Into::into)
}

pub(super) fn register(engine: &mut Engine, global: &mut Module) {
    engine.register_type_with_name::<Event>("Event");
    combine_with_exported_module!(global, "event", functions);
}

#[export_module]
mod functions {
    /// What set the run off: `queue`, `schedule`, `subscription`, `change`, `later`; `call` when another script called this
    /// one; `http` when it is a request, and then all else here is `()`.
    #[rhai_fn(get = "kind", pure)]
    pub fn kind(event: &mut Event) -> ImmutableString {
        event.kind().into()
    }

    /// Names what happened: the same at each attempt, and of nothing else.
    #[rhai_fn(get = "id", pure)]
    pub fn id(event: &mut Event) -> Dynamic {
        event.message().map_or(Dynamic::UNIT, |message| message.id.into())
    }

    /// The name of the queue, schedule, subscription or change; of a call, of the script that called.
    #[rhai_fn(get = "name", pure)]
    pub fn name(event: &mut Event) -> Dynamic {
        event.name()
    }

    /// What was sent, as it was sent.
    #[rhai_fn(get = "body", pure, return_raw)]
    pub fn body(event: &mut Event) -> Fallible<Dynamic> {
        event.body()
    }

    /// 1 when it is handed out first. What failed, or was lost with a server, is handed out again.
    #[rhai_fn(get = "attempt", pure)]
    pub fn attempt(event: &mut Event) -> Dynamic {
        event
            .message()
            .map_or(Dynamic::UNIT, |message| i64::from(message.attempt).into())
    }

    /// When it was to be handed out, in milliseconds since 1970.
    #[rhai_fn(get = "due", pure)]
    pub fn due(event: &mut Event) -> Dynamic {
        event.message().map_or(Dynamic::UNIT, |message| message.due_ms.into())
    }

    /// When it was sent, in milliseconds since 1970.
    #[rhai_fn(get = "sent", pure)]
    pub fn sent(event: &mut Event) -> Dynamic {
        event.message().map_or(Dynamic::UNIT, |message| message.sent_ms.into())
    }

    /// The key that it was sent with, or `()`.
    #[rhai_fn(get = "key", pure)]
    pub fn key(event: &mut Event) -> Dynamic {
        event.message().map_or(Dynamic::UNIT, super::key)
    }

    /// `event` as a map, without its body.
    #[rhai_fn(name = "to_map", pure)]
    pub fn to_map(event: &mut Event) -> Map {
        event.to_map()
    }
}
