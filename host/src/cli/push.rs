//! `picloud push`: a file becomes the live version of a script, with its routes.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::anyhow;
use clap::Args;
use picloud_sdk::compile::Diagnostic;
use reqwest::Method;
use serde_json::{Value, json};

use super::remote::{Client, Refused, Remote, segment};
use super::{Done, Failure, excerpt, say, source};

/// More than any server takes; it says what its own bound is.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// Save a file as a script's new version, which answers from then on.
#[derive(Debug, Args)]
pub(super) struct Push {
    /// A Rhai source.
    file: PathBuf,
    /// The app.
    #[arg(long)]
    app: String,
    /// The script's name; the file's without its ending when left out.
    #[arg(long)]
    name: Option<String>,
    /// Where it answers, such as 'GET /orders/{id}'; may be given several times. Routes that are there already stay.
    #[arg(long = "route", value_name = "ROUTE")]
    routes: Vec<Route>,
    #[command(flatten)]
    remote: Remote,
}

/// `METHOD PATTERN`
#[derive(Debug, Clone)]
struct Route {
    method: String,
    pattern: String,
}

impl FromStr for Route {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(' ') {
            Some((method, pattern)) if !method.is_empty() && pattern.trim().starts_with('/') => Ok(Self {
                method: method.to_ascii_uppercase(),
                pattern: pattern.trim().to_owned(),
            }),
            _ => Err(
                "expected a method and a path pattern, such as 'GET /orders/{id}' or 'ANY /files/{*path}'".to_owned(),
            ),
        }
    }
}

impl Push {
    pub(super) async fn run(self, json: bool) -> Done {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => source::script_name(&self.file)?,
        };
        let bytes = source::read_bounded(&self.file, FILE_BYTES_MAX).map_err(Failure::Usage)?;
        let text =
            String::from_utf8(bytes).map_err(|_| Failure::Wrong(anyhow!("{} is not UTF-8", self.file.display())))?;

        let client = self.remote.client()?;
        let app = format!("/apps/{}", segment(&self.app)?);
        let script = json!({ "kind": "endpoint", "source": text });
        let saved = client
            .ask(
                Method::PUT,
                &format!("{app}/scripts/{}", segment(&name)?),
                Some(&script),
            )
            .await?;
        let saved = saved.map_err(|refused| self.refusal(&client, &refused, &text))?;
        if !json {
            say::result(&format!("{name} version {}", saved["version"]));
        }
        let mut routes = Vec::new();
        for route in &self.routes {
            let put = route.put(&client, &app, &name).await.inspect_err(|_| {
                say::note(&format!(
                    "{name} is saved and live; its route {} {} is not added",
                    route.method, route.pattern
                ));
            });
            routes.push(put?);
            if !json {
                say::result(&format!("{} {}", route.method, route.pattern));
            }
        }
        if json {
            say::json(&json!({ "script": saved, "routes": routes }));
        }
        Ok(())
    }

    /// Diagnostics are shown with the lines they are about, as `picloud check` does.
    fn refusal(&self, client: &Client, refused: &Refused, text: &str) -> Failure {
        let diagnostics: Vec<Diagnostic> = refused.error["details"]["diagnostics"]
            .as_array()
            .into_iter()
            .flatten()
            .map(diagnostic_of)
            .collect();
        if diagnostics.is_empty() {
            return client.failure(refused);
        }
        for diagnostic in diagnostics {
            say::note(excerpt::render("error", &self.file.display().to_string(), text, &diagnostic).trim_end());
        }
        Failure::Told
    }
}

/// As [`super::check::diagnostic_json`] and the management API write it.
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

impl Route {
    /// The route as it is now: there already, or made.
    async fn put(&self, client: &Client, app: &str, script: &str) -> Result<Value, Failure> {
        let there = client.all(&format!("{app}/routes")).await?.into_iter().find(|route| {
            route["method"] == self.method && route["pattern"] == self.pattern && route["script"] == script
        });
        if let Some(route) = there {
            return Ok(route);
        }
        let new = json!({ "method": self.method, "pattern": self.pattern, "script": script });
        client.send(Method::POST, &format!("{app}/routes"), Some(&new)).await
    }
}
