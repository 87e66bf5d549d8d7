//! `event`: what a run is for, when it is not a request.

use std::cell::OnceCell;
use std::rc::Rc;

use picloud_sdk::call::body;
use picloud_sdk::event::{Event as Given, Message};
use picloud_sdk::wire;
use rhai::plugin::*;
use rhai::{Array, Dynamic, Engine, Map, Module};

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
    /// What was sent in each message.
    bodies: OnceCell<Array>,
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

    /// None of a request and of a call.
    fn messages(&self) -> &[Message<'static>] {
        match self.given() {
            Some(Given::Message(message)) => std::slice::from_ref(message),
            Some(Given::Messages(messages)) => messages,
            Some(Given::Call(_) | Given::Http(_)) | None => &[],
        }
    }

    /// The first of them.
    fn message(&self) -> Option<&Message<'static>> {
        self.messages().first()
    }

    /// What it is, and of which name; none of a request.
    pub(crate) fn source(&self) -> Option<(&'static str, &'static str)> {
        if let Some(Given::Call(call)) = self.given() {
            return Some(("call", call.from));
        }
        self.message().map(|message| (message.source.as_str(), message.name))
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

    fn bodies(&self) -> Fallible<&Array> {
        if let Some(bodies) = self.0.bodies.get() {
            return Ok(bodies);
        }
        let body = keep::from_bytes(answered(host::ask(body::Call::Read))?.0);
        let bodies = match self.given() {
            Some(Given::Messages(_)) => body.into_array().expect("the host hands out one for each"),
            _ => vec![body],
        };
        Ok(self.0.bodies.get_or_init(|| bodies))
    }

    fn body(&self) -> Fallible<Dynamic> {
        if self.source().is_none() {
            return Ok(Dynamic::UNIT);
        }
        Ok(self.bodies()?.first().cloned().unwrap_or_default())
    }

    /// Each as a map, with its body.
    fn maps(&self) -> Fallible<Dynamic> {
        if self.message().is_none() {
            return Ok(Dynamic::UNIT);
        }
        let bodies = self.bodies()?;
        let maps = self.messages().iter().zip(bodies).map(|(message, body)| {
            let fields: [(&str, Dynamic); 6] = [
                ("id", message.id.into()),
                ("body", body.clone()),
                ("attempt", i64::from(message.attempt).into()),
                ("due", message.due_ms.into()),
                ("sent", message.sent_ms.into()),
                ("key", key(message)),
            ];
            Dynamic::from_map(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
        });
        Ok(maps.collect::<Array>().into())
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

    /// All messages that the run is for, of which `event` itself tells the first: an array of maps with `id`, `body`,
    /// `attempt`, `due`, `sent` and `key`. There is one, unless the queue's `batch` is larger.
    #[rhai_fn(get = "messages", pure, return_raw)]
    pub fn messages(event: &mut Event) -> Fallible<Dynamic> {
        event.maps()
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
