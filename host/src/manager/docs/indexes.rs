//! `…/indexes`: declared here, made and unmade by [`crate::jobs`].

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::api::{self, IndexState, NewIndex, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::access::{Deployer, Member, Viewer};
use super::super::extract::{Json, Path};
use super::super::kept::{collection, refused};
use super::super::paths::AppPath;
use super::CollectionPath;
use crate::data::docs::index::Index;
use crate::data::docs::layout::Name;
use crate::data::docs::path;
use crate::error::{Error, Result};
use crate::jobs::Place;
use crate::orchestrator::Host;
use crate::world::{docs, indexes};

/// Entries of an index of the same name that are deleted at once.
const FORGET_MAX: usize = 1000;

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new()
        .routes(routes!(list_indexes))
        .routes(routes!(declare_index, remove_index))
}

/// An index of a collection.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct IndexPath {
    /// The collection's name.
    collection: String,
    /// The index's name.
    name: String,
}

/// The indexes of a collection, all on one page, and those that could not be made since the server started.
#[utoipa::path(get, path = "/apps/{app}/collections/{collection}/indexes", tag = "docs", params(AppPath, CollectionPath),
    responses((status = 200, body = Page<api::Index>)))]
async fn list_indexes(
    mut member: Member<Viewer>,
    State(host): State<Host>,
    Path(CollectionPath { collection: name }): Path<CollectionPath>,
) -> Result<axum::Json<Page<api::Index>>> {
    let name = collection(&name)?;
    let keeping = member.keeping().await?;
    let asked = name.clone();
    let listing = keeping.transact(move |data| {
        let collection = asked.clone();
        Box::pin(async move { docs::indexes(data, &collection).await })
    });
    let declared = listing.await.map_err(refused)?;
    let mut items: Vec<_> = declared.iter().map(shown).collect();
    let failed = host.jobs.indexes.failed(member.app, &name).into_iter();
    let failed = failed.filter(|(name, _)| declared.iter().all(|index| index.name != *name));
    items.extend(failed.map(|(name, message)| api::Index {
        name: name.to_string(),
        fields: Vec::new(),
        unique: false,
        each: false,
        state: IndexState::Failed,
        message: Some(message),
    }));
    Ok(axum::Json(Page { items, next: None }))
}

/// Declares an index. What is written from now on stands in it; what is there is put into it in the background, and then
/// it is ready. One that is there already stays as it is; another one of that name is refused.
#[utoipa::path(put, path = "/apps/{app}/collections/{collection}/indexes/{name}", tag = "docs", params(AppPath, IndexPath),
    request_body = NewIndex, responses((status = 202, body = api::Index)))]
async fn declare_index(
    mut member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<IndexPath>,
    Json(new): Json<NewIndex>,
) -> Result<(StatusCode, axum::Json<api::Index>)> {
    let place = place(&member, &path)?;
    let fields = new.fields.iter().map(|field| path::Path::new(field));
    let fields = fields.collect::<std::result::Result<_, _>>();
    let fields = fields.map_err(|why| Error::invalid("fields", why))?;
    let index = Index::new(place.index.clone(), fields, new.unique, new.each);
    let index = index.map_err(|why| Error::invalid("fields", why))?;
    let keeping = member.keeping().await?;
    let (of, wanted) = (place.clone(), index.clone());
    let forgetting = || {
        keeping.transact(|data| {
            let Place { collection, index, .. } = of.clone();
            Box::pin(async move { indexes::forget_some(data, &collection, &index, FORGET_MAX).await })
        })
    };
    while forgetting().await.map_err(refused)? {}
    let declaring = keeping.transact(|data| {
        let (collection, wanted) = (of.collection.clone(), wanted.clone());
        Box::pin(async move {
            let is_new = indexes::declare(data, &collection, &wanted).await?;
            Ok((is_new, docs::indexes(data, &collection).await?))
        })
    });
    let (is_new, declared) = declaring.await.map_err(refused)?;
    if is_new {
        host.jobs.indexes.tell(place);
    }
    let declared = declared.into_iter().find(|declared| declared.name == index.name);
    Ok((StatusCode::ACCEPTED, axum::Json(shown(&declared.unwrap_or(index)))))
}

/// Declares that there is no such index any more. What stands in it is deleted in the background.
#[utoipa::path(delete, path = "/apps/{app}/collections/{collection}/indexes/{name}", tag = "docs", params(AppPath, IndexPath),
    responses((status = 204)))]
async fn remove_index(
    mut member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<IndexPath>,
) -> Result<StatusCode> {
    let place = place(&member, &path)?;
    let keeping = member.keeping().await?;
    let of = place.clone();
    let removing = keeping.transact(move |data| {
        let Place { collection, index, .. } = of.clone();
        Box::pin(async move { indexes::remove(data, &collection, &index).await })
    });
    if removing.await.map_err(refused)? {
        host.jobs.indexes.tell(place);
        Ok(StatusCode::NO_CONTENT)
    } else if host.jobs.indexes.forgive(&place) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        let IndexPath { collection, name } = path;
        Err(Error::not_found(format_args!("index {name:?} of {collection:?}")))
    }
}

fn place<R>(member: &Member<R>, path: &IndexPath) -> Result<Place> {
    Ok(Place {
        app: member.app,
        collection: collection(&path.collection)?,
        index: Name::of_index(&path.name).map_err(|why| Error::invalid("name", why))?,
    })
}

fn shown(index: &Index) -> api::Index {
    let state = if index.ready {
        IndexState::Ready
    } else {
        IndexState::Building
    };
    api::Index {
        name: index.name.to_string(),
        fields: index.fields.iter().map(ToString::to_string).collect(),
        unique: index.unique,
        each: index.each,
        state,
        message: None,
    }
}
