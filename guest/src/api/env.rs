//! `env::*`: plain settings of the app, such as an address that differs between a test and the real thing.

use picloud_sdk::call::env::Get;
use rhai::plugin::*;
use rhai::{Dynamic, Engine};

use super::{Fallible, answered};
use crate::host;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("env", exported_module!(functions).into());
}

fn value_of(name: &str) -> Fallible<Option<Dynamic>> {
    Ok(answered(host::ask(Get { name }))?.map(Into::into))
}

#[export_module]
mod functions {
    /// The app's setting `name`, or `()` when it is not set.
    #[rhai_fn(name = "get", volatile, return_raw)]
    pub fn get(name: &str) -> Fallible<Dynamic> {
        Ok(value_of(name)?.unwrap_or(Dynamic::UNIT))
    }

    /// The app's setting `name`, or `otherwise` when it is not set.
    #[rhai_fn(name = "get", volatile, return_raw)]
    pub fn get_or(name: &str, otherwise: Dynamic) -> Fallible<Dynamic> {
        Ok(value_of(name)?.unwrap_or(otherwise))
    }
}
