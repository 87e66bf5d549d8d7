//! What files become: endpoints and modules, where the endpoints answer, and what no app would take. One set of rules
//! for whatever reads files.

mod lines;
mod route;

use std::collections::BTreeMap;
use std::sync::Arc;

use picloud_sdk::api::{Kind, ScriptName};
use picloud_sdk::compile::{Artifact, Diagnostic};

use super::finding::Finding;
use super::source::Source;
use crate::names;
use lines::{RouteLine, route_lines};
pub(super) use route::Route;

/// What is known before the files are looked at.
#[derive(Clone, Copy)]
pub(super) enum Given {
    /// Nothing: the app is taken to be empty, and each file for what is in it.
    Nothing,
    /// There is an app, which may have the scripts already: whether a silent one gets a route is for the server to say.
    App,
    /// There is one file, and this is what it is to be.
    Kind(Kind),
}

/// What becomes of some files, or what is in the way.
pub(super) struct Plan {
    pub(super) planned: Vec<Planned>,
    /// Errors, and what is worth a warning.
    pub(super) findings: Vec<Finding>,
}

/// A file that can be sent.
pub(super) struct Planned {
    pub(super) name: ScriptName,
    pub(super) source: Arc<Source>,
    pub(super) kind: Kind,
    /// Those that its first comment names.
    pub(super) routes: Vec<Route>,
    /// It says that it has none.
    unrouted: bool,
}

/// Which file has a route already: by method and shape.
type Taken<'a> = BTreeMap<(String, String), &'a Source>;

/// What becomes of `sources`, which are all that is known of their app.
pub(super) fn plan(sources: &[Arc<Source>], given: Given) -> Plan {
    let mut importers: BTreeMap<&str, &str> = BTreeMap::new();
    for (source, artifact) in compiled(sources) {
        for import in artifact.imports.iter().filter(|import| import.name != source.name) {
            importers.entry(&import.name).or_insert(&source.name);
        }
    }
    let mut findings = Vec::new();
    let mut planned = Vec::with_capacity(sources.len());
    let mut taken = Taken::new();
    for source in sources {
        findings.extend(Finding::all_of(source));
    }
    for (source, artifact) in compiled(sources) {
        let name = match source.name.parse::<ScriptName>() {
            Ok(name) => name,
            Err(why) => {
                let message = format!("no script can have this file's name: {why}");
                findings.push(of_file(source, "name", message));
                continue;
            }
        };
        let importer = importers.get(source.name.as_str()).copied();
        let lines = route_lines(&source.text);
        let kind = match given {
            Given::Kind(kind) => kind,
            Given::Nothing | Given::App => kind_of(artifact, importer, &lines),
        };
        if kind == Kind::Module {
            findings.extend(
                names::of_module(&source.name)
                    .err()
                    .map(|why| of_file(source, "name", why)),
            );
            findings.extend(unfit(source, artifact, importer));
        }
        let unrouted = lines.iter().any(|line| !line.late && line.route == Ok(None));
        let routes = routes_of((source, kind), importer, lines, (&mut taken, &mut findings));
        planned.push(Planned {
            name,
            source: Arc::clone(source),
            kind,
            routes,
            unrouted,
        });
    }
    if matches!(given, Given::Nothing) {
        findings.extend(planned.iter().filter_map(|planned| silent_conflict(planned, &taken)));
    }
    Plan { planned, findings }
}

impl Plan {
    /// The files, if nothing is in the way.
    pub(super) fn whole(&self) -> Option<&[Planned]> {
        let refused = self.findings.iter().any(Finding::is_error);
        (!refused).then_some(&self.planned)
    }
}

impl Planned {
    /// The route of a new endpoint that says nothing of routes.
    pub(super) fn route_when_new(&self) -> Option<Route> {
        let silent = self.kind == Kind::Endpoint && self.routes.is_empty() && !self.unrouted;
        silent.then(|| Route::by_name(&self.source.name))
    }
}

fn compiled(sources: &[Arc<Source>]) -> impl Iterator<Item = (&Arc<Source>, &Artifact)> {
    sources.iter().filter_map(|source| Some((source, source.artifact()?)))
}

/// A file that another one imports is a module; so is one that would do nothing when it runs.
fn kind_of(artifact: &Artifact, importer: Option<&str>, lines: &[RouteLine]) -> Kind {
    let offers = !artifact.functions.is_empty() || !artifact.constants.is_empty();
    let silent = lines.iter().all(|line| line.late);
    if importer.is_some() || (artifact.unfit.is_empty() && offers && silent) {
        Kind::Module
    } else {
        Kind::Endpoint
    }
}

fn unfit(source: &Arc<Source>, artifact: &Artifact, importer: Option<&str>) -> impl Iterator<Item = Finding> {
    artifact.unfit.iter().map(move |unfit| {
        let because = importer.map_or_else(String::new, |importer| format!(" ({importer:?} imports this file)"));
        let diagnostic = Diagnostic {
            message: format!("{}{because}", unfit.message),
            ..unfit.clone()
        };
        Finding::error(source, diagnostic)
    })
}

fn of_file(source: &Arc<Source>, code: &str, message: String) -> Finding {
    let diagnostic = Diagnostic {
        code: code.to_owned(),
        message,
        line: 0,
        column: 0,
        end: None,
    };
    Finding::error(source, diagnostic)
}

/// The routes that a source names; what is wrong with them goes to the findings.
fn routes_of<'a>(
    (source, kind): (&'a Arc<Source>, Kind),
    importer: Option<&str>,
    lines: Vec<RouteLine>,
    (taken, findings): (&mut Taken<'a>, &mut Vec<Finding>),
) -> Vec<Route> {
    let mut routes = Vec::new();
    for RouteLine {
        line,
        column,
        end,
        route,
        late,
    } in lines
    {
        let diagnostic = |message: String| Diagnostic {
            code: "route".to_owned(),
            message,
            line,
            column,
            end: Some((line, end)),
        };
        if late {
            let message = "this route is not made: route lines stand in the comment that a file begins with";
            findings.push(Finding::warning(source, diagnostic(message.to_owned())));
            continue;
        }
        let usable = route.map(|route| route.map(|route| usable(route, (source, kind), importer, taken)));
        let Some(usable) = usable.transpose() else { continue };
        match usable.flatten() {
            Ok(route) if routes.contains(&route) => {}
            Ok(route) => {
                taken.insert(route.key(), source);
                routes.push(route);
            }
            Err(why) => findings.push(Finding::error(source, diagnostic(why))),
        }
    }
    routes
}

/// The route, if its script may have it.
fn usable(
    route: Route,
    (source, kind): (&Arc<Source>, Kind),
    importer: Option<&str>,
    taken: &Taken<'_>,
) -> Result<Route, String> {
    match (kind, importer) {
        (Kind::Endpoint, _) => {}
        (Kind::Module, Some(importer)) => {
            return Err(format!(
                "a module has no routes, and {importer:?} imports this file as one"
            ));
        }
        (Kind::Module, None) => return Err("a module answers no requests: it has no routes".to_owned()),
    }
    match taken.get(&route.key()) {
        Some(other) if other.file != source.file => Err(format!("{} answers the same requests as {route}", other.file)),
        _ => Ok(route),
    }
}

/// An endpoint that says nothing of routes gets one by its name, which another file may have taken.
fn silent_conflict(planned: &Planned, taken: &Taken<'_>) -> Option<Finding> {
    let route = planned.route_when_new()?;
    let other = taken.get(&route.key())?;
    let message = format!(
        "a new endpoint of this name answers {route}, as {} does; give it a route line of its own",
        other.file
    );
    Some(of_file(&planned.source, "route", message))
}
