//! Every statement of the data plane: loading snapshots and programs, keeping records. [`dispatch`](super::dispatch())
//! itself runs none of them but the lookup of a program that is not in the cache.
//!
//! These span apps, as a snapshot is of all of them and a batch is of whoever ran.

use std::collections::HashMap;

use sqlx::FromRow;

use super::programs::LinkedModule;
use crate::ids::{AppId, ScriptId, VersionId};
use crate::store::Db;
use crate::{run, statements};

statements! {
    APPS = "select id, name, show_errors from apps where $1 is null or id = $1"
        => "select id, name, show_errors from apps where $1::uuid is null or id = $1";
    HOSTS = "select app_id, host from app_hosts where $1 is null or app_id = $1"
        => "select app_id, host from app_hosts where $1::uuid is null or app_id = $1";
    ENDPOINTS = "select s.app_id, s.id, s.name, v.id as version, v.number
            from scripts s join versions v on v.script_id = s.id and v.number = s.live_version
            where s.kind = 'endpoint' and ($1 is null or s.app_id = $1)"
        => "select s.app_id, s.id, s.name, v.id as version, v.number
            from scripts s join versions v on v.script_id = s.id and v.number = s.live_version
            where s.kind = 'endpoint' and ($1::uuid is null or s.app_id = $1)";
    ROUTES = "select app_id, script_id, host, method, pattern from routes
            where $1 is null or app_id = $1 order by id"
        => "select app_id, script_id, host, method, pattern from routes
            where $1::uuid is null or app_id = $1 order by id";
    VERSION = "select s.name as script, v.source, v.artifact, v.guest_hash
            from versions v join scripts s on s.id = v.script_id where v.id = $1 and v.app_id = $2";
    LINKS = "select l.name, v.id as version from links l join versions v on v.id = l.module_version_id
            where l.version_id = $1 and v.app_id = $2 order by l.name";
    KEEP_ARTIFACT = "update versions set artifact = $3, guest_hash = $4 where app_id = $1 and id = $2";

    // One array per row, in this order. An app that is gone by now takes its rows with it; a batch that is written
    // again, because nobody knows whether the first time worked, changes nothing.
    INSERT = "insert into executions (id, app_id, script, version, event, method, path, status, ending, error, fuel,
                memory_bytes, wall_us, host_calls, log, bytes, started_at)
            select unhex(r.value ->> 0), unhex(r.value ->> 1), r.value ->> 2, r.value ->> 3, r.value ->> 4,
                r.value ->> 5, r.value ->> 6, r.value ->> 7, r.value ->> 8, r.value ->> 9, r.value ->> 10,
                r.value ->> 11, r.value ->> 12, r.value ->> 13, r.value ->> 14, r.value ->> 15, r.value ->> 16
            from json_each($1) r
            where exists (select 1 from apps where apps.id = unhex(r.value ->> 1))
            on conflict do nothing"
        => "insert into executions (id, app_id, script, version, event, method, path, status, ending, error, fuel,
                memory_bytes, wall_us, host_calls, log, bytes, started_at)
            select (r ->> 0)::uuid, (r ->> 1)::uuid, r ->> 2, (r ->> 3)::bigint, r ->> 4, r ->> 5, r ->> 6,
                (r ->> 7)::integer, r ->> 8, (r ->> 9)::jsonb, (r ->> 10)::bigint, (r ->> 11)::bigint,
                (r ->> 12)::bigint, (r ->> 13)::integer, (r ->> 14)::jsonb, (r ->> 15)::bigint, (r ->> 16)::bigint
            from jsonb_array_elements($1::text::jsonb) r
            where exists (select 1 from apps where apps.id = (r ->> 1)::uuid)
            on conflict do nothing";
    RING_BYTES = "select cast(coalesce(sum(bytes), 0) as bigint) from executions where app_id = $1";
    EVICT_REPLIED = "delete from executions where id in (
                select id from (
                    select id, cast(sum(bytes) over (order by id) as bigint) - bytes as before
                    from (select id, bytes from executions where app_id = $1 and ending = 'replied'
                          order by id limit 2000) oldest
                ) running where before < $2)
            returning bytes";
    EVICT_ANY = "delete from executions where id in (
                select id from (
                    select id, cast(sum(bytes) over (order by id) as bigint) - bytes as before
                    from (select id, bytes from executions where app_id = $1 order by id limit 2000) oldest
                ) running where before < $2)
            returning bytes";
}

/// All rows of one app that make its snapshot.
pub(super) struct AppRows {
    pub(super) id: AppId,
    pub(super) name: String,
    pub(super) show_errors: bool,
    pub(super) hosts: Vec<String>,
    pub(super) endpoints: Vec<EndpointRow>,
    pub(super) routes: Vec<RouteRow>,
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
    pub(super) script_id: ScriptId,
    pub(super) host: String,
    pub(super) method: String,
    pub(super) pattern: String,
}

/// One app, or all of them, at one moment.
pub(super) async fn load_apps(db: &Db, app: Option<AppId>) -> sqlx::Result<Vec<AppRows>> {
    let mut tx = db.read().await?;
    let apps: Vec<(AppId, String, bool)> = run!(&mut tx, APPS, |sql, conn| sqlx::query_as(sql)
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

    let mut rows: HashMap<AppId, AppRows> = HashMap::with_capacity(apps.len());
    for (id, name, show_errors) in apps {
        let (hosts, endpoints, routes) = (Vec::new(), Vec::new(), Vec::new());
        rows.insert(
            id,
            AppRows {
                id,
                name,
                show_errors,
                hosts,
                endpoints,
                routes,
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
    Ok(rows.into_values().collect())
}

/// A version as it was saved.
#[derive(FromRow)]
pub(super) struct Version {
    pub(super) script: String,
    pub(super) source: String,
    pub(super) artifact: Vec<u8>,
    pub(super) guest_hash: String,
}

pub(super) async fn find_version(db: &Db, app: AppId, version: VersionId) -> sqlx::Result<Option<Version>> {
    let mut tx = db.read().await?;
    run!(&mut tx, VERSION, |sql, conn| sqlx::query_as(sql)
        .bind(version)
        .bind(app)
        .fetch_optional(conn)
        .await)
}

/// The modules that a version was linked with.
pub(super) async fn links(db: &Db, app: AppId, version: VersionId) -> sqlx::Result<Vec<LinkedModule>> {
    let mut tx = db.read().await?;
    run!(&mut tx, LINKS, |sql, conn| sqlx::query_as(sql)
        .bind(version)
        .bind(app)
        .fetch_all(conn)
        .await)
}

pub(super) async fn keep_artifact(
    db: &Db,
    app: AppId,
    version: VersionId,
    artifact: &[u8],
    guest_hash: &str,
) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    run!(&mut tx, KEEP_ARTIFACT, |sql, conn| {
        sqlx::query(sql)
            .bind(app)
            .bind(version)
            .bind(artifact)
            .bind(guest_hash)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    tx.commit().await
}

/// Writes a batch: `rows` is a JSON array of arrays.
pub(super) async fn insert(db: &Db, rows: &str) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    run!(&mut tx, INSERT, |sql, conn| sqlx::query(sql)
        .bind(rows)
        .execute(conn)
        .await
        .map(|_| ()))?;
    tx.commit().await
}

/// What the app's history takes now.
pub(super) async fn ring_bytes(db: &Db, app: AppId) -> sqlx::Result<i64> {
    let mut tx = db.read().await?;
    run!(&mut tx, RING_BYTES, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .fetch_one(conn)
        .await)
}

/// Deletes the app's oldest records until `bytes` are free or 2000 records are gone: those that replied, or, once there
/// are no more of them, any. Answers how many bytes went; 0 when there is nothing left to delete.
pub(super) async fn evict(db: &Db, app: AppId, bytes: i64) -> sqlx::Result<i64> {
    let mut freed: Vec<i64> = Vec::new();
    let mut tx = db.write().await?;
    for statement in [EVICT_REPLIED, EVICT_ANY] {
        freed = run!(&mut tx, statement, |sql, conn| {
            sqlx::query_scalar(sql).bind(app).bind(bytes).fetch_all(conn).await
        })?;
        if !freed.is_empty() {
            break;
        }
    }
    tx.commit().await?;
    Ok(freed.iter().sum())
}
