//! `/apps/{app}/schedules`: what is run when it is due.

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::api::{NewSchedule, Page, Preview, Previewed, Schedule, Time};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Noun;
use super::super::access::{Deployer, Member, Viewer};
use super::super::extract::{Json, Path, Query};
use super::super::page::PageQuery;
use super::super::paths::AppPath;
use super::{Trigger, TriggerPath, Wanted};
use crate::commit::messages::{Line, Sent, Source, queries as messages};
use crate::error::{Error, Result};
use crate::orchestrator::Host;
use crate::schedule;
use crate::triggers::queries::{self, Row};
use crate::triggers::{Delivery, Of, Settings, Timing};

pub(in crate::manager) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(preview))
            .routes(routes!(read, set, remove))
            .routes(routes!(run))
    },
    statements: &[],
};

struct Asked;

impl Trigger for Asked {
    type New = NewSchedule;
    type Told = Schedule;

    const SOURCE: Source = Source::Schedule;
    const MANY: &'static str = "schedules";

    fn wanted(new: NewSchedule, now_ms: i64) -> Result<Wanted> {
        let NewSchedule {
            script,
            when,
            zone,
            overlap,
            catch_up,
            jitter_ms,
            paused,
            concurrency,
            attempts,
            backoff_ms,
            backoff_ms_max,
        } = new;
        let next_at = parsed(&when, zone.as_deref())?.next_after(now_ms);
        if next_at.is_none() {
            let why = format_args!("{when:?} is never due again; the day is in no month, or past the year 9998");
            return Err(Error::invalid("when", why));
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
            of: Of::Schedule(Timing {
                when,
                zone,
                overlap,
                catch_up,
                jitter_ms,
            }),
            next_at: next_at.filter(|_| !paused),
        })
    }

    fn told(row: Row, settings: Settings) -> Option<Schedule> {
        let Settings { delivery, of } = settings;
        let Of::Schedule(timing) = of else { return None };
        Some(Schedule {
            last: row.last(),
            name: row.name,
            script: row.script,
            when: timing.when,
            zone: timing.zone,
            overlap: timing.overlap,
            catch_up: timing.catch_up,
            jitter_ms: timing.jitter_ms,
            next_at: row.next_at.map(|ms| Time(ms.saturating_mul(1000))),
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

    fn name(told: &Schedule) -> &str {
        &told.name
    }
}

/// An app's schedules, by name.
#[utoipa::path(get, path = "/apps/{app}/schedules", tag = "schedules", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Schedule>)))]
async fn list(member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Schedule>>> {
    super::list::<Asked>(member, &query).await
}

/// One of them.
#[utoipa::path(get, path = "/apps/{app}/schedules/{name}", tag = "schedules", params(AppPath, TriggerPath),
    responses((status = 200, body = Schedule)))]
async fn read(member: Member<Viewer>, Path(path): Path<TriggerPath>) -> Result<axum::Json<Schedule>> {
    super::read::<Asked>(member, path).await
}

/// Makes or changes a schedule.
#[utoipa::path(put, path = "/apps/{app}/schedules/{name}", tag = "schedules", params(AppPath, TriggerPath),
    request_body = NewSchedule, responses((status = 204)))]
async fn set(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<TriggerPath>,
    Json(new): Json<NewSchedule>,
) -> Result<StatusCode> {
    super::set::<Asked>(member, &host, path, new).await
}

/// Deletes a schedule with its dead letters; a run that goes on ends.
#[utoipa::path(delete, path = "/apps/{app}/schedules/{name}", tag = "schedules", params(AppPath, TriggerPath),
    responses((status = 204)))]
async fn remove(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(path): Path<TriggerPath>,
) -> Result<StatusCode> {
    super::remove::<Asked>(member, &host, path).await
}

/// The next five times of an expression, before it is saved.
#[utoipa::path(post, path = "/apps/{app}/schedule-times", tag = "schedules", params(AppPath),
    request_body = Preview, responses((status = 200, body = Previewed)))]
async fn preview(
    _member: Member<Viewer>,
    State(host): State<Host>,
    Json(Preview { when, zone }): Json<Preview>,
) -> Result<axum::Json<Previewed>> {
    let now_ms = host.clock.now_us() / 1000;
    let times = parsed(&when, zone.as_deref())?.upcoming(now_ms, PREVIEWED);
    let times = times.into_iter().map(|ms| Time(ms.saturating_mul(1000))).collect();
    Ok(axum::Json(Previewed { times }))
}

/// Runs a schedule's script now, beside its times.
#[utoipa::path(post, path = "/apps/{app}/schedules/{name}/run", tag = "schedules", params(AppPath, TriggerPath),
    responses((status = 202)))]
async fn run(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(TriggerPath { name }): Path<TriggerPath>,
) -> Result<StatusCode> {
    let line = Line {
        source: Source::Schedule,
        name: name.as_str().into(),
    };
    let mut tx = member.write().await?;
    if !queries::exists(&mut tx, member.app, &line).await? {
        return Err(Error::not_found(format_args!("schedule {name:?}")));
    }
    let message = Sent::of_schedule(line.clone(), host.clock.now_us() / 1000, 0);
    messages::put(&mut tx, member.app, &[&message]).await?;
    host.spaces.commit_sent(tx, Some((member.app, line))).await?;
    Ok(StatusCode::ACCEPTED)
}

/// How many times are shown before a schedule is saved.
const PREVIEWED: usize = 5;

fn parsed(when: &str, zone: Option<&str>) -> Result<schedule::Schedule> {
    schedule::Schedule::parse(when, zone.unwrap_or("UTC")).map_err(|why| Error::invalid(why.field(), why))
}
