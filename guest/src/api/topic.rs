//! `topic::*`: what happened, for whoever subscribes to it.

use picloud_sdk::call::crypto::Bytes;
use picloud_sdk::call::topic::Publish;
use rhai::plugin::*;
use rhai::{Dynamic, Engine};

use super::queue::sent;
use super::{Fallible, answered};
use crate::host;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("topic", exported_module!(functions).into());
}

#[export_module]
mod functions {
    /// Sends any data to each subscription of the app that the topic (`"orders.paid"`) fits, when this run ends well; to
    /// none, when there is none. A topic that is none: throws `bad_topic`.
    #[rhai_fn(name = "publish", volatile, return_raw)]
    pub fn publish(topic: &str, body: Dynamic) -> Fallible<()> {
        let body = sent(&body)?;
        answered(host::ask(Publish {
            topic,
            body: Bytes(&body),
        }))
    }
}
