//! `/apps/{app}/collections/{collection}`: the documents that scripts keep with `docs::*`, their indexes, and what they have to be like.

mod find;
mod indexes;
mod schema;

use std::sync::Arc;

use axum::http::StatusCode;
use picloud_sdk::api::StoredDocument;
use picloud_sdk::call::docs::{GetOne, Insert, Remove, Replace, Update};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Deployer, Member, Viewer};
use super::extract::{JsonWithData, Path};
use super::kept::{bytes_of, json_of, refused};
use super::paths::AppPath;
use crate::error::{Error, Result};
use crate::world::docs;

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .merge(find::router())
            .routes(routes!(insert))
            .routes(routes!(read, replace, update, remove))
            .merge(indexes::router())
            .merge(schema::router())
    },
    statements: &[],
};

/// A collection of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct CollectionPath {
    /// The collection's name.
    collection: String,
}

/// A document of a collection.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct DocumentPath {
    /// The collection's name.
    collection: String,
    /// The document's id, percent-encoded.
    id: String,
}

/// Stores a new document. It gets an `id` when it has none.
#[utoipa::path(post, path = "/apps/{app}/collections/{collection}/documents", tag = "docs", params(AppPath, CollectionPath),
    request_body = Object, responses((status = 201, body = StoredDocument)))]
async fn insert(
    mut member: Member<Deployer>,
    Path(CollectionPath { collection }): Path<CollectionPath>,
    JsonWithData(document): JsonWithData<Box<RawValue>>,
) -> Result<(StatusCode, axum::Json<StoredDocument>)> {
    let document: Arc<[u8]> = bytes_of("document", &document)?.into();
    let keeping = member.keeping().await?;
    let inserting = keeping.transact(move |data| {
        let (collection, document) = (collection.clone(), Arc::clone(&document));
        Box::pin(async move {
            let insert = Insert {
                collection: &collection,
                document: &document,
            };
            docs::insert(data, &insert).await
        })
    });
    let id = inserting.await.map_err(refused)?;
    Ok((StatusCode::CREATED, axum::Json(StoredDocument { id })))
}

/// A document.
#[utoipa::path(get, path = "/apps/{app}/collections/{collection}/documents/{id}", tag = "docs", params(AppPath, DocumentPath),
    responses((status = 200, body = Object)))]
async fn read(mut member: Member<Viewer>, Path(path): Path<DocumentPath>) -> Result<axum::Json<Box<RawValue>>> {
    let keeping = member.keeping().await?;
    let asked = path.clone();
    let reading = keeping.transact(move |data| {
        let DocumentPath { collection, id } = asked.clone();
        Box::pin(async move {
            let get = GetOne {
                collection: &collection,
                id: &id,
            };
            docs::get(data, &get).await
        })
    });
    match reading.await.map_err(refused)? {
        Some(document) => Ok(axum::Json(json_of(&document)?)),
        None => Err(no_such_document(&path)),
    }
}

/// Stores a document in place of the one of that id, or as a new one.
#[utoipa::path(put, path = "/apps/{app}/collections/{collection}/documents/{id}", tag = "docs", params(AppPath, DocumentPath),
    request_body = Object, responses((status = 204)))]
async fn replace(
    mut member: Member<Deployer>,
    Path(path): Path<DocumentPath>,
    JsonWithData(document): JsonWithData<Box<RawValue>>,
) -> Result<StatusCode> {
    let document: Arc<[u8]> = bytes_of("document", &document)?.into();
    let keeping = member.keeping().await?;
    let replacing = keeping.transact(move |data| {
        let (DocumentPath { collection, id }, document) = (path.clone(), Arc::clone(&document));
        Box::pin(async move {
            let replace = Replace {
                collection: &collection,
                id: &id,
                document: &document,
                or_insert: true,
            };
            docs::replace(data, &replace).await
        })
    });
    replacing.await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes some fields of a document, as `docs::update` does: a path such as `address.city` is a field of a field, `null`
/// takes one away. Answers the document as it is then.
#[utoipa::path(patch, path = "/apps/{app}/collections/{collection}/documents/{id}", tag = "docs", params(AppPath, DocumentPath),
    request_body = Object, responses((status = 200, body = Object)))]
async fn update(
    mut member: Member<Deployer>,
    Path(path): Path<DocumentPath>,
    JsonWithData(changes): JsonWithData<Box<RawValue>>,
) -> Result<axum::Json<Box<RawValue>>> {
    let changes: Arc<[u8]> = bytes_of("changes", &changes)?.into();
    let keeping = member.keeping().await?;
    let asked = path.clone();
    let updating = keeping.transact(move |data| {
        let (DocumentPath { collection, id }, changes) = (asked.clone(), Arc::clone(&changes));
        Box::pin(async move {
            let update = Update {
                collection: &collection,
                id: &id,
                changes: &changes,
            };
            docs::update(data, &update).await
        })
    });
    match updating.await.map_err(refused)? {
        Some(document) => Ok(axum::Json(json_of(&document)?)),
        None => Err(no_such_document(&path)),
    }
}

/// Deletes a document.
#[utoipa::path(delete, path = "/apps/{app}/collections/{collection}/documents/{id}", tag = "docs", params(AppPath, DocumentPath),
    responses((status = 204)))]
async fn remove(mut member: Member<Deployer>, Path(path): Path<DocumentPath>) -> Result<StatusCode> {
    let keeping = member.keeping().await?;
    let asked = path.clone();
    let removing = keeping.transact(move |data| {
        let DocumentPath { collection, id } = asked.clone();
        Box::pin(async move {
            let remove = Remove {
                collection: &collection,
                id: &id,
            };
            docs::remove(data, &remove).await
        })
    });
    if removing.await.map_err(refused)? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(no_such_document(&path))
    }
}

fn no_such_document(DocumentPath { collection, id }: &DocumentPath) -> Error {
    Error::not_found(format_args!("document {id:?} in {collection:?}"))
}
