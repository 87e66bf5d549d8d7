//! `/apps`: the units of isolation.

mod demo;

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::api::{App, AppChange, AppName, AppSummary, NewApp, Page, Time};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Member, Operator, Owner, Viewer};
use super::extract::{Json, Query};
use super::page::{self, PageQuery};
use super::paths::AppPath;
use crate::deploy::routes;
use crate::error::{Error, Result};
use crate::identity::Caller;
use crate::identity::apps::{no_such_app, queries};
use crate::ids::AppId;
use crate::names;
use crate::orchestrator::Host;
use crate::problem::{Code, Problem};
use crate::store::Tx;
pub use demo::demo;

/// Apps of one installation.
pub const APPS_MAX: usize = 10_000;
/// Own host names of one app.
pub const HOSTS_MAX: usize = 32;

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list, create))
            .routes(routes!(read, update, remove))
    },
    statements: queries::ALL,
};

/// The apps that the caller may see, by name.
#[utoipa::path(get, path = "/apps", tag = "apps", params(PageQuery), responses((status = 200, body = Page<AppSummary>)))]
async fn list(
    caller: Caller,
    State(host): State<Host>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<AppSummary>>> {
    let mut tx = host.db.read().await?;
    let after: Option<AppName> = query.after()?;
    let after = after.as_ref().map_or("", AppName::as_str);
    let rows = queries::list(&mut tx, caller.app, after, query.rows()?).await?;
    let apps = rows
        .into_iter()
        .map(|row| AppSummary {
            id: row.id.to_string(),
            name: row.name,
            created_at: row.created_at,
        })
        .collect();
    Ok(axum::Json(page::of(apps, &query, |app| app.name.clone())?))
}

/// Makes an app.
#[utoipa::path(post, path = "/apps", tag = "apps", request_body = NewApp, responses((status = 201, body = App)))]
async fn create(
    operator: Operator,
    State(host): State<Host>,
    Json(new): Json<NewApp>,
) -> Result<(StatusCode, axum::Json<App>)> {
    let mut tx = operator.write(&host).await?;
    let row = insert(&mut tx, &host, &new.name).await?;
    host.changes.commit(tx, Some(row.id)).await?;
    Ok((StatusCode::CREATED, axum::Json(described(row, Vec::new()))))
}

/// One app.
#[utoipa::path(get, path = "/apps/{app}", tag = "apps", params(AppPath), responses((status = 200, body = App)))]
async fn read(mut member: Member<Viewer>) -> Result<axum::Json<App>> {
    Ok(axum::Json(load(&mut member.read().await?, member.app).await?))
}

/// Changes an app. Host names are replaced as a whole.
#[utoipa::path(patch, path = "/apps/{app}", tag = "apps", params(AppPath), request_body = AppChange,
    responses((status = 200, body = App)))]
async fn update(
    member: Member<Owner>,
    State(host): State<Host>,
    Json(change): Json<AppChange>,
) -> Result<axum::Json<App>> {
    let mut tx = member.write().await?;
    queries::update(&mut tx, member.app, change.show_errors, change.journal).await?;
    if let Some(hosts) = &change.hosts {
        replace_hosts(&mut tx, member.app, hosts, host.config.bind.base_domain.as_deref()).await?;
    }
    let app = load(&mut tx, member.app).await?;
    member.publish(tx).await?;
    Ok(axum::Json(app))
}

/// Deletes an app with everything it has: scripts, routes, tokens, history.
#[utoipa::path(delete, path = "/apps/{app}", tag = "apps", params(AppPath), responses((status = 204)))]
async fn remove(member: Member<Owner>) -> Result<StatusCode> {
    let mut tx = member.write().await?;
    if !queries::delete(&mut tx, member.app).await? {
        return Err(no_such_app(&member.app_name));
    }
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn insert(tx: &mut Tx, host: &Host, name: &AppName) -> Result<queries::Row> {
    if queries::count(tx).await? >= APPS_MAX {
        return Err(Error::too_many("apps", APPS_MAX));
    }
    let now = Time(host.clock.now_us());
    let id = AppId::new(now.0);
    if !queries::insert(tx, id, name.as_str(), now).await? {
        return Err(Problem::new(Code::Exists, format!("an app of the name {:?} exists", name.as_str())).into());
    }
    Ok(queries::Row {
        id,
        name: name.as_str().to_owned(),
        show_errors: false,
        journal: true,
        created_at: now,
    })
}

async fn load(tx: &mut Tx, app: AppId) -> Result<App> {
    let Some(row) = queries::find(tx, app).await? else {
        return Err(Error::not_found(format_args!("app {app}")));
    };
    Ok(described(row, queries::hosts(tx, app).await?))
}

fn described(row: queries::Row, hosts: Vec<String>) -> App {
    App {
        id: row.id.to_string(),
        name: row.name,
        hosts,
        show_errors: row.show_errors,
        journal: row.journal,
        created_at: row.created_at,
    }
}

async fn replace_hosts(tx: &mut Tx, app: AppId, wanted: &[String], base_domain: Option<&str>) -> Result<()> {
    if wanted.len() > HOSTS_MAX {
        return Err(Error::invalid(
            "hosts",
            format_args!("{HOSTS_MAX} are allowed, these are {}", wanted.len()),
        ));
    }
    let mut hosts = BTreeSet::new();
    for host in wanted {
        hosts.insert(names::host_name(host, base_domain).map_err(|why| Error::invalid("hosts", why))?);
    }
    let before: BTreeSet<String> = queries::hosts(tx, app).await?.into_iter().collect();
    for gone in before.iter().filter(|host| !hosts.contains(host.as_str())) {
        let routes = routes::queries::of_host(tx, app, gone).await?;
        if !routes.is_empty() {
            let message = format!("routes are for the host {gone:?}; delete them first");
            return Err(Problem::new(Code::InUse, message)
                .with(json!({ "routes": routes }))
                .into());
        }
        queries::delete_host(tx, app, gone).await?;
    }
    for new in hosts.into_iter().filter(|host| !before.contains(*host)) {
        if !queries::insert_host(tx, app, new).await? {
            let problem = Problem::new(Code::HostTaken, format!("another app has the host {new:?}"));
            return Err(problem.with(json!({ "host": new })).into());
        }
    }
    Ok(())
}
