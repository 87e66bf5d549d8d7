//! `log::*`, `print` and `debug`: lines into the execution's log.

use picloud_sdk::call::{HostCall, LogLevel};
use rhai::plugin::*;
use rhai::{Dynamic, Engine, Map};

use super::{Fallible, refuse};
use crate::{host, value};

/// Longer lines are cut; the limit on all lines together is the host's.
const LINE_BYTES_MAX: usize = 64 << 10;

fn line(level: LogLevel, message: &Dynamic, fields: &str) {
    host::ask(&HostCall::Log {
        level,
        message: &value::to_text(message, LINE_BYTES_MAX),
        fields,
    });
}

fn line_with(level: LogLevel, message: &Dynamic, fields: Map) -> Fallible<()> {
    match value::to_json(&fields.into()) {
        Ok(fields) => {
            line(level, message, &String::from_utf8_lossy(&fields));
            Ok(())
        }
        Err(problem) => refuse("bad_json", problem),
    }
}

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("log", exported_module!(functions).into());
    engine.on_print(|text| {
        host::ask(&HostCall::Log {
            level: LogLevel::Info,
            message: value::cut(text, LINE_BYTES_MAX),
            fields: "",
        });
    });
    engine.on_debug(|text, _, _| {
        host::ask(&HostCall::Log {
            level: LogLevel::Debug,
            message: value::cut(text, LINE_BYTES_MAX),
            fields: "",
        });
    });
}

#[export_module]
mod functions {
    /// A line at level debug.
    #[rhai_fn(name = "debug", volatile)]
    pub fn debug(message: Dynamic) {
        line(LogLevel::Debug, &message, "");
    }

    /// A line at level debug, with fields.
    #[rhai_fn(name = "debug", volatile, return_raw)]
    pub fn debug_with(message: Dynamic, fields: Map) -> Fallible<()> {
        line_with(LogLevel::Debug, &message, fields)
    }

    /// A line at level info.
    #[rhai_fn(name = "info", volatile)]
    pub fn info(message: Dynamic) {
        line(LogLevel::Info, &message, "");
    }

    /// A line at level info, with fields.
    #[rhai_fn(name = "info", volatile, return_raw)]
    pub fn info_with(message: Dynamic, fields: Map) -> Fallible<()> {
        line_with(LogLevel::Info, &message, fields)
    }

    /// A line at level warn.
    #[rhai_fn(name = "warn", volatile)]
    pub fn warn(message: Dynamic) {
        line(LogLevel::Warn, &message, "");
    }

    /// A line at level warn, with fields.
    #[rhai_fn(name = "warn", volatile, return_raw)]
    pub fn warn_with(message: Dynamic, fields: Map) -> Fallible<()> {
        line_with(LogLevel::Warn, &message, fields)
    }

    /// A line at level error.
    #[rhai_fn(name = "error", volatile)]
    pub fn error(message: Dynamic) {
        line(LogLevel::Error, &message, "");
    }

    /// A line at level error, with fields.
    #[rhai_fn(name = "error", volatile, return_raw)]
    pub fn error_with(message: Dynamic, fields: Map) -> Fallible<()> {
        line_with(LogLevel::Error, &message, fields)
    }
}
