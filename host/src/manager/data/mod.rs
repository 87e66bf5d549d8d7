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
use super::page::PageQuery;
use super::paths::AppPath;
use crate::commit::spaces::Usage;
use crate::data::docs::layout::Name;
use crate::error::{Error, Result};
use crate::orchestrator::Host;
use crate::world::collections;

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
    } = usage.map_err(|lost| refused(lost.into()))?;
    Ok(axum::Json(DataUsage {
        bytes,
        bytes_max,
        keys,
        keys_max,
    }))
}

/// The collections that have documents, by name. A page may have fewer than it may have, and not be the last.
#[utoipa::path(get, path = "/apps/{app}/collections", tag = "data", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Collection>)))]
async fn list(mut member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Collection>>> {
    let limit = query.limit()?;
    let after = query.after.as_deref().map(Name::of_collection).transpose();
    let after = after.map_err(|_| Error::invalid("after", "not the `next` of a page of this list"))?;
    let keeping = member.keeping().await?;
    let listing = keeping.transact(move |data| {
        let after = after.clone();
        Box::pin(async move { collections::list(data, after.as_ref(), limit).await })
    });
    let (names, more) = listing.await.map_err(refused)?;
    let items: Vec<_> = names.iter().map(|name| Collection { name: name.to_string() }).collect();
    let next = names.last().filter(|_| more).map(Name::to_string);
    Ok(axum::Json(Page { items, next }))
}
