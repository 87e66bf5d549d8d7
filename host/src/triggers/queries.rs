//! Every statement that touches `triggers`.

use std::collections::HashSet;

use picloud_sdk::api::{LastRun, Time};
use picloud_sdk::report::EndingKind;
use sqlx::FromRow;

use super::{Of, Settings};
use crate::commit::messages::{Line, Source};
use crate::ids::{AppId, ExecutionId, ScriptId};
use crate::store::{Db, Tx};
use crate::{ask, run, statements};

statements! {
    LIST = "select t.name, s.name as script, t.paused, t.settings, t.next_at, t.updated_at, coalesce(l.depth, 0) as depth, coalesce(l.dead, 0) as dead,
                (select min(m.sent_at) from messages m where m.app_id = t.app_id and m.source = t.source and m.name = t.name and m.seq =
                    (select o.seq from messages o where o.app_id = t.app_id and o.source = t.source and o.name = t.name and o.due_at is not null
                     order by o.due_at, o.seq limit 1)) as oldest_at,
                e.id as last_id, e.started_at as last_at, e.ending as last_ending, e.wall_us as last_us
            from triggers t join scripts s on s.id = t.script_id
            left join lines l on l.app_id = t.app_id and l.source = t.source and l.name = t.name
            left join executions e on e.app_id = t.app_id and e.seq =
                (select max(o.seq) from executions o where o.app_id = t.app_id and o.kind = t.source and o.name = t.name)
            where t.app_id = $1 and t.source = $2 and t.name > $3 and (t.name = $4 or $4 = '') order by t.name limit $5";
    FIND = "select s.name as script, t.paused, t.settings from triggers t join scripts s on s.id = t.script_id
            where t.app_id = $1 and t.source = $2 and t.name = $3";
    EXISTS = "select 1 from triggers where app_id = $1 and source = $2 and name = $3";
    COUNT_OTHERS = "select count(*) from triggers where app_id = $1 and source = $2 and name <> $3";
    SET = "insert into triggers (app_id, source, name, script_id, paused, settings, next_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (app_id, source, name) do update set script_id = excluded.script_id, paused = excluded.paused,
                settings = excluded.settings, next_at = excluded.next_at, updated_at = excluded.updated_at";
    PAUSE_LINE = "update lines set paused = $4 where app_id = $1 and source = $2 and name = $3";
    DELETE = "delete from triggers where app_id = $1 and source = $2 and name = $3";
    OF_SCRIPT = "select source, name from triggers where script_id = $1 order by source, name";
    // Of queues no more than their names; schedules are none of a run's business. Both by an index of what is wired.
    QUEUES = "select app_id, name from triggers where source <> 'schedule' and source = 'queue' and ($1 is null or app_id = $1)"
        => "select app_id, name from triggers where source <> 'schedule' and source = 'queue' and ($1::uuid is null or app_id = $1)";
    WIRED = "select app_id, name, settings from triggers
            where source <> 'schedule' and source in ('subscription', 'change') and ($1 is null or app_id = $1)"
        => "select app_id, name, settings from triggers
            where source <> 'schedule' and source in ('subscription', 'change') and ($1::uuid is null or app_id = $1)";
    DUE = "select t.app_id, t.name, s.name as script, t.next_at, t.updated_at, t.settings from triggers t join scripts s on s.id = t.script_id
            where t.next_at <= $1 order by t.next_at limit $2";
    NEXT_DUE = "select next_at from triggers where next_at is not null order by next_at limit 1";
    // Each of some is [app, name, next, when it was made, next after that]. Those that are as they were when they were read.
    FIRED = "update triggers set next_at = r.value ->> 4 from json_each($1) r
            where triggers.app_id = unhex(r.value ->> 0) and triggers.source = 'schedule' and triggers.name = r.value ->> 1
                and triggers.next_at = r.value ->> 2 and triggers.updated_at = r.value ->> 3
            returning app_id, name"
        => "with asked as (
                select (r ->> 0)::uuid as app_id, r ->> 1 as name, (r ->> 2)::bigint as next_at, (r ->> 3)::bigint as updated_at,
                    (r ->> 4)::bigint as then_at
                from json_array_elements($1::text::json) r
            ), fired as (
                select t.app_id, t.name, asked.then_at from triggers t
                    join asked on t.app_id = asked.app_id and t.source = 'schedule' and t.name = asked.name
                        and t.next_at = asked.next_at and t.updated_at = asked.updated_at
                order by t.app_id, t.name for update of t
            )
            update triggers set next_at = fired.then_at from fired
            where triggers.app_id = fired.app_id and triggers.source = 'schedule' and triggers.name = fired.name
            returning triggers.app_id, triggers.name";
}

/// A trigger, and what is on its way to it.
#[derive(Debug, FromRow)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) script: String,
    pub(crate) paused: bool,
    settings: String,
    pub(crate) next_at: Option<i64>,
    pub(crate) updated_at: i64,
    pub(crate) depth: i64,
    pub(crate) dead: i64,
    pub(crate) oldest_at: Option<i64>,
    last_id: Option<ExecutionId>,
    last_at: Option<i64>,
    last_ending: Option<String>,
    last_us: Option<i64>,
}

impl Row {
    /// What is said of it.
    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        Ok(serde_json::from_str(&self.settings)?)
    }

    /// The last run for it that is recorded.
    pub(crate) fn last(&self) -> Option<LastRun> {
        Some(LastRun {
            execution: self.last_id?.to_string(),
            started_at: Time(self.last_at?),
            // A word of another release is told as executions tell it.
            ending: EndingKind::try_from(self.last_ending.clone()?).unwrap_or(EndingKind::Broke),
            wall_us: self.last_us?.unsigned_abs(),
        })
    }
}

/// A trigger as it is set.
pub(crate) struct Set<'a> {
    pub(crate) name: &'a str,
    pub(crate) script: ScriptId,
    pub(crate) paused: bool,
    pub(crate) settings: &'a Settings,
    /// Of a schedule, in milliseconds since 1970.
    pub(crate) next_at: Option<i64>,
}

/// An app's triggers of one source after `after`, by name; or the one that is `named`, when that is not empty.
pub(crate) async fn list(
    tx: &mut Tx,
    app: AppId,
    source: Source,
    (after, named): (&str, &str),
    rows: i64,
) -> sqlx::Result<Vec<Row>> {
    run!(tx, LIST, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(source.as_str())
        .bind(after.to_owned())
        .bind(named.to_owned())
        .bind(rows)
        .fetch_all(conn)
        .await)
}

/// Whether there is one.
pub(crate) async fn exists(tx: &mut Tx, app: AppId, line: &Line) -> sqlx::Result<bool> {
    let one: Option<i32> = run!(tx, EXISTS, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .fetch_optional(conn)
        .await)?;
    Ok(one.is_some())
}

/// How many others of this source the app has.
pub(crate) async fn count_others(tx: &mut Tx, app: AppId, source: Source, name: &str) -> sqlx::Result<usize> {
    let count: i64 = run!(tx, COUNT_OTHERS, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(source.as_str())
        .bind(name.to_owned())
        .fetch_one(conn)
        .await)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Makes or changes one.
pub(crate) async fn set(tx: &mut Tx, app: AppId, set: &Set<'_>, now: Time) -> sqlx::Result<()> {
    let source = set.settings.of.source().as_str();
    let settings = serde_json::to_string(set.settings).expect("plain data");
    run!(tx, SET, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(source)
        .bind(set.name.to_owned())
        .bind(set.script)
        .bind(set.paused)
        .bind(settings)
        .bind(set.next_at)
        .bind(now.0)
        .execute(conn)
        .await
        .map(drop))?;
    run!(tx, PAUSE_LINE, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(source)
        .bind(set.name.to_owned())
        .bind(set.paused)
        .execute(conn)
        .await
        .map(drop))
}

/// Deletes one; whether it was there.
pub(crate) async fn delete(tx: &mut Tx, app: AppId, source: Source, name: &str) -> sqlx::Result<bool> {
    run!(tx, DELETE, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(source.as_str())
        .bind(name.to_owned())
        .execute(conn)
        .await
        .map(|done| done.rows_affected() > 0))
}

/// The triggers that run a script: source and name.
pub(crate) async fn of_script(tx: &mut Tx, script: ScriptId) -> sqlx::Result<Vec<(String, String)>> {
    run!(tx, OF_SCRIPT, |sql, conn| sqlx::query_as(sql)
        .bind(script)
        .fetch_all(conn)
        .await)
}

/// What runs have to know, of one app or of all.
pub(crate) async fn wired(tx: &mut Tx, app: Option<AppId>) -> sqlx::Result<Vec<(AppId, String, Of)>> {
    let queues: Vec<(AppId, String)> = run!(&mut *tx, QUEUES, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_all(conn)
        .await)?;
    let rows: Vec<(AppId, String, String)> = run!(tx, WIRED, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_all(conn)
        .await)?;
    let wired = rows.into_iter().filter_map(|(app, name, settings)| {
        let settings = serde_json::from_str::<Settings>(&settings);
        let settings = settings.inspect_err(|why| tracing::error!(app.id = %app, "a trigger is left out: {why}"));
        Some((app, name, settings.ok()?.of))
    });
    let queues = queues.into_iter().map(|(app, name)| (app, name, Of::Queue));
    Ok(queues.chain(wired).collect())
}

/// Who answers for a line, and how; nothing when it has no trigger.
pub(crate) async fn find(db: &Db, app: AppId, line: &Line) -> sqlx::Result<Option<(String, bool, Settings)>> {
    let row: Option<(String, bool, String)> = ask!(db, FIND, |sql, pool| sqlx::query_as(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .fetch_optional(pool)
        .await)?;
    let read = |(script, paused, settings): (String, bool, String)| {
        let settings = serde_json::from_str(&settings).map_err(|why| sqlx::Error::Decode(why.into()))?;
        Ok((script, paused, settings))
    };
    row.map(read).transpose()
}

/// A schedule that is due.
#[derive(Debug, FromRow)]
pub(crate) struct Due {
    pub(crate) app_id: AppId,
    pub(crate) name: String,
    pub(crate) script: String,
    pub(crate) next_at: i64,
    updated_at: i64,
    settings: String,
}

impl Due {
    /// When it fires, and how; nothing when that cannot be read.
    pub(crate) fn settings(&self) -> Option<Settings> {
        serde_json::from_str(&self.settings).ok()
    }
}

/// The first schedules that are due by `now_ms`.
pub(crate) async fn due(db: &Db, now_ms: i64, rows: usize) -> sqlx::Result<Vec<Due>> {
    ask!(db, DUE, |sql, pool| sqlx::query_as(sql)
        .bind(now_ms)
        .bind(i64::try_from(rows).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await)
}

/// When the next one is due, in milliseconds since 1970.
pub(crate) async fn next_due(db: &Db) -> sqlx::Result<Option<i64>> {
    ask!(db, NEXT_DUE, |sql, pool| sqlx::query_scalar(sql)
        .fetch_optional(pool)
        .await)
}

/// Schedules fire, each due next at the time beside it, unless another server was first or they were changed meanwhile:
/// those that are this one's to run.
pub(crate) async fn fired(
    tx: &mut Tx,
    due: impl Iterator<Item = (&Due, Option<i64>)>,
) -> sqlx::Result<HashSet<(AppId, String)>> {
    let rows: Vec<_> = due
        .map(|(due, then)| (due.app_id.digits(), &due.name, due.next_at, due.updated_at, then))
        .collect();
    let rows = serde_json::to_string(&rows).expect("plain data");
    let fired: Vec<(AppId, String)> = run!(tx, FIRED, |sql, conn| sqlx::query_as(sql)
        .bind(rows)
        .fetch_all(conn)
        .await)?;
    Ok(fired.into_iter().collect())
}
