//! What a run would have written, for a person: keys and documents, with what is there.

use picloud_sdk::api::WouldWrite;
use picloud_sdk::value::Value as Tree;
use serde_json::value::RawValue;

use super::kv;
use crate::commit::spaces::{Lost, Session};
use crate::data::docs::layout;
use crate::data::json;
use crate::data::key::Key;
use crate::data::writes::Value;

/// What `session` would write, in the order of keys; indexes are not among it.
///
/// # Errors
/// When the database cannot be had.
pub async fn effects(session: &mut Session) -> Result<Vec<WouldWrite>, Lost> {
    let would = session.would_write().await?;
    Ok(would
        .into_iter()
        .filter_map(|(key, old, new)| told(&key, old.as_ref(), new.as_ref()))
        .collect())
}

fn told(key: &Key, old: Option<&Value>, new: Option<&Value>) -> Option<WouldWrite> {
    let (collection, key) = match layout::collection_of_document(key) {
        Some(collection) => {
            let id = layout::id_of_document(&collection, key)?.to_owned();
            (Some(collection.to_string()), id)
        }
        None => (None, kv::name(key)?),
    };
    Some(WouldWrite {
        collection,
        key,
        old: old.and_then(shown),
        new: new.and_then(shown),
    })
}

fn shown(value: &Value) -> Option<Box<RawValue>> {
    let tree = Tree::decode(value).ok()?;
    json::write(&tree).ok()
}
