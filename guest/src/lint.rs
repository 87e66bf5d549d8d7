//! Names that nothing declares, and calls that nothing takes: what runs into one fails, so its author is warned. Only what
//! is certain; the editor says the same (`dashboard/src/lib/rhai/lints`), and more.

use std::collections::{BTreeMap, BTreeSet};

use picloud_sdk::compile::as_written;
use picloud_sdk::outcome::CLOSURE;
use rhai::{AST, ASTFlags, ASTNode, Expr, FnCallExpr, Position, Stmt};

use crate::api::INVOKE_CALL;
use crate::arguments;
use crate::known::{self, Known};

/// More say nothing new.
const WARNINGS_MAX: usize = 50;
/// So many names are looked for among the known ones: beyond that it is no slip.
const SIMILAR_MAX: usize = 20;
/// What every script has without an import.
const NAMES: [&str; 3] = ["ctx", "event", "req"];
/// What Rhai has elsewhere, and what to do instead.
const ELSEWHERE: [(&str, &str); 2] = [
    ("sleep", "a run does not wait"),
    ("timestamp", "use `ctx.now`, the time of the event"),
];

/// A code, a sentence and a place.
pub(crate) type Warning = (&'static str, String, Position);

/// What was probably meant by a name that is nowhere, and where that stands.
pub(crate) type Hint = (Position, String);

/// What an author should know of a source that compiles, and what to add when a run fails at a name.
pub(crate) fn look(ast: &AST) -> (Vec<Warning>, Vec<Hint>) {
    known::with(|known| {
        let mut source = Source::of(ast, known);
        source.look(ast);
        (source.found, source.hints)
    })
}

struct Source<'a> {
    known: &'a Known,
    functions: BTreeSet<String>,
    /// Variables and constants anywhere, each with whether it is a constant and where it is first declared.
    variables: BTreeMap<String, (bool, Position)>,
    /// Those at file level, with whether they are constants: functions do not see the variables.
    outer: BTreeMap<String, bool>,
    /// Parameters and the variables of loops.
    given: BTreeSet<String>,
    /// What closures are given, of their own or of what is around them.
    enclosed: BTreeSet<String>,
    /// Aliases of imports.
    imported: BTreeSet<String>,
    /// Names that it asks for by a text: they may be there or not.
    asked: BTreeSet<String>,
    /// Whether some function is lent the variables of its caller: `f!()`.
    lends: bool,
    /// Where calls and names stand that are in no function and no closure.
    at_file_level: BTreeSet<(usize, usize)>,
    /// Where variables stand that are declared: what a closure encloses stands there twice, in it and around it.
    resolved: BTreeSet<(usize, usize)>,
    /// Those that are tried: they may be there to fail.
    tried: BTreeSet<(usize, usize)>,
    similar: usize,
    found: Vec<Warning>,
    hints: Vec<Hint>,
}

impl<'a> Source<'a> {
    fn of(ast: &AST, known: &'a Known) -> Self {
        let mut source = Self {
            known,
            functions: ast.iter_functions().map(|function| function.name.to_owned()).collect(),
            variables: BTreeMap::new(),
            outer: BTreeMap::new(),
            given: parameters(ast, |_| true),
            enclosed: parameters(ast, |name| name.starts_with(CLOSURE)),
            imported: BTreeSet::new(),
            asked: BTreeSet::new(),
            lends: false,
            at_file_level: BTreeSet::new(),
            resolved: BTreeSet::new(),
            tried: BTreeSet::new(),
            similar: 0,
            found: Vec::new(),
            hints: Vec::new(),
        };
        ast.walk(&mut |path| {
            source.note(path.last());
            let (node, around) = path.split_last().expect("a node");
            if let ASTNode::Expr(Expr::Variable(variable, _, at)) = node
                && variable.0.is_some()
            {
                source.resolved.insert(of(*at));
            }
            if around.iter().any(|it| matches!(it, ASTNode::Stmt(Stmt::TryCatch(..)))) {
                source.tried.insert(place(node));
            }
            true
        });
        for statement in ast.statements() {
            if let Stmt::Var(variable, flags, _) = statement {
                let is_constant = flags.contains(ASTFlags::CONSTANT);
                source.outer.insert(variable.0.name.to_string(), is_constant);
            }
            statement.walk(&mut Vec::new(), &mut |path| {
                source.at_file_level.extend(path.last().map(place));
                true
            });
        }
        source
    }

    fn note(&mut self, node: Option<&ASTNode<'_>>) {
        match node {
            Some(ASTNode::Stmt(Stmt::Var(variable, flags, _))) => {
                let is_constant = flags.contains(ASTFlags::CONSTANT);
                self.variables
                    .entry(variable.0.name.to_string())
                    .or_insert((is_constant, variable.0.pos));
            }
            Some(ASTNode::Stmt(Stmt::For(looped, _))) => {
                self.given.insert(looped.0.name.to_string());
            }
            Some(ASTNode::Stmt(Stmt::Import(import, _))) => {
                let alias = &import.1.name;
                self.imported.insert(as_written(alias));
            }
            Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) => {
                self.lends |= call.capture_parent_scope;
                if matches!(call.name.as_str(), "is_def_fn" | "is_def_var") {
                    let texts = call.args.iter().filter_map(|argument| match argument {
                        Expr::StringConstant(text, _) => Some(text.to_string()),
                        _ => None,
                    });
                    self.asked.extend(texts);
                }
            }
            _ => {}
        }
    }

    fn look(&mut self, ast: &AST) {
        ast.walk(&mut |path| {
            match path.last() {
                Some(ASTNode::Expr(Expr::FnCall(call, at)) | ASTNode::Stmt(Stmt::FnCall(call, at))) => {
                    self.call(call, *at);
                }
                Some(ASTNode::Expr(Expr::Variable(variable, _, at))) if variable.2.is_empty() => {
                    // In a closure Rhai knows it only as something from around it, which is handed over by `curry`.
                    let is_handed =
                        |it: &ASTNode<'_>| matches!(it, ASTNode::Expr(Expr::FnCall(call, _)) if call.name == "curry");
                    let is_handed = path.iter().nth_back(1).is_some_and(is_handed);
                    if is_handed || !self.enclosed.contains(variable.1.as_str()) {
                        self.variable(&variable.1, *at);
                    }
                }
                Some(ASTNode::Expr(Expr::Variable(variable, _, _))) => {
                    self.path(&variable.2.to_string(), variable.2.position());
                }
                Some(ASTNode::Expr(Expr::MethodCall(call, at))) => self.method(&call.name, *at),
                _ => {}
            }
            self.found.len() < WARNINGS_MAX
        });
    }

    fn call(&mut self, call: &FnCallExpr, at: Position) {
        let name = call.name.as_str();
        if call.is_qualified() {
            let path = call.namespace.to_string();
            if let Some(members) = self
                .known
                .namespaces
                .get(&path)
                .filter(|_| !self.imported.contains(&path))
            {
                let Some(variants) = members.get(name) else {
                    let hint = self.hint(at, |_| known::similar(name, members.keys().map(String::as_str)));
                    let message =
                        format!("`{path}` has no `{name}`{hint}").replace(INVOKE_CALL, &as_written(INVOKE_CALL));
                    return self.warn("unknown_function", message, at);
                };
                if let Some((code, message, at)) = arguments::wrong(&path, call, variants, at) {
                    self.warn(code, message, at);
                }
            } else {
                self.path(&path, call.namespace.position());
            }
            return;
        }
        let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        // A function that is handed to a module finds those of the module that calls it.
        let may_be_elsewhere = !self.imported.is_empty() && !self.at_file_level.contains(&of(at));
        if !is_name || self.functions.contains(name) || self.asked.contains(name) || may_be_elsewhere {
            return;
        }
        if let Some((_, instead)) = ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == name) {
            self.warn("unknown_function", format!("there is no `{name}` here: {instead}"), at);
        } else if self.known.functions.contains(name) {
            // With other arguments it may be another's.
        } else if self.variables.contains_key(name) || self.given.contains(name) {
            let message = format!("`{name}` is a variable: call the function it holds by `{name}.call(..)`");
            self.warn("unknown_function", message, at);
        } else {
            let hint = self.hint(at, |here| known::similar(name, here.callable()));
            self.warn("unknown_function", format!("there is no function `{name}`{hint}"), at);
        }
    }

    fn variable(&mut self, name: &str, at: Position) {
        let is_known = self.resolved.contains(&of(at))
            || NAMES.contains(&name)
            || self.functions.contains(name)
            || self.asked.contains(name);
        let is_inside = !self.at_file_level.contains(&of(at));
        if is_known || (is_inside && self.lends) {
            return;
        }
        let message = match (self.outer.get(name), self.variables.get(name)) {
            (Some(true), _) if is_inside => {
                format!("a function does not see the variables around it: write `global::{name}`")
            }
            (Some(false), _) if is_inside => {
                format!("a function does not see the variables around it: hand `{name}` over as a parameter")
            }
            (_, Some((_, declared))) if of(*declared) > of(at) => format!("`{name}` is declared only further down"),
            (_, Some(_)) => format!("`{name}` is declared in another block, and not here"),
            _ => {
                let hint = self.hint(at, |here| {
                    let names = here.variables.keys().chain(&here.functions);
                    known::similar(name, names.map(String::as_str).chain(NAMES))
                });
                format!("`{name}` is not declared{hint}")
            }
        };
        self.warn("unknown_variable", message, at);
    }

    /// What stands before the last `::`.
    fn path(&mut self, path: &str, at: Position) {
        let path = as_written(path);
        let root = path.split("::").next().unwrap_or_default();
        if root == "global" || self.imported.contains(root) || self.known.namespaces.contains_key(root) {
            return;
        }
        let hint = self.hint(at, |here| {
            let names = here.imported.iter().chain(here.known.namespaces.keys());
            known::similar(root, names.map(String::as_str))
        });
        self.warn("not_imported", format!("the module `{root}` is not imported{hint}"), at);
    }

    /// It may be a closure in a map, so only a run knows that it is not there.
    fn method(&mut self, name: &str, at: Position) {
        if !self.known.functions.contains(name) && !self.functions.contains(name) {
            self.hint(at, |here| known::similar(name, here.callable()));
        }
    }

    /// What can be called without a path.
    fn callable(&self) -> impl Iterator<Item = &str> {
        self.functions.iter().chain(&self.known.functions).map(String::as_str)
    }

    /// The end of a sentence on the name at `at`, when something like it is `meant`.
    fn hint(&mut self, at: Position, meant: impl FnOnce(&Self) -> Option<&str>) -> String {
        self.similar += 1;
        if self.similar > SIMILAR_MAX {
            return String::new();
        }
        let Some(similar) = meant(self).map(str::to_owned) else {
            return String::new();
        };
        let hint = format!("; did you mean `{similar}`?");
        self.hints.push((at, similar));
        hint
    }

    fn warn(&mut self, code: &'static str, message: String, at: Position) {
        let is_told = self.found.iter().any(|(_, _, told)| *told == at);
        if !is_told && !self.tried.contains(&of(at)) {
            self.found.push((code, message, at));
        }
    }
}

fn parameters(ast: &AST, is_of: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let functions = ast.iter_functions().filter(|function| is_of(function.name));
    functions
        .flat_map(|function| function.params)
        .map(str::to_owned)
        .collect()
}

fn place(node: &ASTNode<'_>) -> (usize, usize) {
    of(match node {
        ASTNode::Stmt(Stmt::FnCall(_, at)) => *at,
        other => other.position(),
    })
}

fn of(at: Position) -> (usize, usize) {
    (at.line().unwrap_or(0), at.position().unwrap_or(0))
}
