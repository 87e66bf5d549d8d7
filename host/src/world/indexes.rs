//! Indexes of collections: made over what is there in steps, each a transaction, and unmade the same way.

use super::data::Data;
use super::docs::indexes;
use super::told::{No, Told, refuse};
use crate::data::docs::entries::{self, Difference};
use crate::data::docs::index::{self, INDEXES_MAX, Index};
use crate::data::docs::layout::{self, Name};
use crate::data::key::{Key, Range};
use crate::data::space::Query;
use crate::data::writes::Value;

/// Declares an index. From now on what is written stands in it; it is searched when it is ready. Whether it is new.
///
/// # Errors
/// When there is another one of that name, or there are too many, and as [`Data::put`].
pub async fn declare(data: &mut Data, collection: &Name, new: &Index) -> Told<bool> {
    let mut there = indexes(data, collection).await?;
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
    there.push(new.clone());
    put(data, collection, &there).await?;
    Ok(true)
}

/// Puts some documents after `after` into an index that is not ready. The last of them, when there may be more; the index
/// is ready when there are none.
///
/// # Errors
/// When two have values that are to be unique, and as [`Data::put`].
pub async fn build_some(
    data: &mut Data,
    collection: &Name,
    name: &Name,
    after: Option<&Key>,
    limit: usize,
) -> Told<Option<Key>> {
    let mut there = indexes(data, collection).await?;
    let building = there.iter_mut().find(|index| index.name == *name && !index.ready);
    // Somebody else has made it, or it is gone.
    let Some(building) = building else { return Ok(None) };
    let mut range = layout::documents(collection);
    if let Some(after) = after {
        range.from = after.next();
    }
    let query = Query {
        range,
        limit,
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
    if last.is_none() {
        building.ready = true;
        put(data, collection, &there).await?;
    }
    Ok(last)
}

/// Declares that there is no such index any more; whether there was. What stands in it goes by [`forget_some`].
///
/// # Errors
/// As [`Data::put`].
pub async fn remove(data: &mut Data, collection: &Name, name: &Name) -> Told<bool> {
    let mut there = indexes(data, collection).await?;
    let before = there.len();
    there.retain(|index| index.name != *name);
    if there.len() == before {
        return Ok(false);
    }
    put(data, collection, &there).await?;
    Ok(true)
}

/// Deletes some of what stands in an index that is no more; whether there may be more of it.
///
/// # Errors
/// As [`Data::put`].
pub async fn forget_some(data: &mut Data, collection: &Name, name: &Name, limit: usize) -> Told<bool> {
    if indexes(data, collection).await?.iter().any(|index| index.name == *name) {
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

async fn put(data: &mut Data, collection: &Name, indexes: &[Index]) -> Told<()> {
    let value = (!indexes.is_empty()).then(|| Value::from(index::encode(indexes)));
    data.put(layout::about(collection), value).await
}
