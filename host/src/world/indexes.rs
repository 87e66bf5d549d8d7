//! Indexes of collections: made over what is there in steps, each a transaction, and unmade the same way.

use std::collections::BTreeSet;

use super::about;
use super::data::Data;
use super::told::{No, Told, refuse};
use crate::data::docs::about::About;
use crate::data::docs::entries::{self, Difference};
use crate::data::docs::index::{INDEXES_MAX, Index};
use crate::data::docs::layout::{self, Name};
use crate::data::key::{Key, Range};
use crate::data::space::Query;
use crate::data::writes::Entry;

/// Declares an index. From now on what is written stands in it; it is searched when it is ready. Whether it is new.
///
/// # Errors
/// When there is another one of that name, or there are too many, and as [`Data::put`].
pub async fn declare(data: &mut Data, collection: &Name, new: &Index) -> Told<bool> {
    let mut about = about::read(data, collection).await?;
    let there = &mut about.indexes;
    if let Some(old) = there.iter().find(|index| index.name == new.name) {
        let same = Index {
            ready: new.ready,
            ..old.clone()
        };
        if same == *new {
            return Ok(false);
        }
        return refuse(
            "exists",
            format!("`{collection}` has another index `{}` already", new.name),
        );
    }
    if there.len() >= INDEXES_MAX {
        return refuse(
            "too_many",
            format!("`{collection}` has {INDEXES_MAX} indexes already, which is all it may have"),
        );
    }
    // What an index of that name left.
    while forget_some(data, collection, &new.name, usize::MAX).await? {}
    data.put(layout::built(collection, &new.name), None).await?;
    there.push(new.clone());
    about::write(data, collection, &about).await?;
    Ok(true)
}

/// Puts some documents into an index that is not ready, those after the last that stand in it; whether there may be more.
/// The index is ready when there are none.
///
/// # Errors
/// When two have values that are to be unique, and as [`Data::put`].
pub async fn build_some(data: &mut Data, collection: &Name, name: &Name, limit: usize) -> Told<bool> {
    let mut about = about::read(data, collection).await?;
    let mut there = about.indexes.iter_mut();
    let building = there.find(|index| index.name == *name && !index.ready);
    // Somebody else has made it, or it is gone.
    let Some(building) = building else { return Ok(false) };
    let built = layout::built(collection, name);
    let after = data.get(std::slice::from_ref(&built)).await?.pop().flatten();
    let mut range = layout::documents(collection);
    if let Some(after) = after {
        range.from = Key::from(&*after).next();
    }
    let query = Query {
        range,
        limit: limit.max(1),
        reversed: false,
    };
    let (documents, last) = data.range(&query).await?;
    for (key, document) in documents {
        let Some(id) = layout::id_of_document(collection, &key) else {
            return Err(No::Fault(anyhow::anyhow!("{key:?} is no document of {collection}")));
        };
        let alone = std::slice::from_ref(&*building);
        let difference = entries::difference(collection, alone, id, None, Some(&document));
        let Difference { add, claims, .. } =
            difference.or_else(|why| refuse("cannot_be_indexed", format!("the document {id:?}: {why}")))?;
        let keys: Vec<Key> = claims.into_iter().map(|claim| claim.key).collect();
        let standing = if keys.is_empty() {
            Vec::new()
        } else {
            data.get(&keys).await?
        };
        if let Some(other) = standing.into_iter().flatten().find(|other| **other != *id.as_bytes()) {
            let other = String::from_utf8_lossy(&other);
            let message = format!("the documents {other:?} and {id:?} in `{collection}` have the same values");
            return refuse("not_unique", message);
        }
        for (key, value) in add {
            data.put(key, Some(value)).await?;
        }
    }
    let more = last.is_some();
    data.put(built, last.map(|last| last.as_bytes().into())).await?;
    if !more {
        building.ready = true;
        about::write(data, collection, &about).await?;
    }
    Ok(more)
}

/// One step towards how an index is to be: it is built, or what it left is deleted. Whether there may be more to do.
///
/// # Errors
/// As [`build_some`].
pub async fn settle_some(data: &mut Data, collection: &Name, name: &Name, limit: usize) -> Told<bool> {
    let there = about::read(data, collection).await?.indexes;
    match there.iter().find(|index| index.name == *name) {
        Some(index) if index.ready => Ok(false),
        Some(_) => build_some(data, collection, name, limit).await,
        None => forget_some(data, collection, name, limit).await,
    }
}

/// What [`settle_some`] has to be called for: indexes that are not ready, and those that are no more and have left
/// something.
///
/// # Errors
/// As [`Data::range`].
pub async fn unsettled(data: &mut Data) -> Told<Vec<(Name, Name)>> {
    let (mut declared, mut unsettled) = (BTreeSet::new(), Vec::new());
    let mut range = layout::abouts();
    while let Some((key, about)) = first(data, &range).await? {
        range.from = key.next();
        let Some(collection) = layout::collection_of_about(&key) else {
            continue;
        };
        let about = About::decode(&about).map_err(|malformed| No::Fault(malformed.into()))?;
        for index in about.indexes {
            if !index.ready {
                unsettled.push((collection.clone(), index.name.clone()));
            }
            declared.insert((collection.clone(), index.name));
        }
    }
    for (of, mut range) in layout::all_indexed().into_iter().enumerate() {
        while let Some((key, _)) = first(data, &range).await? {
            range.from = key.next();
            let Some((collection, index)) = layout::index_of_indexed(&key) else {
                continue;
            };
            let whole = [layout::entries, layout::claims][of](&collection, &index);
            range.from = whole.to.unwrap_or(range.from);
            if declared.insert((collection.clone(), index.clone())) {
                unsettled.push((collection, index));
            }
        }
    }
    Ok(unsettled)
}

async fn first(data: &mut Data, range: &Range) -> Told<Option<Entry>> {
    let query = Query {
        range: range.clone(),
        limit: 1,
        reversed: false,
    };
    let (mut entries, _) = data.range(&query).await?;
    Ok(entries.pop())
}

/// Declares that there is no such index any more; whether there was. What stands in it goes by [`forget_some`].
///
/// # Errors
/// As [`Data::put`].
pub async fn remove(data: &mut Data, collection: &Name, name: &Name) -> Told<bool> {
    let mut about = about::read(data, collection).await?;
    let before = about.indexes.len();
    about.indexes.retain(|index| index.name != *name);
    if about.indexes.len() == before {
        return Ok(false);
    }
    data.put(layout::built(collection, name), None).await?;
    about::write(data, collection, &about).await?;
    Ok(true)
}

/// The same of one that is not ready.
///
/// # Errors
/// As [`Data::put`].
pub async fn give_up(data: &mut Data, collection: &Name, name: &Name) -> Told<bool> {
    let there = about::read(data, collection).await?.indexes;
    if there.iter().any(|index| index.name == *name && !index.ready) {
        return remove(data, collection, name).await;
    }
    Ok(false)
}

/// Deletes some of what stands in an index that is no more; whether there may be more of it.
///
/// # Errors
/// As [`Data::put`].
pub async fn forget_some(data: &mut Data, collection: &Name, name: &Name, limit: usize) -> Told<bool> {
    let there = about::read(data, collection).await?.indexes;
    if there.iter().any(|index| index.name == *name) {
        return Ok(false);
    }
    let limit = limit.min(data.limits().writes_max as usize).max(1);
    for range in [layout::entries(collection, name), layout::claims(collection, name)] {
        if delete_some(data, range, limit).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn delete_some(data: &mut Data, range: Range, limit: usize) -> Told<bool> {
    let query = Query {
        range,
        limit,
        reversed: false,
    };
    let (entries, last) = data.range(&query).await?;
    let any = !entries.is_empty();
    for (key, _) in entries {
        data.put(key, None).await?;
    }
    Ok(any && last.is_some())
}
