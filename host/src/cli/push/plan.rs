//! What the files of a folder become: endpoints and modules, and where the endpoints answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use picloud_sdk::compile::{Artifact, Diagnostic};

use super::Kind;
use super::route::Route;
use crate::cli::finding::Finding;
use crate::cli::source::Source;
use crate::manager::names::{self, ScriptName};

/// A file that can be sent.
pub(super) struct Planned {
    pub(super) source: Arc<Source>,
    pub(super) kind: Kind,
    /// Those that its first comment names.
    pub(super) routes: Vec<Route>,
}

/// A `// route:` line: where it is, and what it says.
struct RouteLine {
    line: u32,
    column: u32,
    end: u32,
    route: Result<Route, String>,
}

/// What becomes of `sources`, or everything that is in the way.
pub(super) fn plan(sources: &[Arc<Source>]) -> Result<Vec<Planned>, Vec<Finding>> {
    let mut importers: BTreeMap<&str, &str> = BTreeMap::new();
    for (source, artifact) in compiled(sources) {
        for import in artifact.imports.iter().filter(|import| import.name != source.name) {
            importers.entry(&import.name).or_insert(&source.name);
        }
    }
    let mut findings = Vec::new();
    let mut planned = Vec::with_capacity(sources.len());
    for source in sources {
        if let Err(why) = source.name.parse::<ScriptName>() {
            findings.push(of_name(source, format!("no script can have this file's name: {why}")));
        }
        findings.extend(Finding::all_of(source));
    }
    for (source, artifact) in compiled(sources) {
        let importer = importers.get(source.name.as_str()).copied();
        let lines = route_lines(&source.text);
        let kind = kind_of(artifact, importer, &lines);
        if kind == Kind::Module {
            findings.extend(names::of_module(&source.name).err().map(|why| of_name(source, why)));
            findings.extend(unfit(source, artifact, importer));
        }
        let (routes, wrong) = routes_of(source, kind, importer, lines);
        findings.extend(wrong);
        planned.push(Planned {
            source: Arc::clone(source),
            kind,
            routes,
        });
    }
    if findings.is_empty() {
        Ok(planned)
    } else {
        Err(findings)
    }
}

fn compiled(sources: &[Arc<Source>]) -> impl Iterator<Item = (&Arc<Source>, &Artifact)> {
    sources.iter().filter_map(|source| Some((source, source.artifact()?)))
}

/// A file that another one imports is a module; so is one that would do nothing when it runs.
fn kind_of(artifact: &Artifact, importer: Option<&str>, lines: &[RouteLine]) -> Kind {
    let offers = !artifact.functions.is_empty() || !artifact.constants.is_empty();
    if importer.is_some() || (artifact.unfit.is_empty() && offers && lines.is_empty()) {
        Kind::Module
    } else {
        Kind::Endpoint
    }
}

fn unfit(source: &Arc<Source>, artifact: &Artifact, importer: Option<&str>) -> impl Iterator<Item = Finding> {
    artifact.unfit.iter().map(move |unfit| {
        let message = format!(
            "{} ({:?} imports this file)",
            unfit.message,
            importer.unwrap_or_default()
        );
        Finding::error(
            source,
            Diagnostic {
                message,
                ..unfit.clone()
            },
        )
    })
}

fn of_name(source: &Arc<Source>, message: String) -> Finding {
    Finding::error(source, diagnostic("name", message, (0, 0), None))
}

fn routes_of(
    source: &Arc<Source>,
    kind: Kind,
    importer: Option<&str>,
    lines: Vec<RouteLine>,
) -> (Vec<Route>, Vec<Finding>) {
    let (mut routes, mut wrong) = (Vec::new(), Vec::new());
    for RouteLine {
        line,
        column,
        end,
        route,
    } in lines
    {
        let importer = importer.unwrap_or_default();
        let route = route.and_then(|route| match kind {
            Kind::Endpoint => Ok(route),
            Kind::Module => Err(format!(
                "a module has no routes, and {importer:?} imports this file as one"
            )),
        });
        match route {
            Ok(route) if routes.contains(&route) => {}
            Ok(route) => routes.push(route),
            Err(why) => wrong.push(Finding::error(
                source,
                diagnostic("route", why, (line, column), Some((line, end))),
            )),
        }
    }
    (routes, wrong)
}

/// The `// route: GET /orders/{id}` lines among the comment lines that a source begins with.
fn route_lines(text: &str) -> Vec<RouteLine> {
    let head = text
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with("//"));
    let lines = head.zip(1..).filter_map(|(text, line)| {
        let comment = text.trim_start_matches('/').trim_start();
        let route = comment.strip_prefix("route:")?.parse();
        let end = characters(text.trim_end()) + 1;
        let column = characters(text) - characters(comment) + 1;
        Some(RouteLine {
            line,
            column,
            end,
            route,
        })
    });
    lines.collect()
}

fn characters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

fn diagnostic(code: &str, message: String, (line, column): (u32, u32), end: Option<(u32, u32)>) -> Diagnostic {
    Diagnostic {
        code: code.to_owned(),
        message,
        line,
        column,
        end,
    }
}
