//! Rhai's errors as what the host can place in the source and a person can read.

use picloud_sdk::compile::as_written;
use picloud_sdk::outcome::{Caller, Met, Outcome, Stopped, Thrown, Trace, Watched};
use picloud_sdk::sidecar::{Blame, Fault};
use picloud_sdk::wire;
use rhai::Dynamic;
use rhai::EvalAltResult as Error;

use crate::api::INVOKE_CALL;
use crate::modules::UNLOADABLE;
use crate::{value, words};

/// Longer messages are cut: an error is a hint, not a channel.
const MESSAGE_BYTES_MAX: usize = 4096;

/// Beside the calls that are allowed: the file level, and what modules and Rhai's own functions add.
const FAULTS_MORE: usize = 64;

/// An uncaught error, encoded.
pub(crate) fn encode(error: &Error, faults: &[rhai::grain::Fault], call_depth_max: u32) -> Vec<u8> {
    let mut calls = Vec::new();
    let root = unwrap(error, &mut calls);
    if let Error::ErrorSystem(what, why) = root
        && what == UNLOADABLE
    {
        return wire::encode(&Outcome::Unloadable(&why.to_string()));
    }
    // Thousands may have been swallowed before.
    let known = faults.len().saturating_sub(call_depth_max as usize + FAULTS_MORE);
    let faults = faults[known..].iter().map(|fault| Fault {
        address: fault.address as u32,
        slot: fault.slot,
    });
    let trace = Trace {
        faults: faults.collect(),
        calls,
        blame: blame(root),
    };
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
                trace,
            }));
        }
    };
    wire::encode(&Outcome::Stopped(Stopped { met, trace }))
}

/// What of its instruction native Rhai would give as the place of an error.
fn blame(error: &Error) -> Blame {
    match error {
        Error::ErrorVariableNotFound(..)
        | Error::ErrorModuleNotFound(..)
        | Error::ErrorUnboundThis(_)
        | Error::ErrorAssignmentToConstant(..) => Blame::Name,
        Error::ErrorIndexingType(..) | Error::ErrorRuntime(..) => Blame::Bracket,
        Error::ErrorArithmetic(..) | Error::ErrorFunctionNotFound(..) | Error::ErrorDataTooLarge(..) => Blame::Operator,
        // What is put into a text or into the bits of a number; an index of the wrong type wants another one.
        Error::ErrorMismatchDataType(wanted, _, _) if matches!(wanted.as_str(), "char" | "bool") => Blame::Operator,
        _ => Blame::Step,
    }
}

/// An error that is ours to word and that has no place in the source.
pub(crate) fn encode_own(code: &str, message: &str) -> Vec<u8> {
    wire::encode(&Outcome::Threw(Thrown {
        code,
        message,
        ..Thrown::default()
    }))
}

/// The error below all the calls it came through, and those calls, innermost first.
fn unwrap<'e>(error: &'e Error, calls: &mut Vec<Caller<'e>>) -> &'e Error {
    let (function, module, inner) = match error {
        Error::ErrorInFunctionCall(function, module, inner, _) => (function.as_str(), module, inner),
        Error::ErrorInModule(module, inner, _) => ("", module, inner),
        _ => return error,
    };
    let root = unwrap(inner, calls);
    calls.push(Caller { module, function });
    root
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
    // Programs run stripped of positions, so Rhai's text carries none either; the host adds them.
    let message = as_written(&error.to_string()).replace(INVOKE_CALL, &as_written(INVOKE_CALL));
    let (code, message) = match error {
        Error::ErrorVariableNotFound(..) => ("variable_not_found", message),
        Error::ErrorFunctionNotFound(..) => ("function_not_found", typed_behind(" (", message)),
        Error::ErrorDotExpr(..) => ("property_not_found", typed_behind("for type '", message)),
        Error::ErrorPropertyNotFound(..) => ("property_not_found", message),
        Error::ErrorIndexingType(..) => ("not_indexable", typed_behind(": ", message)),
        Error::ErrorIndexNotFound(..)
        | Error::ErrorArrayBounds(..)
        | Error::ErrorStringBounds(..)
        | Error::ErrorBitFieldBounds(..) => ("index_not_found", message),
        Error::ErrorMismatchDataType(..) | Error::ErrorMismatchOutputType(..) => {
            ("type_mismatch", typed_behind(": ", message))
        }
        Error::ErrorArithmetic(..) => ("arithmetic", message),
        Error::ErrorAssignmentToConstant(..) => ("constant", message),
        Error::ErrorDataRace(..) => ("data_race", message),
        Error::ErrorDataTooLarge(..) => ("too_large", message),
        Error::ErrorUnboundThis(..) => ("unbound_this", message),
        _ => ("script_error", message),
    };
    (code.to_owned(), message, None)
}

/// A message with the author's words for the types that stand behind a mark.
fn typed_behind(mark: &str, message: String) -> String {
    match message.split_once(mark) {
        Some((before, types)) => format!("{before}{mark}{}", words::of_types(types)),
        None => message,
    }
}

/// What a script threw: a string, or a map with `code` and `message` as our own API throws it.
fn describe_thrown(thrown: &Dynamic) -> (String, String, Option<u16>) {
    let word = |field: &str| {
        let map = thrown.as_map_ref().ok()?;
        let text = map.get(field)?.as_immutable_string_ref().ok()?.to_string();
        Some(text)
    };
    let code = word("code").map_or_else(|| "thrown".to_owned(), |code| value::cut(&code, 64).to_owned());
    let message = word("message").unwrap_or_else(|| match value::to_text(thrown, MESSAGE_BYTES_MAX) {
        _ if thrown.is_unit() => {
            "no value was thrown; `throw` takes a text, or a map with `code` and `message`".to_owned()
        }
        text if text.is_empty() => "an empty text was thrown".to_owned(),
        text => text,
    });
    let caller_status = u16::try_from(thrown.tag())
        .ok()
        .filter(|status| (400..500).contains(status));
    (code, message, caller_status)
}
