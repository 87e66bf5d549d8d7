//! `log::*`, `print` and `debug`: lines into the execution's log.

use picloud_sdk::call::log::{Call, LogLevel};
use rhai::plugin::*;
use rhai::{Dynamic, Engine, Map};

use super::{Fallible, answered};
use crate::{host, value};

/// Longer lines are cut; the limit on all lines together is the host's.
const LINE_BYTES_MAX: usize = 64 << 10;

fn line(level: LogLevel, message: &str, fields: &str) -> Fallible<()> {
    answered(host::ask(Call::Line { level, message, fields }))
}

fn line_of(level: LogLevel, message: &Dynamic, fields: &str) -> Fallible<()> {
    line(level, &value::to_text(message, LINE_BYTES_MAX), fields)
}

fn line_with(level: LogLevel, message: &Dynamic, fields: Map) -> Fallible<()> {
    let fields = value::to_log(&fields.into());
    line_of(level, message, &String::from_utf8_lossy(&fields))
}

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("log", exported_module!(functions).into());
    // These cannot fail: a line that is one too many ends the run at the next step that is counted.
    engine.on_print(|text| drop(line(LogLevel::Info, value::cut(text, LINE_BYTES_MAX), "")));
    engine.on_debug(|text, _, _| drop(line(LogLevel::Debug, value::cut(text, LINE_BYTES_MAX), "")));
}

#[export_module]
mod functions {
    /// A line at level debug.
    #[rhai_fn(name = "debug", volatile, return_raw)]
    pub fn debug(message: Dynamic) -> Fallible<()> {
        line_of(LogLevel::Debug, &message, "")
    }

    /// A line at level debug, with fields.
    #[rhai_fn(name = "debug", volatile, return_raw)]
    pub fn debug_with(message: Dynamic, fields: Map) -> Fallible<()> {
        line_with(LogLevel::Debug, &message, fields)
    }

    /// A line at level info.
    #[rhai_fn(name = "info", volatile, return_raw)]
    pub fn info(message: Dynamic) -> Fallible<()> {
        line_of(LogLevel::Info, &message, "")
    }

    /// A line at level info, with fields.
    #[rhai_fn(name = "info", volatile, return_raw)]
    pub fn info_with(message: Dynamic, fields: Map) -> Fallible<()> {
        line_with(LogLevel::Info, &message, fields)
    }

    /// A line at level warn.
    #[rhai_fn(name = "warn", volatile, return_raw)]
    pub fn warn(message: Dynamic) -> Fallible<()> {
        line_of(LogLevel::Warn, &message, "")
    }

    /// A line at level warn, with fields.
    #[rhai_fn(name = "warn", volatile, return_raw)]
    pub fn warn_with(message: Dynamic, fields: Map) -> Fallible<()> {
        line_with(LogLevel::Warn, &message, fields)
    }

    /// A line at level error.
    #[rhai_fn(name = "error", volatile, return_raw)]
    pub fn error(message: Dynamic) -> Fallible<()> {
        line_of(LogLevel::Error, &message, "")
    }

    /// A line at level error, with fields.
    #[rhai_fn(name = "error", volatile, return_raw)]
    pub fn error_with(message: Dynamic, fields: Map) -> Fallible<()> {
        line_with(LogLevel::Error, &message, fields)
    }
}
