//! Every statement that touches `allowed_hosts`.

use picloud_sdk::api::{AllowedHost, Time};
use sqlx::FromRow;

use super::allow::Allowed;
use crate::ids::AppId;
use crate::store::Tx;
use crate::{run, statements};

statements! {
    LIST = "select host, methods, updated_at from allowed_hosts where app_id = $1 and host > $2 order by host limit $3";
    FIND = "select host, methods, updated_at from allowed_hosts where app_id = $1 and host = $2";
    COUNT_OTHERS = "select count(*) from allowed_hosts where app_id = $1 and host <> $2";
    SET = "insert into allowed_hosts (app_id, host, methods, updated_at) values ($1, $2, $3, $4)
        on conflict (app_id, host) do update set methods = excluded.methods, updated_at = excluded.updated_at";
    DELETE = "delete from allowed_hosts where app_id = $1 and host = $2";
    ALL_HOSTS = "select app_id, host, methods from allowed_hosts where $1 is null or app_id = $1"
        => "select app_id, host, methods from allowed_hosts where $1::uuid is null or app_id = $1";
}

/// A host as it is stored: methods by comma, none for all.
#[derive(FromRow)]
struct Row {
    host: String,
    methods: String,
    updated_at: i64,
}

/// What another release wrote and this one cannot read is left out.
fn told(row: &Row) -> Option<AllowedHost> {
    let host = row.host.parse();
    Some(AllowedHost {
        host: host
            .inspect_err(|why| tracing::error!("an allowed host is left out: {why}"))
            .ok()?,
        methods: methods_of(&row.methods),
        updated_at: Time(row.updated_at),
    })
}

fn methods_of(text: &str) -> Vec<String> {
    text.split(',')
        .filter(|method| !method.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The app's hosts after `after`, in the order of their text.
pub(crate) async fn list(tx: &mut Tx, app: AppId, after: &str, rows: i64) -> sqlx::Result<Vec<AllowedHost>> {
    let rows: Vec<Row> = run!(tx, LIST, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(after.to_owned())
        .bind(rows)
        .fetch_all(conn)
        .await)?;
    Ok(rows.iter().filter_map(told).collect())
}

/// One host, if it is allowed.
pub(crate) async fn find(tx: &mut Tx, app: AppId, host: &str) -> sqlx::Result<Option<AllowedHost>> {
    let row: Option<Row> = run!(tx, FIND, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(host.to_owned())
        .fetch_optional(conn)
        .await)?;
    Ok(row.as_ref().and_then(told))
}

/// How many other hosts the app may call.
pub(crate) async fn count_others(tx: &mut Tx, app: AppId, host: &str) -> sqlx::Result<usize> {
    let count: i64 = run!(tx, COUNT_OTHERS, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(host.to_owned())
        .fetch_one(conn)
        .await)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Allows a host, with these methods.
pub(crate) async fn set(tx: &mut Tx, app: AppId, host: &str, methods: &[String], now: Time) -> sqlx::Result<()> {
    run!(tx, SET, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(host.to_owned())
        .bind(methods.join(","))
        .bind(now.0)
        .execute(conn)
        .await
        .map(drop))
}

/// Allows it no more; whether it was.
pub(crate) async fn delete(tx: &mut Tx, app: AppId, host: &str) -> sqlx::Result<bool> {
    run!(tx, DELETE, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(host.to_owned())
        .execute(conn)
        .await
        .map(|done| done.rows_affected() > 0))
}

/// Whom scripts may call, of one app or of all.
pub(crate) async fn all(tx: &mut Tx, app: Option<AppId>) -> sqlx::Result<Vec<(AppId, Allowed)>> {
    let rows: Vec<(AppId, String, String)> = run!(tx, ALL_HOSTS, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_all(conn)
        .await)?;
    let allowed = rows.into_iter().filter_map(|(app, host, methods)| {
        let host = host.parse();
        let host =
            host.inspect_err(|why| tracing::error!(app.id = %app, "an allowed host of {app} is left out: {why}"));
        let methods = methods_of(&methods);
        Some((
            app,
            Allowed {
                host: host.ok()?,
                methods,
            },
        ))
    });
    Ok(allowed.collect())
}
