//! What a new installation starts with: one app to look at and to change.

use picloud_sdk::api::{AppName, Asynchronous, Idempotency, Kind, ScriptName, Time};

use crate::deploy::routes::NewRoute;
use crate::deploy::{BY_PICLOUD, By, draft, routes, save};
use crate::error::{Error, Result};
use crate::identity::apps::queries;
use crate::orchestrator::Host;

/// Its name.
const DEMO: &str = "demo";

struct Example {
    script: &'static str,
    source: &'static str,
    /// Method and pattern.
    routes: &'static [(&'static str, &'static str)],
}

const EXAMPLES: [Example; 2] = [
    Example {
        script: "hello",
        source: include_str!("../../../../sdk/examples/hello.rhai"),
        routes: &[("GET", "/"), ("GET", "/hello")],
    },
    Example {
        script: "order",
        source: include_str!("../../../../sdk/examples/order.rhai"),
        routes: &[("POST", "/orders")],
    },
];

/// Makes the app `demo` with two scripts when there are no apps at all. Whether it did.
///
/// # Errors
/// When the database cannot be written, or an example does not compile.
pub async fn demo(host: &Host) -> anyhow::Result<bool> {
    if queries::count(&mut host.db.read().await?).await? > 0 {
        return Ok(false);
    }
    make(host).await.map_err(|error| match error {
        Error::Internal(cause) => cause.context("making the app demo"),
        Error::Refused(problem) => anyhow::anyhow!("making the app demo: {}", problem.message),
    })
}

async fn make(host: &Host) -> Result<bool> {
    let app_name: AppName = DEMO.parse().map_err(|why| Error::invalid("name", why))?;
    let mut compiled = Vec::new();
    for example in EXAMPLES {
        let name: ScriptName = example.script.parse().map_err(|why| Error::invalid("name", why))?;
        let compiled_one = draft(host, None, name, Kind::Endpoint, example.source.to_owned()).await?;
        compiled.push((compiled_one, example.routes));
    }
    let now = Time(host.clock.now_us());
    let mut tx = host.db.write().await?;
    if queries::count(&mut tx).await? > 0 {
        return Ok(false);
    }
    let app = super::insert(&mut tx, host, &app_name).await?.id;
    for (draft, patterns) in compiled {
        let name = draft.name.clone();
        let who = BY_PICLOUD;
        save(&mut tx, host, app, &[draft], By { who, now }).await?;
        for (method, pattern) in patterns {
            let (host, script) = ("", &name);
            let new = NewRoute {
                method,
                pattern,
                host,
                script,
                idempotency: Idempotency::default(),
                asynchronous: Asynchronous::default(),
            };
            routes::insert(&mut tx, app, new, now).await?;
        }
    }
    host.changes.commit(tx, Some(app)).await?;
    Ok(true)
}
