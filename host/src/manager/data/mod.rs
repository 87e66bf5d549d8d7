//! `/apps/{app}/data`, `/collections`, `/import`: how much an app keeps, where, and much of it at once.

mod import;

use axum::extract::State;
use picloud_sdk::api::{Collection, DataUsage, Page};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Member, Viewer};
use super::extract::Query;
use super::kept::refused;
use super::page::{self, PageQuery};
use super::paths::AppPath;
use crate::commit::spaces::{CollectionUsage, Usage};
use crate::data::docs::layout::Name;
use crate::error::{Error, Result};
use crate::orchestrator::Host;

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(usage))
            .routes(routes!(list))
            .merge(import::router())
    },
    statements: &[],
};

/// How much an app keeps, and how much that may be. What its runs have just written may be missing.
#[utoipa::path(get, path = "/apps/{app}/data", tag = "data", params(AppPath),
    responses((status = 200, body = DataUsage)))]
async fn usage(mut member: Member<Viewer>, State(host): State<Host>) -> Result<axum::Json<DataUsage>> {
    member.keeping().await?;
    let usage = host.spaces.usage(member.app).await;
    let Usage {
        bytes,
        bytes_max,
        keys,
        keys_max,
        kv_bytes,
        kv_keys,
    } = usage.map_err(|lost| refused(lost.into()))?;
    Ok(axum::Json(DataUsage {
        bytes,
        bytes_max,
        keys,
        keys_max,
        kv_bytes,
        kv_keys,
    }))
}

/// The collections that have documents or something declared, by name, and what they take. What runs have just written may
/// be missing.
#[utoipa::path(get, path = "/apps/{app}/collections", tag = "data", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Collection>)))]
async fn list(
    mut member: Member<Viewer>,
    State(host): State<Host>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<Collection>>> {
    let rows = query.limit()? + 1;
    let after = query.after.as_deref().map(Name::of_collection).transpose();
    let after = after.map_err(|_| Error::invalid("after", "not the `next` of a page of this list"))?;
    let after = after.as_ref().map_or("", Name::as_str);
    member.keeping().await?;
    let found = host.spaces.collections(member.app, after, rows).await;
    let found = found.map_err(|lost| refused(lost.into()))?.into_iter();
    let items = found.map(|CollectionUsage { name, documents, bytes }| Collection { name, documents, bytes });
    page::of(items.collect(), &query, |collection| collection.name.clone()).map(axum::Json)
}
