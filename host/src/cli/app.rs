//! `picloud app`: the apps of an installation.

use anyhow::Context;
use clap::{Args, Subcommand};
use picloud_sdk::api::{self, AppName, NewApp};
use reqwest::Method;
use serde_json::json;

use super::remote::{Remote, segment};
use super::{Done, Failure, say};

/// Make, list, show and delete apps.
#[derive(Debug, Args)]
pub(super) struct App {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an app.
    Create {
        /// Lower-case letters, digits and dashes; it answers at NAME.localhost and at /~NAME/.
        name: AppName,
    },
    /// List the apps that the token may see.
    List,
    /// Show an app: its id, its own host names, whether callers see its scripts' errors.
    Show {
        /// The app's name.
        name: String,
    },
    /// Delete an app with everything it has.
    Delete {
        /// The app's name.
        name: String,
        /// Yes, its scripts, routes, tokens and history, too.
        #[arg(long, required = true)]
        everything: bool,
    },
}

impl App {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::Create { name } => {
                let new = NewApp { name };
                let app: api::App = client.send(Method::POST, "/apps", Some(&new)).await?;
                if json {
                    say::json(&app)?;
                } else {
                    let name = app.name;
                    say::result(&name)?;
                    say::note(&format!(
                        "made; give it a script with: picloud push FILE --app {name} --route 'GET /'"
                    ));
                }
            }
            Command::Show { name } => {
                let app: api::App = client.get(&path_of(&name)?).await?;
                if json {
                    return say::json(&app);
                }
                let app = serde_json::to_value(app).context("an app is plain data")?;
                for (field, value) in app.as_object().into_iter().flatten() {
                    say::result(&format!("{field} {value}"))?;
                }
            }
            Command::Delete { name, .. } => {
                client.send::<()>(Method::DELETE, &path_of(&name)?, None::<&()>).await?;
                if json {
                    return say::json(&json!({ "deleted": name }));
                }
                say::result(&format!("{name} deleted"))?;
            }
            Command::List => {
                let apps: Vec<api::AppSummary> = client.all("/apps").await?;
                if json {
                    say::json(&apps)?;
                } else {
                    for app in &apps {
                        say::result(&app.name)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn path_of(app: &str) -> Result<String, Failure> {
    Ok(format!("/apps/{}", segment(app)?))
}
