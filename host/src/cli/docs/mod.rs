//! `picloud docs`: the documents that an app keeps in collections, their indexes and schemas.

mod collections;
mod indexes;
mod schema;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use picloud_sdk::api::{self, Counted, Found, StoredDocument};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::kv::of_json;
use super::lines::{Line, Lines};
use super::remote::{Client, Remote, segment};
use super::transfer;
use super::{Done, Failure, say};

/// Find, read and change the documents that an app keeps in collections, their indexes and schemas.
#[derive(Debug, Args)]
pub(super) struct Docs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the collections of an app, and what each of them takes.
    Collections {
        /// The app.
        #[arg(value_name = "APP")]
        app: String,
    },
    Find(Find),
    /// Print how many documents a filter matches.
    Count {
        #[command(flatten)]
        of: Collection,
        /// A JSON object, such as '{"age": {"ge": 18}}'; all documents when left out.
        #[arg(long, value_name = "JSON")]
        filter: Option<String>,
    },
    /// Print a document, as JSON.
    Get {
        #[command(flatten)]
        of: Collection,
        /// Its id.
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Store a document, in place of the one that has its id, or as a new one.
    Put {
        #[command(flatten)]
        of: Collection,
        /// The document, a JSON object; - is stdin.
        #[arg(value_name = "DOCUMENT")]
        document: String,
        /// Its id; else that in it, else it gets one.
        #[arg(long)]
        id: Option<String>,
    },
    /// Change some fields of a document, and print it as it is then.
    Update {
        #[command(flatten)]
        of: Collection,
        /// Its id.
        #[arg(value_name = "ID")]
        id: String,
        /// What changes, a JSON object; - is stdin. "to.city" is a field of a field, null takes one away.
        #[arg(value_name = "CHANGES")]
        changes: String,
    },
    /// Delete a document.
    Delete {
        #[command(flatten)]
        of: Collection,
        /// Its id.
        #[arg(value_name = "ID")]
        id: String,
    },
    Index(indexes::Index),
    /// List the indexes of a collection.
    Indexes {
        #[command(flatten)]
        of: Collection,
    },
    /// Remove an index.
    Unindex {
        #[command(flatten)]
        of: Collection,
        /// Its name, as `picloud docs indexes` shows it.
        #[arg(value_name = "NAME")]
        name: String,
    },
    Schema(schema::Schema),
    /// Write all documents into a file, a line of JSON each.
    Export {
        #[command(flatten)]
        of: Collection,
        /// The file; - is stdout.
        #[arg(value_name = "FILE")]
        file: String,
        /// Each with the collection's name, for `picloud run --data`.
        #[arg(long)]
        with_collection: bool,
    },
    /// Store the documents of a file, a line of JSON each, in place of those that have their ids.
    Import {
        #[command(flatten)]
        of: Collection,
        /// The file; - is stdin.
        #[arg(value_name = "FILE")]
        file: String,
    },
}

/// Whose documents.
#[derive(Debug, Args)]
struct Collection {
    /// The app.
    #[arg(value_name = "APP")]
    app: String,
    /// The collection.
    #[arg(value_name = "COLLECTION")]
    collection: String,
}

/// Print the documents that a filter matches, a line of JSON each.
#[derive(Debug, Args)]
struct Find {
    #[command(flatten)]
    of: Collection,
    /// A JSON object, such as '{"age": {"ge": 18}}'; all documents when left out.
    #[arg(long, value_name = "JSON")]
    filter: Option<String>,
    /// By these fields, the first first; with - before it from the most to the least.
    #[arg(long, value_name = "FIELD", value_delimiter = ',', allow_hyphen_values = true)]
    sort: Vec<String>,
    /// How many at most.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Those after these: what the documents before ended with.
    #[arg(long, value_name = "NEXT")]
    after: Option<String>,
    /// Only these fields of them.
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    fields: Vec<String>,
    /// Say how they were found, and which index would help.
    #[arg(long)]
    explain: bool,
}

impl Collection {
    fn path(&self) -> Result<String, Failure> {
        let Self { app, collection } = self;
        Ok(format!("/apps/{}/collections/{}", segment(app)?, segment(collection)?))
    }

    fn document(&self, id: &str) -> Result<String, Failure> {
        Ok(format!("{}/documents/{}", self.path()?, segment(id)?))
    }
}

impl Docs {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::Collections { app } => collections::list(&client, &app, json).await,
            Command::Find(find) => find.run(&client, json).await,
            Command::Count { of, filter } => count(&client, &of, filter, json).await,
            Command::Get { of, id } => document(&client.get::<Box<RawValue>>(&of.document(&id)?).await?, json),
            Command::Put { of, document, id } => put(&client, &of, document, id, json).await,
            Command::Update { of, id, changes } => {
                let changes = given("the changes", changes, "write them like '{\"name\": \"Ada\"}'")?;
                let path = of.document(&id)?;
                let now: Box<RawValue> = client.send(Method::PATCH, &path, Some(&changes)).await?;
                document(&now, json)
            }
            Command::Delete { of, id } => {
                client
                    .send::<()>(Method::DELETE, &of.document(&id)?, None::<&()>)
                    .await?;
                if json {
                    return say::json(&json!({ "deleted": id }));
                }
                say::result(&format!("{id} deleted"))
            }
            Command::Index(index) => index.run(&client, json).await,
            Command::Indexes { of } => indexes::list(&client, &of, json).await,
            Command::Unindex { of, name } => indexes::remove(&client, &of, &name, json).await,
            Command::Schema(schema) => schema.run(&client, json).await,
            Command::Export {
                of,
                file,
                with_collection,
            } => export(&client, &of, &file, with_collection, json).await,
            Command::Import { of, file } => {
                let lines = Lines::Documents(of.collection);
                transfer::import(&client, &of.app, lines, &file, json).await
            }
        }
    }
}

impl Find {
    async fn run(self, client: &Client, json: bool) -> Done {
        let find = api::Find {
            filter: filter(self.filter)?,
            sort: self.sort,
            limit: Some(self.limit),
            after: self.after,
            fields: self.fields,
            explain: self.explain,
        };
        let path = format!("{}/find", self.of.path()?);
        let found: Found = client.send(Method::POST, &path, Some(&find)).await?;
        if json {
            return say::json(&found);
        }
        for document in &found.items {
            say::foreign(format!("{document}\n").as_bytes())?;
        }
        if let Some(explained) = &found.explained {
            say::note(explained.get());
        }
        say::more(found.next.as_deref());
        Ok(())
    }
}

fn filter(text: Option<String>) -> Result<Option<Box<RawValue>>, Failure> {
    let of = |text| of_json("the filter", text, "write it like '{\"age\": 5}'");
    text.map(of).transpose()
}

/// JSON that is an argument, or for `-` on stdin.
pub(super) fn given(what: &str, argument: String, hint: &str) -> Result<Box<RawValue>, Failure> {
    let text = if argument == "-" { stdin()? } else { argument };
    of_json(what, text.trim().to_owned(), hint)
}

fn stdin() -> Result<String, Failure> {
    let text = std::io::read_to_string(std::io::stdin());
    text.context("stdin cannot be read").map_err(Failure::Usage)
}

fn document(document: &RawValue, json: bool) -> Done {
    if json {
        return say::json(&document);
    }
    say::foreign(format!("{document}\n").as_bytes())
}

async fn count(client: &Client, of: &Collection, text: Option<String>, json: bool) -> Done {
    let count = api::Count { filter: filter(text)? };
    let path = format!("{}/count", of.path()?);
    let counted: Counted = client.send(Method::POST, &path, Some(&count)).await?;
    if json {
        return say::json(&counted);
    }
    say::result(&counted.count.to_string())
}

async fn put(client: &Client, of: &Collection, document: String, id: Option<String>, json: bool) -> Done {
    /// Of a document whatever it is.
    #[derive(Deserialize)]
    struct Own {
        id: String,
    }
    let document = given("the document", document, "write it like '{\"name\": \"Ada\"}'")?;
    let own = || serde_json::from_str(document.get()).ok().map(|Own { id }| id);
    let stored = if let Some(id) = id.or_else(own) {
        let path = of.document(&id)?;
        client.send::<()>(Method::PUT, &path, Some(&document)).await?;
        StoredDocument { id }
    } else {
        let path = format!("{}/documents", of.path()?);
        client.send(Method::POST, &path, Some(&document)).await?
    };
    if json {
        return say::json(&stored);
    }
    say::result(&stored.id)
}

async fn export(client: &Client, of: &Collection, file: &str, with_collection: bool, json: bool) -> Done {
    let path = format!("{}/find", of.path()?);
    let part = async |items: u32, after: Option<&str>| {
        let find = api::Find {
            limit: Some(items),
            after: after.map(str::to_owned),
            ..api::Find::default()
        };
        let found = match client.ask::<Found>(Method::POST, &path, Some(&find)).await? {
            Ok(found) => found,
            Err(refused) => return Ok(Err(refused)),
        };
        let line = |document: Box<RawValue>| {
            if !with_collection {
                return Ok(document.to_string());
            }
            serde_json::to_string(&Line {
                collection: Some(of.collection.clone()),
                document: Some(document),
                ..Line::default()
            })
        };
        let lines = found.items.into_iter().map(line).collect::<Result<_, _>>();
        Ok(Ok((lines.map_err(anyhow::Error::from)?, found.next)))
    };
    transfer::export(client, file, json, part).await
}
