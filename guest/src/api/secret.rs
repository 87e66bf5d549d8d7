//! `secret::*`: what the app's scripts need to know and nobody else: keys and passwords of other services.

use picloud_sdk::call::secret::Get;
use rhai::Engine;
use rhai::plugin::*;

use super::{Fallible, answered};
use crate::host;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("secret", exported_module!(functions).into());
}

#[export_module]
mod functions {
    /// The value of the app's secret `name`; it throws `no_secret` when there is none.
    #[rhai_fn(name = "get", volatile, return_raw)]
    pub fn get(name: &str) -> Fallible<ImmutableString> {
        answered(host::ask(Get { name })).map(Into::into)
    }
}
