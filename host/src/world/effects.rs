//! What a run would have written, for a person: keys and documents, with what is there.

use picloud_sdk::api::{Time, WouldWrite};
use picloud_sdk::value::Value as Tree;
use serde_json::value::RawValue;

use super::kv;
use crate::commit::spaces::{Lost, Session};
use crate::data::docs::layout;
use crate::data::json;
use crate::data::key::Key;
use crate::data::writes::{Value, Writes};

/// Values that are told, of all that is written, with those that are there.
const BYTES_MAX: usize = 4 << 20;
/// Keys that are looked at together.
const STEP: usize = 256;

/// What `session` would write, in the order of keys; indexes are not among it.
///
/// # Errors
/// When the database cannot be had.
pub async fn effects(session: &mut Session) -> Result<Vec<WouldWrite>, Lost> {
    let mut look = session.aside();
    let writes = session.writes().into_iter().flat_map(Writes::iter);
    let named = writes.filter_map(|(key, new)| Some((key, named(key)?, new)));
    let (mut effects, mut left) = (Vec::new(), BYTES_MAX);
    for some in named.collect::<Vec<_>>().chunks(STEP) {
        let keys: Vec<Key> = some.iter().map(|(key, ..)| (*key).clone()).collect();
        let there = match left {
            0 => None,
            _ => look.points(&keys, left).await?.ok(),
        };
        if there.is_none() {
            left = 0;
        }
        let there = there.unwrap_or_else(|| vec![None; some.len()]);
        for ((_, name, new), old) in some.iter().zip(&there) {
            effects.push(told(name, old.as_ref(), *new, &mut left));
        }
    }
    Ok(effects)
}

/// A key's collection, and its name in there.
type Named = (Option<String>, String);

fn named(key: &Key) -> Option<Named> {
    Some(match layout::collection_of_document(key) {
        Some(collection) => {
            let id = layout::id_of_document(&collection, key)?.to_owned();
            (Some(collection.to_string()), id)
        }
        None => (None, kv::name(key)?),
    })
}

/// With its values, when there is so much `left`.
fn told((collection, key): &Named, old: Option<&Value>, new: Option<&Value>, left: &mut usize) -> WouldWrite {
    let length = |value: Option<&Value>| value.map_or(0, |value| value.len());
    let bytes = length(old) + length(new);
    let too_large = *left == 0 || bytes > *left;
    *left = if too_large { 0 } else { *left - bytes };
    WouldWrite {
        collection: collection.clone(),
        key: key.clone(),
        old: old.filter(|_| !too_large).and_then(shown),
        new: new.filter(|_| !too_large).and_then(shown),
        expires_at: new
            .and_then(|new| new.expires_ms)
            .map(|ms| Time::from(ms.saturating_mul(1000))),
        too_large,
    }
}

fn shown(value: &Value) -> Option<Box<RawValue>> {
    let tree = Tree::decode(value).ok()?;
    json::write(&tree).ok()
}
