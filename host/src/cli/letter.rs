//! `picloud letter`: dead letters, which were given up.

use std::fs;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use picloud_sdk::api::{Affected, MessageError, Page, Requeue, StoredMessage};
use reqwest::Method;

use super::docs::given;
use super::kv::of_json;
use super::remote::{Client, Remote, query, segment};
use super::secret::done;
use super::trigger::text;
use super::{Done, Failure, say};

/// List, show, hand out again and delete dead letters: messages that were given up.
#[derive(Debug, Args)]
pub(super) struct Letter {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List an app's dead letters, newest first, with why their last attempts failed.
    List {
        /// The app.
        #[arg(long)]
        app: String,
        #[command(flatten)]
        of: Of,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
        /// Those after these: what the list before ended with.
        #[arg(long, value_name = "NEXT")]
        after: Option<String>,
    },
    /// Show a dead letter with its body.
    Show {
        #[command(flatten)]
        which: Which,
    },
    /// Hand a dead letter out again, from its first attempt on, or all of a queue.
    Requeue {
        /// Its id, as `picloud letter list` shows it.
        #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
        id: Option<String>,
        /// The app.
        #[arg(long)]
        app: String,
        /// With another body: a file with JSON; - is stdin.
        #[arg(long, value_name = "FILE", conflicts_with = "all")]
        body: Option<String>,
        /// All of a queue, a subscription, a change, a schedule, a script that is run later or the outbox.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        of: Of,
    },
    /// Delete a dead letter.
    Delete {
        #[command(flatten)]
        which: Which,
    },
    /// Delete all dead letters of a queue, a subscription, a change, a schedule, a script that is run later or the outbox.
    Purge {
        /// The app.
        #[arg(long)]
        app: String,
        #[command(flatten)]
        of: Of,
    },
}

/// A dead letter.
#[derive(Debug, Args)]
struct Which {
    /// Its id, as `picloud letter list` shows it.
    #[arg(value_name = "ID")]
    id: String,
    /// The app.
    #[arg(long)]
    app: String,
}

/// For whom they were.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Of {
    /// Those of this queue.
    #[arg(long, value_name = "NAME")]
    queue: Option<String>,
    /// Those of this subscription.
    #[arg(long, value_name = "NAME")]
    subscription: Option<String>,
    /// Those of this change.
    #[arg(long, value_name = "NAME")]
    change: Option<String>,
    /// Those of this schedule.
    #[arg(long, value_name = "NAME")]
    schedule: Option<String>,
    /// Those of this script, which was to be run later.
    #[arg(long, value_name = "SCRIPT")]
    later: Option<String>,
    /// Requests that were to be sent later, to this host and port.
    #[arg(long, value_name = "HOST:PORT")]
    outbox: Option<String>,
}

impl Of {
    /// What the API calls it, and its name.
    fn said(&self) -> Option<(&'static str, &str)> {
        let all = [
            ("queue", &self.queue),
            ("subscription", &self.subscription),
            ("change", &self.change),
            ("schedule", &self.schedule),
            ("later", &self.later),
            ("outbox", &self.outbox),
        ];
        all.into_iter()
            .find_map(|(source, name)| Some((source, name.as_deref()?)))
    }

    /// The same for what is not done with all letters of an app at once.
    fn query(&self) -> Result<String, Failure> {
        let (source, name) = self
            .said()
            .ok_or_else(|| Failure::Usage(anyhow!("say of which: --queue NAME, or one of the options like it")))?;
        Ok(query(&[("source", Some(source)), ("name", Some(name))]))
    }
}

impl Letter {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::List { app, of, limit, after } => {
                let said = of.said();
                let query = query(&[
                    ("source", said.map(|(source, _)| source)),
                    ("name", said.map(|(_, name)| name)),
                    ("limit", Some(&limit.to_string())),
                    ("after", after.as_deref()),
                ]);
                list(&client.get(&format!("{}{query}", list_of(&app)?)).await?, json)
            }
            Command::Show { which } => {
                let letter: StoredMessage = client.get(&which.path()?).await?;
                if json { say::json(&letter) } else { show(&letter) }
            }
            Command::Requeue { id: None, app, of, .. } => {
                let path = format!("{}/requeue{}", list_of(&app)?, of.query()?);
                affected(&client, (Method::POST, &path), "handed out again", json).await
            }
            Command::Requeue {
                id: Some(id),
                app,
                body,
                ..
            } => {
                let path = format!("{}/requeue", Which { id: id.clone(), app }.path()?);
                let body = body.map(read).transpose()?;
                client.send::<()>(Method::POST, &path, Some(&Requeue { body })).await?;
                done(json, "handed out again", &id)
            }
            Command::Delete { which } => {
                client.send::<()>(Method::DELETE, &which.path()?, None::<&()>).await?;
                done(json, "deleted", &which.id)
            }
            Command::Purge { app, of } => {
                let path = format!("{}{}", list_of(&app)?, of.query()?);
                affected(&client, (Method::DELETE, &path), "deleted", json).await
            }
        }
    }
}

impl Which {
    fn path(&self) -> Result<String, Failure> {
        Ok(format!("{}/{}", list_of(&self.app)?, segment(&self.id)?))
    }
}

fn list_of(app: &str) -> Result<String, Failure> {
    Ok(format!("/apps/{}/dead-letters", segment(app)?))
}

/// JSON in a file, or on stdin.
fn read(file: String) -> Result<Box<serde_json::value::RawValue>, Failure> {
    const HINT: &str = "write it like {\"order\": 7}";
    if file == "-" {
        return given("the body", file, HINT);
    }
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {file}"));
    of_json(&file, text.map_err(Failure::Usage)?, HINT)
}

async fn affected(client: &Client, (method, path): (Method, &str), what: &str, json: bool) -> Done {
    let affected: Affected = client.send(method, path, None::<&()>).await?;
    if json {
        return say::json(&affected);
    }
    say::result(&format!("{} dead letters {what}", affected.messages))
}

fn list(page: &Page<StoredMessage>, json: bool) -> Done {
    if json {
        return say::json(page);
    }
    for letter in &page.items {
        let StoredMessage {
            id,
            source,
            name,
            attempt,
            error,
            ..
        } = letter;
        let died = letter.died_at.map_or_else(String::new, |at| format!("  {at}"));
        let why = error
            .as_ref()
            .map_or_else(String::new, |MessageError { code, message, .. }| {
                format!("  {code}: {message}")
            });
        say::result(&format!("{id}  {source} {name}  {attempt} attempts{died}{why}"))?;
    }
    say::more(page.next.as_deref());
    Ok(())
}

/// A field a line; what there is none of is left out.
fn show(letter: &StoredMessage) -> Done {
    let told = serde_json::to_value(letter).map_err(anyhow::Error::from)?;
    let fields = told.as_object().into_iter().flatten();
    for (field, value) in fields.filter(|(field, value)| *field != "body" && !value.is_null()) {
        say::result(&format!("{field}: {}", text(value)))?;
    }
    // As it was sent, whatever numbers it has.
    let body = letter.body.as_ref().map_or("null", |body| body.get());
    say::result(&format!("body: {body}"))
}
