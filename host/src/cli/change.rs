//! `picloud change`: what is written of what an app keeps is handed to a script.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::Done;
use super::remote::Remote;
use super::trigger::{Each, How, Noun, Which, set};

const CHANGES: Noun = Noun {
    one: "change",
    all: "changes",
    own: &["prefix", "collection"],
};

/// List, show, set, pause and delete what is watched of what an app keeps.
#[derive(Debug, Args)]
pub(super) struct Change {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Each(Each),
    /// Watch keys or a collection, or change how; what is left out stays as it is.
    Set {
        #[command(flatten)]
        which: Which,
        /// Keys that begin so, of keys and values; "" is all of them. A new one needs this or a collection.
        #[arg(long, conflicts_with = "collection")]
        prefix: Option<String>,
        /// Documents of this collection.
        #[arg(long)]
        collection: Option<String>,
        #[command(flatten)]
        how: How,
    },
}

impl Change {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::Each(each) => each.run(&client, &CHANGES, json).await,
            Command::Set {
                which,
                prefix,
                collection,
                how,
            } => {
                // The one takes the place of the other.
                let own = match (prefix, collection) {
                    (None, None) => Vec::new(),
                    (prefix, collection) => vec![
                        ("prefix", prefix.map_or(Value::Null, Value::from)),
                        ("collection", collection.map_or(Value::Null, Value::from)),
                    ],
                };
                set(&client, &CHANGES, (&which, how), own, json).await
            }
        }
    }
}
