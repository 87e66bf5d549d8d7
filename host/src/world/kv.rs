//! `kv::*`: values under keys, in the app's space under `k`.

use data_encoding::BASE64URL_NOPAD;
use picloud_sdk::call::kv::{
    self as call, CompareAndSet, Delete, Get, Increment, KEY_BYTES_MAX, LIST_MAX, List, Question, Set,
};
use picloud_sdk::value::{self, Reader, Token};

use super::data::Data;
use super::told::{No, Told, given, refuse};
use crate::data::docs::layout;
use crate::data::key::{Key, Range};
use crate::data::space::Query;
use crate::data::writes::Value;

/// Where keys and values stand among all that an app keeps.
const PLACE: u8 = b'k';

/// All of them.
#[must_use]
pub fn all() -> Range {
    Range::prefix(&[PLACE])
}

/// A page of entries, in the order that was asked for.
#[derive(Debug)]
pub struct Page {
    /// Each name with its value, if that was asked for.
    pub entries: Vec<(String, Option<Value>)>,
    /// Where the next page begins; none when this was the last.
    pub cursor: Option<String>,
}

/// What a script is told.
pub(super) async fn answer(data: &mut Data, question: Question<'_>) -> Told<Vec<u8>> {
    let now_ms = data.now_ms();
    Ok(match question {
        Question::Get(question) => {
            let values = get(data, &question).await?;
            given(now_ms, values.iter().map(Option::as_deref).collect::<Vec<_>>())
        }
        Question::Set(question) => given(now_ms, set(data, &question).await?),
        Question::Delete(question) => given(now_ms, delete(data, &question).await?),
        Question::Increment(question) => given(now_ms, increment(data, &question).await?),
        Question::CompareAndSet(question) => given(now_ms, compare_and_set(data, &question).await?),
        Question::List(question) => {
            let page = list(data, &question).await?;
            let entries = page.entries.iter().map(|(name, value)| (&**name, value.as_deref()));
            given(
                now_ms,
                call::Page {
                    entries: entries.collect(),
                    cursor: page.cursor.as_deref(),
                },
            )
        }
    })
}

/// What is asked, for a person.
pub(super) fn describe(question: &Question<'_>) -> String {
    match question {
        Question::Get(Get { keys }) => format!("kv::get({})", names(keys)),
        Question::Set(Set { pairs, .. }) => {
            let keys: Vec<&str> = pairs.iter().map(|(key, _)| *key).collect();
            format!("kv::set({})", names(&keys))
        }
        Question::Delete(Delete { key }) => format!("kv::delete({key:?})"),
        Question::Increment(Increment { key, by }) => format!("kv::incr({key:?}, {by})"),
        Question::CompareAndSet(CompareAndSet { key, .. }) => format!("kv::cas({key:?})"),
        Question::List(List { prefix, limit, .. }) => format!("kv::list({prefix:?}), {limit} at most"),
    }
}

fn names(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("{key:?}")).collect();
    keys.join(", ")
}

/// What is stored under each name.
///
/// # Errors
/// When a name is none, and as [`Data::get`].
pub async fn get(data: &mut Data, Get { keys }: &Get<'_>) -> Told<Vec<Option<Value>>> {
    let keys = keys.iter().map(|name| place(name)).collect::<Told<Vec<_>>>()?;
    data.get(&keys).await
}

/// Stores values.
///
/// # Errors
/// When a name is none, and as [`Data::put`].
pub async fn set(data: &mut Data, Set { pairs, ttl_ms }: &Set<'_>) -> Told<()> {
    let expires_ms = ttl_ms.map(|ttl_ms| data.now_ms().saturating_add_unsigned(ttl_ms));
    for (name, bytes) in pairs {
        put(data, name, bytes, expires_ms).await?;
    }
    Ok(())
}

/// Stores a value that is gone at a time, or never.
///
/// # Errors
/// When a name is none, and as [`Data::put`].
pub async fn put(data: &mut Data, name: &str, bytes: &[u8], expires_ms: Option<i64>) -> Told<()> {
    let value = Value {
        expires_ms,
        ..checked(bytes)?
    };
    data.put(place(name)?, Some(value)).await
}

/// Deletes what is under a name; whether there was anything.
///
/// # Errors
/// As [`set`].
pub async fn delete(data: &mut Data, Delete { key: name }: &Delete<'_>) -> Told<bool> {
    let key = place(name)?;
    let there = one(data, &key).await?.is_some();
    if there {
        data.put(key, None).await?;
    }
    Ok(there)
}

/// Adds to a whole number; what it is then. Its time to live stays.
///
/// # Errors
/// When it is none, or would be too large, and as [`set`].
pub async fn increment(data: &mut Data, Increment { key: name, by }: &Increment<'_>) -> Told<i64> {
    let key = place(name)?;
    let stored = one(data, &key).await?;
    let number = match stored.as_ref().map(|value| Reader::new(value).token()) {
        None => 0,
        Some(Ok(Token::Int(number))) => number,
        Some(_) => return refuse("not_an_int", format!("what is under {name:?} is no int")),
    };
    let Some(sum) = number.checked_add(*by) else {
        return refuse(
            "overflow",
            format!("{number} + {by} under {name:?} has no room in an int"),
        );
    };
    let mut bytes = Vec::new();
    value::write(&mut bytes, Token::Int(sum));
    let value = Value {
        bytes: bytes.into(),
        expires_ms: stored.and_then(|value| value.expires_ms),
    };
    data.put(key, Some(value)).await?;
    Ok(sum)
}

/// Stores `new` if `old` is there; whether it was.
///
/// # Errors
/// As [`set`].
pub async fn compare_and_set(data: &mut Data, CompareAndSet { key: name, old, new }: &CompareAndSet<'_>) -> Told<bool> {
    let key = place(name)?;
    let stored = one(data, &key).await?;
    if stored.as_deref() != *old {
        return Ok(false);
    }
    let new = new.map(checked).transpose()?;
    if stored.is_some() || new.is_some() {
        data.put(key, new).await?;
    }
    Ok(true)
}

/// The entries whose names begin with a prefix.
///
/// # Errors
/// When the cursor is of no list of these, and as [`Data::range`].
pub async fn list(data: &mut Data, question: &List<'_>) -> Told<Page> {
    let List {
        prefix,
        limit,
        cursor,
        reverse: reversed,
        values,
    } = *question;
    let limit = limit.clamp(1, LIST_MAX) as usize;
    let mut range = Range::prefix(&[&[PLACE], prefix.as_bytes()].concat());
    if let Some(cursor) = cursor {
        let place = after(cursor).filter(|place| range.contains(place));
        let Some(place) = place else {
            return refuse("bad_cursor", "the cursor is of no page of this list");
        };
        if reversed {
            range.to = Some(place);
        } else {
            range.from = place.next();
        }
    }
    let mut entries = Vec::new();
    let mut query = Query {
        range,
        limit: limit + 1,
        reversed,
    };
    loop {
        let (page, place) = if values {
            data.range(&query).await?
        } else {
            data.keys(&query).await?
        };
        entries.extend(page);
        match place {
            // Some had expired.
            Some(place) if entries.len() <= limit && reversed => query.range.to = Some(place),
            Some(place) if entries.len() <= limit => query.range.from = place.next(),
            _ => break,
        }
    }
    let more = entries.len() > limit;
    entries.truncate(limit);
    let cursor = entries
        .last()
        .filter(|_| more)
        .map(|(key, _)| BASE64URL_NOPAD.encode(name_bytes(key)));
    let entries = entries.into_iter().map(|(key, value)| {
        let name = String::from_utf8(name_bytes(&key).to_vec()).map_err(|error| No::Fault(error.into()))?;
        Ok((name, values.then_some(value)))
    });
    Ok(Page {
        entries: entries.collect::<Told<_>>()?,
        cursor,
    })
}

async fn one(data: &mut Data, key: &Key) -> Told<Option<Value>> {
    Ok(data.get(std::slice::from_ref(key)).await?.pop().flatten())
}

/// Where the value of a name stands.
///
/// # Errors
/// When it is no name.
pub fn place(name: &str) -> Told<Key> {
    if name.is_empty() || name.len() > KEY_BYTES_MAX {
        let bytes = name.len();
        return refuse(
            "bad_key",
            format!("a key of {bytes} bytes; it has 1 to {KEY_BYTES_MAX}"),
        );
    }
    if layout::is_step(name) {
        return refuse("bad_key", format!("a key is not {name:?}, which no address can end in"));
    }
    Ok([&[PLACE], name.as_bytes()].concat().into())
}

/// The name that a key of the space stands for, if it is of a value.
#[must_use]
pub fn name(key: &Key) -> Option<String> {
    let (place, name) = key.as_bytes().split_first()?;
    (*place == PLACE).then(|| String::from_utf8_lossy(name).into_owned())
}

fn name_bytes(key: &Key) -> &[u8] {
    &key.as_bytes()[1..]
}

fn after(cursor: &str) -> Option<Key> {
    let name = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?;
    Some([&[PLACE], &*name].concat().into())
}

fn checked(bytes: &[u8]) -> Told<Value> {
    value::check(bytes).map_err(|malformed| No::Fault(malformed.into()))?;
    Ok(bytes.to_vec().into())
}
