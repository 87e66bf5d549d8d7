//! `/apps/{app}/allow`: whom an app's scripts may call.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use picloud_sdk::api::{AllowedHost, HostPattern, METHODS_MAX, NewAllowedHost, Page, Time};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Deployer, Member, Viewer};
use super::extract::{Json, Path, Query};
use super::page::{self, PageQuery};
use super::paths::{AppPath, HostPath};
use crate::error::{Error, Result};
use crate::orchestrator::Host;
use crate::outbound::{ALLOWED_MAX, queries};

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(read, set, remove))
    },
    statements: &[],
};

/// The hosts that an app's scripts may call, in the order of their text. None: they call nobody.
#[utoipa::path(get, path = "/apps/{app}/allow", tag = "allow", params(AppPath, PageQuery),
    responses((status = 200, body = Page<AllowedHost>)))]
async fn list(mut member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<AllowedHost>>> {
    let after: Option<HostPattern> = query.after()?;
    let after = after.map_or(String::new(), |after| after.to_string());
    let hosts = queries::list(&mut member.read().await?, member.app, &after, query.rows()?).await?;
    Ok(axum::Json(page::of(hosts, &query, |allowed| allowed.host.to_string())?))
}

/// One of them.
#[utoipa::path(get, path = "/apps/{app}/allow/{host}", tag = "allow", params(AppPath, HostPath),
    responses((status = 200, body = AllowedHost)))]
async fn read(mut member: Member<Viewer>, Path(HostPath { host }): Path<HostPath>) -> Result<axum::Json<AllowedHost>> {
    let allowed = queries::find(&mut member.read().await?, member.app, &host.to_string()).await?;
    allowed.map(axum::Json).ok_or_else(|| no_such_host(&host))
}

/// Allows a host, in place of what was said of it before; runs that begin from now on may call it.
#[utoipa::path(put, path = "/apps/{app}/allow/{host}", tag = "allow", params(AppPath, HostPath),
    request_body = NewAllowedHost, responses((status = 204)))]
async fn set(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(HostPath { host: pattern }): Path<HostPath>,
    Json(new): Json<NewAllowedHost>,
) -> Result<StatusCode> {
    let methods = methods(new.methods)?;
    let pattern = pattern.to_string();
    let mut tx = member.write().await?;
    if queries::count_others(&mut tx, member.app, &pattern).await? >= ALLOWED_MAX {
        return Err(Error::too_many("allowed hosts", ALLOWED_MAX));
    }
    let now = Time(host.clock.now_us());
    queries::set(&mut tx, member.app, &pattern, &methods, now).await?;
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Allows it no more.
#[utoipa::path(delete, path = "/apps/{app}/allow/{host}", tag = "allow", params(AppPath, HostPath),
    responses((status = 204)))]
async fn remove(member: Member<Deployer>, Path(HostPath { host }): Path<HostPath>) -> Result<StatusCode> {
    let mut tx = member.write().await?;
    if !queries::delete(&mut tx, member.app, &host.to_string()).await? {
        return Err(no_such_host(&host));
    }
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Each once, in order.
fn methods(mut given: Vec<String>) -> Result<Vec<String>> {
    given.sort_unstable();
    given.dedup();
    if given.len() > METHODS_MAX {
        let why = format_args!("{METHODS_MAX} methods are allowed, these are {}", given.len());
        return Err(Error::invalid("methods", why));
    }
    for method in &given {
        let is_upper = *method == method.to_ascii_uppercase() && method.len() <= 32;
        if !is_upper || method.contains(',') || Method::from_bytes(method.as_bytes()).is_err() {
            let why = format_args!("{method:?} is no method in upper case, such as GET");
            return Err(Error::invalid("methods", why));
        }
    }
    Ok(given)
}

fn no_such_host(host: &HostPattern) -> Error {
    Error::not_found(format_args!("allowed host \"{host}\""))
}
