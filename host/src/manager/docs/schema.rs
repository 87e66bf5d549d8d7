//! `…/schema`: what the documents of a collection have to be like.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::value::RawValue;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::access::{Deployer, Member, Viewer};
use super::super::extract::{JsonWithData, Path};
use super::super::kept::{collection, refused};
use super::super::paths::AppPath;
use super::CollectionPath;
use crate::data::docs::layout::Name;
use crate::error::{Error, Result};
use crate::orchestrator::Host;
use crate::world::schemas;

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(read_schema, declare_schema, remove_schema))
}

/// The JSON Schema of a collection, as it was declared.
#[utoipa::path(get, path = "/apps/{app}/collections/{collection}/schema", tag = "docs", params(AppPath, CollectionPath),
    responses((status = 200, body = Object)))]
async fn read_schema(
    mut member: Member<Viewer>,
    Path(CollectionPath { collection: name }): Path<CollectionPath>,
) -> Result<axum::Json<Box<RawValue>>> {
    let name = collection(&name)?;
    let keeping = member.keeping().await?;
    let asked = name.clone();
    let reading = keeping.transact(move |data| {
        let collection = asked.clone();
        Box::pin(async move { schemas::read(data, &collection).await })
    });
    let schema = reading.await.map_err(refused)?.ok_or_else(|| no_schema(&name))?;
    let schema = RawValue::from_string(schema.to_string()).map_err(anyhow::Error::from)?;
    Ok(axum::Json(schema))
}

/// Declares what documents of a collection have to be like, as a JSON Schema of the dialect 2020-12, 2019-09 or draft-07. It
/// is checked whenever a document is written, by whomever; documents that are there already stay as they are.
#[utoipa::path(put, path = "/apps/{app}/collections/{collection}/schema", tag = "docs", params(AppPath, CollectionPath),
    request_body = Object, responses((status = 204)))]
async fn declare_schema(
    mut member: Member<Deployer>,
    Path(CollectionPath { collection: name }): Path<CollectionPath>,
    JsonWithData(schema): JsonWithData<Box<RawValue>>,
) -> Result<StatusCode> {
    let name = collection(&name)?;
    let schema: Arc<str> = schema.get().into();
    let understood = schemas::understand(&schema).await.map_err(refused)?;
    understood.map_err(|why| Error::invalid("schema", why))?;
    declare(&mut member, name, Some(schema)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Declares that documents of a collection may be anything.
#[utoipa::path(delete, path = "/apps/{app}/collections/{collection}/schema", tag = "docs", params(AppPath, CollectionPath),
    responses((status = 204)))]
async fn remove_schema(
    mut member: Member<Deployer>,
    Path(CollectionPath { collection: name }): Path<CollectionPath>,
) -> Result<StatusCode> {
    let name = collection(&name)?;
    if declare(&mut member, name.clone(), None).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(no_schema(&name))
}

async fn declare(member: &mut Member<Deployer>, collection: Name, schema: Option<Arc<str>>) -> Result<bool> {
    let keeping = member.keeping().await?;
    let declaring = keeping.transact(move |data| {
        let (collection, schema) = (collection.clone(), schema.clone());
        Box::pin(async move { schemas::declare(data, &collection, schema.as_ref()).await })
    });
    declaring.await.map_err(refused)
}

fn no_schema(collection: &Name) -> Error {
    Error::not_found(format_args!("schema of {:?}", collection.as_str()))
}
