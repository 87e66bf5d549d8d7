//! Calls of the API with arguments that no variant of the function takes.

use std::collections::BTreeSet;

use picloud_sdk::compile::as_written;
use rhai::{Expr, FnCallExpr, Position};

use crate::known::Params;
use crate::words;

/// Types of which a literal has just one, and a parameter takes no other.
const TOLD_APART: [&str; 9] = ["Fn", "array", "blob", "bool", "char", "float", "int", "map", "string"];

/// A code, a sentence and a place.
type Wrong = (&'static str, String, Position);

/// What is wrong with a call of `path::name`, whose variants have these parameters, and where.
pub(crate) fn wrong(path: &str, call: &FnCallExpr, variants: &[Params], at: Position) -> Option<Wrong> {
    let (name, count) = (&*as_written(&call.name), call.args.len());
    let fitting: Vec<&Params> = variants.iter().filter(|params| params.len() == count).collect();
    if fitting.is_empty() {
        let plural = if count == 1 { "" } else { "s" };
        let there = shown(path, name, variants);
        let message = format!("`{path}` has no `{name}` with {count} argument{plural}: {there}");
        return Some(("wrong_arity", message, at));
    }
    let takes_all = |params: &&Params| (0..count).all(|at| takes(&params[at], &call.args[at]));
    if fitting.iter().any(takes_all) {
        return None;
    }
    let is_refused = |at: &usize| !fitting.iter().any(|params| takes(&params[*at], &call.args[*at]));
    let Some(refused) = (0..count).find(is_refused) else {
        let there = shown(path, name, variants);
        return Some((
            "wrong_type",
            format!("`{path}::{name}` takes these arguments not together: {there}"),
            at,
        ));
    };
    let argument = &call.args[refused];
    let wanted = distinct(fitting.iter().map(|params| with_article(type_of(&params[refused])))).join(" or ");
    let named = match &*distinct(fitting.iter().map(|params| params[refused].0.clone())) {
        [name] => format!(" as `{name}`"),
        _ => String::new(),
    };
    let is = with_article(literal_type(argument)?);
    let message = format!("`{path}::{name}` takes {wanted}{named}, and this is {is}");
    Some(("wrong_type", message, argument.position()))
}

fn distinct(words: impl Iterator<Item = String>) -> Vec<String> {
    words.collect::<BTreeSet<_>>().into_iter().collect()
}

fn with_article(word: &str) -> String {
    if word == "()" {
        "`()`".to_owned()
    } else {
        words::a_type(word)
    }
}

/// Whether an argument may be one for a parameter: what is not certain may.
fn takes(parameter: &(String, String), argument: &Expr) -> bool {
    let wanted = type_of(parameter);
    literal_type(argument).is_none_or(|is| is == wanted || !TOLD_APART.contains(&wanted))
}

/// The author's word for a parameter's type.
fn type_of((_, of): &(String, String)) -> &str {
    match words::of_type(of) {
        "Array" => "array",
        "Blob" => "blob",
        "Map" => "map",
        other => other,
    }
}

/// The type that an expression has in every run, as its text says it.
const fn literal_type(expression: &Expr) -> Option<&'static str> {
    Some(match expression {
        Expr::IntegerConstant(..) => "int",
        Expr::FloatConstant(..) => "float",
        Expr::StringConstant(..) | Expr::InterpolatedString(..) => "string",
        Expr::CharConstant(..) => "char",
        Expr::BoolConstant(..) => "bool",
        Expr::Array(..) => "array",
        Expr::Map(..) => "map",
        Expr::Unit(_) => "()",
        _ => return None,
    })
}

/// What there is, as an author writes it.
fn shown(path: &str, name: &str, variants: &[Params]) -> String {
    let variants = variants.iter().map(|params| {
        let params = params.iter().map(|param| match type_of(param) {
            "any" => param.0.clone(),
            of => format!("{}: {of}", param.0),
        });
        format!("`{path}::{name}({})`", params.collect::<Vec<_>>().join(", "))
    });
    variants.collect::<Vec<_>>().join(", ")
}
