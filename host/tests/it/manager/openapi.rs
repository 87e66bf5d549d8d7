//! The API's description: as reviewed, and honest.

use picloud::ids::{AppId, ExecutionId, RouteId, ScriptId, TokenId};
use picloud::manager::{PUBLIC_DOORS, document_pretty};
use picloud_sdk::api::PREFIX;
use serde_json::Value;

use crate::harness::api::Api;

/// Method, path, whether it asks for no token.
pub(crate) fn operations() -> Vec<(String, String, bool)> {
    let document: Value = serde_json::from_str(&document_pretty()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
            let public = operation["security"] == serde_json::json!([{}]);
            operations.push((method.to_uppercase(), path.clone(), public));
        }
    }
    operations
}

#[test]
fn only_listed_doors_are_public() {
    let public: Vec<_> = operations()
        .into_iter()
        .filter(|(_, _, public)| *public)
        .map(|(m, p, _)| format!("{m} {p}"))
        .collect();
    let listed: Vec<_> = PUBLIC_DOORS
        .iter()
        .map(|(door, reason)| {
            assert!(reason.len() > 20, "{door}: say why");
            (*door).to_owned()
        })
        .collect();
    assert_eq!(public, listed);
}

#[test]
fn every_operation_says_what_it_does() {
    let document: Value = serde_json::from_str(&document_pretty()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with(PREFIX), "{path}");
        for (method, operation) in item.as_object().unwrap() {
            let door = format!("{method} {path}");
            assert!(
                !operation["summary"].as_str().unwrap_or_default().is_empty(),
                "{door}: no doc comment"
            );
            assert!(operation["responses"]["default"].is_object(), "{door}: no error");
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(
                    !response["description"].as_str().unwrap_or_default().is_empty(),
                    "{door} {status}: no description"
                );
            }
            assert!(
                ids.insert(operation["operationId"].as_str().unwrap().to_owned()),
                "{door}: its id is taken"
            );
            let in_path: Vec<_> = path
                .split('{')
                .skip(1)
                .map(|rest| rest.split('}').next().unwrap())
                .collect();
            let none = Vec::new();
            let documented: Vec<_> = operation["parameters"]
                .as_array()
                .unwrap_or(&none)
                .iter()
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            assert_eq!(in_path, documented, "{door}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        found.extend(value.get("$ref").and_then(Value::as_str));
        let (map, list) = (value.as_object(), value.as_array());
        for inner in map
            .into_iter()
            .flat_map(|map| map.values())
            .chain(list.into_iter().flatten())
        {
            references(inner, found);
        }
    }
    let document: Value = serde_json::from_str(&document_pretty()).unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 40);
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("a reference within the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn the_patterns_of_ids_are_what_ids_are() {
    let document = document_pretty();
    let known = [
        AppId::PREFIX,
        ScriptId::PREFIX,
        RouteId::PREFIX,
        ExecutionId::PREFIX,
        TokenId::PREFIX,
    ]
    .map(|prefix| format!("^{prefix}_[0-9a-f]{{32}}$"));
    // Of names of secrets and settings, of names of triggers, and of messages' numbers.
    let others = ["^[A-Za-z_][A-Za-z0-9_]{0,63}$", "^[a-z][a-z0-9._-]{0,63}$", "^[0-9]+$"];
    let known = [known.as_slice(), &others.map(str::to_owned)].concat();
    let mut told: Vec<&str> = document
        .split("\"pattern\": \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    told.sort_unstable();
    told.dedup();
    assert!(known.iter().all(|pattern| told.contains(&pattern.as_str())), "{told:?}");
    assert_eq!(told.len(), known.len(), "{told:?}");
}

#[tokio::test]
async fn the_document_is_served_to_everybody() {
    let api = Api::start().await;
    let served = api.stranger().get("/openapi.json").await.expect(200);
    assert_eq!(served, serde_json::from_str::<Value>(&document_pretty()).unwrap());
}
