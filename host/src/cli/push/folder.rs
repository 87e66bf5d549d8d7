//! A folder, saved whole or not at all: one request, one transaction.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::plan::{Planned, plan};
use super::route::Route;
use super::{Kind, Push, Text, refusal, tell};
use crate::cli::excerpt::plain;
use crate::cli::folder::{Folder, walk};
use crate::cli::remote::{Client, Refused};
use crate::cli::source::Source;
use crate::cli::{Done, Failure, sandbox, say};

pub(super) async fn push(push: &Push, json: bool) -> Done {
    let planned = read(push).await?;
    if push.dry_run {
        would_push(&planned, json);
        return Ok(());
    }
    let client = push.remote.client()?;
    let path = format!("{}/scripts", push.app_path()?);
    let there = kinds(&client, &path).await?;
    let sent: Vec<Value> = planned.iter().map(|planned| script(planned, &there)).collect();
    let pushed = client
        .ask(Method::POST, &path, Some(&json!({ "scripts": sent })))
        .await?;
    let pushed = pushed.map_err(|refused| refused_at(&client, &refused, &planned))?;
    if json {
        say::json(&pushed);
    } else {
        summary(&pushed, &planned, &there);
    }
    Ok(())
}

/// The folder's files, once nothing is wrong with any of them as far as can be told here.
async fn read(push: &Push) -> Result<Vec<Planned>, Failure> {
    let sandbox = sandbox::start()?;
    let mut folder = Folder::new(&push.path, &sandbox);
    let mut sources = Vec::new();
    for path in walk(&push.path)? {
        sources.push(folder.open(&path).await?);
    }
    plan(&sources).map_err(|findings| {
        for finding in &findings {
            say::note(finding.render().trim_end());
        }
        say::note(&format!("nothing is pushed: {} errors", findings.len()));
        Failure::Told
    })
}

/// The app's scripts as they are, each with its kind.
async fn kinds(client: &Client, path: &str) -> Result<BTreeMap<String, String>, Failure> {
    let text = |script: &Value, field: &str| script[field].as_str().unwrap_or_default().to_owned();
    let scripts = client.all(path).await?;
    Ok(scripts
        .iter()
        .map(|script| (text(script, "name"), text(script, "kind")))
        .collect())
}

fn script(planned: &Planned, there: &BTreeMap<String, String>) -> Value {
    let Source { name, text, .. } = &*planned.source;
    let mut routes = planned.routes.clone();
    // One that is there answers where its author once chose, which may be nowhere.
    let is_new = there.get(name).is_none_or(|kind| kind != Kind::Endpoint.as_str());
    routes.extend(when_new(planned).filter(|_| is_new));
    json!({ "name": name, "kind": planned.kind, "source": text, "routes": routes })
}

/// The route of a new endpoint that says nothing of routes.
fn when_new(planned: &Planned) -> Option<Route> {
    let silent = planned.kind == Kind::Endpoint && planned.routes.is_empty();
    silent.then(|| Route::by_name(&planned.source.name))
}

fn would_push(planned: &[Planned], json: bool) {
    if json {
        let scripts = planned.iter().map(|planned| {
            let (name, when_new) = (&planned.source.name, when_new(planned));
            json!({ "name": name, "kind": planned.kind, "routes": planned.routes, "route_when_new": when_new })
        });
        say::json(&json!({ "scripts": scripts.collect::<Vec<_>>() }));
        return;
    }
    for planned in planned {
        let name = &planned.source.name;
        say::result(&format!("{:8} {name}", planned.kind.as_str()));
        for route in &planned.routes {
            say::result(&format!("         {route}"));
        }
        if let Some(route) = when_new(planned) {
            say::result(&format!("         {route} (if the app has no endpoint {name} yet)"));
        }
    }
    say::note(&format!("{} scripts; nothing is sent", planned.len()));
}

/// What the server refused, at the file that it is about if it is about one.
fn refused_at(client: &Client, refused: &Refused, planned: &[Planned]) -> Failure {
    let script = &refused.error["details"]["script"];
    let file = planned.iter().find(|planned| *script == planned.source.name.as_str());
    if let Some(planned) = file.filter(|_| refused.error["details"]["diagnostics"].is_null()) {
        say::note(&plain(&format!("{} is refused", planned.source.file)));
    }
    refusal(client, refused, file.map(|planned| text_of(&planned.source)).as_ref())
}

fn text_of(source: &Source) -> Text<'_> {
    Text {
        file: &source.file,
        text: &source.text,
    }
}

/// What a script of the app went through, in one word.
struct Changed<'a> {
    change: &'a str,
    kind: &'a str,
    script: &'a Value,
}

/// Those of the folder in its order, then others that were linked with them anew.
fn changes<'a>(pushed: &'a Value, planned: &'a [Planned], there: &'a BTreeMap<String, String>) -> Vec<Changed<'a>> {
    let of_folder = items(&pushed["scripts"]).zip(planned).map(|(script, planned)| Changed {
        change: script["change"].as_str().unwrap_or_default(),
        kind: planned.kind.as_str(),
        script,
    });
    let others = items(&pushed["relinked"]).map(|script| {
        let kind = script["name"].as_str().and_then(|name| there.get(name));
        Changed {
            change: "relinked",
            kind: kind.map_or("", String::as_str),
            script,
        }
    });
    of_folder.chain(others).collect()
}

fn summary(pushed: &Value, planned: &[Planned], there: &BTreeMap<String, String>) {
    let changes = changes(pushed, planned, there);
    for Changed { change, kind, script } in &changes {
        let (name, version) = (script["name"].as_str().unwrap_or_default(), &script["version"]);
        say::result(&plain(&format!("{change:9} {kind:8} {name} version {version}")));
    }
    for route in items(&pushed["routes"]) {
        let text = |field: &str| route[field].as_str().unwrap_or_default();
        say::result(&plain(&format!(
            "{} {} → {}",
            text("method"),
            text("pattern"),
            text("script")
        )));
    }
    for (script, planned) in items(&pushed["scripts"]).zip(planned) {
        tell(&script["warnings"], &text_of(&planned.source));
    }
    let count = |word: &str| {
        format!(
            "{} {word}",
            changes.iter().filter(|changed| changed.change == word).count()
        )
    };
    let counts = ["created", "changed", "unchanged", "relinked"].map(count);
    let routes = items(&pushed["routes"]).count();
    say::note(&format!("{}, {routes} new routes", counts.join(", ")));
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
