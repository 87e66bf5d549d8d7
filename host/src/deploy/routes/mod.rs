//! An app's routes. What conflicts is refused here, so that the data plane never has to choose.

pub(crate) mod queries;

use picloud_sdk::api::{Asynchronous, Idempotency, Kind, RouteChange, ScriptName, Time};
use serde_json::json;

use super::scripts;
use crate::error::{Error, Result};
use crate::ids::{AppId, RouteId, ScriptId};
use crate::problem::{Code, Problem};
use crate::routing::{METHODS, Pattern};
use crate::store::Tx;

/// Routes of one app.
pub const ROUTES_MAX: usize = 1_000;

/// What no key is asked for: it may be repeated anyhow (RFC 9110 9.2.1).
const SAFE_METHODS: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

/// What is never accepted to be answered later.
const ANSWERED_AT_ONCE: [&str; 2] = ["HEAD", "OPTIONS"];

/// A route to be made.
pub struct NewRoute<'a> {
    /// One of [`METHODS`].
    pub method: &'a str,
    /// A path pattern.
    pub pattern: &'a str,
    /// One of the app's own hosts; empty for every address of the app.
    pub host: &'a str,
    /// The name of an endpoint.
    pub script: &'a ScriptName,
    /// What a header `Idempotency-Key` does.
    pub idempotency: Idempotency,
    /// Which requests are accepted, and answered later.
    pub asynchronous: Asynchronous,
}

/// Refuses what would leave routes without their script.
pub(crate) async fn refuse_while_routed(
    tx: &mut Tx,
    app: AppId,
    (script, name): (ScriptId, &str),
    what: &str,
) -> Result<()> {
    let routes = queries::of_script(tx, app, script).await?;
    if routes.is_empty() {
        return Ok(());
    }
    let named: Vec<_> = routes
        .iter()
        .map(|route| format!("{} {}", route.method, route.pattern))
        .collect();
    let message = format!("{name:?} cannot {what} while routes point at it: {}", named.join(", "));
    let ids: Vec<_> = routes.iter().map(|route| route.id).collect();
    Err(Problem::new(Code::InUse, message).with(json!({ "routes": ids })).into())
}

/// Makes a route, unless the script has just this one already. The transaction holds the app's lock.
pub(crate) async fn insert_unless_there(
    tx: &mut Tx,
    app: AppId,
    new: NewRoute<'_>,
    now: Time,
) -> Result<Option<queries::Row>> {
    if let Ok(pattern) = Pattern::parse(new.pattern)
        && let Some(there) = queries::of_shape(tx, app, new.host, new.method, &pattern.shape()).await?
        && there.script == new.script.as_str()
        && there.pattern == pattern.to_string()
    {
        return Ok(None);
    }
    insert(tx, app, new, now).await.map(Some)
}

/// Makes a route. The transaction holds the app's lock.
pub(crate) async fn insert(tx: &mut Tx, app: AppId, new: NewRoute<'_>, now: Time) -> Result<queries::Row> {
    let NewRoute {
        method,
        pattern,
        host,
        script,
        idempotency,
        asynchronous,
    } = new;
    if !METHODS.contains(&method) {
        return Err(Error::invalid(
            "method",
            format_args!("one of {} in upper case", METHODS.join(", ")),
        ));
    }
    check_idempotency(method, idempotency)?;
    check_asynchronous(method, asynchronous)?;
    let pattern = Pattern::of_new(pattern).map_err(|why| Error::invalid("pattern", why))?;
    if !host.is_empty() && !queries::is_own_host(tx, app, host).await? {
        return Err(Error::invalid(
            "host",
            "this is none of the app's own hosts; add it to the app first",
        ));
    }
    let Some(script) = scripts::queries::find(tx, app, script.as_str()).await? else {
        return Err(Error::invalid(
            "script",
            format_args!("the app has no script {:?}", script.as_str()),
        ));
    };
    if script.kind != Kind::Endpoint {
        return Err(Error::invalid(
            "script",
            format_args!("{:?} is a module: it answers no events", script.name),
        ));
    }
    let shape = pattern.shape();
    if let Some(other) = queries::of_shape(tx, app, host, method, &shape).await? {
        let message = format!(
            "the route {} {} to {:?} answers the same requests as {method} {pattern}",
            other.method, other.pattern, other.script
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
        method: method.to_owned(),
        pattern: pattern.to_string(),
        script: script.name,
        idempotency,
        asynchronous,
        created_at: now,
    };
    queries::insert(tx, app, script.id, &shape, &row).await?;
    Ok(row)
}

/// Changes a route, if it is there. The transaction holds the app's lock.
pub(crate) async fn change(tx: &mut Tx, app: AppId, id: RouteId, change: &RouteChange) -> Result<Option<queries::Row>> {
    let Some(mut row) = queries::find(tx, app, id).await? else {
        return Ok(None);
    };
    if let Some(idempotency) = change.idempotency {
        check_idempotency(&row.method, idempotency)?;
        row.idempotency = idempotency;
    }
    if let Some(asynchronous) = change.asynchronous {
        check_asynchronous(&row.method, asynchronous)?;
        row.asynchronous = asynchronous;
    }
    queries::set(tx, app, &row).await?;
    Ok(Some(row))
}

fn check_asynchronous(method: &str, asynchronous: Asynchronous) -> Result<()> {
    if asynchronous == Asynchronous::Always && ANSWERED_AT_ONCE.contains(&method) {
        return Err(Error::invalid("async", format_args!("{method} is answered at once")));
    }
    Ok(())
}

fn check_idempotency(method: &str, idempotency: Idempotency) -> Result<()> {
    if idempotency == Idempotency::Require && SAFE_METHODS.contains(&method) {
        return Err(Error::invalid(
            "idempotency",
            format_args!("{method} has no need of keys: it changes nothing"),
        ));
    }
    Ok(())
}
