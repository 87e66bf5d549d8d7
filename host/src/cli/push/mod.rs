//! `picloud push`: files become the live versions of scripts, with their routes: all of them, or none.
//!
//! A file is a folder of one: both are read, planned and sent alike, in one request.

mod answer;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::anyhow;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use picloud_sdk::api::{self, Kind, Pushed, PushedRoute, PushedScript};
use reqwest::Method;
use serde_json::json;

use super::finding::Finding;
use super::folder::{Folder, walk};
use super::grammar::count;
use super::plan::{Given, Plan, Planned, Route, plan};
use super::remote::{Client, Remote, segment};
use super::source::{self, Source};
use super::trouble::Trouble;
use super::{Done, Failure, sandbox, say};

/// Save a file as a script's new version, or all scripts of a folder at once; they answer from then on.
#[derive(Debug, Args)]
pub(super) struct Push {
    /// A Rhai source, or a folder of them: the scripts have their names from the paths below it.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The app.
    #[arg(long)]
    app: String,
    /// The script's name; the file's without its ending when left out.
    #[arg(long)]
    name: Option<String>,
    /// What the script is for; when left out, what it is in the app, and for a new one what is in the file.
    #[arg(long, value_parser = kinds())]
    kind: Option<Kind>,
    /// Where it answers, such as 'GET /orders/{id}'; may be given several times. Routes that are there already stay.
    #[arg(long = "route", value_name = "ROUTE")]
    routes: Vec<Route>,
    /// Delete the app's scripts that are not in the folder, with the routes that point at them, all at once.
    #[arg(long)]
    prune: bool,
    /// Show what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    let known = [
        PossibleValue::new("endpoint").help("It answers requests"),
        PossibleValue::new("module").help("Other scripts import it"),
    ];
    PossibleValuesParser::new(known).try_map(Kind::try_from)
}

/// The app's scripts as they are, each with its kind.
type There = BTreeMap<String, Kind>;

impl Push {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        self.fits()?;
        let sources = self.read().await?;
        if self.dry_run {
            let plan = self.plan(&sources, Given::Nothing);
            let planned = whole(&plan)?;
            let gone = if self.prune {
                self.would_prune(remote, planned).await?
            } else {
                Vec::new()
            };
            return self.would_push(planned, &gone, json);
        }
        let mut plan = self.plan(&sources, Given::App);
        whole(&plan)?;
        let client = remote.client()?;
        let path = format!("/apps/{}/scripts", segment(&self.app)?);
        let there = there(&client, &path).await?;
        if let Some(kind) = self.kind_there(&there) {
            plan = self.plan(&sources, Given::Kind(kind));
        }
        let planned = whole(&plan)?;
        let scripts = planned.iter().map(|planned| self.script(planned, &there));
        let sent = api::Push {
            scripts: scripts.collect(),
            prune: self.prune,
        };
        let pushed = client.ask::<Pushed>(Method::POST, &path, Some(&sent)).await?;
        let pushed = pushed.map_err(|refused| answer::refused(&client, refused, planned))?;
        if self.is_folder() {
            answer::of_folder(&pushed, planned, &there, json)
        } else {
            answer::of_file(&pushed, &planned[0], &self.routes_of(&planned[0]), json)
        }
    }

    fn is_folder(&self) -> bool {
        self.path.is_dir()
    }

    /// Whether the options are for what is pushed.
    fn fits(&self) -> Done {
        let file_only = self.name.is_some() || self.kind.is_some() || !self.routes.is_empty();
        if self.is_folder() && file_only {
            return Err(Failure::Usage(anyhow!(
                "{} is a folder: --name, --kind and --route are for a file; write routes into the sources, \
                 as `// route: GET /orders/{{id}}` in their first comment",
                self.path.display()
            )));
        }
        if self.prune && !self.is_folder() {
            return Err(Failure::Usage(anyhow!(
                "{} is a file: --prune is for a folder, which is the whole app then",
                self.path.display()
            )));
        }
        if self.kind == Some(Kind::Module) && !self.routes.is_empty() {
            return Err(Failure::Usage(anyhow!(
                "a module answers no requests: it has no routes"
            )));
        }
        Ok(())
    }

    async fn read(&self) -> Result<Vec<Arc<Source>>, Failure> {
        let sandbox = sandbox::start()?;
        if !self.is_folder() {
            let name = match &self.name {
                Some(name) => name.clone(),
                None => source::script_name(&self.path)?,
            };
            return Ok(vec![Arc::new(Source::read(name, &self.path, &sandbox).await?)]);
        }
        let mut folder = Folder::new(&self.path, &sandbox);
        let mut sources = Vec::new();
        for path in walk(&self.path)? {
            sources.push(folder.open(&path).await?);
        }
        Ok(sources)
    }

    /// What becomes of the files; of a single one what its options say.
    fn plan(&self, sources: &[Arc<Source>], otherwise: Given) -> Plan {
        let routed = (!self.routes.is_empty()).then_some(Kind::Endpoint);
        plan(sources, self.kind.or(routed).map_or(otherwise, Given::Kind))
    }

    /// What a single file is in the app already, if nobody says what it is to be.
    fn kind_there(&self, there: &There) -> Option<Kind> {
        let name = match &self.name {
            _ if self.is_folder() => return None,
            Some(name) => name.clone(),
            None => source::script_name(&self.path).ok()?,
        };
        there.get(&name).copied()
    }

    /// The routes that are asked for, in the source and beside it.
    fn routes_of(&self, planned: &Planned) -> Vec<Route> {
        let mut routes = planned.routes.clone();
        routes.extend(
            self.routes
                .iter()
                .filter(|route| !planned.routes.contains(route))
                .cloned(),
        );
        routes
    }

    fn script(&self, planned: &Planned, there: &There) -> PushedScript {
        let mut routes = self.routes_of(planned);
        // One that is there answers where its author once chose, which may be nowhere.
        let is_new = there
            .get(planned.name.as_str())
            .is_none_or(|kind| *kind != Kind::Endpoint);
        routes.extend(planned.route_when_new().filter(|_| is_new && self.is_folder()));
        PushedScript {
            name: planned.name.clone(),
            kind: planned.kind,
            source: planned.source.text.clone(),
            routes: routes.into_iter().map(PushedRoute::from).collect(),
        }
    }

    /// The app's scripts that are not in the folder; this alone asks the server.
    async fn would_prune(&self, remote: &Remote, planned: &[Planned]) -> Result<Vec<String>, Failure> {
        let path = format!("/apps/{}/scripts", segment(&self.app)?);
        let mut there = there(&remote.client()?, &path).await?;
        there.retain(|name, _| planned.iter().all(|planned| planned.source.name != *name));
        Ok(there.into_keys().collect())
    }

    fn would_push(&self, planned: &[Planned], gone: &[String], json: bool) -> Done {
        let when_new = |planned: &Planned| planned.route_when_new().filter(|_| self.is_folder());
        if json {
            let scripts = planned.iter().map(|planned| {
                let (name, routes, when_new) = (&planned.source.name, self.routes_of(planned), when_new(planned));
                json!({ "name": name, "kind": planned.kind, "routes": routes, "route_when_new": when_new })
            });
            return say::json(&json!({ "scripts": scripts.collect::<Vec<_>>(), "deleted": gone }));
        }
        for planned in planned {
            let name = &planned.source.name;
            say::result(&format!("{:8} {name}", planned.kind.as_str()))?;
            for route in self.routes_of(planned) {
                say::result(&format!("         {route}"))?;
            }
            if let Some(route) = when_new(planned) {
                say::result(&format!("         {route} (if the app has no endpoint {name} yet)"))?;
            }
        }
        for name in gone {
            say::result(&format!("deleted  {name}"))?;
        }
        say::note(&format!("{}; nothing is sent", count(planned.len(), "script")));
        Ok(())
    }
}

/// The files, once nothing is wrong with any of them as far as can be told here. What is to be said of them is said.
fn whole(plan: &Plan) -> Result<&[Planned], Failure> {
    for finding in &plan.findings {
        say::excerpts(&finding.render());
    }
    plan.whole().ok_or_else(|| {
        let errors: Vec<&Finding> = plan.findings.iter().filter(|finding| finding.is_error()).collect();
        let message = format!("nothing is pushed: {}", count(errors.len(), "error"));
        let diagnostics: Vec<_> = errors.iter().map(|finding| finding.of_file()).collect();
        let details = json!({ "diagnostics": diagnostics });
        Trouble {
            details,
            ..Trouble::new("refused", message)
        }
        .into()
    })
}

async fn there(client: &Client, path: &str) -> Result<There, Failure> {
    let scripts: Vec<api::Script> = client.all(path).await?;
    Ok(scripts.into_iter().map(|script| (script.name, script.kind)).collect())
}
