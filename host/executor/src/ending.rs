//! From what a guest handed back, or from how it fell over, to an ending.

use bytes::Bytes;
use picloud_sdk::limits::{Limit, Stop};
use picloud_sdk::outcome::{Met, Outcome, REPLY_HEADERS_MAX, Reply as WireReply, Thrown, Watched};
use wasmtime::Trap;

use crate::linked::Linked;
use crate::sandbox::{Meter, Sandbox};
use crate::seam::{Ending, GivenUp, Reply, ScriptError};
use crate::stack;

/// A guest that came to its end says itself how; but for a bound that the host met, which holds whatever it says.
pub(crate) fn of_outcome(outcome: Outcome<'_>, program: &Linked, meter: &Meter) -> Ending {
    let own = meter.stop.filter(|_| meter.is_over());
    match outcome {
        Outcome::Stopped(stopped) => match own.or(stopped.met.map(stop)) {
            Some(stop) => {
                let own = stack::of_stop(&stopped.trace, program);
                Ending::Stopped(stop, meter.inner_stack.iter().cloned().chain(own).collect())
            }
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
    let (stack, hint) = stack::of_error(&thrown.trace, program);
    let message = match hint.filter(|_| thrown.code.ends_with("_not_found")) {
        Some(meant) => format!("{}; did you mean `{meant}`?", thrown.message),
        None => thrown.message.to_owned(),
    };
    ScriptError {
        code: thrown.code.to_owned(),
        message,
        caller_status: thrown.caller_status,
        stack,
    }
}

/// Why a guest fell over: a bound, a script's error that Rhai panics at, or a bug of ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fall {
    Stopped(Stop),
    GivenUp(GivenUp),
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
    if let Some(why) = sandbox.given_up {
        return Fall::GivenUp(why);
    }
    match error.downcast_ref::<Trap>() {
        // It was told that it is over, and found no end.
        _ if let Some(stop) = sandbox.meter.stop.filter(|_| sandbox.meter.is_over()) => Fall::Stopped(stop),
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
        // One value of 2 GiB or more: Rust refuses that by itself and says no number, so the least that it can be.
        let allowed = u64::from(sandbox.meter.limits.memory_bytes_max);
        return Fall::Stopped(Stop {
            limit: Limit::Memory,
            used: 1 << 31,
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
