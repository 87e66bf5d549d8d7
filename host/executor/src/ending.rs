//! From what a guest handed back, or from how it fell over, to an ending.

use bytes::Bytes;
use picloud_sdk::limits::{Limit, Stop};
use picloud_sdk::outcome::{
    CLOSURE, Met, Outcome, REPLY_HEADERS_MAX, Reply as WireReply, Thrown, ThrownFrame, Watched,
};
use picloud_sdk::report::Frame;
use wasmtime::Trap;

use crate::linked::Linked;
use crate::sandbox::{Meter, Sandbox};
use crate::seam::{Ending, Program, Reply, ScriptError};

/// A stack is shown, not archived.
const FRAMES_MAX: usize = 32;

/// A guest that came to its end says itself how; but for a bound that the host met, which holds whatever it says.
pub(crate) fn of_outcome(outcome: Outcome<'_>, program: &Linked, meter: &Meter) -> Ending {
    let own = meter.stop.filter(|_| meter.is_over());
    match outcome {
        Outcome::Stopped(stopped) => match own.or(stopped.met.map(stop)) {
            Some(stop) => Ending::Stopped(stop, stack(&stopped.frames, program)),
            None => Ending::Broke("the guest says that it was stopped, which it was not".to_owned()),
        },
        Outcome::Unloadable(why) => Ending::Stale(why.to_owned()),
        _ if let Some(stop) = own => Ending::Stopped(stop, Vec::new()),
        Outcome::Replied(reply) => of_reply(&reply, meter.limits.reply_bytes_max),
        Outcome::Threw(thrown) => Ending::Threw(of_thrown(&thrown, program)),
    }
}

fn stop(met: Met) -> Stop {
    Stop {
        limit: match met.watched {
            Watched::CallDepth => Limit::CallDepth,
            Watched::ReplyBytes => Limit::ReplyBytes,
        },
        used: met.used,
        allowed: met.allowed,
    }
}

fn of_reply(reply: &WireReply<'_>, reply_bytes_max: u32) -> Ending {
    if reply.headers.len() > REPLY_HEADERS_MAX {
        let count = reply.headers.len();
        return Ending::Broke(format!(
            "the guest let {count} headers through, {REPLY_HEADERS_MAX} allowed"
        ));
    }
    let headers: usize = reply.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    let used = (headers + reply.body.len()) as u64;
    let allowed = u64::from(reply_bytes_max);
    if used > allowed {
        let limit = Limit::ReplyBytes;
        return Ending::Stopped(Stop { limit, used, allowed }, Vec::new());
    }
    Ending::Replied(Reply {
        status: reply.status,
        headers: reply
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: Bytes::copy_from_slice(reply.body),
    })
}

fn of_thrown(thrown: &Thrown<'_>, program: &Linked) -> ScriptError {
    ScriptError {
        code: thrown.code.to_owned(),
        message: thrown.message.to_owned(),
        caller_status: thrown.caller_status,
        stack: stack(&thrown.frames, program),
    }
}

/// Places in the sources, from places in the programs.
fn stack(frames: &[ThrownFrame<'_>], program: &Linked) -> Vec<Frame> {
    let stack = frames.iter().take(FRAMES_MAX).map(|frame| {
        let home = home_of(program, frame);
        let site = home.and_then(|(_, home)| home.sidecar.resolve(frame.fault));
        let closure = frame.function.starts_with(CLOSURE);
        Frame {
            module: home.map_or(frame.module, |(module, _)| module).to_owned(),
            function: if closure { "closure" } else { frame.function }.to_owned(),
            line: site.map_or(0, |site| site.line),
            column: site.map_or(0, |site| site.column),
        }
    });
    stack.collect()
}

/// The module and the program that a frame's code is in: where it ran, or for a closure where it was written.
fn home_of<'a>(program: &'a Linked, frame: &ThrownFrame<'_>) -> Option<(&'a str, &'a Program)> {
    let modules = program.modules.iter();
    let parts = modules.flat_map(|(name, parts)| parts.iter().map(move |part| (&**name, &**part)));
    let all = || parts.clone().chain([("", &*program.script)]);
    let has = |program: &Program| program.functions.iter().any(|name| name == frame.function);
    let here = || all().filter(|(name, _)| *name == frame.module);
    here()
        .find(|(_, program)| has(program))
        .or_else(|| all().find(|(_, program)| frame.function.starts_with(CLOSURE) && has(program)))
        .or_else(|| here().next())
}

/// Why a guest fell over: a bound, a script's error that Rhai panics at, or a bug of ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fall {
    Stopped(Stop),
    Threw(ScriptError),
    Broke(String),
}

pub(crate) fn of_error(error: &wasmtime::Error, sandbox: &Sandbox) -> Fall {
    let limits = &sandbox.meter.limits;
    let stack = Stop {
        limit: Limit::Stack,
        used: crate::STACK_BYTES,
        allowed: crate::STACK_BYTES,
    };
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Fall::Stopped(Stop {
            limit: Limit::Fuel,
            used: limits.fuel_max,
            allowed: limits.fuel_max,
        }),
        // The guest's own stack lies below its data: running over its end leaves the memory.
        Some(Trap::StackOverflow | Trap::MemoryOutOfBounds) => Fall::Stopped(stack),
        _ => match sandbox.meter.stop {
            // Told "no more memory", Rust gives up; told of any other bound, so did we.
            Some(stop) => Fall::Stopped(stop),
            None => of_panic(error, sandbox),
        },
    }
}

fn of_panic(error: &wasmtime::Error, sandbox: &Sandbox) -> Fall {
    let panic = String::from_utf8_lossy(&sandbox.panic);
    if panic.contains("capacity overflow") {
        // One value larger than any memory could be, asked for before the memory was.
        let allowed = u64::from(sandbox.meter.limits.memory_bytes_max);
        return Fall::Stopped(Stop {
            limit: Limit::Memory,
            used: u64::from(u32::MAX),
            allowed,
        });
    }
    if panic.contains("types/dynamic.rs") && panic.contains("`Option::unwrap()`") {
        // Rhai's way to look at a shared value that is being changed: its tree walker checks before, its VM does not.
        return Fall::Threw(ScriptError {
            code: "data_race".to_owned(),
            message: "a variable was used in a closure while `this` was the same variable".to_owned(),
            ..ScriptError::default()
        });
    }
    Fall::Broke(format!("{error:#}; the guest said: {:?}", panic.trim()))
}
