//! `ctx`: whose run this is.

use std::rc::Rc;

use picloud_sdk::event;
use rhai::plugin::*;
use rhai::{Dynamic, Engine, Map, Module};

use crate::host;

/// The script's `ctx`; a cheap handle.
#[derive(Clone)]
pub(crate) struct Context(Rc<event::Context<'static>>);

impl Context {
    #[cfg(feature = "runner")]
    pub(crate) fn new(context: event::Context<'static>) -> Self {
        Self(Rc::new(context))
    }

    pub(crate) fn to_map(&self) -> Map {
        let event::Context {
            app,
            script,
            version,
            execution,
            attempt,
            trace,
            now_ms: _,
        } = &*self.0;
        let fields: [(&str, Dynamic); 7] = [
            ("app", (*app).into()),
            ("script", (*script).into()),
            ("version", i64::from(*version).into()),
            ("execution", (*execution).into()),
            ("attempt", i64::from(*attempt).into()),
            ("trace", (*trace).into()),
            ("now", host::now_ms().into()),
        ];
        fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }
}

pub(super) fn register(engine: &mut Engine, global: &mut Module) {
    engine.register_type_with_name::<Context>("Context");
    combine_with_exported_module!(global, "context", functions);
}

#[export_module]
mod functions {
    /// The app's name.
    #[rhai_fn(get = "app", pure)]
    pub fn app(ctx: &mut Context) -> ImmutableString {
        ctx.0.app.into()
    }

    /// The script's name.
    #[rhai_fn(get = "script", pure)]
    pub fn script(ctx: &mut Context) -> ImmutableString {
        ctx.0.script.into()
    }

    /// The number of the version that runs; 0 for a draft.
    #[rhai_fn(get = "version", pure)]
    pub fn version(ctx: &mut Context) -> i64 {
        ctx.0.version.into()
    }

    /// The execution's id, as in the management API and in the `x-execution-id` header.
    #[rhai_fn(get = "execution", pure)]
    pub fn execution(ctx: &mut Context) -> ImmutableString {
        ctx.0.execution.into()
    }

    /// 1 for the first try at this event.
    #[rhai_fn(get = "attempt", pure)]
    pub fn attempt(ctx: &mut Context) -> i64 {
        ctx.0.attempt.into()
    }

    /// The W3C trace id this run belongs to, 32 hex digits.
    #[rhai_fn(get = "trace", pure)]
    pub fn trace(ctx: &mut Context) -> ImmutableString {
        ctx.0.trace.into()
    }

    /// When the event arrived, in milliseconds since 1970. Time stands still during a run but for what it waits for.
    #[rhai_fn(get = "now", pure)]
    pub fn now(ctx: &mut Context) -> i64 {
        let _ = ctx;
        host::now_ms()
    }

    /// `ctx` as a map.
    #[rhai_fn(name = "to_map", pure)]
    pub fn to_map(ctx: &mut Context) -> Map {
        ctx.to_map()
    }
}
