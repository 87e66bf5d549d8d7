//! What a push did, or why the server would not have it.

use anyhow::anyhow;
use picloud_sdk::api::{Change, Diagnostic, Kind, Pushed, RefusedScript, Relinked};
use serde::Deserialize;
use serde_json::json;

use super::There;
use crate::cli::grammar;
use crate::cli::plan::{Planned, Route};
use crate::cli::remote::{Client, Refused};
use crate::cli::source::Source;
use crate::cli::{Done, Failure, excerpt, say};

/// What the server refused, at the file that it is about if it is about one: its diagnostics with the lines they are
/// about, as `picloud check` shows them.
pub(super) fn refused(client: &Client, refused: Refused, planned: &[Planned]) -> Failure {
    if let Some(Ok(RefusedScript { script, diagnostics })) =
        refused.error.details.as_ref().map(RefusedScript::deserialize)
        && let Some(planned) = planned.iter().find(|planned| planned.source.name == script)
    {
        if diagnostics.is_empty() {
            say::note(&format!("{} is refused", planned.source.file));
        }
        tell(&diagnostics, &planned.source);
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
fn tell(diagnostics: &[Diagnostic], Source { file, text, .. }: &Source) {
    for diagnostic in diagnostics {
        say::excerpts(&excerpt::render(file, text, diagnostic));
    }
}

/// One script, with the routes that were asked for; the server has them all now.
pub(super) fn of_file(pushed: &Pushed, planned: &Planned, routes: &[Route], json: bool) -> Done {
    let Some(result) = pushed.scripts.first() else {
        return Err(anyhow!("the server does not say what became of {}", planned.source.file).into());
    };
    if json {
        let answer = json!({ "script": result, "relinked": pushed.relinked, "routes": routes });
        return say::json(&answer);
    }
    let unchanged = match result.change {
        Change::Unchanged => " (unchanged)",
        _ => "",
    };
    let (name, version) = (&planned.source.name, result.script.version);
    say::result(&format!("{name} version {version}{unchanged}"))?;
    for Relinked { name, version } in &pushed.relinked {
        say::result(&format!("{name} version {version} (relinked)"))?;
    }
    for route in routes {
        say::result(&route.to_string())?;
    }
    tell(&result.warnings, &planned.source);
    Ok(())
}

/// What a script of the app went through.
struct Changed<'a> {
    change: Change,
    kind: Option<Kind>,
    name: &'a str,
    version: i64,
}

/// Those of the folder in its order, then others that were linked with them anew.
fn changes<'a>(pushed: &'a Pushed, there: &There) -> Vec<Changed<'a>> {
    let of_folder = pushed.scripts.iter().map(|result| Changed {
        change: result.change,
        kind: Some(result.script.kind),
        name: &result.script.name,
        version: result.script.version,
    });
    let others = pushed.relinked.iter().map(|script| Changed {
        change: Change::Relinked,
        kind: there.get(&script.name).copied(),
        name: &script.name,
        version: script.version,
    });
    of_folder.chain(others).collect()
}

/// Each script with what happened to it, and the routes that were made.
pub(super) fn of_folder(pushed: &Pushed, planned: &[Planned], there: &There, json: bool) -> Done {
    if json {
        return say::json(pushed);
    }
    let changes = changes(pushed, there);
    let word = |kind: Option<Kind>| kind.map_or("", Kind::as_str);
    for changed in &changes {
        let (change, kind) = (changed.change.as_str(), word(changed.kind));
        say::result(&format!(
            "{change:9} {kind:8} {} version {}",
            changed.name, changed.version
        ))?;
    }
    for name in &pushed.deleted {
        let kind = word(there.get(name).copied());
        say::result(&format!("{:9} {kind:8} {name}", "deleted"))?;
    }
    for route in &pushed.routes {
        say::result(&format!("{} {} → {}", route.method, route.pattern, route.script))?;
    }
    for (result, planned) in pushed.scripts.iter().zip(planned) {
        tell(&result.warnings, &planned.source);
    }
    let count = |change: Change| {
        let count = changes.iter().filter(|changed| changed.change == change).count();
        format!("{count} {}", change.as_str())
    };
    let counts = [Change::Created, Change::Changed, Change::Unchanged, Change::Relinked].map(count);
    let routes = grammar::count(pushed.routes.len(), "new route");
    say::note(&format!("{}, {routes}", counts.join(", ")));
    Ok(())
}
