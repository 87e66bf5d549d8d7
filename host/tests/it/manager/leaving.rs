//! Clients that go away in the middle of a change: what is stored is what answers, whoever waits for it.

mod messages;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use picloud::orchestrator::{Admission, Snapshots};
use serde_json::{Value, json};

use crate::harness::host::TestHost;

/// Operations that are no reading and change nothing of what is stored, each with its reason.
const CHANGE_NOTHING: &[(&str, &str)] = &[
    ("POST /apps/{app}/scripts/{name}/run", "it runs a script"),
    ("POST /apps/{app}/schedule-times", "it tells times"),
    (
        "POST /apps/{app}/executions/{id}/replay",
        "it runs a script in a world that is over",
    ),
    ("POST /check", "it compiles a source"),
    ("POST /apps/{app}/collections/{collection}/find", "it reads"),
    ("POST /apps/{app}/collections/{collection}/count", "it reads"),
];

/// How long a server may take until what is stored answers, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_save_that_nobody_waits_for_answers() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[("GET /", "reply 200 start")]).await;
        for turn in 0..200 {
            let save = json!({ "kind": "endpoint", "source": format!("reply 200 v{turn}") });
            let line = "PUT /apps/a/scripts/script_0";
            host.manage_and_leave(line, &save, turn % 40 * 400).await;
            until_served_as_stored(&host).await;
        }
        let saved = host.number("select count(*) from versions").await;
        assert!(saved > 1, "no save of those who left came to its end");
    }
}

#[tokio::test]
async fn every_change_that_nobody_waits_for_answers() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[("GET /", "reply 200 one")]).await;
        host.script("a", "script_0", "reply 200 two").await;
        host.script("a", "fails", "reply 500 no").await;
        let mut told = BTreeSet::new();
        for turn in 0..8 {
            let things = things(&host, turn).await;
            let changes = changes(&things).into_iter().chain(secret_changes(turn));
            let changes = changes
                .chain(data_changes(turn))
                .chain(messages::changes((turn, &things.letters)));
            for (operation, line, body) in changes {
                told.insert(operation.to_owned());
                host.manage_and_leave(&line, &body, turn * 1_500).await;
                until_served_as_stored(&host).await;
            }
        }
        assert_eq!(
            told,
            mutating_operations(),
            "every operation that changes something is tried"
        );
    }
}

/// What the requests of a turn are about, and the ids of what is there.
struct Things {
    turn: usize,
    old: String,
    gone: String,
    route: String,
    token: String,
    operator: String,
    /// Dead ones.
    letters: [String; 2],
}

async fn made(host: &TestHost, line: &str, body: Value) -> String {
    let answer = host.manage(line, body).await;
    assert!(answer.status < 300, "{line}: {}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// Makes what is to be changed in this turn.
async fn things(host: &TestHost, turn: usize) -> Things {
    let (old, gone) = (format!("old{turn}"), format!("gone{turn}"));
    made(host, "POST /apps", json!({ "name": old })).await;
    made(host, "POST /apps", json!({ "name": gone })).await;
    host.script("a", &gone, "reply 204").await;
    let route = json!({ "method": "GET", "pattern": format!("/gone{turn}"), "script": "script_0" });
    let token = json!({ "name": "n", "role": "viewer" });
    Things {
        turn,
        old,
        gone,
        route: made(host, "POST /apps/a/routes", route).await,
        token: made(host, "POST /apps/a/tokens", token).await,
        operator: made(host, "POST /tokens", json!({ "name": "n" })).await,
        letters: messages::dead(host, turn).await,
    }
}

/// One request for each operation: the operation, the line, the body.
fn changes(things: &Things) -> [(&'static str, String, Value); 14] {
    let Things {
        turn,
        old,
        gone,
        route,
        token,
        operator,
        letters: _,
    } = things;
    let app = json!({ "name": format!("new{turn}") });
    let change = json!({ "show_errors": true, "hosts": [format!("{old}.example.com")] });
    let new_route = json!({ "method": "GET", "pattern": format!("/new{turn}"), "script": "script_0" });
    let endpoint = json!({ "kind": "endpoint", "source": "reply 204" });
    let mut pushed = endpoint.clone();
    pushed["name"] = format!("pushed{turn}").into();
    pushed["routes"] = json!([{ "method": "GET", "pattern": format!("/pushed{turn}") }]);
    let push = json!({ "scripts": [pushed] });
    let new_token = json!({ "name": "n", "role": "viewer" });
    let live = turn % 2 + 1;
    [
        ("POST /apps", "POST /apps".to_owned(), app),
        ("PATCH /apps/{app}", format!("PATCH /apps/{old}"), change),
        ("DELETE /apps/{app}", format!("DELETE /apps/{gone}"), Value::Null),
        ("POST /apps/{app}/routes", "POST /apps/a/routes".to_owned(), new_route),
        (
            "PATCH /apps/{app}/routes/{id}",
            format!("PATCH /apps/a/routes/{route}"),
            json!({ "idempotency": "off" }),
        ),
        (
            "DELETE /apps/{app}/routes/{id}",
            format!("DELETE /apps/a/routes/{route}"),
            Value::Null,
        ),
        ("POST /apps/{app}/scripts", "POST /apps/a/scripts".to_owned(), push),
        (
            "PUT /apps/{app}/scripts/{name}",
            format!("PUT /apps/a/scripts/put{turn}"),
            endpoint,
        ),
        (
            "DELETE /apps/{app}/scripts/{name}",
            format!("DELETE /apps/a/scripts/{gone}"),
            Value::Null,
        ),
        (
            "POST /apps/{app}/scripts/{name}/versions/{number}/live",
            format!("POST /apps/a/scripts/script_0/versions/{live}/live"),
            Value::Null,
        ),
        ("POST /apps/{app}/tokens", "POST /apps/a/tokens".to_owned(), new_token),
        (
            "DELETE /apps/{app}/tokens/{id}",
            format!("DELETE /apps/a/tokens/{token}"),
            Value::Null,
        ),
        ("POST /tokens", "POST /tokens".to_owned(), json!({ "name": "n" })),
        ("DELETE /tokens/{id}", format!("DELETE /tokens/{operator}"), Value::Null),
    ]
}

/// The same of what its scripts are told.
fn secret_changes(turn: usize) -> [(&'static str, String, Value); 7] {
    let value = json!({ "value": format!("value {turn}") });
    [
        (
            "PUT /apps/{app}/secrets/{name}",
            format!("PUT /apps/a/secrets/S{turn}"),
            value.clone(),
        ),
        (
            "DELETE /apps/{app}/secrets/{name}",
            format!("DELETE /apps/a/secrets/S{}", turn / 2),
            Value::Null,
        ),
        ("PUT /apps/{app}/env/{name}", format!("PUT /apps/a/env/E{turn}"), value),
        (
            "PUT /apps/{app}/allow/{host}",
            format!("PUT /apps/a/allow/h{turn}.example"),
            json!({}),
        ),
        (
            "DELETE /apps/{app}/allow/{host}",
            format!("DELETE /apps/a/allow/h{}.example", turn / 2),
            Value::Null,
        ),
        (
            "DELETE /apps/{app}/env/{name}",
            format!("DELETE /apps/a/env/E{}", turn / 2),
            Value::Null,
        ),
        ("POST /secrets/key", "POST /secrets/key".to_owned(), Value::Null),
    ]
}

/// The same of what the app keeps, which is no part of what a server answers by.
fn data_changes(turn: usize) -> [(&'static str, String, Value); 11] {
    let of = "/apps/a/collections/c";
    let document = format!("{of}/documents/d{turn}");
    let index = format!("{of}/indexes/i{turn}");
    [
        (
            "PUT /apps/{app}/kv/{key}",
            format!("PUT /apps/a/kv/k{turn}"),
            json!({ "value": turn }),
        ),
        (
            "DELETE /apps/{app}/kv/{key}",
            format!("DELETE /apps/a/kv/k{turn}"),
            Value::Null,
        ),
        (
            "POST /apps/{app}/import",
            "POST /apps/a/import".to_owned(),
            json!({ "documents": { "c": [{ "n": turn }] } }),
        ),
        (
            "POST /apps/{app}/collections/{collection}/documents",
            format!("POST {of}/documents"),
            json!({ "n": turn }),
        ),
        (
            "PUT /apps/{app}/collections/{collection}/documents/{id}",
            format!("PUT {document}"),
            json!({ "n": turn }),
        ),
        (
            "PATCH /apps/{app}/collections/{collection}/documents/{id}",
            format!("PATCH {document}"),
            json!({ "n": 0 }),
        ),
        (
            "DELETE /apps/{app}/collections/{collection}/documents/{id}",
            format!("DELETE {document}"),
            Value::Null,
        ),
        (
            "PUT /apps/{app}/collections/{collection}/indexes/{name}",
            format!("PUT {index}"),
            json!({ "fields": ["n"] }),
        ),
        (
            "DELETE /apps/{app}/collections/{collection}/indexes/{name}",
            format!("DELETE {index}"),
            Value::Null,
        ),
        (
            "PUT /apps/{app}/collections/{collection}/schema",
            format!("PUT {of}/schema"),
            json!({ "required": ["id"] }),
        ),
        (
            "DELETE /apps/{app}/collections/{collection}/schema",
            format!("DELETE {of}/schema"),
            Value::Null,
        ),
    ]
}

/// What the published document says may change something.
fn mutating_operations() -> BTreeSet<String> {
    let document: Value = serde_json::from_str(&picloud::manager::document_pretty()).unwrap();
    let mut operations = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap();
        for method in methods.as_object().unwrap().keys().filter(|method| *method != "get") {
            operations.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    for (operation, why) in CHANGE_NOTHING {
        assert!(operations.remove(*operation), "{operation} ({why}) is not there");
    }
    operations
}

/// Waits until the tables by which the server answers are those that a server would load that starts now.
async fn until_served_as_stored(host: &TestHost) {
    let (mut stored, mut served) = (BTreeMap::new(), BTreeMap::new());
    let waiting = async {
        loop {
            let admission = Admission::new((1, 1), Duration::ZERO, 1 << 30);
            served = described(&host.host.routes);
            stored = described(
                &Snapshots::load(&host.host.db, &host.host.keys, &admission)
                    .await
                    .unwrap(),
            );
            if served == stored {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let answers = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
    assert!(
        answers,
        "what is stored does not answer\nstored: {stored:#?}\nserved: {served:#?}"
    );
}

/// Every app, by name: what it is and where it answers.
fn described(snapshots: &Snapshots) -> BTreeMap<String, String> {
    let directory = snapshots.current();
    let apps = directory.ids().map(|id| {
        let app = directory.by_id(id).unwrap();
        let endpoints: BTreeMap<_, _> = app
            .endpoints
            .iter()
            .map(|(name, target)| (name, target.number))
            .collect();
        let own_host = directory
            .by_host(&format!("{}.example.com", app.name))
            .map(|app| app.id);
        let text = format!(
            "{id} {} {own_host:?} {endpoints:?} {:?} {:?}",
            app.show_errors, app.routes, app.allowed
        );
        (app.name.to_string(), text)
    });
    apps.collect()
}
