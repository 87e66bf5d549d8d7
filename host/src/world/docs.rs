//! `docs::*`: documents in collections, by the rules of [`crate::data::docs`].

use std::collections::BTreeMap;
use std::fmt::Display;

use data_encoding::BASE64URL_NOPAD;
use picloud_sdk::call::docs::{self as call, Count, GetOne, Insert, Question, Remove, Replace, Update};
use picloud_sdk::value::Value as Tree;

use super::data::Data;
use super::told::{No, Told, given, refuse};
use super::{about, schemas};
use crate::data::docs::about::About;
use crate::data::docs::entries::{self, Difference};
use crate::data::docs::filter::Filter;
use crate::data::docs::find::{Find, Step};
use crate::data::docs::index::Index;
use crate::data::docs::layout::{self, Name};
use crate::data::docs::page::{Bounds, FindError, Page, Request, TRIED_MAX};
use crate::data::docs::path::{ID, Path};
use crate::data::docs::plan::Plan;
use crate::data::docs::project::Fields;
use crate::data::docs::sort::{By, Order};
use crate::data::docs::update;
use crate::data::writes::Value;

/// What advice calls the app, where nobody knows its name.
const SOME_APP: &str = "APP";

/// What was found, as it is told.
#[derive(Debug)]
pub struct Found {
    /// Encoded documents, in order.
    pub documents: Vec<Value>,
    /// Where the next page begins; none when this was the last.
    pub cursor: Option<String>,
    /// How they were found, encoded, if that was asked for.
    pub explained: Option<Vec<u8>>,
}

/// What a script is told.
pub(super) async fn answer(data: &mut Data, question: Question<'_>) -> Told<Vec<u8>> {
    let now_ms = data.now_ms();
    Ok(match question {
        Question::Insert(question) => given(now_ms, insert(data, &question).await?),
        Question::GetOne(question) => given(now_ms, get(data, &question).await?.as_deref()),
        Question::Update(question) => given(now_ms, update(data, &question).await?.as_deref()),
        Question::Replace(question) => given(now_ms, replace(data, &question).await?),
        Question::Remove(question) => given(now_ms, remove(data, &question).await?),
        Question::Count(question) => given(now_ms, count(data, &question, SOME_APP).await?),
        Question::Find(question) => {
            let found = find(data, &question, SOME_APP).await?;
            given(
                now_ms,
                call::Page {
                    documents: found.documents.iter().map(|document| &**document).collect(),
                    cursor: found.cursor.as_deref(),
                    explained: found.explained.as_deref(),
                },
            )
        }
    })
}

/// What is asked, for a person.
pub(super) fn describe(question: &Question<'_>) -> String {
    match question {
        Question::Insert(Insert { collection, .. }) => format!("docs::insert({collection:?})"),
        Question::GetOne(GetOne { collection, id }) => format!("docs::get({collection:?}, {id:?})"),
        Question::Update(Update { collection, id, .. }) => format!("docs::update({collection:?}, {id:?})"),
        Question::Replace(Replace { collection, id, .. }) => {
            format!("docs::replace({collection:?}, {id:?})")
        }
        Question::Remove(Remove { collection, id }) => format!("docs::delete({collection:?}, {id:?})"),
        Question::Find(call::Find { collection, limit, .. }) => {
            format!("docs::find({collection:?}), {limit} at most")
        }
        Question::Count(Count { collection, .. }) => format!("docs::count({collection:?})"),
    }
}

/// Stores a new document; its id.
///
/// # Errors
/// When there is one of that id, or of values that are to be unique, and as [`Data::put`].
pub async fn insert(data: &mut Data, insert: &Insert<'_>) -> Told<String> {
    let collection = collection(insert.collection)?;
    let mut document = map(insert.document)?;
    let id = match document.get(ID) {
        // What is `()` is not there.
        None | Some(Tree::Unit) => data.next_id(),
        Some(Tree::Text(id)) => checked(id)?.to_owned(),
        Some(_) => return refuse("bad_id", "`id` of a document is a string"),
    };
    document.insert(ID.to_owned(), Tree::Text(id.clone()));
    let change = Change::begin(data, &collection, &id).await?;
    if change.old.is_some() {
        return refuse(
            "exists",
            format!("there is a document {id:?} in `{collection}` already"),
        );
    }
    change.put(data, Some(Tree::Map(document).encode())).await?;
    Ok(id)
}

/// The document of an id.
///
/// # Errors
/// When the names are none, and as [`Data::get`].
pub async fn get(data: &mut Data, GetOne { collection: name, id }: &GetOne<'_>) -> Told<Option<Value>> {
    let key = layout::document(&collection(name)?, checked(id)?);
    Ok(data.get(&[key]).await?.pop().flatten())
}

/// Changes some of a document; what it is then, if it is there.
///
/// # Errors
/// When it cannot be changed so, and as [`insert`].
pub async fn update(data: &mut Data, update: &Update<'_>) -> Told<Option<Value>> {
    let collection = collection(update.collection)?;
    let changes = Tree::Map(map(update.changes)?);
    let change = Change::begin(data, &collection, checked(update.id)?).await?;
    let Some(old) = &change.old else { return Ok(None) };
    let old = Tree::decode(old).map_err(|malformed| No::Fault(malformed.into()))?;
    let new = update::merge(&old, &changes).or_else(|why| refuse("bad_change", why.to_string()))?;
    let new: Value = new.encode().into();
    change.put(data, Some(new.to_vec())).await?;
    Ok(Some(new))
}

/// Stores another document in place of one; whether there was one.
///
/// # Errors
/// As [`insert`].
pub async fn replace(data: &mut Data, replace: &Replace<'_>) -> Told<bool> {
    let collection = collection(replace.collection)?;
    let id = checked(replace.id)?;
    let mut document = map(replace.document)?;
    match document.insert(ID.to_owned(), Tree::Text(id.to_owned())) {
        Some(Tree::Text(own)) if own != id => {
            return refuse(
                "bad_id",
                format!("the document's `id` is {own:?}, it is to be kept under {id:?}"),
            );
        }
        Some(Tree::Text(_) | Tree::Unit) | None => {}
        Some(_) => return refuse("bad_id", "`id` of a document is a string"),
    }
    let change = Change::begin(data, &collection, id).await?;
    let there = change.old.is_some();
    if there || replace.or_insert {
        change.put(data, Some(Tree::Map(document).encode())).await?;
    }
    Ok(there)
}

/// Deletes a document; whether there was one.
///
/// # Errors
/// As [`get`].
pub async fn remove(data: &mut Data, remove: &Remove<'_>) -> Told<bool> {
    let collection = collection(remove.collection)?;
    let change = Change::begin(data, &collection, checked(remove.id)?).await?;
    let there = change.old.is_some();
    if there {
        change.put(data, None).await?;
    }
    Ok(there)
}

/// Some of the documents that a filter matches. Advice is for `app`.
///
/// # Errors
/// When the query is none, or looks at too much, and as [`Data::range`].
pub async fn find(data: &mut Data, query: &call::Find<'_>, app: &str) -> Told<Found> {
    let order = order(&query.sort)?;
    let (collection, filter, indexes) = asked(data, query.collection, query.filter).await?;
    let plan = Plan::new(&collection, filter, order, &indexes);
    let fields = match &*query.fields {
        [] => None,
        names => {
            let paths = names.iter().map(|name| path(name)).collect::<Told<Vec<_>>>()?;
            Some(Fields::new(&paths).or_else(|why| refuse("bad_query", why.to_string()))?)
        }
    };
    let cursor = query.cursor.map(|cursor| BASE64URL_NOPAD.decode(cursor.as_bytes()));
    let cursor = cursor
        .transpose()
        .or_else(|_| refuse("bad_cursor", "cursor: it is malformed"))?;
    let request = Request {
        limit: query.limit as usize,
        fields,
        cursor,
    };
    let mut find = Find::page(plan, request, bounds(data)).or_else(|why| not_found(&why))?;
    let page = done(data, &mut find, app).await?;
    Ok(Found {
        explained: query.explain.then(|| find.explain(app).encode()),
        documents: page.documents,
        cursor: page.cursor.map(|cursor| BASE64URL_NOPAD.encode(&cursor)),
    })
}

/// How many documents a filter matches. Advice is for `app`.
///
/// # Errors
/// As [`find`].
pub async fn count(data: &mut Data, count: &Count<'_>, app: &str) -> Told<u64> {
    let (collection, filter, indexes) = asked(data, count.collection, count.filter).await?;
    let plan = Plan::of_count(&collection, filter, &indexes);
    let mut find = Find::count(plan, bounds(data));
    let page = done(data, &mut find, app).await?;
    Ok(page.count as u64)
}

/// The indexes of a collection.
///
/// # Errors
/// As [`Data::get`].
pub async fn indexes(data: &mut Data, collection: &Name) -> Told<Vec<Index>> {
    Ok(about::read(data, collection).await?.indexes)
}

/// A document about to be another one.
struct Change<'a> {
    collection: &'a Name,
    id: &'a str,
    about: About,
    old: Option<Value>,
}

impl<'a> Change<'a> {
    async fn begin(data: &mut Data, collection: &'a Name, id: &'a str) -> Told<Self> {
        let about = about::read(data, collection).await?;
        let old = data.get(&[layout::document(collection, id)]).await?.pop().flatten();
        Ok(Self {
            collection,
            id,
            about,
            old,
        })
    }

    /// It is `new` from now on, in all indexes, if it may be.
    async fn put(self, data: &mut Data, new: Option<Vec<u8>>) -> Told<()> {
        let Self {
            collection,
            id,
            about: About { indexes, schema },
            old,
        } = self;
        if let Some((schema, new)) = schema.zip(new.as_deref()) {
            schemas::check(data, collection, &schema, new).await?;
        }
        let difference = entries::difference(collection, &indexes, id, old.as_deref(), new.as_deref());
        let Difference { delete, add, claims } =
            difference.or_else(|why| refuse("cannot_be_indexed", why.to_string()))?;
        let keys: Vec<_> = claims.iter().map(|claim| claim.key.clone()).collect();
        if !keys.is_empty() {
            let standing = data.get(&keys).await?;
            for (claim, standing) in claims.iter().zip(standing) {
                if let Some(other) = standing.filter(|other| **other != *id.as_bytes()) {
                    let other = String::from_utf8_lossy(&other);
                    let message = format!(
                        "the document {other:?} in `{collection}` has the same values in the unique index `{}`",
                        claim.index
                    );
                    return refuse("not_unique", message);
                }
            }
        }
        for key in delete {
            data.put(key, None).await?;
        }
        for (key, value) in add {
            data.put(key, Some(value)).await?;
        }
        data.put(layout::document(collection, id), new.map(Value::from)).await
    }
}

/// Of which collection, which documents, and the indexes that they may be found by.
async fn asked(data: &mut Data, name: &str, filter: &[u8]) -> Told<(Name, Filter, Vec<Index>)> {
    let collection = collection(name)?;
    let filter = Tree::decode(filter).map_err(|malformed| No::Fault(malformed.into()))?;
    let filter = Filter::parse(&filter).or_else(|why| refuse("bad_query", why.to_string()))?;
    let mut indexes = indexes(data, &collection).await?;
    indexes.retain(|index| index.ready);
    Ok((collection, filter, indexes))
}

fn bounds(data: &Data) -> Bounds {
    let limits = data.limits();
    let (reads_max, looked_at_max) = (limits.reads_max as usize, limits.looked_at_max as usize);
    Bounds {
        looked_at_max,
        // Of each entry the document is read, too; and what was gathered in vain leaves room for another way.
        gathered_max: looked_at_max.min(reads_max.saturating_sub(TRIED_MAX) / 2),
        tried_max: TRIED_MAX,
        bytes_max: usize::try_from(limits.read_bytes_max).unwrap_or(usize::MAX),
    }
}

/// A refusal to read more, with what could be done about it. Who has to read all before anything is known asked for too
/// much.
fn advised(no: No, find: &Find, app: &str) -> No {
    let No::Refused { code, message } = no else { return no };
    let remedy = find.plan().remedy(app);
    if find.needs_all() {
        let message = format!("the query reads more than one run may: {message}{remedy}");
        return No::Refused {
            code: "too_broad",
            message,
        };
    }
    No::Refused {
        code,
        message: message + &remedy,
    }
}

async fn done(data: &mut Data, find: &mut Find, app: &str) -> Told<Page> {
    loop {
        let read = match find.step() {
            Step::Done(page) => return Ok(page),
            Step::Scan(query) => data.range(&query).await.map(|(rows, _)| find.rows(rows)),
            Step::Keys(query) => data.keys(&query).await.map(|(keys, _)| find.rows(keys)),
            Step::Fetch(keys) => data.get(&keys).await.map(|documents| find.documents(documents)),
        };
        match read {
            Ok(Ok(())) => {}
            Ok(Err(why @ FindError::TooBroad { .. })) => {
                return refuse("too_broad", format!("{why}{}", find.plan().remedy(app)));
            }
            Ok(Err(why)) => return not_found(&why),
            Err(no) => return Err(advised(no, find, app)),
        }
    }
}

fn not_found<R>(why: &FindError) -> Told<R> {
    let code = match why {
        FindError::Limit(_) => "bad_query",
        FindError::Cursor(_) => "bad_cursor",
        FindError::TooBroad { .. } => "too_broad",
        FindError::TooLarge { .. } => "limit_exceeded",
        FindError::Broken(_) => return Err(No::Fault(anyhow::anyhow!("{why}"))),
    };
    refuse(code, why.to_string())
}

fn order(sort: &[&str]) -> Told<Order> {
    let fields = sort.iter().map(|field| {
        let (name, descending) = field.strip_prefix('-').map_or((*field, false), |name| (name, true));
        if name.starts_with('-') {
            return refuse(
                "bad_query",
                format!("sort: `{field:.80}`: one - before a field turns its order around"),
            );
        }
        let path = path(name)?;
        Ok(By { path, descending })
    });
    Order::new(fields.collect::<Told<_>>()?).or_else(|why| refuse("bad_query", why.to_string()))
}

fn path(name: &str) -> Told<Path> {
    Path::new(name).or_else(|why| refuse("bad_query", why.to_string()))
}

fn collection(name: &str) -> Told<Name> {
    Name::of_collection(name).or_else(|why| bad("bad_collection", &why))
}

fn checked(id: &str) -> Told<&str> {
    layout::check_id(id).or_else(|why| bad("bad_id", &why))?;
    Ok(id)
}

fn bad<R>(code: &'static str, why: &impl Display) -> Told<R> {
    refuse(code, why.to_string())
}

fn map(bytes: &[u8]) -> Told<BTreeMap<String, Tree>> {
    match Tree::decode(bytes) {
        Ok(Tree::Map(map)) => Ok(map),
        Ok(_) => refuse("bad_document", "a document is a map"),
        Err(malformed) => Err(No::Fault(malformed.into())),
    }
}
