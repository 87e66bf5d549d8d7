//! The statements that load snapshots: they span apps.

use std::collections::HashMap;

use sqlx::FromRow;

use crate::ids::{AppId, RouteId, ScriptId, VersionId};
use crate::outbound::{Allowed, queries as outbound};
use crate::secrets::queries::{self as secrets, SealedRow};
use crate::store::Db;
use crate::triggers::{Of, queries as triggers};
use crate::{run, statements};

statements! {
    APPS = "select id, name, show_errors, journal from apps where $1 is null or id = $1"
        => "select id, name, show_errors, journal from apps where $1::uuid is null or id = $1";
    HOSTS = "select app_id, host from app_hosts where $1 is null or app_id = $1"
        => "select app_id, host from app_hosts where $1::uuid is null or app_id = $1";
    ENDPOINTS = "select s.app_id, s.id, s.name, v.id as version, v.number
            from scripts s join versions v on v.script_id = s.id and v.number = s.live_version
            where s.kind = 'endpoint' and ($1 is null or s.app_id = $1)"
        => "select s.app_id, s.id, s.name, v.id as version, v.number
            from scripts s join versions v on v.script_id = s.id and v.number = s.live_version
            where s.kind = 'endpoint' and ($1::uuid is null or s.app_id = $1)";
    ROUTES = "select app_id, id, script_id, host, method, pattern, idempotency, asynchronous from routes
            where $1 is null or app_id = $1 order by id"
        => "select app_id, id, script_id, host, method, pattern, idempotency, asynchronous from routes
            where $1::uuid is null or app_id = $1 order by id";
}

/// All rows of one app that make its snapshot.
pub(super) struct AppRows {
    pub(super) id: AppId,
    pub(super) name: String,
    pub(super) show_errors: bool,
    pub(super) journal: bool,
    pub(super) hosts: Vec<String>,
    pub(super) endpoints: Vec<EndpointRow>,
    pub(super) routes: Vec<RouteRow>,
    pub(super) secrets: Vec<SealedRow>,
    pub(super) settings: Vec<(String, String)>,
    pub(super) allowed: Vec<Allowed>,
    pub(super) triggers: Vec<(String, Of)>,
}

#[derive(FromRow)]
pub(super) struct EndpointRow {
    app_id: AppId,
    pub(super) id: ScriptId,
    pub(super) name: String,
    pub(super) version: VersionId,
    pub(super) number: i64,
}

#[derive(Debug, FromRow)]
pub(super) struct RouteRow {
    app_id: AppId,
    pub(super) id: RouteId,
    pub(super) script_id: ScriptId,
    pub(super) host: String,
    pub(super) method: String,
    pub(super) pattern: String,
    pub(super) idempotency: String,
    pub(super) asynchronous: String,
}

/// One app, or all of them, at one moment.
pub(super) async fn load_apps(db: &Db, app: Option<AppId>) -> sqlx::Result<Vec<AppRows>> {
    let mut tx = db.read().await?;
    let apps: Vec<(AppId, String, bool, bool)> = run!(&mut tx, APPS, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_all(conn)
        .await)?;
    let hosts: Vec<(AppId, String)> = run!(&mut tx, HOSTS, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_all(conn)
        .await)?;
    let endpoints: Vec<EndpointRow> = run!(&mut tx, ENDPOINTS, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_all(conn)
        .await)?;
    let routes: Vec<RouteRow> = run!(&mut tx, ROUTES, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_all(conn)
        .await)?;
    let sealed = secrets::live(&mut tx, app).await?;
    let settings = secrets::all_settings(&mut tx, app).await?;
    let allowed = outbound::all(&mut tx, app).await?;
    let wired = triggers::wired(&mut tx, app).await?;

    let mut rows: HashMap<AppId, AppRows> = HashMap::with_capacity(apps.len());
    for (id, name, show_errors, journal) in apps {
        let (hosts, endpoints, routes) = (Vec::new(), Vec::new(), Vec::new());
        let (secrets, settings) = (Vec::new(), Vec::new());
        rows.insert(
            id,
            AppRows {
                id,
                name,
                show_errors,
                journal,
                hosts,
                endpoints,
                routes,
                secrets,
                settings,
                allowed: Vec::new(),
                triggers: Vec::new(),
            },
        );
    }
    for (app, host) in hosts {
        rows.entry(app).and_modify(|rows| rows.hosts.push(host));
    }
    for endpoint in endpoints {
        rows.entry(endpoint.app_id)
            .and_modify(|rows| rows.endpoints.push(endpoint));
    }
    for route in routes {
        rows.entry(route.app_id).and_modify(|rows| rows.routes.push(route));
    }
    for secret in sealed {
        rows.entry(secret.app_id).and_modify(|rows| rows.secrets.push(secret));
    }
    for (app, host) in allowed {
        rows.entry(app).and_modify(|rows| rows.allowed.push(host));
    }
    for (app, name, value) in settings {
        rows.entry(app).and_modify(|rows| rows.settings.push((name, value)));
    }
    for (app, name, of) in wired {
        rows.entry(app).and_modify(|rows| rows.triggers.push((name, of)));
    }
    Ok(rows.into_values().collect())
}
