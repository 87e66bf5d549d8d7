//! `/apps/{app}/routes`: host + method + path pattern → script.

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::api::{NewRoute, Page, Route, RouteChange, Time};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Deployer, Member, Viewer};
use super::extract::{Json, Path, Query};
use super::page::{self, PageQuery};
use super::paths::AppPath;
use crate::deploy::routes::{self as deployed, queries};
use crate::error::{Error, Result};
use crate::ids::RouteId;
use crate::orchestrator::Host;

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list, create))
            .routes(routes!(change, remove))
    },
    statements: queries::ALL,
};

/// A route of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct RoutePath {
    /// The route's id.
    #[param(value_type = String, pattern = "^rte_[0-9a-f]{32}$")]
    id: RouteId,
}

/// An app's routes, newest first.
#[utoipa::path(get, path = "/apps/{app}/routes", tag = "routes", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Route>)))]
async fn list(mut member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Route>>> {
    let before = query.after()?.unwrap_or(RouteId::LAST);
    let rows = queries::list(&mut member.read().await?, member.app, before, query.rows()?).await?;
    let routes = rows.into_iter().map(Route::from).collect();
    Ok(axum::Json(page::of(routes, &query, |route: &Route| route.id.clone())?))
}

/// Makes a route; it answers at once. Refused when another route has the same host, method and shape of pattern.
#[utoipa::path(post, path = "/apps/{app}/routes", tag = "routes", params(AppPath), request_body = NewRoute,
    responses((status = 201, body = Route)))]
async fn create(
    member: Member<Deployer>,
    State(host): State<Host>,
    Json(new): Json<NewRoute>,
) -> Result<(StatusCode, axum::Json<Route>)> {
    let mut tx = member.write().await?;
    let wanted = deployed::NewRoute {
        method: &new.method,
        pattern: &new.pattern,
        host: new.host.as_deref().unwrap_or(""),
        script: &new.script,
        idempotency: new.idempotency,
        asynchronous: new.asynchronous,
    };
    let route = deployed::insert(&mut tx, member.app, wanted, Time(host.clock.now_us())).await?;
    member.publish(tx).await?;
    Ok((StatusCode::CREATED, axum::Json(route.into())))
}

/// Changes a route; its keys of `Idempotency-Key` stay known.
#[utoipa::path(patch, path = "/apps/{app}/routes/{id}", tag = "routes", params(AppPath, RoutePath),
    request_body = RouteChange, responses((status = 200, body = Route)))]
async fn change(
    member: Member<Deployer>,
    Path(path): Path<RoutePath>,
    Json(change): Json<RouteChange>,
) -> Result<axum::Json<Route>> {
    let mut tx = member.write().await?;
    let changed = deployed::change(&mut tx, member.app, path.id, &change).await?;
    let Some(row) = changed else {
        return Err(Error::not_found(format_args!("route {}", path.id)));
    };
    member.publish(tx).await?;
    Ok(axum::Json(row.into()))
}

/// Deletes a route; it answers no more.
#[utoipa::path(delete, path = "/apps/{app}/routes/{id}", tag = "routes", params(AppPath, RoutePath),
    responses((status = 204)))]
async fn remove(member: Member<Deployer>, Path(path): Path<RoutePath>) -> Result<StatusCode> {
    let mut tx = member.write().await?;
    if !queries::delete(&mut tx, member.app, path.id).await? {
        return Err(Error::not_found(format_args!("route {}", path.id)));
    }
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<queries::Row> for Route {
    fn from(row: queries::Row) -> Self {
        let queries::Row {
            id,
            host,
            method,
            pattern,
            script,
            idempotency,
            asynchronous,
            created_at,
        } = row;
        Self {
            id: id.to_string(),
            method,
            pattern,
            host: (!host.is_empty()).then_some(host),
            script,
            idempotency,
            asynchronous,
            created_at,
        }
    }
}
