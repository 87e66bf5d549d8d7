//! `template::*`: pages of a text with holes. Logic-light: conditions, loops and filters over the data it is given, and
//! nothing else; it includes no files and calls no functions of a script.

use std::cell::OnceCell;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};
use rhai::plugin::*;
use rhai::{Dynamic, Engine};

use super::{Fallible, RUNS, only_described, refuse};
use crate::value;

/// How deep blocks and calls may stand in each other: the sandbox's stack has room for many more.
const DEPTH_MAX: usize = 64;

/// What a template may spend, in the library's own measure of steps and of 64 bytes each: a run's budget is met before. It
/// keeps a filter from asking for more bytes at once than there are addresses, which would panic.
const STEPS_MAX: u64 = 16 << 20;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("template", exported_module!(functions).into());
}

thread_local! {
    /// Filters and tests by their names, made when a run renders first: it takes longer than a small page.
    static ENVIRONMENT: OnceCell<Environment<'static>> = const { OnceCell::new() };
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_recursion_limit(DEPTH_MAX);
    environment.set_fuel(Some(STEPS_MAX));
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    environment.set_syntax(syntax.unwrap_or_default());
    environment
}

fn rendered(source: &str, data: &Dynamic) -> Result<String, Error> {
    let data = Value::from(Serde(value::Json(data)));
    ENVIRONMENT.with(|kept| kept.get_or_init(environment).render_str(source, data))
}

/// What is wrong, and in which line.
fn sentence(error: &Error) -> String {
    let line = error.line().map(|line| format!("line {line}: ")).unwrap_or_default();
    let kind = error.kind();
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{line}{kind}{detail}")
}

#[export_module]
mod functions {
    /// A template of Jinja's kind, filled with data: `template::render("<b>{{ name }}</b>", #{ name: "A & B" })` is
    /// `"<b>A &amp; B</b>"`. What is put in is escaped for HTML unless the filter `safe` is behind it. A mistake in the
    /// template, or a name that the data has not: throws `bad_template`, with its line.
    #[rhai_fn(name = "render", return_raw)]
    pub fn render(source: &str, data: Dynamic) -> Fallible<ImmutableString> {
        if !RUNS {
            return only_described();
        }
        match rendered(source, &data) {
            Ok(page) => Ok(page.into()),
            Err(error) => refuse("bad_template", sentence(&error)),
        }
    }
}
