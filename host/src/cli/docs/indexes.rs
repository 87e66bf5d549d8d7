//! `picloud docs index`, `indexes` and `unindex`: what makes documents quick to find.

use std::time::Duration;

use anyhow::anyhow;
use clap::Args;
use picloud_sdk::api::{self, IndexState, NewIndex, Page};
use reqwest::Method;
use serde_json::json;

use super::Collection;
use crate::cli::remote::{Client, segment};
use crate::cli::{Done, Failure, say};
use crate::data::docs::layout::NAME_BYTES_MAX;

/// How long to wait before looking whether an index is ready, and at most.
const LOOK_AFTER: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(2)];

/// Make an index of a collection, and wait until documents are found by it.
#[derive(Debug, Args)]
pub(super) struct Index {
    #[command(flatten)]
    of: Collection,
    /// By these fields, the first first; address.city is a field of a field.
    #[arg(value_name = "FIELD", required = true)]
    fields: Vec<String>,
    /// No two documents may have the same values there.
    #[arg(long)]
    unique: bool,
    /// The first field is an array, and stands there by each of its elements.
    #[arg(long)]
    each: bool,
    /// What to call it; else the fields with _ between them, and for what a name cannot have.
    #[arg(long)]
    name: Option<String>,
    /// Do not wait until it is ready.
    #[arg(long)]
    no_wait: bool,
}

impl Index {
    pub(super) async fn run(self, client: &Client, json: bool) -> Done {
        let Self {
            of,
            fields,
            unique,
            each,
            name,
            no_wait,
        } = self;
        let name = name.unwrap_or_else(|| name_of(&fields));
        let path = format!("{}/indexes/{}", of.path()?, segment(&name)?);
        let new = NewIndex { fields, unique, each };
        let mut index: api::Index = client.send(Method::PUT, &path, Some(&new)).await?;
        let [mut pause, pause_max] = LOOK_AFTER;
        while index.state == IndexState::Building && !no_wait {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(pause_max);
            say::progress(&format!("{name} is being built"));
            let there = all(client, &of).await?.into_iter().find(|there| there.name == name);
            index = there.ok_or_else(|| Failure::Wrong(anyhow!("the index {name} was removed meanwhile")))?;
        }
        say::progress("");
        if let Some(message) = index.message.filter(|_| index.state == IndexState::Failed) {
            return Err(Failure::Wrong(anyhow!("the index {name} could not be made: {message}")));
        }
        if json {
            return say::json(&json!({ "name": name, "state": index.state }));
        }
        say::result(&format!("{name} {}", index.state.as_str()))
    }
}

/// The fields with `_` between them and in place of what names do not have, as far as a name goes.
fn name_of(fields: &[String]) -> String {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let names = fields.join("_");
    let name = names.chars().map(|c| if known(c) { c } else { '_' });
    name.take(NAME_BYTES_MAX).collect()
}

async fn all(client: &Client, of: &Collection) -> Result<Vec<api::Index>, Failure> {
    let page: Page<api::Index> = client.get(&format!("{}/indexes", of.path()?)).await?;
    Ok(page.items)
}

pub(super) async fn list(client: &Client, of: &Collection, json: bool) -> Done {
    let indexes = all(client, of).await?;
    if json {
        return say::json(&indexes);
    }
    indexes.iter().try_for_each(|index| say::result(&line(index)))
}

pub(super) async fn remove(client: &Client, of: &Collection, name: &str, json: bool) -> Done {
    let path = format!("{}/indexes/{}", of.path()?, segment(name)?);
    client.send::<()>(Method::DELETE, &path, None::<&()>).await?;
    if json {
        return say::json(&json!({ "deleted": name }));
    }
    say::result(&format!("{name} removed"))
}

/// One index in one line.
fn line(index: &api::Index) -> String {
    let api::Index {
        name,
        fields,
        unique,
        each,
        state,
        message,
    } = index;
    let words = [
        Some(name.as_str()),
        Some(state.as_str()),
        unique.then_some("unique"),
        each.then_some("each"),
    ];
    let words = words.into_iter().flatten().chain(fields.iter().map(String::as_str));
    let words: Vec<&str> = words.chain(message.as_deref()).collect();
    words.join(" ")
}
