//! The statements of lines.

use super::super::{Line, Source};
use crate::ids::AppId;
use crate::store::{Db, Tx};
use crate::{ask, run, statements};

statements! {
    // Each of some is [app, source, name], in an order that is the same everywhere. Until the transaction ends nobody else
    // changes what waits in them. A file has one writer anyway.
    TAKE = "select 1"
        => "insert into lines (app_id, source, name, due_at, paused, depth, dead, bytes)
            select (r ->> 0)::uuid, r ->> 1, r ->> 2, null,
                coalesce((select t.paused from triggers t where t.app_id = (r ->> 0)::uuid and t.source = r ->> 1 and t.name = r ->> 2), false),
                0, 0, 0
            from json_array_elements($1::text::json) with ordinality as listed (r, place) order by place
            on conflict (app_id, source, name) do update set depth = lines.depth";
    TAKEN = "select l.app_id, l.source, l.name from json_each($1) r
                cross join lines l on l.app_id = unhex(r.value ->> 0) and l.source = r.value ->> 1 and l.name = r.value ->> 2
            where l.depth > 0"
        => "select l.app_id, l.source, l.name from json_array_elements($1::text::json) r
                join lines l on l.app_id = (r ->> 0)::uuid and l.source = r ->> 1 and l.name = r ->> 2
            where l.depth > 0";
    // Each is [app, source, name, when it is due, messages, bytes].
    MORE = "insert into lines (app_id, source, name, due_at, paused, depth, dead, bytes)
            select unhex(r.value ->> 0), r.value ->> 1, r.value ->> 2, r.value ->> 3,
                coalesce((select t.paused from triggers t where t.app_id = unhex(r.value ->> 0) and t.source = r.value ->> 1
                    and t.name = r.value ->> 2), false),
                r.value ->> 4, 0, r.value ->> 5
            from json_each($1) r where true
            on conflict (app_id, source, name) do update set depth = lines.depth + excluded.depth, bytes = lines.bytes + excluded.bytes,
                due_at = case when lines.due_at is null or excluded.due_at < lines.due_at then excluded.due_at else lines.due_at end"
        => "insert into lines (app_id, source, name, due_at, paused, depth, dead, bytes)
            select (r ->> 0)::uuid, r ->> 1, r ->> 2, (r ->> 3)::bigint,
                coalesce((select t.paused from triggers t where t.app_id = (r ->> 0)::uuid and t.source = r ->> 1 and t.name = r ->> 2), false),
                (r ->> 4)::bigint, 0, (r ->> 5)::bigint
            from json_array_elements($1::text::json) with ordinality as listed (r, place) order by place
            on conflict (app_id, source, name) do update set depth = lines.depth + excluded.depth, bytes = lines.bytes + excluded.bytes,
                due_at = case when lines.due_at is null or excluded.due_at < lines.due_at then excluded.due_at else lines.due_at end";
    // Each is [app, source, name, messages, dead ones more, bytes].
    FEWER = "update lines set depth = depth - (r.value ->> 3), dead = dead + (r.value ->> 4), bytes = bytes - (r.value ->> 5),
                due_at = case when depth = r.value ->> 3 then null else due_at end
            from json_each($1) r
            where lines.app_id = unhex(r.value ->> 0) and lines.source = r.value ->> 1 and lines.name = r.value ->> 2"
        => "update lines set depth = depth - (r ->> 3)::bigint, dead = dead + (r ->> 4)::bigint, bytes = bytes - (r ->> 5)::bigint,
                due_at = case when depth = (r ->> 3)::bigint then null else due_at end
            from json_array_elements($1::text::json) r
            where lines.app_id = (r ->> 0)::uuid and lines.source = r ->> 1 and lines.name = r ->> 2";

    DUE = "select app_id, source, name from lines where due_at <= $1 and not paused order by due_at limit $2";
    NEXT_DUE = "select due_at from lines where due_at is not null and not paused order by due_at limit 1";
    HELD = "select cast(coalesce(sum(depth + dead), 0) as bigint), cast(coalesce(sum(bytes), 0) as bigint) from lines where app_id = $1";
    // When the first of it is due, but not before a time.
    LOOK_AT = "update lines set due_at = (select max(m.due_at, $4) from messages m
                where m.app_id = $1 and m.source = $2 and m.name = $3 and m.due_at is not null order by m.due_at limit 1)
            where app_id = $1 and source = $2 and name = $3 returning due_at"
        => "update lines set due_at = (select greatest(m.due_at, $4) from messages m
                where m.app_id = $1 and m.source = $2 and m.name = $3 and m.due_at is not null order by m.due_at limit 1)
            where app_id = $1 and source = $2 and name = $3 returning due_at";
}

/// A line of an app.
pub(in super::super) type Of<'a> = (AppId, &'a Line);

/// So much waits less.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct Less {
    /// So many messages.
    pub(in super::super) messages: i64,
    /// So many of them are dead now.
    pub(in super::super) dead: i64,
    /// What is not there any more, in bytes.
    pub(in super::super) bytes: i64,
}

impl Less {
    /// One message less.
    pub(in super::super) const fn add(&mut self, bytes: i64) {
        self.messages += 1;
        self.bytes += bytes;
    }

    /// One message less that waits, and one more that is dead.
    pub(in super::super) const fn died(&mut self) {
        self.messages += 1;
        self.dead += 1;
    }
}

/// So much waits more.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct More {
    /// When the first of it is due.
    pub(in super::super) due_ms: i64,
    /// So many messages.
    pub(in super::super) messages: i64,
    /// What they take.
    pub(in super::super) bytes: i64,
}

impl More {
    /// One message more.
    pub(in super::super) fn add(&mut self, due_ms: i64, bytes: i64) {
        let is_first = self.messages == 0;
        self.due_ms = if is_first { due_ms } else { self.due_ms.min(due_ms) };
        self.messages += 1;
        self.bytes += bytes;
    }
}

/// What is looked up of these lines is so until the transaction ends. They are in order.
pub(in super::super) async fn take(tx: &mut Tx, lines: &[Of<'_>]) -> sqlx::Result<()> {
    let Tx::Postgres(connection) = tx else { return Ok(()) };
    if lines.is_empty() {
        return Ok(());
    }
    let take = sqlx::query(TAKE.postgres).bind(list(lines));
    take.execute(&mut **connection).await.map(drop)
}

/// Those of them that have something, waiting or in hand.
pub(in super::super) async fn taken(tx: &mut Tx, lines: &[Of<'_>]) -> sqlx::Result<Vec<(AppId, Line)>> {
    let rows: Vec<(AppId, String, String)> = run!(tx, TAKEN, |sql, conn| sqlx::query_as(sql)
        .bind(list(lines))
        .fetch_all(conn)
        .await)?;
    Ok(known(rows))
}

fn list(lines: &[Of<'_>]) -> String {
    text(
        lines
            .iter()
            .map(|(app, line)| (app.digits(), line.source.as_str(), &*line.name)),
    )
}

fn text(rows: impl Iterator<Item = impl serde::Serialize>) -> String {
    let rows: Vec<_> = rows.collect();
    serde_json::to_string(&rows).expect("plain data")
}

/// What this release knows.
fn known(rows: Vec<(AppId, String, String)>) -> Vec<(AppId, Line)> {
    let read = |(app, source, name): (AppId, String, String)| {
        let source = Source::try_from(source).ok()?;
        let name = name.into();
        Some((app, Line { source, name }))
    };
    rows.into_iter().filter_map(read).collect()
}

/// So much waits more. The lines are in order, and taken.
pub(in super::super) async fn more(tx: &mut Tx, lines: &[(Of<'_>, More)]) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let rows = text(lines.iter().map(|((app, line), more)| {
        let More {
            due_ms,
            messages,
            bytes,
        } = more;
        let (source, name) = (line.source.as_str(), &*line.name);
        (app.digits(), source, name, due_ms, messages, bytes)
    }));
    run!(tx, MORE, |sql, conn| sqlx::query(sql)
        .bind(rows)
        .execute(conn)
        .await
        .map(drop))
}

/// So much waits less, and so many are dead more. The lines are taken.
pub(in super::super) async fn fewer(tx: &mut Tx, lines: &[(Of<'_>, Less)]) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let rows = text(lines.iter().map(|((app, line), less)| {
        let Less { messages, dead, bytes } = less;
        let (source, name) = (line.source.as_str(), &*line.name);
        (app.digits(), source, name, messages, dead, bytes)
    }));
    run!(tx, FEWER, |sql, conn| sqlx::query(sql)
        .bind(rows)
        .execute(conn)
        .await
        .map(drop))
}

/// The first lines that are to be looked at by `now_ms`.
pub(crate) async fn due(db: &Db, now_ms: i64, lines: i64) -> sqlx::Result<Vec<(AppId, Line)>> {
    let rows: Vec<(AppId, String, String)> = ask!(db, DUE, |sql, pool| sqlx::query_as(sql)
        .bind(now_ms)
        .bind(lines)
        .fetch_all(pool)
        .await)?;
    Ok(known(rows))
}

/// When one is to be looked at next, in milliseconds since 1970.
pub(crate) async fn next_due(db: &Db) -> sqlx::Result<Option<i64>> {
    ask!(db, NEXT_DUE, |sql, pool| sqlx::query_scalar(sql)
        .fetch_optional(pool)
        .await)
}

/// Notes when the line is to be looked at next, not before a time; when that is, if something of it has a time.
pub(in super::super) async fn look_at(
    tx: &mut Tx,
    app: AppId,
    line: &Line,
    not_before: i64,
) -> sqlx::Result<Option<i64>> {
    let due: Option<Option<i64>> = run!(tx, LOOK_AT, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .bind(not_before)
        .fetch_optional(conn)
        .await)?;
    Ok(due.flatten())
}

/// How many messages an app has, the dead ones included, and what they take.
pub(crate) async fn held(db: &Db, app: AppId) -> sqlx::Result<(i64, i64)> {
    ask!(db, HELD, |sql, pool| sqlx::query_as(sql)
        .bind(app)
        .fetch_one(pool)
        .await)
}
