//! What a commit changes of what is watched: told to whom watches, in the same commit.

use std::sync::Arc;

use picloud_sdk::value::{self, Token};

use super::kv;
use super::mail::{Mailing, QUOTA_EXCEEDED, TOO_MANY_HOPS, consequence, no_room};
use super::told::TOO_MUCH;
use crate::commit::messages::{Cause, Line, Sent};
use crate::commit::spaces::{Lost, Session};
use crate::config::DataConfig;
use crate::data::docs::layout;
use crate::data::key::Key;
use crate::data::writes::Value;
use crate::triggers::Watch;

/// What was there is read of so many bytes at most; of what comes to more, nothing is told.
const OLD_BYTES_MAX: usize = 16 << 20;
/// What one commit tells, in bytes: all that it may write and all that was there, told once, and something on top.
const TOLD_BYTES_MAX: usize = 32 << 20;

/// A change of something that is watched.
struct Changed {
    line: Line,
    cause: Cause,
    collection: Option<String>,
    name: String,
    key: Key,
    new: Option<Value>,
}

/// Why nobody is told: a code, and a sentence.
pub(super) type Refused = (&'static str, String);

/// Sends what `session` changes to whom watches it; why not, when that would be one consequence too many, or there is no
/// room for it.
///
/// # Errors
/// When the attempt cannot go on.
pub async fn tell_changes(
    session: &mut Session,
    mailing: &Mailing,
    (limits, now_ms): (&DataConfig, i64),
) -> Result<Result<(), Refused>, Lost> {
    let changed = match changed(session, mailing, limits.writes_max) {
        Ok(changed) if changed.is_empty() => return Ok(Ok(())),
        Ok(changed) => changed,
        Err(why) => return Ok(Err(why)),
    };
    let mut told_bytes = 0;
    let mut keys: Vec<Key> = changed.iter().map(|changed| changed.key.clone()).collect();
    keys.dedup();
    let olds = session.stored(&keys, OLD_BYTES_MAX).await?;
    for Changed {
        line,
        cause,
        collection,
        name,
        key,
        new,
    } in changed
    {
        let old = keys
            .binary_search(&key)
            .ok()
            .and_then(|at| olds.get(at))
            .cloned()
            .flatten();
        let old = old.filter(|old| old.expires_ms.is_none_or(|expires_ms| expires_ms > now_ms));
        if old.is_none() && new.is_none() {
            continue;
        }
        let sent = Sent {
            line,
            body: body(collection.as_deref(), &name, (old.as_ref(), new.as_ref())),
            sent_ms: now_ms,
            due_ms: now_ms,
            held_ms: 0,
            key: Some(order(collection.as_deref(), &name)),
            dedup: None,
            attempts_max: None,
            expires_ms: None,
            cause,
        };
        told_bytes += sent.body.len();
        if told_bytes > TOLD_BYTES_MAX {
            let why = format!("bytes that are told of changes: {told_bytes}, {TOLD_BYTES_MAX} allowed");
            return Ok(Err((TOO_MUCH, why)));
        }
        if let Some(why) = no_room(limits, session.messages().await?, &sent) {
            return Ok(Err((QUOTA_EXCEEDED, why)));
        }
        session.send(sent);
    }
    Ok(Ok(()))
}

/// Changes of one key are told in order. No text of PostgreSQL has a character 0, so those that differ in nothing else wait
/// for each other.
fn order(collection: Option<&str>, name: &str) -> Box<str> {
    let order = match collection {
        Some(collection) => format!("{collection}/{name}"),
        None => name.to_owned(),
    };
    order.replace('\0', "\u{fffd}").into()
}

/// In the order of keys.
fn changed(session: &Session, mailing: &Mailing, changes_max: u32) -> Result<Vec<Changed>, Refused> {
    let mut changed = Vec::new();
    let Some(writes) = session.writes().filter(|_| mailing.wiring.watched().next().is_some()) else {
        return Ok(changed);
    };
    for (key, new) in writes.iter() {
        let Some((collection, name)) = named(key) else { continue };
        for (watch, line) in mailing.wiring.watched() {
            if is_meant(watch, collection.as_deref(), &name) {
                if changed.len() >= changes_max as usize {
                    let why = format!(
                        "changes that are told, to each that watches: more than {changes_max} (PICLOUD_WRITES_PER_RUN_MAX)"
                    );
                    return Err((TOO_MUCH, why));
                }
                let cause = consequence(&mailing.cause, &line).map_err(|why| (TOO_MANY_HOPS, why))?;
                changed.push(Changed {
                    cause,
                    line,
                    collection: collection.clone(),
                    name: name.clone(),
                    key: key.clone(),
                    new: new.cloned(),
                });
            }
        }
    }
    Ok(changed)
}

fn named(key: &Key) -> Option<(Option<String>, String)> {
    match layout::collection_of_document(key) {
        Some(collection) => {
            let id = layout::id_of_document(&collection, key)?.to_owned();
            Some((Some(collection.to_string()), id))
        }
        None => Some((None, kv::name(key)?)),
    }
}

fn is_meant(watch: &Watch, collection: Option<&str>, name: &str) -> bool {
    match (collection, &watch.collection, &watch.prefix) {
        (Some(is), Some(wanted), _) => is == wanted,
        (None, None, Some(prefix)) => name.starts_with(&**prefix),
        _ => false,
    }
}

/// `#{ collection, key, kind, new, old }`.
fn body(collection: Option<&str>, name: &str, (old, new): (Option<&Value>, Option<&Value>)) -> Arc<[u8]> {
    let mut bytes = Vec::new();
    value::write(&mut bytes, Token::Map(5));
    value::key(&mut bytes, "collection");
    value::write(&mut bytes, collection.map_or(Token::Unit, Token::Text));
    value::key(&mut bytes, "key");
    value::write(&mut bytes, Token::Text(name));
    value::key(&mut bytes, "kind");
    value::write(&mut bytes, Token::Text(if new.is_some() { "set" } else { "delete" }));
    for (field, stored) in [("new", new), ("old", old)] {
        value::key(&mut bytes, field);
        match stored {
            Some(stored) => bytes.extend_from_slice(stored),
            None => value::write(&mut bytes, Token::Unit),
        }
    }
    bytes.into()
}
