//! `picloud docs collections`: what an app keeps, by collection.

use picloud_sdk::api::{Collection, DataUsage};
use serde_json::json;

use crate::cli::remote::{Client, segment};
use crate::cli::{Done, say};

pub(super) async fn list(client: &Client, app: &str, json: bool) -> Done {
    let app = segment(app)?;
    let collections: Vec<Collection> = client.all(&format!("/apps/{app}/collections")).await?;
    let usage: DataUsage = client.get(&format!("/apps/{app}/data")).await?;
    if json {
        return say::json(&json!({ "collections": collections, "usage": usage }));
    }
    for Collection { name, documents, bytes } in &collections {
        say::result(&format!("{name} documents={documents} bytes={bytes}"))?;
    }
    let DataUsage {
        bytes,
        bytes_max,
        keys,
        keys_max,
        kv_bytes,
        kv_keys,
    } = usage;
    say::note(&format!("keys and values: {kv_keys} keys, {kv_bytes} bytes"));
    say::note(&format!(
        "in all: {keys} of {keys_max} keys, {bytes} of {bytes_max} bytes"
    ));
    Ok(())
}
