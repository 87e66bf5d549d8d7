//! `POST …/find` and `…/count`: which documents there are. They read; what is asked for is too long for a query.

use std::sync::Arc;

use picloud_sdk::api::{self, Counted, Found};
use picloud_sdk::call::docs::{Count, Find};
use picloud_sdk::value::Value;
use serde_json::value::RawValue;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::access::{Member, Viewer};
use super::super::extract::{JsonWithData, Path};
use super::super::kept::{bytes_of, json_of, limit, refused};
use super::super::paths::AppPath;
use super::CollectionPath;
use crate::data::json::{self as values, BadJson};
use crate::error::{Error, Result};
use crate::orchestrator::Host;
use crate::world::docs;

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(find)).routes(routes!(count))
}

/// Some of the documents that a filter matches.
#[utoipa::path(post, path = "/apps/{app}/collections/{collection}/find", tag = "docs", params(AppPath, CollectionPath),
    request_body = api::Find, responses((status = 200, body = Found)))]
async fn find(
    mut member: Member<Viewer>,
    Path(CollectionPath { collection }): Path<CollectionPath>,
    JsonWithData(find): JsonWithData<api::Find>,
) -> Result<axum::Json<Found>> {
    let limit = limit(find.limit)?;
    let asked = (
        collection,
        filter_of(find.filter.as_deref())?,
        find,
        member.app_name.clone(),
    );
    let asked = Arc::new(asked);
    let keeping = member.keeping().await?;
    let finding = keeping.transact(move |data| {
        let asked = Arc::clone(&asked);
        Box::pin(async move {
            let (collection, filter, find, app) = &*asked;
            let find = Find {
                collection,
                filter,
                sort: find.sort.iter().map(|field| &**field).collect(),
                limit,
                cursor: find.after.as_deref(),
                fields: find.fields.iter().map(|field| &**field).collect(),
                explain: find.explain,
            };
            docs::find(data, &find, app).await
        })
    });
    let found = finding.await.map_err(refused)?;
    let items = found.documents.iter().map(|document| json_of(document));
    Ok(axum::Json(Found {
        items: items.collect::<Result<_>>()?,
        next: found.cursor,
        explained: found.explained.map(|explained| json_of(&explained)).transpose()?,
    }))
}

/// How many documents a filter matches.
#[utoipa::path(post, path = "/apps/{app}/collections/{collection}/count", tag = "docs", params(AppPath, CollectionPath),
    request_body = api::Count, responses((status = 200, body = Counted)))]
async fn count(
    mut member: Member<Viewer>,
    Path(CollectionPath { collection }): Path<CollectionPath>,
    JsonWithData(count): JsonWithData<api::Count>,
) -> Result<axum::Json<Counted>> {
    let filter = filter_of(count.filter.as_deref())?;
    let asked = Arc::new((collection, filter, member.app_name.clone()));
    let keeping = member.keeping().await?;
    let counting = keeping.transact(move |data| {
        let asked = Arc::clone(&asked);
        Box::pin(async move {
            let (collection, filter, app) = &*asked;
            docs::count(data, &Count { collection, filter }, app).await
        })
    });
    let count = counting.await.map_err(refused)?;
    Ok(axum::Json(Counted { count }))
}

/// Without one, every document is wanted.
fn filter_of(filter: Option<&RawValue>) -> Result<Vec<u8>> {
    let Some(filter) = filter else {
        return Ok(Value::Map([].into()).encode());
    };
    match values::read(filter.get()) {
        // An operator of another database, and not a value of a kind that JSON has not.
        Err(BadJson::Unknown(key)) => {
            let problem =
                format!("there is no operator {key:?}; operators are words, as in {{\"age\": {{\"ge\": 18}}}}");
            Err(Error::invalid("filter", problem))
        }
        _ => bytes_of("filter", filter),
    }
}
