//! One file, saved as one script; then its routes.

use anyhow::anyhow;
use reqwest::Method;
use serde_json::{Value, json};

use super::route::Route;
use super::{Kind, Push, Text, refusal, tell};
use crate::cli::remote::{Client, segment};
use crate::cli::{Done, Failure, say, source};

/// More than any server takes; it says what its own bound is.
const FILE_BYTES_MAX: u64 = 4 << 20;

pub(super) async fn push(push: &Push, json: bool) -> Done {
    let name = match &push.name {
        Some(name) => name.clone(),
        None => source::script_name(&push.path)?,
    };
    let kind = push.kind.unwrap_or(Kind::Endpoint);
    if kind == Kind::Module && !push.routes.is_empty() {
        return Err(Failure::Usage(anyhow!(
            "a module answers no requests: it has no routes"
        )));
    }
    let file = push.path.display().to_string();
    let bytes = source::read_bounded(&push.path, FILE_BYTES_MAX).map_err(Failure::Usage)?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::Wrong(anyhow!("{file} is not UTF-8")))?;
    if push.dry_run {
        would_push(&name, kind, &push.routes, json);
        return Ok(());
    }

    let client = push.remote.client()?;
    let app = push.app_path()?;
    let text = Text {
        file: &file,
        text: &text,
    };
    let script = json!({ "kind": kind, "source": text.text });
    let path = format!("{app}/scripts/{}", segment(&name)?);
    let saved = client.ask(Method::PUT, &path, Some(&script)).await?;
    let saved = saved.map_err(|refused| refusal(&client, &refused, Some(&text)))?;
    if !json {
        tell(&saved["warnings"], &text);
        say::result(&format!("{name} version {}", saved["version"]));
        for other in saved["relinked"].as_array().into_iter().flatten() {
            let name = other["name"].as_str().unwrap_or_default();
            say::result(&format!("{name} version {} (relinked)", other["version"]));
        }
    }
    let mut routes = Vec::new();
    for route in &push.routes {
        let put = put(route, &client, &app, &name)
            .await
            .inspect_err(|_| say::note(&format!("{name} is saved and live; its route {route} is not added")));
        routes.push(put?);
        if !json {
            say::result(&route.to_string());
        }
    }
    if json {
        say::json(&json!({ "script": saved, "routes": routes }));
    }
    Ok(())
}

fn would_push(name: &str, kind: Kind, routes: &[Route], json: bool) {
    if json {
        say::json(&json!({ "scripts": [{ "name": name, "kind": kind, "routes": routes }] }));
        return;
    }
    say::result(&format!("{:8} {name}", kind.as_str()));
    for route in routes {
        say::result(&route.to_string());
    }
}

/// The route as it is now: there already, or made.
async fn put(route: &Route, client: &Client, app: &str, script: &str) -> Result<Value, Failure> {
    let there = client.all(&format!("{app}/routes")).await?.into_iter().find(|there| {
        there["method"] == route.method && there["pattern"] == route.pattern && there["script"] == script
    });
    if let Some(route) = there {
        return Ok(route);
    }
    let new = json!({ "method": route.method, "pattern": route.pattern, "script": script });
    client.send(Method::POST, &format!("{app}/routes"), Some(&new)).await
}
