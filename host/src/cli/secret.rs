//! `picloud secret`: what only an app's scripts are told.

use std::io::{self, IsTerminal as _, Read as _};
use std::os::fd::AsFd as _;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use picloud_sdk::api::{KeyChanged, NewSecret, SECRET_BYTES_MAX, Secret as Told, VariableName};
use reqwest::Method;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use serde_json::json;
use tokio::sync::oneshot;

use super::remote::{Remote, segment};
use super::{Done, Failure, say};

/// List, set and delete an app's secrets, and change what all of them are sealed with.
#[derive(Debug, Args)]
pub(super) struct Secret {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the names of an app's secrets, and when they were set. Nobody is shown their values.
    List {
        /// The app.
        #[arg(long)]
        app: String,
    },
    /// Set a secret: its value is read from stdin, without the line's end; on a terminal it is asked for.
    Set {
        /// The secret's name.
        #[arg(value_name = "NAME")]
        name: VariableName,
        /// The app.
        #[arg(long)]
        app: String,
    },
    /// Delete a secret, with what it was before.
    Delete {
        /// The secret's name.
        #[arg(value_name = "NAME")]
        name: VariableName,
        /// The app.
        #[arg(long)]
        app: String,
    },
    /// Seal all secrets of the installation with a new key. For operators; scripts run meanwhile.
    RotateKey,
}

impl Secret {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::List { app } => {
                let secrets: Vec<Told> = client.all(&path(&app, None)?).await?;
                if json {
                    return say::json(&secrets);
                }
                for Told { name, updated_at } in &secrets {
                    say::result(&format!("{name} {updated_at}"))?;
                }
                Ok(())
            }
            Command::Set { name, app } => {
                let value = asked(name.as_str()).await?;
                let path = path(&app, Some(&name))?;
                client
                    .send::<()>(Method::PUT, &path, Some(&NewSecret { value }))
                    .await?;
                done(json, "set", name.as_str())
            }
            Command::Delete { name, app } => {
                let path = path(&app, Some(&name))?;
                client.send::<()>(Method::DELETE, &path, None::<&()>).await?;
                done(json, "deleted", name.as_str())
            }
            Command::RotateKey => {
                let changed: KeyChanged = client.send(Method::POST, "/secrets/key", None::<&()>).await?;
                if json {
                    return say::json(&changed);
                }
                let KeyChanged { key, sealed, unused } = changed;
                say::result(&format!("{sealed} values are sealed with the key {key} now"))?;
                say::note("copy the file of keys to where its copy is kept");
                if !unused.is_empty() {
                    say::note(&format!("for older backups only: {}", unused.join(", ")));
                }
                Ok(())
            }
        }
    }
}

fn path(app: &str, name: Option<&VariableName>) -> Result<String, Failure> {
    let list = format!("/apps/{}/secrets", segment(app)?);
    Ok(name.map_or(list.clone(), |name| format!("{list}/{}", name.as_str())))
}

pub(super) fn done(json: bool, what: &str, name: &str) -> Done {
    if json {
        return say::json(&json!({ (what): name }));
    }
    say::result(&format!("{name} {what}"))
}

/// What somebody types, or stdin.
async fn asked(name: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = if io::stdin().is_terminal() {
        typed(name).await
    } else {
        let bounded = io::stdin().take(SECRET_BYTES_MAX as u64 + 3).read_to_end(&mut bytes);
        bounded.map(|_| bytes).map_err(anyhow::Error::from)
    };
    value_of(read.context("reading the secret")?).map_err(Failure::Usage)
}

/// One line from the terminal, which does not show it, and shows what is typed again whatever comes of it.
async fn typed(name: &str) -> anyhow::Result<Vec<u8>> {
    let stdin = io::stdin();
    let shown = tcgetattr(stdin.as_fd())?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    say::excerpts(&format!("value of {name}: "));
    tcsetattr(stdin.as_fd(), OptionalActions::Flush, &hidden)?;
    // A thread of its own, which nobody waits for when it is broken off.
    let (told, line) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line);
        let _ = told.send(read.map(|_| line.into_bytes()));
    });
    let read = tokio::select! {
        line = line => line.context("the reader is gone")?.map_err(anyhow::Error::from),
        _ = tokio::signal::ctrl_c() => Err(anyhow!("broken off")),
    };
    tcsetattr(stdin.as_fd(), OptionalActions::Flush, &shown)?;
    say::excerpts("\n");
    read
}

/// A value as a file has it: the end of its last line is not a part of it.
pub(super) fn value_of(bytes: Vec<u8>) -> anyhow::Result<String> {
    let mut value = String::from_utf8(bytes).map_err(|_| anyhow!("a secret is UTF-8; encode other bytes as base64"))?;
    if value.ends_with('\n') {
        value.pop();
        if value.ends_with('\r') {
            value.pop();
        }
    }
    match value.len() {
        1..=SECRET_BYTES_MAX => Ok(value),
        bytes => Err(anyhow!("a secret has 1 to {SECRET_BYTES_MAX} bytes, this has {bytes}")),
    }
}
