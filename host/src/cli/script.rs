//! `picloud script`: what an app has, what it was before, and how it goes.

use clap::{Args, Subcommand};
use picloud_sdk::api::{self, SavedScript, ScriptWithSource, Version, VersionWithSource};
use reqwest::Method;
use serde::Serialize;
use serde_json::json;

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
    let scripts: Vec<api::Script> = client.all(&format!("/apps/{}/scripts", segment(app)?)).await?;
    if json {
        return say::json(&scripts);
    }
    for script in &scripts {
        let api::Script {
            name,
            kind,
            version,
            updated_at,
            ..
        } = script;
        say::result(&format!("{:8} {name} version {version}, {updated_at}", kind.as_str()))?;
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
        let Some(version) = version else {
            let script: ScriptWithSource = client.get(&self.path()?).await?;
            return source(&script, &script.source, json);
        };
        let version: VersionWithSource = client.get(&format!("{}/versions/{version}", self.path()?)).await?;
        source(&version, &version.source, json)
    }

    async fn versions(&self, client: &Client, json: bool) -> Done {
        let versions: Vec<Version> = client.all(&format!("{}/versions", self.path()?)).await?;
        if json {
            return say::json(&versions);
        }
        for version in &versions {
            let Version {
                number,
                created_at,
                created_by,
                relinked_for,
                ..
            } = version;
            let live = if version.live { " (live)" } else { "" };
            let made = match relinked_for {
                None => format!("by {created_by}"),
                Some(module) => format!("linked anew for {module}"),
            };
            say::result(&format!("{number}{live} {created_at} {made}"))?;
        }
        Ok(())
    }

    async fn rollback(&self, client: &Client, version: u32, json: bool) -> Done {
        let path = format!("{}/versions/{version}/live", self.path()?);
        let saved: SavedScript = client.send(Method::POST, &path, None::<&()>).await?;
        if json {
            return say::json(&saved);
        }
        say::result(&format!("{} version {}", self.name, saved.script.version))?;
        for api::Relinked { name, version } in &saved.relinked {
            say::result(&format!("{name} version {version} (relinked)"))?;
        }
        Ok(())
    }

    async fn delete(&self, client: &Client, with_routes: bool, json: bool) -> Done {
        let mut gone = Vec::new();
        if with_routes {
            let path = format!("/apps/{}/routes", segment(&self.app)?);
            let routes: Vec<api::Route> = client.all(&path).await?;
            for route in routes.into_iter().filter(|route| route.script == self.name) {
                let path = format!("{path}/{}", segment(&route.id)?);
                client.send::<()>(Method::DELETE, &path, None::<&()>).await?;
                gone.push(route.id);
            }
        }
        client.send::<()>(Method::DELETE, &self.path()?, None::<&()>).await?;
        if json {
            return say::json(&json!({ "deleted": self.name, "routes": gone }));
        }
        say::result(&format!("{} deleted", self.name))
    }
}

fn source(whole: &impl Serialize, source: &str, json: bool) -> Done {
    if json {
        say::json(whole)
    } else {
        say::foreign(source.as_bytes())
    }
}
