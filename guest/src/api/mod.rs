//! The script API, in the order of the docs. Every function here is public: a script reaches any of them by name.
#![allow(
    unreachable_pub,
    clippy::wildcard_imports,
    clippy::needless_pass_by_value,
    clippy::unnecessary_box_returns,
    reason = "what Rhai's plugin macros and error type want"
)]

mod base64;
mod bytes;
mod cases;
mod context;
mod crypto;
mod csv;
mod decimal;
mod diff;
mod digest;
mod docs;
mod duration;
mod env;
mod event;
mod form;
mod gzip;
mod hex;
mod html;
mod http;
mod invoke;
mod json;
mod jwt;
mod keys;
mod kv;
mod log;
mod markdown;
mod options;
mod password;
mod qr;
mod queue;
mod random;
mod regex;
mod reply;
mod request;
mod secret;
mod signatures;
mod template;
mod text;
mod time;
mod toml;
mod topic;
mod url;
mod uuid;
mod values;
mod xml;
mod yaml;

pub(crate) use context::Context;
pub(crate) use event::Event;
pub(crate) use invoke::INVOKE_CALL;
#[cfg(feature = "runner")]
pub(crate) use reply::Reply;
pub(crate) use request::Request;
pub(crate) use values::Values;

use picloud_sdk::call::Answer;
use rhai::{Dynamic, Engine, EvalAltResult, Map, Module, Position};

use crate::value;

/// Whether this build runs scripts. The compiler only describes what they call: what is behind this is left out of it.
const RUNS: bool = cfg!(feature = "runner");

/// What a library is left out of in the compiler, which never gets there.
fn only_described<T>() -> Fallible<T> {
    refuse("not_here", "the compiler runs nothing")
}

/// A result that a script can catch.
pub(crate) type Fallible<T> = Result<T, Box<EvalAltResult>>;

/// Registers everything. What needs no path is one module: Rhai looks for a function in one after another, and for
/// `array.push(x)` several times in each, so that every further one would cost such calls up to a tenth.
pub(crate) fn register(engine: &mut Engine) {
    let mut global = Module::new();
    request::register(engine, &mut global);
    values::register(engine, &mut global);
    context::register(engine, &mut global);
    event::register(engine, &mut global);
    reply::register(engine, &mut global);
    log::register(engine);
    kv::register(engine);
    docs::register(engine);
    secret::register(engine);
    env::register(engine);
    http::register(engine, &mut global);
    queue::register(engine);
    topic::register(engine);
    invoke::register(engine);
    json::register(engine, &mut global);
    text::register(engine);
    html::register(engine);
    url::register(engine);
    base64::register(engine);
    hex::register(engine);
    time::register(engine);
    random::register(engine);
    uuid::register(engine);
    regex::register(engine);
    csv::register(engine);
    xml::register(engine);
    yaml::register(engine);
    toml::register(engine);
    gzip::register(engine);
    markdown::register(engine);
    template::register(engine);
    qr::register(engine);
    decimal::register(engine, &mut global);
    crypto::register(engine);
    password::register(engine);
    jwt::register(engine);
    engine.register_global_module(global.into());
    value::know_our_types(as_map);
}

/// A value of a type of ours, for JSON.
fn as_map(value: &Dynamic) -> Option<Map> {
    if let Some(values) = value.read_lock::<Values>() {
        return Some(values.to_map());
    }
    if let Some(context) = value.read_lock::<Context>() {
        return Some(context.to_map());
    }
    if let Some(event) = value.read_lock::<Event>() {
        return Some(event.to_map());
    }
    if let Some(response) = value.read_lock::<http::Response>() {
        return Some(response.to_map());
    }
    let request = value.read_lock::<Request>()?;
    Some(request.to_map())
}

/// What the host answered; a refusal is for the script to catch, the end of the run is not.
pub(crate) fn answered<T>(answer: Answer<'_, T>) -> Fallible<T> {
    match answer {
        Answer::Given(reply) => Ok(reply),
        Answer::Refused { code, message } => refuse(code, message),
        Answer::Stopped => Err(EvalAltResult::ErrorTerminated(Dynamic::UNIT, Position::NONE).into()),
    }
}

/// A catchable error `#{code, message}`.
pub(crate) fn refuse<T>(code: &str, message: impl Into<String>) -> Fallible<T> {
    Err(error(code, message.into(), 0))
}

/// The same, to be answered with `status` when nobody catches it: the caller is to blame, not the script.
pub(crate) fn blame_caller<T>(status: i16, code: &str, message: impl Into<String>) -> Fallible<T> {
    Err(error(code, message.into(), status))
}

fn error(code: &str, message: String, tag: i16) -> Box<EvalAltResult> {
    let mut map = Map::new();
    map.insert("code".into(), code.into());
    map.insert("message".into(), message.into());
    let mut thrown = Dynamic::from(map);
    thrown.set_tag(tag);
    EvalAltResult::ErrorRuntime(thrown, Position::NONE).into()
}
