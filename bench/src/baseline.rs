//! What PiCloud is compared with: a bare axum handler, and native Rhai with a cached AST behind axum.

use std::cell::OnceCell;

use axum::Router;
use axum::routing::{get, post};
use rhai::{AST, Dynamic, Engine, Scope};

use crate::scripts::{HELLO, ORDER};

thread_local! {
    /// One engine for each thread: Rhai without its `sync` feature is the faster one.
    static NATIVE: OnceCell<(Engine, AST, AST)> = const { OnceCell::new() };
}

/// Serves on a port that the system picks and prints it.
pub(crate) fn serve() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
            println!("{}", listener.local_addr()?);
            Ok(axum::serve(listener, router()).await?)
        })
}

fn router() -> Router {
    Router::new()
        .route("/axum/hello", get(async || "Hello, world"))
        .route("/axum/order", post(order))
        .route(
            "/rhai/hello",
            get(async || native(String::new(), |(_, hello, _)| hello)),
        )
        .route(
            "/rhai/order",
            post(async |body: String| native(body, |(_, _, order)| order)),
        )
}

/// The same work in Rust.
async fn order(body: String) -> String {
    let mut order: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let mut items = order["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let total: f64 = items
        .iter()
        .map(|item| item["price"].as_f64().unwrap_or(0.0) * item["count"].as_f64().unwrap_or(0.0))
        .sum();
    items.sort_by(|a, b| {
        a["price"]
            .as_f64()
            .unwrap_or(0.0)
            .total_cmp(&b["price"].as_f64().unwrap_or(0.0))
    });
    serde_json::json!({ "id": order["id"], "total": total, "items": items }).to_string()
}

fn native(body: String, script: impl Fn(&(Engine, AST, AST)) -> &AST) -> String {
    NATIVE.with(|native| {
        let native = native.get_or_init(|| {
            let engine = Engine::new();
            let compile = |source| engine.compile(source).expect("the bench's own scripts compile");
            let (hello, order) = (compile(HELLO.native), compile(ORDER.native));
            (engine, hello, order)
        });
        let mut scope = Scope::new();
        scope.push("body", body);
        let value: Result<Dynamic, _> = native.0.eval_ast_with_scope(&mut scope, script(native));
        value.map_or_else(|error| error.to_string(), |value| value.to_string())
    })
}
