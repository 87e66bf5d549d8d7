//! `picloud queue`: what is sent to a queue is handed to one script.

use clap::{Args, Subcommand};
use picloud_sdk::api::{Affected, NewMessage};
use reqwest::Method;

use super::docs::given;
use super::remote::{Client, Remote, query, segment};
use super::secret::done;
use super::trigger::{Each, How, Noun, Which, set};
use super::{Done, say};
use crate::duration;

const QUEUES: Noun = Noun {
    one: "queue",
    all: "queues",
    own: &["batch"],
};

/// List, show, set, pause and delete an app's queues, and send to them.
#[derive(Debug, Args)]
pub(super) struct Queue {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Each(Each),
    /// Make a queue, or change it; what is left out stays as it is.
    Set {
        #[command(flatten)]
        which: Which,
        /// Messages that one run is handed at most, 1 to 100; of a new one 1.
        #[arg(long, value_name = "N")]
        batch: Option<u32>,
        #[command(flatten)]
        how: How,
    },
    /// Send a message to a queue.
    Send(Send),
    /// Delete what waits in a queue; what is being handled goes on, and dead letters stay.
    Purge {
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, Args)]
struct Send {
    #[command(flatten)]
    which: Which,
    /// What is sent, as JSON; - is stdin. `null` when it is left out.
    #[arg(value_name = "BODY", allow_negative_numbers = true)]
    body: Option<String>,
    /// Messages of one key are handed out one after another, in the order in which they were sent.
    #[arg(long)]
    key: Option<String>,
    /// Not sooner than after this, such as 10m.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    delay: Option<u64>,
    /// Not sent when another one with this was sent within a day.
    #[arg(long, value_name = "TEXT")]
    dedup: Option<String>,
    /// How often it is tried, 1 to 100, in place of what the queue says.
    #[arg(long, value_name = "N")]
    attempts: Option<u32>,
    /// Given up when it could not be handed over within this, such as 1h.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    expires: Option<u64>,
}

impl Queue {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::Each(each) => each.run(&client, &QUEUES, json).await,
            Command::Set { which, batch, how } => {
                let own = batch.map(|batch| ("batch", batch.into()));
                set(&client, &QUEUES, (&which, how), own.into_iter().collect(), json).await
            }
            Command::Send(send) => send.run(&client, json).await,
            Command::Purge { which } => {
                let query = query(&[("source", Some("queue")), ("name", Some(&which.name))]);
                let path = format!("/apps/{}/messages{query}", segment(&which.app)?);
                let deleted: Affected = client.send(Method::DELETE, &path, None::<&()>).await?;
                if json {
                    return say::json(&deleted);
                }
                say::result(&format!("{} messages deleted", deleted.messages))
            }
        }
    }
}

impl Send {
    async fn run(self, client: &Client, json: bool) -> Done {
        let Self {
            which,
            body,
            key,
            delay,
            dedup,
            attempts,
            expires,
        } = self;
        let body = body.map(|body| given("the body", body, "write it like '{\"order\": 7}' or '\"a text\"'"));
        let message = NewMessage {
            body: body.transpose()?,
            delay_ms: delay.unwrap_or(0),
            key,
            dedup,
            attempts,
            expires_ms: expires,
        };
        let path = format!("{}/messages", which.path(&QUEUES)?);
        client.send::<()>(Method::POST, &path, Some(&message)).await?;
        done(json, "sent", &which.name)
    }
}
