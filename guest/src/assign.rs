//! Assignments to what cannot be assigned to: `x[0] = 1` and `x.a = 1` where `x` has no elements and no such field.
//!
//! Rhai's bytecode VM takes "there is no such setter" for "there is nothing to put back" and goes on, so the value would
//! be lost without a word. A setter for all types that refuses in another way is an error there, too.

use rhai::{Dynamic, Engine, FuncRegistration, NativeCallContext};

use crate::api::{Fallible, refuse};
use crate::words;

pub(crate) fn register(engine: &mut Engine) {
    FuncRegistration::new_index_setter()
        // It changes nothing, so a constant may come here as well.
        .with_purity(true)
        .register_into_engine(engine, set);
}

/// Asked whenever nothing else can set `target[index]` or `target.index`.
#[expect(clippy::needless_pass_by_value, reason = "what Rhai registers")]
fn set(context: NativeCallContext<'_>, target: &mut Dynamic, index: Dynamic, value: Dynamic) -> Fallible<()> {
    if is_put_back(&context, target, &index, &value) {
        return Ok(());
    }
    let word = |value: &Dynamic| words::of_type(context.engine().map_type_name(value.type_name())).to_owned();
    let owner = word(target);
    let message = match index.as_immutable_string_ref() {
        _ if matches!(owner.as_str(), "Request" | "Context" | "Values") => {
            format!("a value of type {owner} can only be read; `to_map()` makes a map of it")
        }
        Ok(field) => format!(
            "a value of type {owner} has no {:?} to assign to; maps take new fields",
            &*field
        ),
        Err(_) => {
            let index = word(&index);
            format!("a value of type {owner} has no elements to assign to with an index of type {index}")
        }
    };
    refuse("not_assignable", message)
}

/// Rhai also puts back what a method was called on, changed or not: `req.query.name.to_upper()`.
fn is_put_back(context: &NativeCallContext<'_>, target: &Dynamic, index: &Dynamic, value: &Dynamic) -> bool {
    let (mut owner, mut key) = (target.clone(), index.clone());
    let field = index.as_immutable_string_ref().ok();
    let current = field
        .and_then(|field| {
            let getter = format!("get${}", &*field);
            context.call_native_fn_raw(getter, true, &mut [&mut owner]).ok()
        })
        .or_else(|| {
            let arguments = &mut [&mut owner, &mut key];
            context.call_native_fn_raw("index$get$", true, arguments).ok()
        });
    current.is_some_and(|current| leaves(&current, value))
}

/// Whether `value` is what methods leave of `current` that change nothing, or take something out of it.
fn leaves(current: &Dynamic, value: &Dynamic) -> bool {
    if let (Ok(current), Ok(value)) = (current.as_map_ref(), value.as_map_ref()) {
        return value
            .iter()
            .all(|(key, value)| current.get(key).is_some_and(|current| leaves(current, value)));
    }
    if let (Ok(current), Ok(value)) = (current.as_array_ref(), value.as_array_ref()) {
        return value.len() <= current.len();
    }
    let is_plain = value.is_string() || value.is_int() || value.is_float() || value.is_bool() || value.is_char();
    current.type_id() == value.type_id() && (!is_plain || current.to_string() == value.to_string())
}
