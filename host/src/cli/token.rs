//! `picloud token`: who may manage an app.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use picloud_sdk::api::{self, NewToken, NewTokenMade, Role, Time};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::grammar::with_article;
use super::remote::{Client, Remote, segment};
use super::trouble::Trouble;
use super::{Done, Failure, say};

/// Make, list and revoke tokens of an app.
#[derive(Debug, Args)]
pub(super) struct Token {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a token; its secret is printed once and kept nowhere.
    Create {
        /// The app that it is for.
        #[arg(long)]
        app: String,
        /// viewer reads, deployer also saves and runs scripts, owner also manages the app and its tokens.
        #[arg(long, value_parser = PossibleValuesParser::new(["viewer", "deployer", "owner"]).try_map(Role::try_from))]
        role: Role,
        /// What it is for.
        #[arg(long, default_value = "command line")]
        name: String,
        /// From when on it is refused, such as 2027-01-31T00:00:00Z; never when left out.
        #[arg(long, value_name = "TIME")]
        expires: Option<Time>,
    },
    /// List the tokens of an app, without their secrets.
    List {
        /// The app.
        #[arg(long)]
        app: String,
    },
    /// Revoke a token: the next request with it is refused.
    Revoke {
        /// The token's id, as `picloud token list` shows it.
        #[arg(value_name = "ID")]
        id: String,
        /// The app that it is for.
        #[arg(long)]
        app: String,
    },
}

impl Token {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::Create {
                app,
                role,
                name,
                expires,
            } => {
                let new = NewToken {
                    name,
                    role,
                    expires_at: expires,
                };
                let path = tokens(&app)?;
                let made: Value = client.send(Method::POST, &path, Some(&new)).await?;
                if let Err(error) = show(&made, json) {
                    let id = made["id"].as_str().unwrap_or_default();
                    return Err(lost(&client, &app, id, &error).await);
                }
                say::note(&format!(
                    "{} of {app}; this is the only time that it is shown",
                    with_article(role.as_str())
                ));
                Ok(())
            }
            Command::List { app } => {
                let tokens: Vec<api::Token> = client.all(&tokens(&app)?).await?;
                if json {
                    return say::json(&tokens);
                }
                for token in &tokens {
                    let api::Token {
                        id,
                        handle,
                        name,
                        role,
                        expires_at,
                        ..
                    } = token;
                    let expires = expires_at.map_or("never".to_owned(), |at| at.to_string());
                    say::result(&format!("{id} {} pic_{handle} expires {expires} {name}", role.as_str()))?;
                }
                Ok(())
            }
            Command::Revoke { id, app } => {
                revoke(&client, &app, &id).await?;
                if json {
                    say::json(&json!({ "revoked": id }))
                } else {
                    say::result(&format!("{id} revoked"))
                }
            }
        }
    }
}

/// The secret, or all of it.
fn show(made: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        return say::secret(&say::pretty(made)?);
    }
    say::secret(&NewTokenMade::deserialize(made)?.secret)
}

fn tokens(app: &str) -> Result<String, Failure> {
    Ok(format!("/apps/{}/tokens", segment(app)?))
}

async fn revoke(client: &Client, app: &str, id: &str) -> Done {
    let path = format!("{}/{}", tokens(app)?, segment(id)?);
    client.send(Method::DELETE, &path, None::<&()>).await
}

/// Nobody has seen the secret of this token: it is good for nothing but mischief.
async fn lost(client: &Client, app: &str, id: &str, why: &anyhow::Error) -> Failure {
    let message = format!("{why:#}; the secret of the new token {id} is lost");
    let trouble = Trouble {
        details: json!({ "token": id }),
        ..Trouble::new("output", message)
    };
    match revoke(client, app, id).await {
        Ok(()) => trouble.hint("the token is revoked again; make another").into(),
        Err(_) => trouble
            .hint(format!("revoke it with: picloud token revoke {id} --app {app}"))
            .into(),
    }
}
