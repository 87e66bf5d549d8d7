//! Artifact and event to outcome: the hot path inside the sandbox.

use std::rc::Rc;

use picloud_sdk::event::Invocation;
use picloud_sdk::outcome::{Met, Outcome, Stopped, Watched};
use picloud_sdk::wire;
use rhai::grain::{Program, Vm};
use rhai::{Dynamic, Engine, EvalContext, FnPtr, Module, Scope};

use crate::api::{Context, Event, Fallible, Reply, Request, refuse};
use crate::failure;
use crate::host;
use crate::modules::Modules;

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
    give_names(&mut engine, invocation);

    let mut vm = Vm::new(&engine);
    let mut scope = Scope::new();
    let ended = vm.eval_with_callbacks(&mut scope, &program);
    let outcome = match ended {
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
fn give_names(engine: &mut Engine, invocation: &Invocation<'static>) {
    let request = Request::new(invocation.event);
    let event = Event::new(invocation.event);
    let context = Context::new(invocation.context.clone());
    engine.on_var(move |name, _, running| {
        Ok(match name {
            "req" if event.message().is_some() => return no_request(&event),
            "req" => Some(Dynamic::from(request.clone())),
            "event" => Some(Dynamic::from(event.clone())),
            "ctx" => Some(Dynamic::from(context.clone())),
            _ => function(name, &running),
        })
    });
}

/// What answers a message has no request.
fn no_request(event: &Event) -> Fallible<Option<Dynamic>> {
    let what = event.message().map(|message| (message.source.as_str(), message.name));
    let (source, name) = what.unwrap_or_default();
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
    let used = reply.bytes();
    if used > u64::from(reply_bytes_max) {
        let met = Met {
            watched: Watched::ReplyBytes,
            used,
            allowed: u64::from(reply_bytes_max),
        };
        return wire::encode(&Outcome::Stopped(Stopped {
            met: Some(met),
            ..Stopped::default()
        }));
    }
    let encoded = wire::encode(&Outcome::Replied(reply.as_outcome()));
    std::mem::forget(reply);
    encoded
}
