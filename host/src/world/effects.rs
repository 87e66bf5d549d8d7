//! What a run would have written and sent, for a person: keys and documents, with what is there, and messages.

use picloud_sdk::api::{Time, WouldSend, WouldWrite};
use picloud_sdk::value::Value as Tree;
use serde_json::value::RawValue;

use super::kv;
use crate::commit::messages::Sent;
use crate::commit::spaces::{Lost, Session};
use crate::data::docs::layout;
use crate::data::json;
use crate::data::key::Key;
use crate::data::writes::{Value, Writes};

/// Values that are told, of all that is written, with those that are there.
const BYTES_MAX: usize = 4 << 20;
/// Keys that are looked at together.
const STEP: usize = 256;

/// What a run would have done.
#[derive(Debug, Default)]
pub struct Effects {
    /// In the order of keys; indexes are not among it.
    pub writes: Vec<WouldWrite>,
    /// In the order in which they would have been sent.
    pub messages: Vec<WouldSend>,
}

/// What `session` would do.
///
/// # Errors
/// When the database cannot be had.
pub async fn effects(session: &mut Session) -> Result<Effects, Lost> {
    let writes = writes(session).await?;
    let mut left = BYTES_MAX;
    let messages = session.messages_sent().iter().map(|sent| would_send(sent, &mut left));
    Ok(Effects {
        messages: messages.collect(),
        writes,
    })
}

fn would_send(sent: &Sent, left: &mut usize) -> WouldSend {
    let too_large = sent.body.len() > *left;
    *left = if too_large { 0 } else { *left - sent.body.len() };
    WouldSend {
        source: sent.line.source.as_str().to_owned(),
        name: sent.line.name.as_ref().to_owned(),
        body: if too_large { None } else { shown(&sent.body) },
        key: sent.key.as_deref().map(str::to_owned),
        due_at: Time::from(sent.due_ms.saturating_mul(1000)),
        too_large,
    }
}

async fn writes(session: &mut Session) -> Result<Vec<WouldWrite>, Lost> {
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
        old: old.filter(|_| !too_large).and_then(|old| shown(old)),
        new: new.filter(|_| !too_large).and_then(|new| shown(new)),
        expires_at: new
            .and_then(|new| new.expires_ms)
            .map(|ms| Time::from(ms.saturating_mul(1000))),
        too_large,
    }
}

fn shown(value: &[u8]) -> Option<Box<RawValue>> {
    let tree = Tree::decode(value).ok()?;
    json::write(&tree).ok()
}
