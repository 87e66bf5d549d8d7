//! `invoke::*`: another script of the app.

use picloud_sdk::call::crypto::Bytes;
use picloud_sdk::call::invoke::{Call, Later};
use rhai::plugin::*;
use rhai::{Dynamic, Engine, Map};

use super::options::Options;
use super::queue::{Said, sent};
use super::{Fallible, answered};
use crate::{host, keep};

/// As `invoke::call` is registered, where no source can name it: [`picloud_sdk::compile::as_written`] of it is `call`.
pub(crate) const INVOKE_CALL: &str = "call#1";

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("invoke", exported_module!(functions).into());
}

#[export_module]
mod functions {
    /// Runs a script of the app soon, in a run of its own, when this one ends well; it gets the body as `event.body`. There
    /// is no such script: throws `no_such_script`.
    #[rhai_fn(name = "later", volatile, return_raw)]
    pub fn later(script: &str, body: Dynamic) -> Fallible<()> {
        let (said, body) = (Said::default(), sent(&body)?);
        let (message, at_ms) = (said.with(&body), None);
        answered(host::ask(Later { script, message, at_ms }))
    }

    /// The same with the options of `queue::send`, and `at` (not before that time, in milliseconds since 1970).
    #[rhai_fn(name = "later", volatile, return_raw)]
    pub fn later_with(script: &str, body: Dynamic, options: Map) -> Fallible<()> {
        let mut options = Options::new("invoke::later", options);
        let at_ms = options.take("at")?;
        let (said, body) = (Said::take(&mut options)?, sent(&body)?);
        options.end()?;
        let message = said.with(&body);
        answered(host::ask(Later { script, message, at_ms }))
    }

    /// Runs a script of the app now, in a sandbox of its own and as a part of this run: it sees what this run has written, and
    /// what it writes is kept when this one ends well; it uses what this one has left. It gets the body as `event.body`, and
    /// what it returns is given back (of a `reply(...)`, a map with `status`, `headers` and `body`). What it throws is thrown
    /// here, and then nothing that it wrote is kept.
    #[rhai_fn(name = "call#1", volatile, return_raw)]
    pub fn call(script: &str, body: Dynamic) -> Fallible<Dynamic> {
        let body = sent(&body)?;
        let body = Bytes(&body);
        Ok(keep::from_bytes(answered(host::ask(Call { script, body }))?.0))
    }

    /// The same with `()` as the body.
    #[rhai_fn(name = "call#1", volatile, return_raw)]
    pub fn call_bare(script: &str) -> Fallible<Dynamic> {
        call(script, Dynamic::UNIT)
    }
}
