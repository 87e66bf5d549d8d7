//! Rhai's errors as what the host can place in the source and a person can read.

use picloud_sdk::compile::as_written;
use picloud_sdk::outcome::{Met, Outcome, Stopped, Thrown, ThrownFrame, Watched};
use picloud_sdk::sidecar::Fault;
use picloud_sdk::wire;
use rhai::Dynamic;
use rhai::EvalAltResult as Error;

use crate::modules::UNLOADABLE;
use crate::{natives, value};

/// Longer messages are cut: an error is a hint, not a channel.
const MESSAGE_BYTES_MAX: usize = 4096;

/// An uncaught error, encoded.
pub(crate) fn encode(error: &Error, trace: &[rhai::grain::Fault], call_depth_max: u32) -> Vec<u8> {
    let mut callers = Vec::new();
    let root = unwrap(error, &mut callers);
    if let Error::ErrorSystem(what, why) = root
        && what == UNLOADABLE
    {
        return wire::encode(&Outcome::Unloadable(&why.to_string()));
    }
    drop_natives(&mut callers, trace.len());
    // One fault per frame, innermost first; the outermost is the script's own file level.
    let callers = callers.into_iter().chain(std::iter::repeat(("", "")));
    let frames = trace
        .iter()
        .zip(callers)
        .map(|(fault, (module, function))| ThrownFrame {
            module,
            function,
            fault: Fault {
                address: fault.address as u32,
                slot: fault.slot,
            },
        });
    let frames = frames.collect();
    // The bound that it stands for: one of ours, or one that the host met and knows.
    let met = match root {
        Error::ErrorStackOverflow(_) => Some(Met {
            watched: Watched::CallDepth,
            used: u64::from(call_depth_max) + 1,
            allowed: u64::from(call_depth_max),
        }),
        Error::ErrorTerminated(..) => None,
        _ => {
            let (code, message, caller_status) = describe(root);
            return wire::encode(&Outcome::Threw(Thrown {
                code: &code,
                message: value::cut(&message, MESSAGE_BYTES_MAX),
                caller_status,
                frames,
            }));
        }
    };
    wire::encode(&Outcome::Stopped(Stopped { met, frames }))
}

/// An error that is ours to word and that has no place in the source.
pub(crate) fn encode_own(code: &str, message: &str) -> Vec<u8> {
    wire::encode(&Outcome::Threw(Thrown {
        code,
        message,
        ..Thrown::default()
    }))
}

/// The error below all the calls it came through, and those calls as module and function, innermost first.
fn unwrap<'e>(error: &'e Error, callers: &mut Vec<(&'e str, &'e str)>) -> &'e Error {
    match error {
        Error::ErrorInFunctionCall(name, module, inner, _) => {
            let root = unwrap(inner, callers);
            callers.push((module, name));
            root
        }
        Error::ErrorInModule(module, inner, _) => {
            let root = unwrap(inner, callers);
            callers.push((module, ""));
            root
        }
        _ => error,
    }
}

/// Native functions that call a closure stand among the callers, and have no fault of their own.
fn drop_natives(callers: &mut Vec<(&str, &str)>, faults: usize) {
    let mut extra = (callers.len() + 1).saturating_sub(faults);
    callers.retain(|(_, name)| {
        let native = extra > 0 && natives::calls_closures(name);
        extra -= usize::from(native);
        !native
    });
}

/// A stable word, a sentence, and the status when the caller is to blame.
fn describe(error: &Error) -> (String, String, Option<u16>) {
    if let Error::ErrorRuntime(thrown, _) = error {
        return describe_thrown(thrown);
    }
    if let Error::ErrorModuleNotFound(name, _) = error {
        let name = as_written(name);
        let message = format!(
            "there is no module {name:?} here: a version has the modules that it, or one of them, imports by a literal name"
        );
        return ("module_not_found".to_owned(), message, None);
    }
    if let Error::ErrorFunctionNotFound(called, _) = error
        && called.starts_with("anon$")
    {
        let message = "a closure that a module made can be called only inside that module";
        return ("function_not_found".to_owned(), message.to_owned(), None);
    }
    let code = match error {
        Error::ErrorVariableNotFound(..) => "variable_not_found",
        Error::ErrorFunctionNotFound(..) => "function_not_found",
        Error::ErrorPropertyNotFound(..) => "property_not_found",
        Error::ErrorIndexNotFound(..)
        | Error::ErrorArrayBounds(..)
        | Error::ErrorStringBounds(..)
        | Error::ErrorBitFieldBounds(..) => "index_not_found",
        Error::ErrorMismatchDataType(..) | Error::ErrorMismatchOutputType(..) => "type_mismatch",
        Error::ErrorArithmetic(..) => "arithmetic",
        Error::ErrorAssignmentToConstant(..) => "constant",
        Error::ErrorDataRace(..) => "data_race",
        Error::ErrorDataTooLarge(..) => "too_large",
        Error::ErrorUnboundThis(..) => "unbound_this",
        _ => "script_error",
    };
    // Programs run stripped of positions, so Rhai's text carries none either; the host adds them.
    (code.to_owned(), as_written(&error.to_string()), None)
}

/// What a script threw: a string, or a map with `code` and `message` as our own API throws it.
fn describe_thrown(thrown: &Dynamic) -> (String, String, Option<u16>) {
    let word = |field: &str| {
        let map = thrown.as_map_ref().ok()?;
        let text = map.get(field)?.as_immutable_string_ref().ok()?.to_string();
        Some(text)
    };
    let code = word("code").map_or_else(|| "thrown".to_owned(), |code| value::cut(&code, 64).to_owned());
    let message = word("message").unwrap_or_else(|| value::to_text(thrown, MESSAGE_BYTES_MAX));
    let caller_status = u16::try_from(thrown.tag())
        .ok()
        .filter(|status| (400..500).contains(status));
    (code, message, caller_status)
}
