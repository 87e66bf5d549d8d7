//! How a module falls into parts that run without each other, as far as its text shows. In doubt it stays whole.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Expr, FnPtr, Stmt};

use crate::linkage::unfit;
use crate::natives;

/// Grouping looks at all functions for each: of more than this a module stays whole.
const FUNCTIONS_MAX: usize = 256;

/// Every name without a path that could mean a function: calls, methods, variables, texts.
pub(crate) fn mentions(ast: &AST) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    ast.walk(&mut |path| {
        let mut mention = |name: &str| {
            names.insert(name.to_owned());
        };
        match path.last() {
            Some(ASTNode::Stmt(Stmt::FnCall(call, _))) if !call.is_qualified() => mention(&call.name),
            Some(ASTNode::Expr(expression)) => match expression {
                Expr::FnCall(call, _) | Expr::MethodCall(call, _) if !call.is_qualified() => mention(&call.name),
                Expr::Variable(variable, ..) if variable.2.is_empty() => mention(&variable.1),
                Expr::StringConstant(text, _) if is_name(text) => mention(text),
                Expr::DynamicConstant(..) => pointer(expression).into_iter().for_each(|name| mention(&name)),
                _ => {}
            },
            _ => {}
        }
        true
    });
    names
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The function that a constant points to.
fn pointer(expression: &Expr) -> Option<String> {
    match expression {
        Expr::DynamicConstant(value, _) => Some(value.read_lock::<FnPtr>()?.fn_name().to_owned()),
        _ => None,
    }
}

/// The functions of a module, grouped such that no group mentions another. None when it has to stay whole: when its
/// constants take a run to know, when it has very many functions, when it makes names as it runs, when it has methods for types, or when a closure or a
/// function's name may come back from elsewhere.
pub(crate) fn groups(ast: &AST) -> Vec<BTreeSet<String>> {
    let whole = unfit(ast).next().is_some() || !has_plain_constants(ast) || makes_names(ast) || has_methods(ast);
    if whole || lets_functions_out(ast) {
        return Vec::new();
    }
    let names: BTreeSet<&str> = ast.iter_functions().map(|function| function.name).collect();
    if names.len() > FUNCTIONS_MAX {
        return Vec::new();
    }
    let mut group_of: BTreeMap<&str, &str> = names.iter().map(|name| (*name, *name)).collect();
    for name in &names {
        // Rhai's `clone_functions_only_filtered` does not filter.
        let mut one = ast.clone_functions_only();
        one.retain_functions(|_, _, other, _| other == *name);
        for mentioned in mentions(&one) {
            let Some(old) = group_of.get(mentioned.as_str()).copied() else {
                continue;
            };
            let new = group_of[name];
            group_of
                .values_mut()
                .filter(|group| **group == old)
                .for_each(|group| *group = new);
        }
    }
    let mut groups: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, group) in group_of {
        groups.entry(group).or_default().insert(name.to_owned());
    }
    if groups.len() < 2 {
        Vec::new()
    } else {
        groups.into_values().collect()
    }
}

/// Constants that are nothing but what is written: evaluated twice they are the same, and nobody sees it.
fn has_plain_constants(ast: &AST) -> bool {
    ast.statements().iter().all(|statement| match statement {
        Stmt::Var(variable, ..) => variable.1.is_constant(),
        _ => true,
    })
}

/// Functions for values of a type, which go by no path.
pub(crate) fn has_methods(ast: &AST) -> bool {
    ast.iter_functions().any(|function| function.this_type.is_some())
}

/// Whether a function may be called by a name that is not in the text.
pub(crate) fn makes_names(ast: &AST) -> bool {
    any(ast, |path| match path.last() {
        Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) => {
            matches!(call.name.as_str(), "Fn" | "is_def_fn")
                && !matches!(call.args.first(), Some(Expr::StringConstant(..)))
        }
        _ => false,
    })
}

/// Whether a closure, or the name of a function, goes anywhere but straight into a native function that keeps none.
fn lets_functions_out(ast: &AST) -> bool {
    let names: BTreeSet<&str> = ast.iter_functions().map(|function| function.name).collect();
    if names.iter().any(|name| natives::calls_closures(name)) {
        return true;
    }
    any(ast, |path| match path {
        [.., ASTNode::Expr(Expr::Variable(variable, ..))] => names.contains(variable.1.as_str()),
        [.., ASTNode::Expr(Expr::StringConstant(text, _))] => names.contains(text.as_str()),
        [above @ .., ASTNode::Expr(constant @ Expr::DynamicConstant(..))] if pointer(constant).is_some() => {
            // One that captures is `curry(closure, variables)`.
            let above = match above {
                [above @ .., ASTNode::Expr(Expr::FnCall(call, _))] if call.name == "curry" => above,
                above => above,
            };
            !matches!(above, [.., ASTNode::Expr(Expr::MethodCall(call, _))] if natives::calls_closures(&call.name))
        }
        _ => false,
    })
}

fn any(ast: &AST, is: impl Fn(&[ASTNode<'_>]) -> bool) -> bool {
    let mut found = false;
    ast.walk(&mut |path| {
        found = is(path);
        !found
    });
    found
}
