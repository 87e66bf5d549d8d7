//! `/apps/{app}/queues`, `/schedules`, `/subscriptions` and `/changes`: what sets scripts off besides requests.

mod changes;
mod queues;
mod schedules;
mod subscriptions;

use axum::http::StatusCode;
use picloud_sdk::api::{Kind, Page, ScriptName, Time};
use serde::Deserialize;
use utoipa::IntoParams;

use super::access::{Deployer, Member, Viewer};
use super::page::{self, PageQuery};
use crate::commit::messages::stored::queries::{self as messages, All, Which};
use crate::commit::messages::{Line, Source};
use crate::deploy::scripts;
use crate::error::{Error, Result};
use crate::orchestrator::Host;
use crate::triggers::queries::{self, Row};
use crate::triggers::{Delivery, Of, Settings, check_name, triggers_max};

pub(super) use changes::NOUN as CHANGES;
pub(super) use queues::NOUN as QUEUES;
pub(super) use schedules::NOUN as SCHEDULES;
pub(super) use subscriptions::NOUN as SUBSCRIPTIONS;

/// A queue, schedule, subscription or change of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct TriggerPath {
    /// Its name.
    #[param(pattern = "^[a-z][a-z0-9._-]{0,63}$")]
    pub(super) name: String,
}

/// A trigger as it is to be.
struct Wanted {
    script: ScriptName,
    paused: bool,
    delivery: Delivery,
    of: Of,
    /// Of a schedule.
    next_at: Option<i64>,
}

/// What is asked for, and told, of one kind of trigger.
trait Trigger {
    /// As it is asked for.
    type New;
    /// As it is told.
    type Told;
    const SOURCE: Source;
    /// Several of it, in a sentence.
    const MANY: &'static str;

    /// What was asked for at `now_ms`, looked over.
    fn wanted(new: Self::New, now_ms: i64) -> Result<Wanted>;
    /// What it is told as; nothing when what is stored is of something else.
    fn told(row: Row, settings: Settings) -> Option<Self::Told>;
    fn name(told: &Self::Told) -> &str;
}

async fn list<T: Trigger>(mut member: Member<Viewer>, query: &PageQuery) -> Result<axum::Json<Page<T::Told>>> {
    let after: Option<String> = query.after()?;
    let after = after.unwrap_or_default();
    let mut tx = member.read().await?;
    let rows = queries::list(&mut tx, member.app, T::SOURCE, (&after, ""), query.rows()?).await?;
    let told = rows.into_iter().map(told::<T>).collect::<Result<Vec<_>>>()?;
    Ok(axum::Json(page::of(told, query, |one| T::name(one).to_owned())?))
}

fn told<T: Trigger>(row: Row) -> Result<T::Told> {
    let settings = row.settings()?;
    Ok(T::told(row, settings).ok_or_else(|| anyhow::anyhow!("a stored trigger is of another source"))?)
}

async fn read<T: Trigger>(
    mut member: Member<Viewer>,
    TriggerPath { name }: TriggerPath,
) -> Result<axum::Json<T::Told>> {
    // With the last of its runs.
    let mut tx = member.read_history().await?;
    let mut rows = queries::list(&mut tx, member.app, T::SOURCE, ("", &name), 1).await?;
    let row = rows.pop().ok_or_else(|| no_such(T::SOURCE, &name))?;
    Ok(axum::Json(told::<T>(row)?))
}

/// Makes or changes a trigger; what comes from now on is handed out so.
async fn set<T: Trigger>(
    member: Member<Deployer>,
    host: &Host,
    TriggerPath { name }: TriggerPath,
    new: T::New,
) -> Result<StatusCode> {
    let wanted = T::wanted(new, host.clock.now_us() / 1000)?;
    check_name(&name).map_err(|why| Error::invalid("name", why))?;
    if let Some((field, why)) = wanted.delivery.wrong() {
        return Err(Error::invalid(field, why));
    }
    let mut tx = member.write().await?;
    let most = triggers_max(T::SOURCE);
    if queries::count_others(&mut tx, member.app, T::SOURCE, &name).await? >= most {
        return Err(Error::too_many(T::MANY, most));
    }
    let script = scripts::queries::find(&mut tx, member.app, wanted.script.as_str()).await?;
    let Some(script) = script.filter(|script| script.kind == Kind::Endpoint) else {
        let why = format_args!("the app has no endpoint {:?}", wanted.script.as_str());
        return Err(Error::invalid("script", why));
    };
    let set = queries::Set {
        name: &name,
        script: script.id,
        paused: wanted.paused,
        settings: &Settings {
            delivery: wanted.delivery,
            of: wanted.of,
        },
        next_at: wanted.next_at,
    };
    queries::set(&mut tx, member.app, &set, Time(host.clock.now_us())).await?;
    member.publish(tx).await?;
    // What was held back may go, or a schedule is due sooner.
    let changed = (member.app, line(T::SOURCE, &name));
    host.spaces.post().arrived(std::iter::once(changed));
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a trigger with what is on its way to it.
async fn remove<T: Trigger>(
    member: Member<Deployer>,
    host: &Host,
    TriggerPath { name }: TriggerPath,
) -> Result<StatusCode> {
    let line = line(T::SOURCE, &name);
    let which = |dead| Which {
        dead,
        source: T::SOURCE.as_str(),
        name: &name,
    };
    // By far the most of it, some at a time: nobody waits for all.
    for dead in [false, true] {
        let mut all = All::of(&host.db, member.app, which(dead)).await?;
        while all.delete_next(&host.db, member.app).await?.is_some() {}
    }
    let mut tx = member.write().await?;
    if !queries::delete(&mut tx, member.app, T::SOURCE, &name).await? {
        return Err(no_such(T::SOURCE, &name));
    }
    messages::delete_line(&mut tx, member.app, &line).await?;
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn line(source: Source, name: &str) -> Line {
    let name = name.into();
    Line { source, name }
}

fn no_such(source: Source, name: &str) -> Error {
    Error::not_found(format_args!("{} {name:?}", source.as_str()))
}
