//! The examples answer whatever they are sent: what is wrong with it is the caller's fault.

use std::sync::Arc;

use picloud_executor::{Ending, Linked};
use picloud_sdk::event::HttpRequest;

use crate::harness::{artifact, get, job, render, run};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/examples");
const BODIES: [&str; 12] = [
    "",
    "{",
    "null",
    "[]",
    "{}",
    "5",
    "\"x\"",
    "[null, 1, [], {}]",
    r#"{"items": null}"#,
    r#"{"items": [null, 1, "x", []]}"#,
    r#"{"items": [{"sku": ["pen"], "count": 1}]}"#,
    r#"{"items": [{"sku": "pen", "count": 9223372036854775807}], "event": [], "title": 5, "year": "x"}"#,
];

async fn linked(file: &str) -> Linked {
    let source = |name: &str| std::fs::read_to_string(format!("{FOLDER}/{name}")).unwrap();
    let mut modules = Vec::new();
    if file.starts_with("shop/") {
        for module in ["cart", "pricing", "prices", "lib/money"] {
            let text = source(&format!("shop/{module}.rhai"));
            modules.push((Arc::from(module), artifact(&text).await.unwrap()));
        }
    }
    Linked::of(artifact(&source(file)).await.unwrap(), modules)
}

#[tokio::test]
async fn a_body_of_any_shape_is_answered() {
    for file in ["books", "letter", "order", "report", "webhook", "shop/orders"] {
        let program = linked(&format!("{file}.rhai")).await;
        for body in BODIES {
            let request = HttpRequest {
                method: "POST",
                headers: vec![("x-hook-secret", b"change me"), ("content-type", b"application/json")],
                ..get()
            };
            let execution = run(job(program.clone(), request, body.as_bytes())).await;
            let is_answered = match &execution.ending {
                Ending::Replied(reply) => reply.status < 500,
                Ending::Threw(error) => error.caller_status == Some(400),
                _ => false,
            };
            assert!(is_answered, "{file} for {body}: {}", render(&execution));
        }
    }
}
