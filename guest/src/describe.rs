//! The script API as JSON, generated from the registrations: names, signatures, docs.

use picloud_sdk::compile::{ALIAS_MARK, as_written};
use rhai::Engine;
use serde_json::{Map, Value, json};

/// `sdk/api/script.json`: our own functions and the standard library's, sorted.
pub(crate) fn script_api(engine: &Engine) -> String {
    let own = functions(engine, false);
    let mut functions = functions(engine, true);
    for function in &mut functions {
        function["standard"] = (!own.contains(function)).into();
    }
    let api = json!({ "sdk_version": picloud_sdk::SDK_VERSION, "names": names(), "functions": functions });
    let mut text = serde_json::to_string_pretty(&api).expect("plain data");
    text.push('\n');
    text
}

fn functions(engine: &Engine, standard_too: bool) -> Vec<Value> {
    let metadata = engine
        .gen_fn_metadata_to_json(standard_too)
        .expect("metadata is plain data");
    let metadata: Value = serde_json::from_str(&metadata).expect("it was just written");
    let mut functions = Vec::new();
    collect(&metadata, "", &mut functions);
    functions.sort_by_key(|function| {
        let text = |field: &str| function[field].as_str().unwrap_or_default().to_owned();
        (text("namespace"), text("name"), text("signature"))
    });
    functions.dedup();
    // Registered only to be refused.
    functions.retain(|function| function["name"] != "sleep" && !is_operator_of_decimals(function));
    functions
}

/// They are many, and what `decimal` says of itself.
fn is_operator_of_decimals(function: &Value) -> bool {
    let text = |field: &str| function[field].as_str().unwrap_or_default();
    let is_sign = text("name").chars().all(|c| c.is_ascii_punctuation());
    is_sign && text("signature").contains("decimal")
}

/// What a function is called, and the names and types of its parameters.
pub(crate) struct Signature {
    /// Empty for most.
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) params: Vec<(String, String)>,
}

/// Those of all functions.
pub(crate) fn signatures(engine: &Engine) -> impl Iterator<Item = Signature> {
    engine.gen_fn_signatures(true).into_iter().filter_map(|signature| {
        let (called, rest) = signature.split_once('(')?;
        let (path, name) = called.rsplit_once("::").unwrap_or(("", called));
        let is_name = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | ALIAS_MARK));
        is_name.then(|| Signature {
            path: path.to_owned(),
            name: name.to_owned(),
            params: params(rest),
        })
    })
}

/// What stands before the bracket that closes. No type of a parameter has a comma in it.
fn params(rest: &str) -> Vec<(String, String)> {
    let (params, _) = rest
        .rsplit_once(") ->")
        .or_else(|| rest.rsplit_once(')'))
        .unwrap_or_default();
    let params = params.split(", ").filter(|param| !param.is_empty());
    params
        .map(|param| param.split_once(": ").unwrap_or((param, "")))
        .map(|(name, of)| (name.trim_start_matches("mut ").to_owned(), of.to_owned()))
        .collect()
}

/// What stands ready in every endpoint without an import.
fn names() -> Value {
    json!([
        { "name": "req", "type": "Request", "doc": "The HTTP request." },
        { "name": "event", "type": "Event", "doc": "What the run is for, when it is not a request: a message, a schedule, a change." },
        { "name": "ctx", "type": "Context", "doc": "Whose run this is: app, script, version, execution, attempt, trace, now." },
    ])
}

fn collect(module: &Value, namespace: &str, into: &mut Vec<Value>) {
    for function in module["functions"].as_array().into_iter().flatten() {
        into.push(one(function, namespace));
    }
    for (name, inner) in module["modules"].as_object().unwrap_or(&Map::new()) {
        let path = if namespace.is_empty() {
            name.clone()
        } else {
            format!("{namespace}::{name}")
        };
        collect(inner, &path, into);
    }
}

fn one(function: &Value, namespace: &str) -> Value {
    let doc: Vec<String> = function["docComments"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|comment| {
            comment
                .lines()
                .map(|line| line.trim_start_matches("///").trim_start_matches(' '))
                .collect::<Vec<_>>()
                .join("\n")
        })
        .collect();
    let text = |field: &str| function[field].as_str().unwrap_or_default();
    json!({
        "namespace": namespace,
        "name": as_written(text("name")),
        "signature": text("signature").replacen(text("name"), &as_written(text("name")), 1),
        "params": function["params"],
        "returns": function["returnType"],
        "doc": doc.join("\n"),
    })
}
