//! `docs::*`: documents in collections, found by what is in them.

use picloud_sdk::call::docs::{Count, FIND_MAX, Find, GetOne, Insert, Page, Remove, Replace, Update};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Engine, Map};

use super::options::Options;
use super::{Fallible, answered, refuse};
use crate::{host, keep};

/// Documents of a page when nobody says how many.
const FIND_DEFAULT: u32 = 100;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("docs", exported_module!(functions).into());
}

fn kept(map: Map) -> Fallible<Vec<u8>> {
    keep::to_bytes(&map.into()).or_else(|why| refuse("cannot_be_kept", why))
}

fn told(document: Option<&'static [u8]>) -> Dynamic {
    document.map_or(Dynamic::UNIT, keep::from_bytes)
}

fn page(collection: &str, filter: Map, options: Map, limit: Option<u32>) -> Fallible<Page<'static>> {
    let mut options = Options::new("docs::find", options);
    let sort = options.texts("sort")?;
    let fields = options.texts("fields")?;
    let asked = options.number("limit", 1, FIND_MAX.into())?;
    let cursor = options.take::<ImmutableString>("cursor")?;
    let explain = options.take("explain")?.unwrap_or(false);
    options.end()?;
    answered(host::ask(Find {
        collection,
        filter: &kept(filter)?,
        sort: sort.iter().map(ImmutableString::as_str).collect(),
        limit: limit.or(asked.map(|asked| asked as u32)).unwrap_or(FIND_DEFAULT),
        cursor: cursor.as_deref(),
        fields: fields.iter().map(ImmutableString::as_str).collect(),
        explain,
    }))
}

fn found(collection: &str, filter: Map, options: Map) -> Fallible<Map> {
    let Page {
        documents,
        cursor,
        explained,
    } = page(collection, filter, options, None)?;
    let documents: Array = documents.into_iter().map(keep::from_bytes).collect();
    let mut told = Map::new();
    told.insert("documents".into(), documents.into());
    told.insert("cursor".into(), cursor.map_or(Dynamic::UNIT, Into::into));
    if let Some(explained) = explained {
        told.insert("explain".into(), keep::from_bytes(explained));
    }
    Ok(told)
}

fn first_of(collection: &str, filter: Map, options: Map) -> Fallible<Dynamic> {
    let page = page(collection, filter, options, Some(1))?;
    Ok(told(page.documents.first().copied()))
}

fn replaced(collection: &str, id: &str, document: Map, or_insert: bool) -> Fallible<bool> {
    answered(host::ask(Replace {
        collection,
        id,
        document: &kept(document)?,
        or_insert,
    }))
}

#[export_module]
mod functions {
    /// Keeps a new document, when the run ends well; its id, which sorts by time unless the document brings its own `id`.
    #[rhai_fn(name = "insert", volatile, return_raw)]
    pub fn insert(collection: &str, document: Map) -> Fallible<ImmutableString> {
        let document = &kept(document)?;
        Ok(answered(host::ask(Insert { collection, document }))?.into())
    }

    /// The document of that id, or `()`.
    #[rhai_fn(name = "get", volatile, return_raw)]
    pub fn get(collection: &str, id: &str) -> Fallible<Dynamic> {
        Ok(told(answered(host::ask(GetOne { collection, id }))?))
    }

    /// Changes some fields: maps are merged, `"address.city"` at the top names a field within one, `()` removes. The document as it is then, or `()` when there is none.
    #[rhai_fn(name = "update", volatile, return_raw)]
    pub fn update(collection: &str, id: &str, changes: Map) -> Fallible<Dynamic> {
        let changes = &kept(changes)?;
        Ok(told(answered(host::ask(Update {
            collection,
            id,
            changes,
        }))?))
    }

    /// Keeps another document in place of the one of that id; whether there was one. When there was none, nothing is kept.
    #[rhai_fn(name = "replace", volatile, return_raw)]
    pub fn replace(collection: &str, id: &str, document: Map) -> Fallible<bool> {
        replaced(collection, id, document, false)
    }

    /// Keeps a document under that id, in place of one that is there; whether there was one.
    #[rhai_fn(name = "upsert", volatile, return_raw)]
    pub fn upsert(collection: &str, id: &str, document: Map) -> Fallible<bool> {
        replaced(collection, id, document, true)
    }

    /// Deletes the document of that id, when the run ends well; whether there was one.
    #[rhai_fn(name = "delete", volatile, return_raw)]
    pub fn delete(collection: &str, id: &str) -> Fallible<bool> {
        answered(host::ask(Remove { collection, id }))
    }

    /// The first 100 documents of all, by id: `#{ documents, cursor }`.
    #[rhai_fn(name = "find", volatile, return_raw)]
    pub fn find_all(collection: &str) -> Fallible<Map> {
        found(collection, Map::new(), Map::new())
    }

    /// The first 100 documents that match, by id: `#{ documents, cursor }`. A filter is such as `#{ age: #{ ge: 18 }, state: #{ "in": ["new", "paid"] }, "address.city": "Bern" }`.
    #[rhai_fn(name = "find", volatile, return_raw)]
    pub fn find(collection: &str, filter: Map) -> Fallible<Map> {
        found(collection, filter, Map::new())
    }

    /// The same with options: `sort` (`"-age"`, or several), `limit` (1 to 1000), `cursor` (of the page before), `fields` (which of them), `explain`.
    #[rhai_fn(name = "find", volatile, return_raw)]
    pub fn find_with(collection: &str, filter: Map, options: Map) -> Fallible<Map> {
        found(collection, filter, options)
    }

    /// The first document that matches, by id, or `()`.
    #[rhai_fn(name = "first", volatile, return_raw)]
    pub fn first(collection: &str, filter: Map) -> Fallible<Dynamic> {
        first_of(collection, filter, Map::new())
    }

    /// The same with options, as for `docs::find`.
    #[rhai_fn(name = "first", volatile, return_raw)]
    pub fn first_with(collection: &str, filter: Map, options: Map) -> Fallible<Dynamic> {
        first_of(collection, filter, options)
    }

    /// How many documents match.
    #[rhai_fn(name = "count", volatile, return_raw)]
    pub fn count(collection: &str, filter: Map) -> Fallible<i64> {
        let filter = &kept(filter)?;
        Ok(answered(host::ask(Count { collection, filter }))? as i64)
    }

    /// How many documents there are.
    #[rhai_fn(name = "count", volatile, return_raw)]
    pub fn count_all(collection: &str) -> Fallible<i64> {
        let filter = &kept(Map::new())?;
        Ok(answered(host::ask(Count { collection, filter }))? as i64)
    }
}
