//! The statements of what is on its way.

use std::collections::{BTreeMap, HashMap};

use super::{Handle, Line, Sent, Source};
use crate::ids::AppId;
use crate::store::{Db, Tx};
use crate::{ask, run, statements};

statements! {
    // Until the transaction ends nobody else changes what waits in the line. A file has one writer anyway.
    TAKE_LINE = "select 1"
        => "insert into lines (app_id, source, name, due_at, paused, depth, dead, bytes)
            values ($1, $2, $3, null,
                coalesce((select paused from triggers where app_id = $1 and source = $2 and name = $3), false), 0, 0, 0)
            on conflict (app_id, source, name) do update set depth = lines.depth";
    HAS_KEY = "select 1 from messages where app_id = $1 and source = $2 and name = $3 and key = $4 and not dead limit 1";
    // None when another with this was sent lately.
    DEDUP = "insert into message_dedup (app_id, source, name, dedup, until) values ($1, $2, $3, $4, $5)
            on conflict (app_id, source, name, dedup) do update set until = excluded.until
            where message_dedup.until <= $6 returning 1";
    PUT = "insert into messages (app_id, source, name, dead, due_at, not_before, attempt, key, sent_at, expires_at, attempts_max, hops, chain, body)
            values ($1, $2, $3, false, $4, $5, 0, $6, $7, $8, $9, $10, $11, $12)";
    MORE = "insert into lines (app_id, source, name, due_at, paused, depth, dead, bytes)
            values ($1, $2, $3, $4,
                coalesce((select paused from triggers where app_id = $1 and source = $2 and name = $3), false), $5, 0, $6)
            on conflict (app_id, source, name) do update set depth = lines.depth + excluded.depth, bytes = lines.bytes + excluded.bytes,
                due_at = case when lines.due_at is null or excluded.due_at < lines.due_at then excluded.due_at else lines.due_at end";
    // Of the attempts that are told of, and no others.
    DONE = "delete from messages where app_id = $1 and leased_by is not null and (seq, attempt) in
            (select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each($2)) returning seq, cast(length(body) as bigint)"
        => "delete from messages where app_id = $1 and leased_by is not null and (seq, attempt) in
            (select (value->>0)::bigint, (value->>1)::bigint from json_array_elements($2::text::json)) returning seq, cast(length(body) as bigint)";
    FEWER = "update lines set depth = depth - $4, dead = dead + $5, bytes = bytes - $6, due_at = case when depth = $4 then null else due_at end
            where app_id = $1 and source = $2 and name = $3";
    NEXT_OF_KEY = "update messages set due_at = not_before where due_at is null and not dead and seq =
            (select min(seq) from messages where app_id = $1 and source = $2 and name = $3 and key = $4 and not dead)";

    DUE = "select app_id, source, name from lines where due_at <= $1 and not paused order by due_at limit $2";
    NEXT_DUE = "select due_at from lines where due_at is not null and not paused order by due_at limit 1";
    BUSY = "select 1 from messages where app_id = $1 and source = $2 and name = $3
            and (leased_by is not null or due_at <= $4) limit 1";
    HOLD = "update messages set due_at = null where seq = $1";
    HELD = "select cast(coalesce(sum(depth + dead), 0) as bigint), cast(coalesce(sum(bytes), 0) as bigint) from lines where app_id = $1";
    // When the first of it is due, but not before a time.
    LOOK_AT = "update lines set due_at = (select max(m.due_at, $4) from messages m
                where m.app_id = $1 and m.source = $2 and m.name = $3 and m.due_at is not null order by m.due_at limit 1)
            where app_id = $1 and source = $2 and name = $3"
        => "update lines set due_at = (select greatest(m.due_at, $4) from messages m
                where m.app_id = $1 and m.source = $2 and m.name = $3 and m.due_at is not null order by m.due_at limit 1)
            where app_id = $1 and source = $2 and name = $3";
}

/// What commits do to one line.
#[derive(Default)]
struct Change {
    /// So many are done, and what they took.
    done: Less,
    /// So many are sent, and what they take.
    sent: i64,
    sent_bytes: i64,
    /// When the first of those is due.
    earliest: i64,
}

/// So much waits less.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Less {
    /// So many messages.
    pub(super) messages: i64,
    /// So many of them are dead now.
    pub(super) dead: i64,
    /// What is not there any more, in bytes.
    pub(super) bytes: i64,
}

impl Less {
    const fn add(&mut self, bytes: i64) {
        self.messages += 1;
        self.bytes += bytes;
    }
}

/// How long a body is.
pub(super) fn bytes_of(body: &[u8]) -> i64 {
    i64::try_from(body.len()).unwrap_or(i64::MAX)
}

/// Which commits' message is not theirs any more.
pub(crate) struct NotHeld(pub(crate) Vec<i64>);

/// Removes what commits of `app` handled, and sends what they send.
pub(crate) async fn settle(
    tx: &mut Tx,
    app: AppId,
    (handled, sent): (&[&Handle], &[&Sent]),
) -> sqlx::Result<Result<(), NotHeld>> {
    // In one order everywhere, so that no two wait for each other.
    let handled_lines = handled.iter().map(|handle| &handle.line);
    let lines = handled_lines.chain(sent.iter().map(|message| &message.line));
    let mut changes: BTreeMap<&Line, Change> = lines.map(|line| (line, Change::default())).collect();
    for line in changes.keys() {
        take_line(tx, app, line).await?;
    }
    if !handled.is_empty() {
        let gone = done(tx, app, handled).await?;
        let mut missing = Vec::new();
        for Handle { line, seq, .. } in handled {
            match gone.get(seq) {
                Some(bytes) => changes.entry(line).or_default().done.add(*bytes),
                None => missing.push(*seq),
            }
        }
        if !missing.is_empty() {
            return Ok(Err(NotHeld(missing)));
        }
    }
    for message in sent {
        if is_repeated(tx, app, message).await? {
            continue;
        }
        let waits = Waits::of(tx, app, (&message.line, message.key.as_deref())).await?;
        let due_ms = message.due_ms.saturating_add(message.held_ms);
        put_one(tx, app, message, (!waits.behind).then_some(due_ms)).await?;
        let change = changes.entry(&message.line).or_default();
        change.earliest = if change.sent == 0 {
            due_ms
        } else {
            change.earliest.min(due_ms)
        };
        change.sent += 1;
        change.sent_bytes += bytes_of(&message.body);
    }
    for (line, change) in changes {
        if change.done.messages > 0 {
            fewer(tx, app, line, change.done).await?;
        }
        if change.sent > 0 {
            more(tx, app, line, (change.earliest, change.sent, change.sent_bytes)).await?;
        }
    }
    for Handle { line, key, .. } in handled.iter().filter(|handle| handle.key.is_some()) {
        next_of_key(tx, app, (line, key.as_deref())).await?;
    }
    Ok(Ok(()))
}

/// Sends messages to scripts of `app`.
pub(crate) async fn put(tx: &mut Tx, app: AppId, sent: &[&Sent]) -> sqlx::Result<()> {
    // Nothing is handled, so nothing is missing.
    settle(tx, app, (&[], sent)).await.map(drop)
}

/// What is looked up of a line is so until the transaction ends.
pub(super) async fn take_line(tx: &mut Tx, app: AppId, line: &Line) -> sqlx::Result<()> {
    let Tx::Postgres(connection) = tx else { return Ok(()) };
    let take = sqlx::query(TAKE_LINE.postgres).bind(app).bind(line.source.as_str());
    take.bind(&*line.name).execute(&mut **connection).await.map(drop)
}

/// So many wait more, the first of them from `due` on.
pub(super) async fn more(
    tx: &mut Tx,
    app: AppId,
    line: &Line,
    (due, count, bytes): (i64, i64, i64),
) -> sqlx::Result<()> {
    run!(tx, MORE, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .bind(due)
        .bind(count)
        .bind(bytes)
        .execute(conn)
        .await
        .map(drop))
}

async fn is_repeated(tx: &mut Tx, app: AppId, message: &Sent) -> sqlx::Result<bool> {
    let Some((dedup, until)) = &message.dedup else {
        return Ok(false);
    };
    let first: Option<i32> = run!(tx, DEDUP, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(message.line.source.as_str())
        .bind(&*message.line.name)
        .bind(&**dedup)
        .bind(*until)
        .bind(message.sent_ms)
        .fetch_optional(conn)
        .await)?;
    Ok(first.is_none())
}

/// Whether a message waits for others.
pub(super) struct Waits {
    /// Another of its key is before it.
    pub(super) behind: bool,
}

impl Waits {
    pub(super) async fn of(tx: &mut Tx, app: AppId, (line, key): (&Line, Option<&str>)) -> sqlx::Result<Self> {
        let Some(key) = key else {
            return Ok(Self { behind: false });
        };
        let other: Option<i32> = run!(tx, HAS_KEY, |sql, conn| sqlx::query_scalar(sql)
            .bind(app)
            .bind(line.source.as_str())
            .bind(&*line.name)
            .bind(key)
            .fetch_optional(conn)
            .await)?;
        let behind = other.is_some();
        Ok(Self { behind })
    }
}

/// Whether something of a line is being handled, or could be.
pub(crate) async fn is_busy(tx: &mut Tx, app: AppId, line: &Line, now_ms: i64) -> sqlx::Result<bool> {
    let one: Option<i32> = run!(tx, BUSY, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .bind(now_ms)
        .fetch_optional(conn)
        .await)?;
    Ok(one.is_some())
}

/// A message waits for another of its key.
pub(super) async fn hold(tx: &mut Tx, seq: i64) -> sqlx::Result<()> {
    run!(tx, HOLD, |sql, conn| sqlx::query(sql)
        .bind(seq)
        .execute(conn)
        .await
        .map(drop))
}

async fn put_one(tx: &mut Tx, app: AppId, message: &Sent, due: Option<i64>) -> sqlx::Result<()> {
    run!(tx, PUT, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(message.line.source.as_str())
        .bind(&*message.line.name)
        .bind(due)
        .bind(message.due_ms)
        .bind(message.key.as_deref())
        .bind(message.sent_ms)
        .bind(message.expires_ms)
        .bind(message.attempts_max.map(i64::from))
        .bind(i64::from(message.cause.hops))
        .bind(&*message.cause.chain)
        .bind(&*message.body)
        .execute(conn)
        .await
        .map(drop))
}

/// Removes messages that were handled; those that were there and their attempt's, and how long they were.
async fn done(tx: &mut Tx, app: AppId, handled: &[&Handle]) -> sqlx::Result<HashMap<i64, i64>> {
    let pairs: Vec<(i64, i64)> = handled.iter().map(|handle| (handle.seq, handle.attempt)).collect();
    let pairs = serde_json::to_string(&pairs).expect("a list of numbers");
    let gone: Vec<(i64, i64)> = run!(tx, DONE, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(pairs)
        .fetch_all(conn)
        .await)?;
    Ok(gone.into_iter().collect())
}

/// A message that waited is gone.
pub(super) async fn gone(tx: &mut Tx, app: AppId, (line, key): (&Line, Option<&str>), bytes: i64) -> sqlx::Result<()> {
    let less = Less {
        messages: 1,
        dead: 0,
        bytes,
    };
    fewer(tx, app, line, less).await?;
    next_of_key(tx, app, (line, key)).await
}

/// So many wait less, and so many are dead more.
pub(super) async fn fewer(tx: &mut Tx, app: AppId, line: &Line, less: Less) -> sqlx::Result<()> {
    run!(tx, FEWER, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .bind(less.messages)
        .bind(less.dead)
        .bind(less.bytes)
        .execute(conn)
        .await
        .map(drop))
}

/// The next of a key may go.
pub(super) async fn next_of_key(tx: &mut Tx, app: AppId, (line, key): (&Line, Option<&str>)) -> sqlx::Result<()> {
    let Some(key) = key else { return Ok(()) };
    run!(tx, NEXT_OF_KEY, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .bind(key)
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
    Ok(rows
        .into_iter()
        .filter_map(|(app, source, name)| {
            let line = Line {
                source: Source::try_from(source).ok()?,
                name: name.into(),
            };
            Some((app, line))
        })
        .collect())
}

/// When one is to be looked at next, in milliseconds since 1970.
pub(crate) async fn next_due(db: &Db) -> sqlx::Result<Option<i64>> {
    ask!(db, NEXT_DUE, |sql, pool| sqlx::query_scalar(sql)
        .fetch_optional(pool)
        .await)
}

/// Notes when the line is to be looked at next, not before a time.
pub(super) async fn look_at(tx: &mut Tx, app: AppId, line: &Line, not_before: i64) -> sqlx::Result<()> {
    run!(tx, LOOK_AT, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .bind(not_before)
        .execute(conn)
        .await
        .map(drop))
}

/// How many messages an app has, the dead ones included, and what they take.
pub(crate) async fn held(db: &Db, app: AppId) -> sqlx::Result<(i64, i64)> {
    ask!(db, HELD, |sql, pool| sqlx::query_as(sql)
        .bind(app)
        .fetch_one(pool)
        .await)
}
