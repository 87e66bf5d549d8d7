//! Modules, with the real sandboxes: linked when saved, pinned, refused in words that help, and closed to other apps.

mod apart;
mod hostile;
mod pinned;
mod push;
mod refused;

use serde_json::{Value, json};

use crate::harness::api::{Answer, Api};
use crate::harness::database::TestDatabase;
use crate::harness::sandbox;

/// An API over real sandboxes with an app `shop`.
pub(crate) struct Shop(pub(crate) Api);

impl Shop {
    pub(crate) async fn from(database: TestDatabase) -> Self {
        let api = Api::with(database, sandbox::engine(), &[("PICLOUD_MODULE_DEPTH_MAX", "3")]).await;
        api.app("shop").await;
        Self(api)
    }

    pub(crate) async fn put(&self, name: &str, kind: &str, source: &str) -> Answer {
        self.0.advance_us(1);
        let path = format!("/apps/shop/scripts/{}", name.replace('/', "%2F"));
        self.0
            .operator
            .put(&path, json!({ "kind": kind, "source": source }))
            .await
    }

    pub(crate) async fn module(&self, name: &str, source: &str) -> Value {
        self.put(name, "module", source).await.expect(200)
    }

    pub(crate) async fn endpoint(&self, name: &str, source: &str) -> Value {
        self.put(name, "endpoint", source).await.expect(200)
    }

    /// What the live version of an endpoint replies.
    pub(crate) async fn run(&self, name: &str) -> String {
        let path = format!("/apps/shop/scripts/{name}/run");
        let ran = self.0.operator.post(&path, json!({})).await.expect(200);
        match ran["reply"]["body"].as_str() {
            Some(body) => body.to_owned(),
            None => format!("{}: {}", ran["ending"].as_str().unwrap(), ran["error"]),
        }
    }

    /// Number and cause of each version, newest first.
    pub(crate) async fn versions(&self, name: &str) -> Vec<(i64, Option<String>)> {
        let list = self
            .0
            .operator
            .get(&format!("/apps/shop/scripts/{name}/versions"))
            .await
            .expect(200);
        let version = |version: &Value| {
            let cause = version["relinked_for"].as_str().map(str::to_owned);
            (version["number"].as_i64().unwrap(), cause)
        };
        list["items"].as_array().unwrap().iter().map(version).collect()
    }
}
