//! `kv::*`: values under keys, kept for as long as the app lives.

use picloud_sdk::call::kv::{CompareAndSet, Delete, Get, Increment, LIST_MAX, List, Set};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Engine, Map};

use super::options::Options;
use super::{Fallible, answered, duration, refuse};
use crate::{host, keep};

/// Entries of a page when nobody says how many.
const LIST_DEFAULT: u32 = 100;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("kv", exported_module!(functions).into());
}

fn get_all(keys: Vec<&str>) -> Fallible<Vec<Option<&'static [u8]>>> {
    answered(host::ask(Get { keys }))
}

fn get_one(key: &str) -> Fallible<Option<Dynamic>> {
    let kept = get_all(vec![key])?;
    Ok(kept.into_iter().flatten().next().map(keep::from_bytes))
}

fn kept(value: &Dynamic) -> Fallible<Vec<u8>> {
    keep::to_bytes(value).or_else(|why| refuse("cannot_be_kept", why))
}

/// None for `()`.
fn kept_if_any(value: &Dynamic) -> Fallible<Option<Vec<u8>>> {
    if value.is_unit() {
        Ok(None)
    } else {
        kept(value).map(Some)
    }
}

fn set_all(pairs: Vec<(&str, &[u8])>, options: Option<Options>) -> Fallible<()> {
    let mut ttl_ms = None;
    if let Some(mut options) = options {
        if let Some(ttl) = options.take::<ImmutableString>("ttl")? {
            ttl_ms = Some(duration::parse(&ttl).or_else(|why| refuse("bad_option", format!("ttl: {why}")))?);
        }
        options.end()?;
    }
    answered(host::ask(Set { pairs, ttl_ms }))
}

fn set_map(values: &Map, options: Option<Options>) -> Fallible<()> {
    let mut pairs = Vec::with_capacity(values.len());
    for (key, value) in values {
        let kept = keep::to_bytes_under(key, value).or_else(|why| refuse("cannot_be_kept", why))?;
        pairs.push((key.as_str(), kept));
    }
    set_all(
        pairs.iter().map(|(key, value)| (*key, value.as_slice())).collect(),
        options,
    )
}

fn page(prefix: &str, options: Map) -> Fallible<Map> {
    let mut options = Options::new("kv::list", options);
    let limit = options.number("limit", 1, LIST_MAX.into())?;
    let cursor = options.take::<ImmutableString>("cursor")?;
    let reverse = options.take("reverse")?.unwrap_or(false);
    let values = options.take("values")?.unwrap_or(true);
    options.end()?;
    let page = answered(host::ask(List {
        prefix,
        limit: limit.map_or(LIST_DEFAULT, |limit| limit as u32),
        cursor: cursor.as_deref(),
        reverse,
        values,
    }))?;
    let entries = page.entries.into_iter().map(|(key, value)| {
        let mut entry = Map::new();
        entry.insert("key".into(), key.into());
        if let Some(value) = value {
            entry.insert("value".into(), keep::from_bytes(value));
        }
        Dynamic::from(entry)
    });
    let mut told = Map::new();
    told.insert("entries".into(), entries.collect::<Array>().into());
    told.insert("cursor".into(), page.cursor.map_or(Dynamic::UNIT, Into::into));
    Ok(told)
}

#[export_module]
mod functions {
    /// The value under `key`, or `()` when there is none.
    #[rhai_fn(name = "get", volatile, return_raw)]
    pub fn get(key: &str) -> Fallible<Dynamic> {
        Ok(get_one(key)?.unwrap_or(Dynamic::UNIT))
    }

    /// The value under `key`, or `otherwise` when there is none.
    #[rhai_fn(name = "get", volatile, return_raw)]
    pub fn get_or(key: &str, otherwise: Dynamic) -> Fallible<Dynamic> {
        Ok(get_one(key)?.unwrap_or(otherwise))
    }

    /// The values under some keys, as a map with those that are there.
    #[rhai_fn(name = "get_many", volatile, return_raw)]
    pub fn get_many(keys: Array) -> Fallible<Map> {
        let mut names = Vec::with_capacity(keys.len());
        for key in keys {
            names.push(key.into_immutable_string().or_else(|is| {
                refuse(
                    "bad_key",
                    format!("a key is a string, not {}", crate::words::a_type(is)),
                )
            })?);
        }
        let values = get_all(names.iter().map(ImmutableString::as_str).collect())?;
        let there = names.iter().zip(values).filter_map(|(key, value)| Some((key, value?)));
        Ok(there
            .map(|(key, value)| (key.as_str().into(), keep::from_bytes(value)))
            .collect())
    }

    /// Keeps `value` under `key`, when the run ends well. Any data: its types are kept.
    #[rhai_fn(name = "set", volatile, return_raw)]
    pub fn set(key: &str, value: Dynamic) -> Fallible<()> {
        set_all(vec![(key, &kept(&value)?)], None)
    }

    /// The same with options: `#{ ttl: "1h" }` is gone after an hour.
    #[rhai_fn(name = "set", volatile, return_raw)]
    pub fn set_with(key: &str, value: Dynamic, options: Map) -> Fallible<()> {
        set_all(vec![(key, &kept(&value)?)], Some(Options::new("kv::set", options)))
    }

    /// Keeps each value of a map under its key, when the run ends well.
    #[rhai_fn(name = "set_many", volatile, return_raw)]
    pub fn set_many(values: Map) -> Fallible<()> {
        set_map(&values, None)
    }

    /// The same with options, as for `kv::set`.
    #[rhai_fn(name = "set_many", volatile, return_raw)]
    pub fn set_many_with(values: Map, options: Map) -> Fallible<()> {
        set_map(&values, Some(Options::new("kv::set_many", options)))
    }

    /// Deletes what is under `key`, when the run ends well; whether there was anything.
    #[rhai_fn(name = "delete", volatile, return_raw)]
    pub fn delete(key: &str) -> Fallible<bool> {
        answered(host::ask(Delete { key }))
    }

    /// Whether there is something under `key`.
    #[rhai_fn(name = "exists", volatile, return_raw)]
    pub fn exists(key: &str) -> Fallible<bool> {
        Ok(get_all(vec![key])?.into_iter().flatten().next().is_some())
    }

    /// Adds 1 to the int under `key`, which is 0 when there is none; what it is then.
    #[rhai_fn(name = "incr", volatile, return_raw)]
    pub fn increment(key: &str) -> Fallible<i64> {
        answered(host::ask(Increment { key, by: 1 }))
    }

    /// Adds `by` to the int under `key`, which is 0 when there is none; what it is then.
    #[rhai_fn(name = "incr", volatile, return_raw)]
    pub fn increment_by(key: &str, by: i64) -> Fallible<i64> {
        answered(host::ask(Increment { key, by }))
    }

    /// Keeps `new` under `key` if `old` is there now; whether it was. `()` stands for "nothing there", on both sides.
    #[rhai_fn(name = "cas", volatile, return_raw)]
    pub fn compare_and_set(key: &str, old: Dynamic, new: Dynamic) -> Fallible<bool> {
        let (old, new) = (kept_if_any(&old)?, kept_if_any(&new)?);
        answered(host::ask(CompareAndSet {
            key,
            old: old.as_deref(),
            new: new.as_deref(),
        }))
    }

    /// The first 100 entries whose keys begin with `prefix`, in the order of keys: `#{ entries: [#{ key, value }], cursor }`.
    #[rhai_fn(name = "list", volatile, return_raw)]
    pub fn list(prefix: &str) -> Fallible<Map> {
        page(prefix, Map::new())
    }

    /// The same with options: `limit` (1 to 1000), `cursor` (of the page before), `reverse`, `values` (`false`: keys alone).
    #[rhai_fn(name = "list", volatile, return_raw)]
    pub fn list_with(prefix: &str, options: Map) -> Fallible<Map> {
        page(prefix, options)
    }
}
