//! `/apps/{app}/queues`: what is sent to them is handed to a script.

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::api::{NewQueue, Page, Queue, Time};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Noun;
use super::super::access::{Deployer, Member, Viewer};
use super::super::extract::{Json, Path, Query};
use super::super::page::PageQuery;
use super::super::paths::AppPath;
use super::{Trigger, TriggerPath, Wanted};
use crate::commit::messages::Source;
use crate::error::Result;
use crate::orchestrator::Host;
use crate::triggers::queries::Row;
use crate::triggers::{Delivery, Of, Settings};

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
    type New = NewQueue;
    type Told = Queue;

    const SOURCE: Source = Source::Queue;
    const MANY: &'static str = "queues";

    fn wanted(new: NewQueue, _: i64) -> Result<Wanted> {
        let NewQueue {
            script,
            batch,
            paused,
            concurrency,
            attempts,
            backoff_ms,
            backoff_ms_max,
        } = new;
        Ok(Wanted {
            script,
            paused,
            delivery: Delivery {
                concurrency,
                attempts,
                backoff_ms,
                backoff_ms_max,
                batch,
            },
            of: Of::Queue,
            next_at: None,
        })
    }

    fn told(row: Row, settings: Settings) -> Option<Queue> {
        let Settings { delivery, of } = settings;
        let Of::Queue = of else { return None };
        Some(Queue {
            last: row.last(),
            name: row.name,
            script: row.script,
            batch: delivery.batch,
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

    fn name(told: &Queue) -> &str {
        &told.name
    }
}

/// An app's queues, by name.
#[utoipa::path(get, path = "/apps/{app}/queues", tag = "queues", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Queue>)))]
async fn list(member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Queue>>> {
    super::list::<Asked>(member, &query).await
}

/// One of them.
#[utoipa::path(get, path = "/apps/{app}/queues/{name}", tag = "queues", params(AppPath, TriggerPath),
    responses((status = 200, body = Queue)))]
async fn read(member: Member<Viewer>, Path(path): Path<TriggerPath>) -> Result<axum::Json<Queue>> {
    super::read::<Asked>(member, path).await
}

/// Makes or changes a queue; scripts may send to it at once.
#[utoipa::path(put, path = "/apps/{app}/queues/{name}", tag = "queues", params(AppPath, TriggerPath),
    request_body = NewQueue, responses((status = 204)))]
async fn set(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<TriggerPath>,
    Json(new): Json<NewQueue>,
) -> Result<StatusCode> {
    super::set::<Asked>(member, &host, path, new).await
}

/// Deletes a queue with the messages in it and its dead letters.
#[utoipa::path(delete, path = "/apps/{app}/queues/{name}", tag = "queues", params(AppPath, TriggerPath),
    responses((status = 204)))]
async fn remove(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<TriggerPath>,
) -> Result<StatusCode> {
    super::remove::<Asked>(member, &host, path).await
}
