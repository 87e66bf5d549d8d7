//! The management API without a socket: a host on a database of its own, and callers who hold tokens.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use picloud::clock::Clock;
use picloud::config::{Config, Env};
use picloud::manager;
use picloud::orchestrator::{Engine, Host};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::database::TestDatabase;
use super::echo;

/// A host whose control plane is asked.
pub(crate) struct Api {
    /// The host itself.
    pub(crate) host: Host,
    /// Holds time still; starts in November 2023.
    pub(crate) now_us: Arc<AtomicI64>,
    /// May everything.
    pub(crate) operator: Client,
    router: Router,
    _database: TestDatabase,
}

/// Somebody with a token, or without one.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    secret: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Null when there is no body.
    pub(crate) json: Value,
}

impl Api {
    /// On `database`, with the stand-in for the executor.
    pub(crate) async fn from(database: TestDatabase) -> Self {
        Self::with(database, echo::engine(), &[]).await
    }

    /// On SQLite, for what does not depend on the database.
    pub(crate) async fn start() -> Self {
        Self::from(TestDatabase::sqlite().await).await
    }

    /// With another engine, and with settings.
    pub(crate) async fn with(database: TestDatabase, engine: Engine, settings: &[(&str, &str)]) -> Self {
        let mut settings: HashMap<_, _> = settings
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        settings.insert("PICLOUD_DATA", database.data().display().to_string());
        let lookup = |name: &str| settings.get(name).cloned();
        let config = Config::from_env(&Env::new(&lookup)).unwrap();
        let now_us = Arc::new(AtomicI64::new(1_700_000_000_000_000));
        let host = Host::build(config, database.db.clone(), engine, Clock::Frozen(Arc::clone(&now_us)))
            .await
            .unwrap();
        let secret = picloud::identity::ensure_operator(&host).await.unwrap().made;
        let router = manager::router(host.clone());
        let operator = Client {
            router: router.clone(),
            secret,
        };
        Self {
            host,
            now_us,
            operator,
            router,
            _database: database,
        }
    }

    /// Somebody with this token.
    pub(crate) fn holder(&self, secret: impl Into<String>) -> Client {
        Client {
            router: self.router.clone(),
            secret: Some(secret.into()),
        }
    }

    /// Somebody without a token.
    pub(crate) fn stranger(&self) -> Client {
        Client {
            router: self.router.clone(),
            secret: None,
        }
    }

    /// Makes an app.
    pub(crate) async fn app(&self, name: &str) {
        self.operator.post("/apps", json!({ "name": name })).await.expect(201);
    }

    /// Makes a token of `role` in the app, and somebody who holds it.
    pub(crate) async fn member(&self, app: &str, role: &str) -> Client {
        let new = json!({ "name": "a test's", "role": role });
        let made = self
            .operator
            .post(&format!("/apps/{app}/tokens"), new)
            .await
            .expect(201);
        self.holder(made["secret"].as_str().unwrap())
    }

    /// Lets time pass.
    pub(crate) fn advance_us(&self, us: i64) {
        self.now_us.fetch_add(us, Ordering::Relaxed);
    }
}

impl Client {
    /// `GET /api/v1{path}`
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// `DELETE /api/v1{path}`
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// `POST /api/v1{path}`
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// `PUT /api/v1{path}`
    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// `PATCH /api/v1{path}`
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// The same with a header.
    pub(crate) async fn send_with(
        &self,
        (name, value): (&str, &str),
        method: Method,
        path: &str,
        body: Value,
    ) -> Answer {
        let secret = self.secret.as_deref().unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {secret}"))
            .header("content-type", "application/json")
            .header(name, value);
        self.send_raw(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Saves `source` as an endpoint.
    pub(crate) async fn save(&self, app: &str, script: &str, source: &str) -> Answer {
        self.put(
            &format!("/apps/{app}/scripts/{script}"),
            json!({ "kind": "endpoint", "source": source }),
        )
        .await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if let Some(secret) = &self.secret {
            request = request.header("authorization", format!("Bearer {secret}"));
        }
        let body = match body {
            Some(json) => {
                request = request.header("content-type", "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        self.send_raw(request.body(body).unwrap()).await
    }

    /// As it is, without a token of ours.
    pub(crate) async fn send_raw(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let json = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).expect("JSON")
        };
        Answer {
            status: parts.status,
            headers: parts.headers,
            json,
        }
    }
}

impl Answer {
    /// The body, when the status is this one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.json);
        self.json
    }

    /// The error's message, when it is this error.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> String {
        assert_eq!(
            (self.status.as_u16(), self.json["error"]["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.json
        );
        self.json["error"]["message"].as_str().unwrap().to_owned()
    }
}
