//! `import`: the modules that the host linked this version with, and no other.

use std::cell::RefCell;
use std::rc::Rc;

use picloud_sdk::compile::ALIAS_MARK;
use picloud_sdk::event::LinkedModule;
use rhai::grain::Program;
use rhai::{Engine, EvalAltResult, GlobalRuntimeState, Module, ModuleResolver, Position, Scope, Shared};

/// Imports of one turn of a loop whose repetition is noticed.
const PERIOD_MAX: usize = 8;

/// The modules of one run, each made of its program when it is first imported: its constants are evaluated once.
pub(crate) struct Modules {
    linked: Vec<LinkedModule<'static>>,
    made: RefCell<Vec<Made>>,
}

#[derive(Clone)]
enum Made {
    NotYet,
    /// Its constants are being evaluated.
    Now,
    Done(Shared<Module>),
}

impl Modules {
    pub(crate) fn new(linked: Vec<LinkedModule<'static>>) -> Self {
        let made = RefCell::new(vec![Made::NotYet; linked.len()]);
        Self { linked, made }
    }

    fn note(&self, index: usize, made: Made) {
        self.made.borrow_mut()[index] = made;
    }
}

impl ModuleResolver for Modules {
    fn resolve(
        &self,
        engine: &Engine,
        _: Option<&str>,
        name: &str,
        at: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let mut global = engine.new_global_runtime_state();
        self.resolve_raw(engine, &mut global, &mut Scope::new(), name, at)
    }

    fn resolve_raw(
        &self,
        engine: &Engine,
        global: &mut GlobalRuntimeState,
        _: &mut Scope<'_>,
        name: &str,
        at: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let Some(index) = self.linked.iter().position(|module| module.name == name) else {
            return Err(EvalAltResult::ErrorModuleNotFound(name.to_owned(), at).into());
        };
        forget_repetitions(global);
        let made = self.made.borrow()[index].clone();
        match made {
            Made::Done(module) => return Ok(module),
            Made::Now => return Err(in_itself(name, at).into()),
            Made::NotYet => self.note(index, Made::Now),
        }
        let module = make(engine, global, &self.linked[index])
            .map_err(|error| EvalAltResult::ErrorInModule(name.to_owned(), error, at))
            .inspect_err(|_| self.note(index, Made::NotYet))?;
        self.note(index, Made::Done(Shared::clone(&module)));
        Ok(module)
    }
}

/// Rhai's bytecode VM forgets no import before the run's end: what a loop imports would pile up, and be copied for each
/// call. An import in a block has an alias of its own, so of the same imports again only one is ever looked at.
fn forget_repetitions(global: &mut GlobalRuntimeState) {
    for period in 1..=PERIOD_MAX {
        let newest = global.iter_imports_raw().take(period);
        let before = global.iter_imports_raw().skip(period);
        let mut pairs = newest.zip(before);
        let mut same = 0;
        while let Some(((name, module), (earlier, other))) = pairs.next()
            && name == earlier
            && Shared::ptr_eq(module, other)
            && name.contains(ALIAS_MARK)
        {
            same += 1;
        }
        drop(pairs);
        if same == period {
            let kept = global.num_imports() - period;
            return global.truncate_imports(kept);
        }
    }
}

/// Loads a module and evaluates its constants. Its parts have the same constants and imports, and functions apart.
fn make(
    engine: &Engine,
    global: &mut GlobalRuntimeState,
    linked: &LinkedModule<'static>,
) -> Result<Shared<Module>, Box<EvalAltResult>> {
    let mut whole: Option<Module> = None;
    for part in &linked.parts {
        let mut program = Program::read(part).map_err(|error| {
            let why = format!("the module cannot be loaded: {error}");
            Box::new(EvalAltResult::ErrorSystem(UNLOADABLE.to_owned(), why.into()))
        })?;
        program.set_source(linked.name);
        let part = Module::eval_grain_as_new_raw(engine, &mut Scope::new(), global, Rc::new(program))?;
        match &mut whole {
            Some(whole) => drop(whole.combine(part)),
            None => whole = Some(part),
        }
    }
    let mut module = whole.unwrap_or_default();
    module.build_index();
    Ok(module.into())
}

/// Marks the one error that no script can catch or cause.
pub(crate) const UNLOADABLE: &str = "unloadable";

fn in_itself(name: &str, at: Position) -> EvalAltResult {
    let message = format!("the module {name:?} is imported while its own constants are evaluated");
    EvalAltResult::ErrorRuntime(message.into(), at)
}
