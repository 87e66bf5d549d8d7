//! `picloud token`: who may manage an app.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::json;

use super::remote::{Remote, segment};
use super::{Done, say};

/// Make tokens for an app.
#[derive(Debug, Args)]
pub(super) struct Token {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a token; its secret is printed once and kept nowhere.
    Create {
        /// The app that it is for.
        #[arg(long)]
        app: String,
        /// viewer reads, deployer also saves and runs scripts, owner also manages the app and its tokens.
        #[arg(long, value_parser = ["viewer", "deployer", "owner"])]
        role: String,
        /// What it is for.
        #[arg(long, default_value = "command line")]
        name: String,
        /// From when on it is refused, such as 2027-01-31T00:00:00Z; never when left out.
        #[arg(long, value_name = "TIME")]
        expires: Option<jiff::Timestamp>,
    },
}

impl Token {
    pub(super) async fn run(self, json: bool) -> Done {
        let client = self.remote.client()?;
        let Command::Create {
            app,
            role,
            name,
            expires,
        } = self.command;
        let new = json!({ "name": name, "role": role, "expires_at": expires });
        let token = client
            .send(Method::POST, &format!("/apps/{}/tokens", segment(&app)?), Some(&new))
            .await?;
        if json {
            say::json(&token);
        } else {
            say::result(token["secret"].as_str().unwrap_or_default());
            say::note(&format!("a {role} of {app}; this is the only time that it is shown"));
        }
        Ok(())
    }
}
