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
    crate::tokens::register(&mut engine);
    #[cfg(feature = "runner")]
    crate::assign::register(&mut engine);
    api::register(&mut engine);
    engine
}

fn no_sleep(signature: &str) -> Result<(), Box<EvalAltResult>> {
    Err(EvalAltResult::ErrorFunctionNotFound(signature.to_owned(), Position::NONE).into())
}
