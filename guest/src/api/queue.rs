//! `queue::*`: messages for a script of the app, sent when the run ends well.

use picloud_sdk::call::crypto::Bytes;
use picloud_sdk::call::queue::{ATTEMPTS_MAX, Message, Retry, Send};
use rhai::plugin::*;
use rhai::{Dynamic, Engine, Map};

use super::options::Options;
use super::{Fallible, answered, duration, refuse};
use crate::{host, keep};

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("queue", exported_module!(functions).into());
}

/// The bytes of what is sent.
pub(super) fn sent(body: &Dynamic) -> Fallible<Vec<u8>> {
    keep::to_bytes(body).or_else(|why| refuse("cannot_be_kept", why))
}

/// What may be said of a message, beside its body.
#[derive(Default)]
pub(super) struct Said {
    delay_ms: u64,
    key: Option<ImmutableString>,
    dedup: Option<ImmutableString>,
    attempts: Option<u32>,
    expires_ms: Option<u64>,
}

impl Said {
    /// All of it but what is of one function alone.
    pub(super) fn take(options: &mut Options) -> Fallible<Self> {
        Ok(Self {
            delay_ms: time(options, "delay")?.unwrap_or(0),
            key: options.take("key")?,
            dedup: options.take("dedup")?,
            attempts: options
                .number("attempts", 1, ATTEMPTS_MAX.into())?
                .map(|number| number as u32),
            expires_ms: time(options, "expires")?,
        })
    }

    pub(super) fn with<'a>(&'a self, body: &'a [u8]) -> Message<'a> {
        Message {
            body: Bytes(body),
            delay_ms: self.delay_ms,
            key: self.key.as_deref(),
            dedup: self.dedup.as_deref(),
            attempts: self.attempts,
            expires_ms: self.expires_ms,
        }
    }
}

/// A duration, as a text or in milliseconds.
fn time(options: &mut Options, name: &'static str) -> Fallible<Option<u64>> {
    let Some(value) = options.value(name) else {
        return Ok(None);
    };
    if let Ok(ms) = value.as_int() {
        let ms = u64::try_from(ms);
        return ms
            .map(Some)
            .or_else(|_| refuse("bad_option", format!("`{name}` is before now: {value}")));
    }
    let Ok(text) = value.into_immutable_string() else {
        let message = format!("`{name}` is a duration such as \"90s\", or an int of milliseconds");
        return refuse("bad_option", message);
    };
    let ms = duration::parse(&text).or_else(|why| refuse("bad_option", format!("{name}: {why}")))?;
    Ok(Some(ms))
}

#[export_module]
mod functions {
    /// Sends any data to a queue of the app, when this run ends well: the queue's script gets it as `event.body`. There is
    /// no such queue: throws `no_such_queue`.
    #[rhai_fn(name = "send", volatile, return_raw)]
    pub fn send(queue: &str, body: Dynamic) -> Fallible<()> {
        let (said, body) = (Said::default(), sent(&body)?);
        let message = said.with(&body);
        answered(host::ask(Send { queue, message }))
    }

    /// The same with options: `delay` (`"10m"`: not before), `key` (those of one key arrive one after another, in order),
    /// `dedup` (another with the same within a day is not sent), `attempts` (1 to 100), `expires` (`"1h"`: given up after).
    #[rhai_fn(name = "send", volatile, return_raw)]
    pub fn send_with(queue: &str, body: Dynamic, options: Map) -> Fallible<()> {
        let mut options = Options::new("queue::send", options);
        let (said, body) = (Said::take(&mut options)?, sent(&body)?);
        options.end()?;
        let message = said.with(&body);
        answered(host::ask(Send { queue, message }))
    }

    /// Wants a message that this run is for again, by its `id`: when the run ends well, all of its others are done, and this
    /// one is handed out anew after a pause, or is dead when that was its last attempt. Of no such message: throws
    /// `no_such_message`.
    #[rhai_fn(name = "retry", volatile, return_raw)]
    pub fn retry(id: &str) -> Fallible<()> {
        let delay_ms = None;
        answered(host::ask(Retry { id, delay_ms }))
    }

    /// The same with an option: `delay` (`"10m"`: not before), in place of the pause that the queue says.
    #[rhai_fn(name = "retry", volatile, return_raw)]
    pub fn retry_with(id: &str, options: Map) -> Fallible<()> {
        let mut options = Options::new("queue::retry", options);
        let delay_ms = time(&mut options, "delay")?;
        options.end()?;
        answered(host::ask(Retry { id, delay_ms }))
    }
}
