//! Calls, for a person.

use picloud_sdk::call::HostCall;
use picloud_sdk::wire;

use super::{crypto, docs, env, http, invoke, kv, queue, secret, topic};

/// Longer texts are cut.
const TEXT_CHARS_MAX: usize = 120;

/// What a question asks, of which there may be only the beginning.
pub(super) fn call(question: &[u8]) -> String {
    let told = match wire::decode(question, question.len()) {
        Ok(HostCall::Kv(question)) => kv::describe(&question),
        Ok(HostCall::Docs(question)) => docs::describe(&question),
        Ok(HostCall::Secret(question)) => secret::describe(&question),
        Ok(HostCall::Env(question)) => env::describe(&question),
        Ok(HostCall::Http(question)) => http::describe(&question),
        Ok(HostCall::Crypto(question)) => crypto::describe(&question),
        Ok(HostCall::Queue(question)) => queue::describe(&question),
        Ok(HostCall::Topic(question)) => topic::describe(&question),
        Ok(HostCall::Invoke(question)) => invoke::describe(&question),
        Ok(HostCall::Body(_)) => "the body".to_owned(),
        Ok(HostCall::Log(_)) => "a line of the log".to_owned(),
        Err(_) => "a long call".to_owned(),
    };
    told.chars().take(TEXT_CHARS_MAX).collect()
}
