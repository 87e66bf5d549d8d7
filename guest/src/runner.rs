//! Artifact and event to outcome: the hot path inside the sandbox.

use std::rc::Rc;

use picloud_sdk::event::Invocation;
use picloud_sdk::outcome::{self, Met, Outcome, Stopped, Watched};
use picloud_sdk::wire;
use rhai::grain::{Program, Vm};
use rhai::{Dynamic, Engine, EvalContext, FnPtr, Module, Scope};

use crate::api::{Context, Event, Fallible, Reply, Request, refuse};
use crate::failure;
use crate::modules::Modules;
use crate::{host, keep};

/// The outcome of `invocation`, encoded.
pub(crate) fn run(mut engine: Engine, invocation: &Invocation<'static>) -> Vec<u8> {
    let program = match Program::read(invocation.program) {
        Ok(program) => Rc::new(program),
        Err(error) => return wire::encode(&Outcome::Unloadable(&error.to_string())),
    };
    engine.set_max_call_levels(invocation.call_depth_max as usize);
    engine.set_module_resolver(Modules::new(invocation.modules.clone()));
    // A branch: `then_some` makes what it gives at each step.
    engine.on_progress(|_| if host::is_stopped() { Some(Dynamic::UNIT) } else { None });
    let event = Event::new(invocation.event);
    give_names(&mut engine, invocation, event.clone());

    let mut vm = Vm::new(&engine);
    let mut scope = Scope::new();
    let ended = vm.eval_with_callbacks(&mut scope, &program);
    let outcome = match ended {
        Ok(value) if event.is_call() => returned(value, invocation.reply_bytes_max),
        Ok(value) => answer(value, invocation.reply_bytes_max),
        Err(error) => failure::encode(&error, &vm.fault_trace(), invocation.call_depth_max),
    };
    // The instance ends here: freeing costs time, and freeing deep values costs stack.
    std::mem::forget((vm, scope, program));
    std::mem::forget(engine);
    outcome
}

/// Touches what every run needs, so that the snapshot holds it ready.
pub(crate) fn warm_up() {}

/// `req`, `event` and `ctx`, made when a script first names them; functions see them too.
#[expect(deprecated, reason = "`on_var` is marked volatile, not to go")]
fn give_names(engine: &mut Engine, invocation: &Invocation<'static>, event: Event) {
    let request = Request::new(invocation.event);
    let context = Context::new(invocation.context.clone());
    engine.on_var(move |name, _, running| {
        Ok(match name {
            "req" if let Some(source) = event.source() => return no_request(source),
            "req" => Some(Dynamic::from(request.clone())),
            "event" => Some(Dynamic::from(event.clone())),
            "ctx" => Some(Dynamic::from(context.clone())),
            _ => function(name, &running),
        })
    });
}

/// What answers a message or a call has no request.
fn no_request((source, name): (&str, &str)) -> Fallible<Option<Dynamic>> {
    refuse(
        "no_request",
        format!("there is no `req`: this run is for the {source} {name:?}, see `event`"),
    )
}

/// A script's function by its bare name. The bytecode VM knows it as a value, and not as what a method is called on:
/// `f.call(2)`.
fn function(name: &str, running: &EvalContext<'_, '_, '_, '_, '_, '_>) -> Option<Dynamic> {
    let is_variable = running.scope().contains(name);
    let is_function = || {
        let mut functions = running.iter_namespaces().flat_map(Module::iter_script_fn_info);
        functions.any(|(_, _, function, _, _)| function == name)
    };
    let is_meant = !is_variable && is_function();
    is_meant.then(|| FnPtr::new(name).ok().map(Dynamic::from)).flatten()
}

fn answer(value: Dynamic, reply_bytes_max: u32) -> Vec<u8> {
    let reply = match Reply::of(value) {
        Ok(reply) => reply,
        Err(problem) => return failure::encode_own("bad_reply", &problem),
    };
    let encoded = replied(reply.as_outcome(), reply.bytes(), reply_bytes_max);
    std::mem::forget(reply);
    encoded
}

/// A script's last value, for the script that called it.
fn returned(value: Dynamic, bytes_max: u32) -> Vec<u8> {
    match keep::to_bytes(&Reply::or_value(value)) {
        Ok(body) => {
            let reply = outcome::Reply {
                status: 200,
                headers: Vec::new(),
                body: &body,
            };
            replied(reply, body.len() as u64, bytes_max)
        }
        Err(why) => failure::encode_own("bad_value", &format!("what the script returns: {why}")),
    }
}

fn replied(reply: outcome::Reply<'_>, used: u64, allowed: u32) -> Vec<u8> {
    if used <= u64::from(allowed) {
        return wire::encode(&Outcome::Replied(reply));
    }
    let met = Met {
        watched: Watched::ReplyBytes,
        used,
        allowed: u64::from(allowed),
    };
    wire::encode(&Outcome::Stopped(Stopped {
        met: Some(met),
        ..Stopped::default()
    }))
}
