//! `picloud subscription`: what is published under topics is handed to a script.

use clap::{Args, Subcommand};

use super::Done;
use super::remote::Remote;
use super::trigger::{Each, How, Noun, Which, set};

const SUBSCRIPTIONS: Noun = Noun {
    one: "subscription",
    all: "subscriptions",
    own: &["topic"],
};

/// List, show, set, pause and delete an app's subscriptions to topics.
#[derive(Debug, Args)]
pub(super) struct Subscription {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Each(Each),
    /// Subscribe to topics, or change how; what is left out stays as it is.
    Set {
        #[command(flatten)]
        which: Which,
        /// Which topics: `orders.paid`, `orders.*` for one more name, `orders.**` for one or more; a new one needs it.
        #[arg(long)]
        topic: Option<String>,
        #[command(flatten)]
        how: How,
    },
}

impl Subscription {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::Each(each) => each.run(&client, &SUBSCRIPTIONS, json).await,
            Command::Set { which, topic, how } => {
                let own = topic.map(|topic| ("topic", topic.into())).into_iter().collect();
                set(&client, &SUBSCRIPTIONS, (&which, how), own, json).await
            }
        }
    }
}
