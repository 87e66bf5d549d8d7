//! What the commands of queues, subscriptions and changes have in common; each of them says what is of it alone.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use picloud_sdk::api::{Execution, Page};
use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::remote::{Client, segment};
use super::secret::done;
use super::{Done, Failure, executions, say};
use crate::duration;

/// What can be set of each of them.
const SET: [&str; 6] = [
    "script",
    "paused",
    "concurrency",
    "attempts",
    "backoff_ms",
    "backoff_ms_max",
];

/// What sets scripts off, as the API calls it.
pub(super) struct Noun {
    /// One of them: `queue`.
    pub(super) one: &'static str,
    /// All of them, in paths: `queues`.
    pub(super) all: &'static str,
    /// Fields that can be set of these alone.
    pub(super) own: &'static [&'static str],
}

/// What is done with each of them in the same way.
#[derive(Debug, Subcommand)]
pub(super) enum Each {
    /// List those of an app, by name, with how much waits and how much is dead.
    List {
        /// The app.
        #[arg(long)]
        app: String,
    },
    /// Show one, with all that is set.
    Show {
        #[command(flatten)]
        which: Which,
    },
    /// List the last runs for one: id, when it started, how it ended, how long it took.
    Runs {
        #[command(flatten)]
        which: Which,
        /// How many at most.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
    /// Delete one, with what waits and its dead letters.
    Delete {
        #[command(flatten)]
        which: Which,
    },
    /// Hand nothing out until it is resumed; what arrives is kept.
    Pause {
        #[command(flatten)]
        which: Which,
    },
    /// Hand out again what waits.
    Resume {
        #[command(flatten)]
        which: Which,
    },
}

/// One of them.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Its name.
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    /// The app.
    #[arg(long)]
    pub(super) app: String,
}

/// Which script, and how messages are handed to it. What is left out stays as it is, or is as the server has it.
#[derive(Debug, Args)]
pub(super) struct How {
    /// The script that is run, an endpoint of the app; a new one needs it.
    #[arg(long)]
    script: Option<String>,
    /// Runs at once, 1 to 256; of a new one 16.
    #[arg(long, value_name = "N")]
    concurrency: Option<u32>,
    /// How often a message is tried before it is a dead letter, 1 to 100; of a new one 8.
    #[arg(long, value_name = "N")]
    attempts: Option<u32>,
    /// How long to wait before the second attempt, such as 5s, and twice as long before each further one; of a new one 1s.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    backoff: Option<u64>,
    /// How long to wait at most; of a new one 10m.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    backoff_max: Option<u64>,
}

/// One of them, as the API tells it.
#[derive(Debug, Deserialize, Serialize)]
struct Told {
    name: String,
    script: String,
    paused: bool,
    waiting: i64,
    dead: i64,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Which {
    /// Where the API has it.
    pub(super) fn path(&self, noun: &Noun) -> Result<String, Failure> {
        Ok(format!("{}/{}", list_of(&self.app, noun)?, segment(&self.name)?))
    }
}

impl Each {
    pub(super) async fn run(self, client: &Client, noun: &Noun, json: bool) -> Done {
        match self {
            Self::List { app } => {
                let all: Vec<Told> = client.all(&list_of(&app, noun)?).await?;
                if json {
                    return say::json(&all);
                }
                all.iter().try_for_each(|told| say::result(&told.line(noun)))
            }
            Self::Show { which } => {
                let told: Told = client.get(&which.path(noun)?).await?;
                if json { say::json(&told) } else { told.show() }
            }
            Self::Runs { which, limit } => {
                let (app, name) = (segment(&which.app)?, segment(&which.name)?);
                let path = format!("/apps/{app}/executions?kind={}&name={name}&limit={limit}", noun.one);
                let page: Page<Execution> = client.get(&path).await?;
                if json {
                    return say::json(&page.items);
                }
                page.items
                    .iter()
                    .try_for_each(|run| say::result(&executions::line(run)))
            }
            Self::Delete { which } => {
                client
                    .send::<()>(Method::DELETE, &which.path(noun)?, None::<&()>)
                    .await?;
                done(json, "deleted", &which.name)
            }
            Self::Pause { which } => {
                pause(client, noun, &which, true).await?;
                done(json, "paused", &which.name)
            }
            Self::Resume { which } => {
                pause(client, noun, &which, false).await?;
                done(json, "resumed", &which.name)
            }
        }
    }
}

/// Makes one, or changes it: `own` is what is said of the fields that no other noun has.
pub(super) async fn set(
    client: &Client,
    noun: &Noun,
    (which, how): (&Which, How),
    own: Vec<(&'static str, Value)>,
    json: bool,
) -> Done {
    let path = which.path(noun)?;
    let mut wanted = match client.ask::<Told>(Method::GET, &path, None::<&()>).await? {
        Ok(told) => told.wanted(noun)?,
        Err(refused) if refused.status == StatusCode::NOT_FOUND => {
            if how.script.is_none() {
                let why = refused.error.message;
                let one = noun.one;
                return Err(Failure::Usage(anyhow!("{why}; a new {one} needs --script SCRIPT")));
            }
            Map::new()
        }
        Err(refused) => return Err(client.failure(refused)),
    };
    let How {
        script,
        concurrency,
        attempts,
        backoff,
        backoff_max,
    } = how;
    let said = [
        ("script", script.map(Value::from)),
        ("concurrency", concurrency.map(Value::from)),
        ("attempts", attempts.map(Value::from)),
        ("backoff_ms", backoff.map(Value::from)),
        ("backoff_ms_max", backoff_max.map(Value::from)),
    ];
    let said = said.into_iter().filter_map(|(field, value)| Some((field, value?)));
    wanted.extend(said.chain(own).map(|(field, value)| (field.to_owned(), value)));
    client.send::<()>(Method::PUT, &path, Some(&wanted)).await?;
    done(json, "set", &which.name)
}

async fn pause(client: &Client, noun: &Noun, which: &Which, paused: bool) -> Done {
    let path = which.path(noun)?;
    let mut wanted = client.get::<Told>(&path).await?.wanted(noun)?;
    wanted.insert("paused".to_owned(), paused.into());
    client.send::<()>(Method::PUT, &path, Some(&wanted)).await
}

fn list_of(app: &str, noun: &Noun) -> Result<String, Failure> {
    Ok(format!("/apps/{}/{}", segment(app)?, noun.all))
}

impl Told {
    /// What is set of it, to be set again.
    fn wanted(&self, noun: &Noun) -> anyhow::Result<Map<String, Value>> {
        let Value::Object(mut fields) = serde_json::to_value(self)? else {
            return Err(anyhow!("what was told of {:?} has no fields", self.name));
        };
        fields.retain(|field, _| SET.contains(&&**field) || noun.own.contains(&&**field));
        Ok(fields)
    }

    fn line(&self, noun: &Noun) -> String {
        let own = noun.own.iter().filter_map(|field| {
            let value = self.more.get(*field).filter(|value| !value.is_null())?;
            Some(format!("{field}={}", text(value)))
        });
        let mut words = vec![self.name.clone(), self.script.clone()];
        words.extend(own);
        words.push(format!("{} waiting", self.waiting));
        words.push(format!("{} dead", self.dead));
        words.extend(self.paused.then(|| "paused".to_owned()));
        words.join("  ")
    }

    /// A field a line; what there is none of is left out, and what has fields itself has them on its line.
    fn show(&self) -> Done {
        let told = serde_json::to_value(self).map_err(anyhow::Error::from)?;
        let fields = told.as_object().into_iter().flatten();
        fields
            .filter(|(_, value)| !value.is_null())
            .try_for_each(|(field, value)| say::result(&format!("{field}: {}", fields_or_text(value))))
    }
}

fn fields_or_text(value: &Value) -> String {
    let Some(fields) = value.as_object() else {
        return text(value);
    };
    let fields = fields.iter().map(|(field, value)| format!("{field}={}", text(value)));
    fields.collect::<Vec<_>>().join("  ")
}

/// A text as it is, anything else as JSON.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
