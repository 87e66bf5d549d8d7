//! `/apps/{app}/changes`: who is told what was written.

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::api::{ChangeTrigger, NewChangeTrigger, Page, Time};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Noun;
use super::super::access::{Deployer, Member, Viewer};
use super::super::extract::{Json, Path, Query};
use super::super::page::PageQuery;
use super::super::paths::AppPath;
use super::{Trigger, TriggerPath, Wanted};
use crate::commit::messages::Source;
use crate::data::docs::layout::Name;
use crate::error::{Error, Result};
use crate::orchestrator::Host;
use crate::triggers::queries::Row;
use crate::triggers::{Delivery, Of, Settings, Watch};

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
    type New = NewChangeTrigger;
    type Told = ChangeTrigger;

    const SOURCE: Source = Source::Change;
    const MANY: &'static str = "changes that are watched";

    fn wanted(new: NewChangeTrigger, _: i64) -> Result<Wanted> {
        let NewChangeTrigger {
            script,
            prefix,
            collection,
            paused,
            concurrency,
            attempts,
            backoff_ms,
            backoff_ms_max,
        } = new;
        if prefix.is_some() == collection.is_some() {
            return Err(Error::invalid(
                "prefix",
                "give a prefix of keys or a collection, one of both",
            ));
        }
        if let Some(collection) = &collection {
            Name::of_collection(collection).map_err(|why| Error::invalid("collection", why))?;
        }
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
            of: Of::Change(Watch { prefix, collection }),
            next_at: None,
        })
    }

    fn told(row: Row, settings: Settings) -> Option<ChangeTrigger> {
        let Settings { delivery, of } = settings;
        let Of::Change(Watch { prefix, collection }) = of else {
            return None;
        };
        Some(ChangeTrigger {
            last: row.last(),
            name: row.name,
            script: row.script,
            prefix,
            collection,
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

    fn name(told: &ChangeTrigger) -> &str {
        &told.name
    }
}

/// What is watched of what an app keeps, by name.
#[utoipa::path(get, path = "/apps/{app}/changes", tag = "changes", params(AppPath, PageQuery),
    responses((status = 200, body = Page<ChangeTrigger>)))]
async fn list(member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<ChangeTrigger>>> {
    super::list::<Asked>(member, &query).await
}

/// One of them.
#[utoipa::path(get, path = "/apps/{app}/changes/{name}", tag = "changes", params(AppPath, TriggerPath),
    responses((status = 200, body = ChangeTrigger)))]
async fn read(member: Member<Viewer>, Path(path): Path<TriggerPath>) -> Result<axum::Json<ChangeTrigger>> {
    super::read::<Asked>(member, path).await
}

/// Makes or changes what is watched; what is written from now on is told to its script.
#[utoipa::path(put, path = "/apps/{app}/changes/{name}", tag = "changes", params(AppPath, TriggerPath),
    request_body = NewChangeTrigger, responses((status = 204)))]
async fn set(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<TriggerPath>,
    Json(new): Json<NewChangeTrigger>,
) -> Result<StatusCode> {
    super::set::<Asked>(member, &host, path, new).await
}

/// Watches no more, and deletes what is on its way and the dead letters.
#[utoipa::path(delete, path = "/apps/{app}/changes/{name}", tag = "changes", params(AppPath, TriggerPath),
    responses((status = 204)))]
async fn remove(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<TriggerPath>,
) -> Result<StatusCode> {
    super::remove::<Asked>(member, &host, path).await
}
