//! `picloud env`: plain settings that an app's scripts read.

use clap::{Args, Subcommand};
use picloud_sdk::api::{NewSetting, Setting, VariableName};
use reqwest::Method;

use super::remote::{Remote, segment};
use super::secret::done;
use super::{Done, Failure, say};

/// List, show, set and delete the plain settings that an app's scripts read.
#[derive(Debug, Args)]
pub(super) struct Env {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List an app's settings.
    List {
        /// The app.
        #[arg(long)]
        app: String,
    },
    /// Print the value of a setting as it is.
    Get {
        #[command(flatten)]
        which: Which,
    },
    /// Set a setting, in place of what it was.
    Set {
        #[command(flatten)]
        which: Which,
        /// The value.
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
    },
    /// Delete a setting.
    Delete {
        #[command(flatten)]
        which: Which,
    },
}

/// A setting of an app.
#[derive(Debug, Args)]
struct Which {
    /// The setting's name.
    #[arg(value_name = "NAME")]
    name: VariableName,
    /// The app.
    #[arg(long)]
    app: String,
}

impl Which {
    fn path(&self) -> Result<String, Failure> {
        Ok(format!("{}/{}", list_of(&self.app)?, self.name.as_str()))
    }
}

impl Env {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::List { app } => {
                let settings: Vec<Setting> = client.all(&list_of(&app)?).await?;
                if json {
                    return say::json(&settings);
                }
                for Setting { name, value, .. } in &settings {
                    say::result(&format!("{name}={value}"))?;
                }
                Ok(())
            }
            Command::Get { which } => {
                let setting: Setting = client.get(&which.path()?).await?;
                if json {
                    return say::json(&setting);
                }
                say::foreign(format!("{}\n", setting.value).as_bytes())
            }
            Command::Set { which, value } => {
                let new = NewSetting { value };
                client.send::<()>(Method::PUT, &which.path()?, Some(&new)).await?;
                done(json, "set", which.name.as_str())
            }
            Command::Delete { which } => {
                client.send::<()>(Method::DELETE, &which.path()?, None::<&()>).await?;
                done(json, "deleted", which.name.as_str())
            }
        }
    }
}

fn list_of(app: &str) -> Result<String, Failure> {
    Ok(format!("/apps/{}/env", segment(app)?))
}
