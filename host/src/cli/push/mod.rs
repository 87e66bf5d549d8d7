//! `picloud push`: files become the live versions of scripts, with their routes.

mod file;
mod folder;
mod plan;
mod route;

use std::path::PathBuf;

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use picloud_sdk::compile::Diagnostic;
use serde::Serialize;
use serde_json::Value;

use super::remote::{Client, Refused, Remote, segment};
use super::{Done, Failure, excerpt, say};
use route::Route;

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
    /// What the script is for; a folder's scripts are told apart by what is in them.
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Where it answers, such as 'GET /orders/{id}'; may be given several times. Routes that are there already stay.
    #[arg(long = "route", value_name = "ROUTE")]
    routes: Vec<Route>,
    /// Show what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    remote: Remote,
}

/// What a script is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// It answers requests.
    Endpoint,
    /// Other scripts import it.
    Module,
}

/// A source as a person sees it.
struct Text<'a> {
    file: &'a str,
    text: &'a str,
}

impl Push {
    pub(super) async fn run(self, json: bool) -> Done {
        if !self.path.is_dir() {
            return file::push(&self, json).await;
        }
        if self.name.is_some() || self.kind.is_some() || !self.routes.is_empty() {
            return Err(Failure::Usage(anyhow!(
                "{} is a folder: --name, --kind and --route are for a file; write routes into the sources, \
                 as `// route: GET /orders/{{id}}` in their first comment",
                self.path.display()
            )));
        }
        folder::push(&self, json).await
    }

    fn app_path(&self) -> Result<String, Failure> {
        Ok(format!("/apps/{}", segment(&self.app)?))
    }
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Module => "module",
        }
    }
}

/// Diagnostics are shown with the lines they are about, as `picloud check` does.
fn refusal(client: &Client, refused: &Refused, text: Option<&Text<'_>>) -> Failure {
    let diagnostics = &refused.error["details"]["diagnostics"];
    match text.filter(|_| diagnostics.as_array().is_some_and(|all| !all.is_empty())) {
        Some(text) => {
            tell(diagnostics, text);
            Failure::Told
        }
        None => client.failure(refused),
    }
}

/// Diagnostics of the management API, each with its line.
fn tell(diagnostics: &Value, Text { file, text }: &Text<'_>) {
    for value in diagnostics.as_array().into_iter().flatten() {
        let word = if value["severity"] == "warning" {
            "warning"
        } else {
            "error"
        };
        say::note(excerpt::render(word, file, text, &diagnostic_of(value)).trim_end());
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
