//! `/apps/{app}/subscriptions`: who is told what is published.

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::api::{NewSubscription, Page, Subscription, Time};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Noun;
use super::super::access::{Deployer, Member, Viewer};
use super::super::extract::{Json, Path, Query};
use super::super::page::PageQuery;
use super::super::paths::AppPath;
use super::{Trigger, TriggerPath, Wanted};
use crate::commit::messages::Source;
use crate::error::{Error, Result};
use crate::orchestrator::Host;
use crate::triggers::queries::Row;
use crate::triggers::{Delivery, Of, Pattern, Settings};

pub(in crate::manager) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(read, set, remove))
    },
    statements: &[],
};

struct Asked;

impl Trigger for Asked {
    type New = NewSubscription;
    type Told = Subscription;

    const SOURCE: Source = Source::Subscription;
    const MANY: &'static str = "subscriptions";

    fn wanted(new: NewSubscription, _: i64) -> Result<Wanted> {
        let NewSubscription {
            script,
            topic,
            paused,
            concurrency,
            attempts,
            backoff_ms,
            backoff_ms_max,
        } = new;
        Pattern::parse(&topic).map_err(|why| Error::invalid("topic", why))?;
        Ok(Wanted {
            script,
            paused,
            delivery: Delivery {
                concurrency,
                attempts,
                backoff_ms,
                backoff_ms_max,
                batch: 1,
            },
            of: Of::Subscription { topic },
            next_at: None,
        })
    }

    fn told(row: Row, settings: Settings) -> Option<Subscription> {
        let Settings { delivery, of } = settings;
        let Of::Subscription { topic } = of else { return None };
        Some(Subscription {
            last: row.last(),
            name: row.name,
            script: row.script,
            topic,
            paused: row.paused,
            concurrency: delivery.concurrency,
            attempts: delivery.attempts,
            backoff_ms: delivery.backoff_ms,
            backoff_ms_max: delivery.backoff_ms_max,
            waiting: row.depth,
            dead: row.dead,
            oldest_at: row.oldest_at.map(|ms| Time(ms.saturating_mul(1000))),
            updated_at: Time(row.updated_at),
        })
    }

    fn name(told: &Subscription) -> &str {
        &told.name
    }
}

/// An app's subscriptions, by name.
#[utoipa::path(get, path = "/apps/{app}/subscriptions", tag = "subscriptions", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Subscription>)))]
async fn list(member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Subscription>>> {
    super::list::<Asked>(member, &query).await
}

/// One of them.
#[utoipa::path(get, path = "/apps/{app}/subscriptions/{name}", tag = "subscriptions", params(AppPath, TriggerPath),
    responses((status = 200, body = Subscription)))]
async fn read(member: Member<Viewer>, Path(path): Path<TriggerPath>) -> Result<axum::Json<Subscription>> {
    super::read::<Asked>(member, path).await
}

/// Makes or changes a subscription; what is published from now on is handed to its script.
#[utoipa::path(put, path = "/apps/{app}/subscriptions/{name}", tag = "subscriptions", params(AppPath, TriggerPath),
    request_body = NewSubscription, responses((status = 204)))]
async fn set(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<TriggerPath>,
    Json(new): Json<NewSubscription>,
) -> Result<StatusCode> {
    super::set::<Asked>(member, &host, path, new).await
}

/// Deletes a subscription with what is on its way to it and its dead letters.
#[utoipa::path(delete, path = "/apps/{app}/subscriptions/{name}", tag = "subscriptions", params(AppPath, TriggerPath),
    responses((status = 204)))]
async fn remove(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<TriggerPath>,
) -> Result<StatusCode> {
    super::remove::<Asked>(member, &host, path).await
}
