//! `/apps/{app}/routes`: host + method + path pattern → script. What conflicts is refused here, so that the data plane
//! never has to choose.

pub(super) mod queries;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::{Deployer, Member, Viewer};
use super::apps::{self, AppPath};
use super::error::{Error, Result};
use super::extract::{Json, Path, Query};
use super::names::ScriptName;
use super::page::{Page, PageQuery};
use super::scripts::{self, Kind};
use super::time::Time;
use crate::host::Host;
use crate::ids::{AppId, RouteId};
use crate::orchestrator::pattern::Pattern;
use crate::problem::{Code, Problem};
use crate::store::Tx;

/// Routes of one app.
pub const ROUTES_MAX: usize = 1_000;
/// What a route may answer. `GET` answers `HEAD` too, unless another route does; so does `ANY` everything.
pub const METHODS: [&str; 8] = ["ANY", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(remove))
}

/// Where a script answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Route {
    /// Its id.
    id: RouteId,
    /// A method in upper case, or `ANY`.
    method: String,
    /// The path pattern in its normal form.
    pattern: String,
    /// One of the app's own hosts; `null` for every address of the app.
    host: Option<String>,
    /// The script's name.
    script: String,
    /// When it was made.
    created_at: Time,
}

/// A route to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoute {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE`, `OPTIONS` or `ANY`.
    pub(super) method: String,
    /// A path such as `/orders/{id}` or `/files/{*path}`.
    pub(super) pattern: String,
    /// One of the app's own hosts; left out for every address of the app.
    pub(super) host: Option<String>,
    /// The name of a script of the kind `endpoint`.
    #[schema(value_type = String)]
    pub(super) script: ScriptName,
}

impl NewRoute {
    /// One for every address of the app.
    pub(super) fn any_host(method: &str, pattern: &str, script: ScriptName) -> Self {
        Self {
            method: method.to_owned(),
            pattern: pattern.to_owned(),
            host: None,
            script,
        }
    }
}

/// A route of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct RoutePath {
    /// The route's id.
    id: RouteId,
}

/// An app's routes, newest first.
#[utoipa::path(get, path = "/apps/{app}/routes", tag = "routes", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Route>)))]
async fn list(member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Route>>> {
    let before = query.after()?.unwrap_or(RouteId::LAST);
    let rows = queries::list(&mut member.read().await?, member.app, before, query.rows()?).await?;
    let routes = rows.into_iter().map(Route::from).collect();
    Ok(axum::Json(Page::of(routes, &query, |route: &Route| {
        route.id.to_string()
    })?))
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
    let route = insert(&mut tx, member.app, &new, Time(host.clock.now_us())).await?;
    member.publish(tx).await?;
    Ok((StatusCode::CREATED, axum::Json(route)))
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

/// Makes a route, unless the script has just this one already. The transaction holds the app's lock.
pub(super) async fn insert_unless_there(tx: &mut Tx, app: AppId, new: &NewRoute, now: Time) -> Result<Option<Route>> {
    if let Ok(pattern) = Pattern::parse(&new.pattern)
        && let Some(there) = queries::of_shape(tx, app, "", &new.method, &pattern.shape()).await?
        && there.script == new.script.as_str()
        && there.pattern == pattern.to_string()
    {
        return Ok(None);
    }
    insert(tx, app, new, now).await.map(Some)
}

/// Makes a route. The transaction holds the app's lock.
pub(super) async fn insert(tx: &mut Tx, app: AppId, new: &NewRoute, now: Time) -> Result<Route> {
    if !METHODS.contains(&new.method.as_str()) {
        return Err(Error::invalid(
            "method",
            format_args!("one of {} in upper case", METHODS.join(", ")),
        ));
    }
    let pattern = Pattern::parse(&new.pattern).map_err(|why| Error::invalid("pattern", why))?;
    let host = new.host.as_deref().unwrap_or("");
    if !host.is_empty() && !apps::queries::hosts(tx, app).await?.iter().any(|own| own == host) {
        return Err(Error::invalid(
            "host",
            "this is none of the app's own hosts; add it to the app first",
        ));
    }
    let script = scripts::queries::find(tx, app, new.script.as_str()).await?;
    let Some(script) = script else {
        return Err(Error::invalid(
            "script",
            format_args!("the app has no script {:?}", new.script.as_str()),
        ));
    };
    if script.kind != Kind::Endpoint {
        return Err(Error::invalid(
            "script",
            format_args!("{:?} is a module: it answers no events", script.name),
        ));
    }
    let shape = pattern.shape();
    if let Some(other) = queries::of_shape(tx, app, host, &new.method, &shape).await? {
        let message = format!(
            "the route {} {} to {:?} answers the same requests as {} {pattern}",
            other.method, other.pattern, other.script, new.method
        );
        return Err(Problem::new(Code::RouteConflict, message)
            .with(json!({ "route": other.id }))
            .into());
    }
    if queries::count(tx, app).await? >= ROUTES_MAX {
        return Err(Error::too_many("routes", ROUTES_MAX));
    }
    let row = queries::Row {
        id: RouteId::new(now.0),
        host: host.to_owned(),
        method: new.method.clone(),
        pattern: pattern.to_string(),
        script: script.name,
        created_at: now,
    };
    queries::insert(tx, app, script.id, &shape, &row).await?;
    Ok(row.into())
}

impl From<queries::Row> for Route {
    fn from(row: queries::Row) -> Self {
        let queries::Row {
            id,
            host,
            method,
            pattern,
            script,
            created_at,
        } = row;
        Self {
            id,
            method,
            pattern,
            host: (!host.is_empty()).then_some(host),
            script,
            created_at,
        }
    }
}
