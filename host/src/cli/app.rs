//! `picloud app`: the apps of an installation.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use super::remote::Remote;
use super::{Done, say};

/// Make and list apps.
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
        name: String,
    },
    /// List the apps that the token may see.
    List,
}

impl App {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::Create { name } => {
                let app: Value = client
                    .send(Method::POST, "/apps", Some(&json!({ "name": name })))
                    .await?;
                if json {
                    say::json(&app)?;
                } else {
                    say::result(&name)?;
                    say::note(&format!(
                        "made; give it a script with: picloud push FILE --app {name} --route 'GET /'"
                    ));
                }
            }
            Command::List => {
                let apps = client.all("/apps").await?;
                if json {
                    say::json(&apps)?;
                } else {
                    for app in apps.iter().filter_map(|app| app["name"].as_str()) {
                        say::result(app)?;
                    }
                }
            }
        }
        Ok(())
    }
}
