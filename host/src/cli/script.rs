//! `picloud script`: what an app has, what it was before, and how it goes.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use super::remote::{Client, Remote, segment};
use super::{Done, Failure, say};

/// List, show, roll back and delete an app's scripts.
#[derive(Debug, Args)]
pub(super) struct Script {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List an app's scripts, by name.
    List {
        /// The app.
        #[arg(long)]
        app: String,
    },
    /// Print a script's source as it is.
    Show {
        #[command(flatten)]
        which: Which,
        /// Another version than the one that answers.
        #[arg(value_name = "VERSION")]
        number: Option<u32>,
    },
    /// List a script's versions, newest first.
    Versions {
        #[command(flatten)]
        which: Which,
    },
    /// Let another version of a script answer.
    Rollback {
        #[command(flatten)]
        which: Which,
        /// The version's number, as `picloud script versions` shows it.
        #[arg(value_name = "VERSION")]
        number: u32,
    },
    /// Delete a script with all its versions.
    Delete {
        #[command(flatten)]
        which: Which,
        /// Delete the routes that point at it first; without this it stays while there are some.
        #[arg(long)]
        routes: bool,
    },
}

/// A script of an app.
#[derive(Debug, Args)]
struct Which {
    /// The script's name.
    #[arg(value_name = "NAME")]
    name: String,
    /// The app.
    #[arg(long)]
    app: String,
}

impl Script {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::List { app } => list(&client, &app, json).await,
            Command::Show { which, number } => which.show(&client, number, json).await,
            Command::Versions { which } => which.versions(&client, json).await,
            Command::Rollback { which, number } => which.rollback(&client, number, json).await,
            Command::Delete { which, routes } => which.delete(&client, routes, json).await,
        }
    }
}

async fn list(client: &Client, app: &str, json: bool) -> Done {
    let scripts = client.all(&format!("/apps/{}/scripts", segment(app)?)).await?;
    if json {
        return say::json(&scripts);
    }
    for script in &scripts {
        let text = |name: &str| script[name].as_str().unwrap_or_default();
        let (kind, name, version) = (text("kind"), text("name"), &script["version"]);
        say::result(&format!("{kind:8} {name} version {version}, {}", text("updated_at")))?;
    }
    Ok(())
}

impl Which {
    fn path(&self) -> Result<String, Failure> {
        Ok(format!(
            "/apps/{}/scripts/{}",
            segment(&self.app)?,
            segment(&self.name)?
        ))
    }

    async fn show(&self, client: &Client, version: Option<u32>, json: bool) -> Done {
        let version = version.map_or_else(String::new, |version| format!("/versions/{version}"));
        let script: Value = client.get(&format!("{}{version}", self.path()?)).await?;
        if json {
            return say::json(&script);
        }
        say::foreign(script["source"].as_str().unwrap_or_default().as_bytes())
    }

    async fn versions(&self, client: &Client, json: bool) -> Done {
        let versions = client.all(&format!("{}/versions", self.path()?)).await?;
        if json {
            return say::json(&versions);
        }
        for version in &versions {
            let text = |name: &str| version[name].as_str().unwrap_or_default();
            let live = if version["live"] == true { " (live)" } else { "" };
            let made = match text("relinked_for") {
                "" => format!("by {}", text("created_by")),
                module => format!("linked anew for {module}"),
            };
            say::result(&format!("{}{live} {} {made}", version["number"], text("created_at")))?;
        }
        Ok(())
    }

    async fn rollback(&self, client: &Client, version: u32, json: bool) -> Done {
        let path = format!("{}/versions/{version}/live", self.path()?);
        let saved: Value = client.send(Method::POST, &path, None::<&()>).await?;
        if json {
            return say::json(&saved);
        }
        say::result(&format!("{} version {}", self.name, saved["version"]))?;
        for other in saved["relinked"].as_array().into_iter().flatten() {
            let name = other["name"].as_str().unwrap_or_default();
            say::result(&format!("{name} version {} (relinked)", other["version"]))?;
        }
        Ok(())
    }

    async fn delete(&self, client: &Client, with_routes: bool, json: bool) -> Done {
        let mut gone = Vec::new();
        if with_routes {
            let path = format!("/apps/{}/routes", segment(&self.app)?);
            for route in client.all(&path).await? {
                let id = route["id"].as_str().unwrap_or_default();
                if route["script"] == self.name.as_str() {
                    let path = format!("{path}/{}", segment(id)?);
                    client.send::<()>(Method::DELETE, &path, None::<&()>).await?;
                    gone.push(id.to_owned());
                }
            }
        }
        client.send::<()>(Method::DELETE, &self.path()?, None::<&()>).await?;
        if json {
            return say::json(&json!({ "deleted": self.name, "routes": gone }));
        }
        say::result(&format!("{} deleted", self.name))
    }
}
