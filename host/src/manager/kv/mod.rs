//! `/apps/{app}/kv`: the values that scripts keep with `kv::*`.

use axum::http::StatusCode;
use picloud_sdk::api::{KvEntry, NewKv, Page, Time};
use picloud_sdk::call::kv::{Delete, Get, List};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Deployer, Member, Viewer};
use super::extract::{JsonWithData, Path, Query};
use super::kept::{bytes_of, json_of, limit, refused};
use super::paths::AppPath;
use crate::data::writes::Value;
use crate::duration;
use crate::error::{Error, Result};
use crate::world::{Keeping, No, TOO_MUCH, Told, kv};

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(read, set, remove))
    },
    statements: &[],
};

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct KvQuery {
    /// Only those whose keys begin so.
    prefix: Option<String>,
    /// Whether from the last key to the first.
    reverse: Option<bool>,
    /// Whether with their values.
    #[param(default = true)]
    values: Option<bool>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
}

/// A key of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct KeyPath {
    /// The key, percent-encoded: a slash in it is written `%2F`.
    key: String,
}

/// What an app keeps under keys, in the order of the keys' bytes. A page has fewer than it may have, and `next`, when more
/// would be too much to read at once.
#[utoipa::path(get, path = "/apps/{app}/kv", tag = "kv", params(AppPath, KvQuery),
    responses((status = 200, body = Page<KvEntry>)))]
async fn list(mut member: Member<Viewer>, Query(query): Query<KvQuery>) -> Result<axum::Json<Page<KvEntry>>> {
    let mut limit = limit(query.limit)?;
    let keeping = member.keeping().await?;
    let kv::Page { entries, cursor } = loop {
        match listed(&keeping, &query, limit).await {
            Err(No::Refused { code, .. }) if code == TOO_MUCH && limit > 1 => limit /= 2,
            page => break page.map_err(refused)?,
        }
    };
    let items = entries.into_iter().map(|(key, value)| entry(key, value));
    Ok(axum::Json(Page {
        items: items.collect::<Result<_>>()?,
        next: cursor,
    }))
}

async fn listed(keeping: &Keeping, query: &KvQuery, limit: u32) -> Told<kv::Page> {
    let page = keeping.transact(move |data| {
        let (prefix, after) = (query.prefix.clone(), query.after.clone());
        let (reverse, values) = (query.reverse, query.values);
        Box::pin(async move {
            let list = List {
                prefix: prefix.as_deref().unwrap_or_default(),
                limit,
                cursor: after.as_deref(),
                reverse: reverse.unwrap_or(false),
                values: values.unwrap_or(true),
            };
            kv::list(data, &list).await
        })
    });
    page.await
}

/// What is kept under a key.
#[utoipa::path(get, path = "/apps/{app}/kv/{key}", tag = "kv", params(AppPath, KeyPath),
    responses((status = 200, body = KvEntry)))]
async fn read(mut member: Member<Viewer>, Path(KeyPath { key }): Path<KeyPath>) -> Result<axum::Json<KvEntry>> {
    let keeping = member.keeping().await?;
    let asked = key.clone();
    let values = keeping.transact(move |data| {
        let key = asked.clone();
        Box::pin(async move { kv::get(data, &Get { keys: vec![&key] }).await })
    });
    match values.await.map_err(refused)?.pop().flatten() {
        Some(value) => Ok(axum::Json(entry(key, Some(value))?)),
        None => Err(no_such_key(&key)),
    }
}

/// Keeps a value under a key, in place of what is there.
#[utoipa::path(put, path = "/apps/{app}/kv/{key}", tag = "kv", params(AppPath, KeyPath), request_body = NewKv,
    responses((status = 204)))]
async fn set(
    mut member: Member<Deployer>,
    Path(KeyPath { key }): Path<KeyPath>,
    JsonWithData(new): JsonWithData<NewKv>,
) -> Result<StatusCode> {
    let bytes = bytes_of("value", &new.value)?;
    let ttl_ms = new.ttl.as_deref().map(duration::parse).transpose();
    let ttl_ms = ttl_ms.map_err(|why| Error::invalid("ttl", why))?;
    let keeping = member.keeping().await?;
    let expires_ms = ttl_ms.map(|ttl_ms| keeping.now_ms.saturating_add_unsigned(ttl_ms));
    let setting = keeping.transact(move |data| {
        let (key, bytes) = (key.clone(), bytes.clone());
        Box::pin(async move { kv::put(data, &key, &bytes, expires_ms).await })
    });
    setting.await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes what is kept under a key.
#[utoipa::path(delete, path = "/apps/{app}/kv/{key}", tag = "kv", params(AppPath, KeyPath),
    responses((status = 204)))]
async fn remove(mut member: Member<Deployer>, Path(KeyPath { key }): Path<KeyPath>) -> Result<StatusCode> {
    let keeping = member.keeping().await?;
    let asked = key.clone();
    let removing = keeping.transact(move |data| {
        let key = asked.clone();
        Box::pin(async move { kv::delete(data, &Delete { key: &key }).await })
    });
    if removing.await.map_err(refused)? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(no_such_key(&key))
    }
}

fn entry(key: String, value: Option<Value>) -> Result<KvEntry> {
    let expires_ms = value.as_ref().and_then(|value| value.expires_ms);
    Ok(KvEntry {
        key,
        value: value.map(|value| json_of(&value)).transpose()?,
        expires_at: expires_ms.and_then(|ms| ms.checked_mul(1000)).and_then(shown),
    })
}

/// A time that clocks show; what is later is as good as never.
fn shown(us: i64) -> Option<Time> {
    Time(us).to_string().parse().ok()
}

fn no_such_key(key: &str) -> Error {
    Error::not_found(format_args!("key {key:?}"))
}
