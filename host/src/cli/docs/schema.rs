//! `picloud docs schema`: what the documents of a collection have to be like.

use std::fs;

use anyhow::Context as _;
use clap::Args;
use reqwest::Method;
use serde_json::json;
use serde_json::value::RawValue;

use super::{Collection, stdin};
use crate::cli::kv::of_json;
use crate::cli::remote::Client;
use crate::cli::{Done, Failure, say};

/// Print the JSON Schema of a collection, set another one, or remove it.
#[derive(Debug, Args)]
pub(super) struct Schema {
    #[command(flatten)]
    of: Collection,
    /// From now on documents have to be like this: a file with a JSON Schema; - is stdin.
    #[arg(long, value_name = "FILE", conflicts_with = "remove")]
    set: Option<String>,
    /// From now on documents may be anything.
    #[arg(long)]
    remove: bool,
}

impl Schema {
    pub(super) async fn run(self, client: &Client, json: bool) -> Done {
        let Self { of, set, remove } = self;
        let path = format!("{}/schema", of.path()?);
        if let Some(file) = set {
            let schema = of_json(
                "the schema",
                text_of(&file)?.trim().to_owned(),
                "write it like '{\"required\": [\"name\"]}'",
            )?;
            client.send::<()>(Method::PUT, &path, Some(&schema)).await?;
            return done(json, "set", &of.collection);
        }
        if remove {
            client.send::<()>(Method::DELETE, &path, None::<&()>).await?;
            return done(json, "removed", &of.collection);
        }
        let schema: Box<RawValue> = client.get(&path).await?;
        if json {
            return say::json(&schema);
        }
        say::foreign(format!("{schema}\n").as_bytes())
    }
}

fn done(json: bool, what: &str, collection: &str) -> Done {
    if json {
        return say::json(&json!({ (what): collection }));
    }
    say::result(&format!("schema of {collection} {what}"))
}

fn text_of(file: &str) -> Result<String, Failure> {
    if file == "-" {
        return stdin();
    }
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"));
    text.map_err(Failure::Usage)
}
