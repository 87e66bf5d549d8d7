//! The Rhai engine: what it knows, what is switched off, and why.

use rhai::module_resolvers::DummyModuleResolver;
use rhai::packages::{Package, StandardPackage};
use rhai::{Engine, EvalAltResult, Position};

use crate::api;

/// Parsing recurses: deep enough for people, shallow enough for the sandbox's stack.
#[cfg(feature = "compiler")]
const EXPR_DEPTH_MAX: usize = 128;

/// The engine both builds share, so that what compiles also runs.
pub(crate) fn build() -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(StandardPackage::new().as_shared_module());
    // Rhai's own default on WASI would look for files.
    engine.set_module_resolver(DummyModuleResolver::new());
    // Blocks the thread, which no budget interrupts.
    engine.register_fn("sleep", |_: rhai::INT| no_sleep("sleep (i64)"));
    engine.register_fn("sleep", |_: rhai::FLOAT| no_sleep("sleep (f64)"));
    engine.set_strict_variables(false);
    #[cfg(feature = "compiler")]
    {
        engine.set_max_expr_depths(EXPR_DEPTH_MAX, EXPR_DEPTH_MAX);
        // Folding constants makes `const A = #{a: 1}; A.a = 2` panic, and folding many is quadratic.
        engine.set_optimization_level(rhai::OptimizationLevel::None);
    }
    #[cfg(feature = "compiler")]
    free_debug(&mut engine);
    api::register(&mut engine);
    engine
}

/// Rhai reserves the word `debug`; behind `log::` it is a name like any other.
#[cfg(feature = "compiler")]
#[expect(deprecated, reason = "`on_parse_token` is marked volatile, not to go")]
fn free_debug(engine: &mut Engine) {
    use rhai::Token;
    use std::cell::Cell;

    /// How much of `log::` was just read.
    #[derive(Clone, Copy, PartialEq)]
    enum Read {
        Other,
        Log,
        LogColons,
    }

    let read = Cell::new(Read::Other);
    engine.on_parse_token(move |token, _, _| {
        let before = read.get();
        read.set(match &token {
            Token::Identifier(name) if name.as_str() == "log" => Read::Log,
            Token::DoubleColon if before == Read::Log => Read::LogColons,
            _ => Read::Other,
        });
        match token {
            Token::Reserved(name) if before == Read::LogColons && name.as_str() == "debug" => Token::Identifier(name),
            token => token,
        }
    });
}

fn no_sleep(signature: &str) -> Result<(), Box<EvalAltResult>> {
    Err(EvalAltResult::ErrorFunctionNotFound(signature.to_owned(), Position::NONE).into())
}
