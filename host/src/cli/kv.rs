//! `picloud kv`: the values that an app keeps under keys.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use picloud_sdk::api::{KvEntry, NewKv, Page};
use reqwest::Method;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::lines::Lines;
use super::remote::{Client, Remote, query, segment};
use super::transfer;
use super::{Done, Failure, say};

/// List, read and change the values that an app keeps under keys.
#[derive(Debug, Args)]
pub(super) struct Kv {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List keys, in the order of their bytes.
    List {
        /// The app.
        #[arg(value_name = "APP")]
        app: String,
        /// Only those that begin so.
        #[arg(long)]
        prefix: Option<String>,
        /// From the last to the first.
        #[arg(long)]
        reverse: bool,
        /// With their values, as JSON.
        #[arg(long)]
        values: bool,
        /// How many at most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
        /// Those after these: what the list before ended with.
        #[arg(long, value_name = "NEXT")]
        after: Option<String>,
    },
    /// Print the value under a key, as JSON.
    Get {
        /// The app.
        #[arg(value_name = "APP")]
        app: String,
        /// The key.
        #[arg(value_name = "KEY")]
        key: String,
        /// Print a text as it is.
        #[arg(long)]
        text: bool,
    },
    /// Keep a value under a key, in place of what is there.
    Set {
        /// The app.
        #[arg(value_name = "APP")]
        app: String,
        /// The key.
        #[arg(value_name = "KEY")]
        key: String,
        /// The value, as JSON.
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
        /// The value is a text as it is, no JSON.
        #[arg(long)]
        text: bool,
        /// For how long, such as 90s, 1h30m or 7d; for good when left out.
        #[arg(long, value_name = "DURATION")]
        ttl: Option<String>,
    },
    /// Delete what is under a key.
    Delete {
        /// The app.
        #[arg(value_name = "APP")]
        app: String,
        /// The key.
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// Write keys with their values into a file, a line of JSON each.
    Export {
        /// The app.
        #[arg(value_name = "APP")]
        app: String,
        /// The file; - is stdout.
        #[arg(value_name = "FILE")]
        file: String,
        /// Only those that begin so.
        #[arg(long)]
        prefix: Option<String>,
    },
    /// Keep what is in a file that was exported, in place of what is there.
    Import {
        /// The app.
        #[arg(value_name = "APP")]
        app: String,
        /// The file; - is stdin.
        #[arg(value_name = "FILE")]
        file: String,
    },
}

impl Kv {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::List {
                app,
                prefix,
                reverse,
                values,
                limit,
                after,
            } => {
                let query = query(&[
                    ("prefix", prefix.as_deref()),
                    ("reverse", reverse.then_some("true")),
                    ("values", Some(if values { "true" } else { "false" })),
                    ("limit", Some(&limit.to_string())),
                    ("after", after.as_deref()),
                ]);
                let page = client.get(&format!("/apps/{}/kv{query}", segment(&app)?)).await?;
                list(&page, json)
            }
            Command::Get { app, key, text } => get(&client, &app, &key, text, json).await,
            Command::Set {
                app,
                key,
                value,
                text,
                ttl,
            } => {
                let value = if text {
                    to_raw_value(&value).map_err(anyhow::Error::from)?
                } else {
                    of_json("the value", value, "or say --text for a text")?
                };
                let path = path(&app, &key)?;
                client
                    .send::<()>(Method::PUT, &path, Some(&NewKv { value, ttl }))
                    .await?;
                done(json, "set", &key)
            }
            Command::Delete { app, key } => {
                client
                    .send::<()>(Method::DELETE, &path(&app, &key)?, None::<&()>)
                    .await?;
                done(json, "deleted", &key)
            }
            Command::Export { app, file, prefix } => export(&client, &app, &file, prefix.as_deref(), json).await,
            Command::Import { app, file } => transfer::import(&client, &app, Lines::Entries, &file, json).await,
        }
    }
}

/// JSON that somebody wrote; usage, when it is none.
pub(super) fn of_json(what: &str, text: String, hint: &str) -> Result<Box<RawValue>, Failure> {
    RawValue::from_string(text).map_err(|error| Failure::Usage(anyhow!("{what} is no JSON ({error}); {hint}")))
}

fn path(app: &str, key: &str) -> Result<String, Failure> {
    Ok(format!("/apps/{}/kv/{}", segment(app)?, segment(key)?))
}

fn done(json: bool, what: &str, key: &str) -> Done {
    if json {
        return say::json(&json!({ (what): key }));
    }
    say::result(&format!("{key} {what}"))
}

fn list(page: &Page<KvEntry>, json: bool) -> Done {
    if json {
        return say::json(page);
    }
    for KvEntry { key, value, .. } in &page.items {
        match value {
            Some(value) => say::result(&format!("{key} {}", value.get()))?,
            None => say::result(key)?,
        }
    }
    say::more(page.next.as_deref());
    Ok(())
}

async fn get(client: &Client, app: &str, key: &str, text: bool, json: bool) -> Done {
    let entry: KvEntry = client.get(&path(app, key)?).await?;
    if json {
        return say::json(&entry);
    }
    let value = entry.value.as_ref().map_or("null", |value| value.get());
    if !text {
        return say::foreign(format!("{value}\n").as_bytes());
    }
    match serde_json::from_str::<String>(value) {
        Ok(text) => say::foreign(text.as_bytes()),
        Err(_) => Err(Failure::Wrong(anyhow!(
            "what is under {key:?} is no text; print it without --text"
        ))),
    }
}

async fn export(client: &Client, app: &str, file: &str, prefix: Option<&str>, json: bool) -> Done {
    let path = format!("/apps/{}/kv", segment(app)?);
    let part = async |items: u32, after: Option<&str>| {
        let query = query(&[
            ("prefix", prefix),
            ("limit", Some(&items.to_string())),
            ("after", after),
        ]);
        let path = format!("{path}{query}");
        let page = match client.ask::<Page<KvEntry>>(Method::GET, &path, None::<&()>).await? {
            Ok(page) => page,
            Err(refused) => return Ok(Err(refused)),
        };
        let lines = page.items.iter().map(serde_json::to_string);
        let lines = lines.collect::<Result<_, _>>().map_err(anyhow::Error::from)?;
        Ok(Ok((lines, page.next)))
    };
    transfer::export(client, file, json, part).await
}
