//! What a push did, or why the server would not have it.

use picloud_sdk::compile::Diagnostic;
use serde_json::{Value, json};

use super::There;
use crate::cli::plan::{Planned, Route};
use crate::cli::remote::{Client, Refused};
use crate::cli::source::Source;
use crate::cli::{Done, Failure, excerpt, say};
use crate::linking::Severity;

/// What the server refused, at the file that it is about if it is about one: its diagnostics with the lines they are
/// about, as `picloud check` shows them.
pub(super) fn refused(client: &Client, refused: Refused, planned: &[Planned]) -> Failure {
    let details = &refused.error.details;
    let file = planned
        .iter()
        .find(|planned| details["script"] == planned.source.name.as_str());
    if let Some(planned) = file {
        if items(&details["diagnostics"]).next().is_some() {
            tell(&details["diagnostics"], &planned.source);
        } else {
            say::note(&format!("{} is refused", planned.source.file));
        }
    }
    let taken = refused.error.code == "route_conflict";
    let failure = client.failure(refused);
    match failure {
        Failure::Named(trouble) if taken => trouble
            .hint("if a file was renamed, delete what it was before: picloud script delete NAME --app APP --routes")
            .hint("or let the folder be the whole app: picloud push DIR --app APP --prune")
            .into(),
        failure => failure,
    }
}

/// Diagnostics of the management API, each with its line.
fn tell(diagnostics: &Value, Source { file, text, .. }: &Source) {
    for value in items(diagnostics) {
        let is_warning = value["severity"] == "warning";
        let severity = if is_warning { Severity::Warning } else { Severity::Error };
        say::excerpts(&excerpt::render(severity, file, text, &diagnostic_of(value)));
    }
}

fn diagnostic_of(value: &Value) -> Diagnostic {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
    let place = |value: &Value| Some((number(&value["line"])?, number(&value["column"])?));
    let (line, column) = place(value).unwrap_or_default();
    Diagnostic {
        code: text("code"),
        message: text("message"),
        line,
        column,
        end: place(&value["end"]),
    }
}

/// One script, with the routes that were asked for; the server has them all now.
pub(super) fn of_file(pushed: &Value, planned: &Planned, routes: &[Route], json: bool) -> Done {
    let script = &pushed["scripts"][0];
    if json {
        let answer = json!({ "script": script, "relinked": pushed["relinked"], "routes": routes });
        return say::json(&answer);
    }
    let unchanged = if script["change"] == "unchanged" {
        " (unchanged)"
    } else {
        ""
    };
    say::result(&format!(
        "{} version {}{unchanged}",
        planned.source.name, script["version"]
    ))?;
    for other in items(&pushed["relinked"]) {
        let name = other["name"].as_str().unwrap_or_default();
        say::result(&format!("{name} version {} (relinked)", other["version"]))?;
    }
    for route in routes {
        say::result(&route.to_string())?;
    }
    tell(&script["warnings"], &planned.source);
    Ok(())
}

/// What a script of the app went through, in one word.
struct Changed<'a> {
    change: &'a str,
    kind: &'a str,
    script: &'a Value,
}

/// Those of the folder in its order, then others that were linked with them anew.
fn changes<'a>(pushed: &'a Value, planned: &'a [Planned], there: &'a There) -> Vec<Changed<'a>> {
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

/// Each script with what happened to it, and the routes that were made.
pub(super) fn of_folder(pushed: &Value, planned: &[Planned], there: &There, json: bool) -> Done {
    if json {
        return say::json(pushed);
    }
    let changes = changes(pushed, planned, there);
    for Changed { change, kind, script } in &changes {
        let (name, version) = (script["name"].as_str().unwrap_or_default(), &script["version"]);
        say::result(&format!("{change:9} {kind:8} {name} version {version}"))?;
    }
    for name in items(&pushed["deleted"]).filter_map(Value::as_str) {
        say::result(&format!(
            "{:9} {:8} {name}",
            "deleted",
            there.get(name).map_or("", String::as_str)
        ))?;
    }
    for route in items(&pushed["routes"]) {
        let text = |field: &str| route[field].as_str().unwrap_or_default();
        say::result(&format!("{} {} → {}", text("method"), text("pattern"), text("script")))?;
    }
    for (script, planned) in items(&pushed["scripts"]).zip(planned) {
        tell(&script["warnings"], &planned.source);
    }
    let count = |word: &str| {
        let count = changes.iter().filter(|changed| changed.change == word).count();
        format!("{count} {word}")
    };
    let counts = ["created", "changed", "unchanged", "relinked"].map(count);
    let routes = crate::cli::grammar::count(items(&pushed["routes"]).count(), "new route");
    say::note(&format!("{}, {routes}", counts.join(", ")));
    Ok(())
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
