//! The stack of a failed run: from what its guest knows of it, to places in the sources.

use picloud_sdk::outcome::{CLOSURE, Caller, Trace};
use picloud_sdk::report::Frame;
use picloud_sdk::sidecar::{Blame, Fault};

use crate::linked::{Linked, Program};

/// A stack is shown, not archived.
const FRAMES_MAX: usize = 32;
/// Deeper than any call may be; a guest that tells of more made it up.
const LEVELS_MAX: usize = 4096;

/// A frame, and whose code it runs.
struct Level<'a> {
    module: &'a str,
    program: &'a Program,
    fault: Fault,
}

/// The stack of an error, innermost first, and what was probably meant by a name that it stopped at. Read from the
/// outside in, as what was swallowed lies inside of it; calls that no fault lies in are those of Rhai's own functions.
pub(crate) fn of_error<'a>(trace: &Trace<'_>, linked: &'a Linked) -> (Vec<Frame>, Option<&'a str>) {
    let mut faults = trace.faults.iter().rev().take(LEVELS_MAX).copied();
    let mut levels: Vec<_> = faults
        .next()
        .map(|fault| file_level(linked, fault))
        .into_iter()
        .collect();
    let mut fault = faults.next();
    for caller in trace.calls.iter().rev().take(LEVELS_MAX) {
        if let Some(level) = fault.and_then(|fault| level_of(linked, *caller, fault)) {
            levels.push(level);
            fault = faults.next();
        }
    }
    let hint = levels.last().and_then(|level| {
        let sidecar = &level.program.sidecar;
        sidecar.hint_at(sidecar.resolve(level.fault, trace.blame)?)
    });
    (shown(&levels, trace.blame), hint)
}

/// The stack of a run that was stopped, innermost first. What stops a run goes through its calls unnamed, so each is
/// looked for first in the program of the one that called it.
pub(crate) fn of_stop(trace: &Trace<'_>, linked: &Linked) -> Vec<Frame> {
    let mut faults = trace.faults.iter().rev().take(LEVELS_MAX).copied();
    let mut levels: Vec<_> = faults
        .next()
        .map(|fault| file_level(linked, fault))
        .into_iter()
        .collect();
    for fault in faults {
        let caller = levels.last().map(|level| (level.module, level.program));
        // What else there is was swallowed before.
        if levels
            .last()
            .is_some_and(|level| level.program.sidecar.is_turn(level.fault.address))
        {
            break;
        }
        let is_called = |(_, program): &(&str, &Program)| {
            let function = program.sidecar.function_at(fault.address);
            function.is_some_and(|function| !function.is_empty())
        };
        let Some((module, program)) = caller.into_iter().chain(programs(linked)).find(is_called) else {
            break;
        };
        levels.push(Level { module, program, fault });
    }
    shown(&levels, Blame::Step)
}

fn file_level(linked: &Linked, fault: Fault) -> Level<'_> {
    let program = &*linked.script;
    Level {
        module: "",
        program,
        fault,
    }
}

/// Whose code the fault is in, if it is that of the call: the module's where it ran, or for a closure any.
fn level_of<'a>(linked: &'a Linked, caller: Caller<'_>, fault: Fault) -> Option<Level<'a>> {
    let is_closure = caller.function.starts_with(CLOSURE);
    let has = |(_, program): &(&str, &Program)| program.sidecar.function_at(fault.address) == Some(caller.function);
    let here = programs(linked)
        .filter(|(module, _)| *module == caller.module)
        .find(has);
    let (module, program) = here.or_else(|| programs(linked).find(has).filter(|_| is_closure))?;
    Some(Level { module, program, fault })
}

/// All that may run, each with the name of its module.
fn programs(linked: &Linked) -> impl Iterator<Item = (&str, &Program)> {
    let modules = linked.modules.iter();
    let parts = modules.flat_map(|(name, parts)| parts.iter().map(move |part| (&**name, &**part)));
    parts.chain([("", &*linked.script)])
}

fn shown(levels: &[Level<'_>], blame: Blame) -> Vec<Frame> {
    let innermost_first = levels.iter().rev().take(FRAMES_MAX).enumerate();
    let frames = innermost_first.map(|(depth, level)| {
        let blame = if depth == 0 { blame } else { Blame::Step };
        let site = level.program.sidecar.resolve(level.fault, blame);
        let function = level
            .program
            .sidecar
            .function_at(level.fault.address)
            .unwrap_or_default();
        let is_closure = function.starts_with(CLOSURE);
        Frame {
            module: level.module.to_owned(),
            function: if is_closure { "closure" } else { function }.to_owned(),
            line: site.map_or(0, |site| site.line),
            column: site.map_or(0, |site| site.column),
        }
    });
    frames.collect()
}
