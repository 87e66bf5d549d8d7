//! The statements of what is on its way.

use std::collections::BTreeSet;

use sqlx::FromRow;

use super::{Cause, Given, Handle, Leased, Line, Sent, Source};
use crate::ids::AppId;
use crate::store::{Db, Tx};
use crate::{ask, run, statements};

statements! {
    HAS_KEY = "select 1 from messages where app_id = $1 and source = $2 and name = $3 and key = $4 and not dead limit 1";
    // None when another with this was sent lately.
    DEDUP = "insert into message_dedup (app_id, source, name, dedup, until) values ($1, $2, $3, $4, $5)
            on conflict (app_id, source, name, dedup) do update set until = excluded.until
            where message_dedup.until <= $6 returning 1";
    PUT = "insert into messages (app_id, source, name, dead, due_at, not_before, attempt, key, sent_at, expires_at, attempts_max, hops, chain, body)
            values ($1, $2, $3, false, $4, $5, 0, $6, $7, $8, $9, $10, $11, $12)";
    MORE = "insert into lines (app_id, source, name, due_at, paused, depth, dead)
            values ($1, $2, $3, $4,
                coalesce((select paused from triggers where app_id = $1 and source = $2 and name = $3), false), $5, 0)
            on conflict (app_id, source, name) do update set depth = lines.depth + excluded.depth,
                due_at = case when lines.due_at is null or excluded.due_at < lines.due_at then excluded.due_at else lines.due_at end";
    // Of the attempt that is told of, and no other.
    DONE = "delete from messages where app_id = $1 and seq = $2 and attempt = $3 and leased_by is not null";
    FEWER = "update lines set depth = depth - $4, dead = dead + $5, due_at = case when depth = $4 then null else due_at end
            where app_id = $1 and source = $2 and name = $3";
    NEXT_OF_KEY = "update messages set due_at = not_before where due_at is null and not dead and seq =
            (select min(seq) from messages where app_id = $1 and source = $2 and name = $3 and key = $4 and not dead)";

    DUE = "select app_id, source, name from lines where due_at <= $1 and not paused order by due_at limit $2";
    NEXT_DUE = "select due_at from lines where due_at is not null and not paused order by due_at limit 1";
    LOCK = "select 1" => "select 1 from lines where app_id = $1 and source = $2 and name = $3 for update";
    BUSY = "select 1 from messages where app_id = $1 and source = $2 and name = $3
            and (leased_by is not null or due_at <= $4) limit 1";
    HOLD = "update messages set due_at = null where seq = $1";
    LEASED = "select count(*) from messages where app_id = $1 and source = $2 and name = $3 and leased_by is not null";
    READY = "select seq, attempt, key, not_before, sent_at, expires_at, attempts_max, hops, chain, body from messages
            where app_id = $1 and source = $2 and name = $3 and due_at is not null and due_at <= $4
            order by due_at, seq limit $5"
        => "select seq, attempt, key, not_before, sent_at, expires_at, attempts_max, hops, chain, body from messages
            where app_id = $1 and source = $2 and name = $3 and due_at is not null and due_at <= $4
            order by due_at, seq limit $5 for update skip locked";
    LEASE = "update messages set leased_by = $1, due_at = $2, attempt = attempt + 1
            where seq in (select value from json_each($3))"
        => "update messages set leased_by = $1, due_at = $2, attempt = attempt + 1
            where seq in (select value::bigint from json_array_elements_text($3::text::json))";
    NEXT_IN_LINE = "select due_at from messages where app_id = $1 and source = $2 and name = $3 and due_at is not null
            order by due_at limit 1";
    LOOK_AT = "update lines set due_at = $4 where app_id = $1 and source = $2 and name = $3";
}

/// A message that waits, as it is stored.
#[derive(FromRow)]
struct Row {
    seq: i64,
    attempt: i64,
    key: Option<String>,
    not_before: i64,
    sent_at: i64,
    expires_at: Option<i64>,
    attempts_max: Option<i64>,
    hops: i64,
    chain: String,
    body: Vec<u8>,
}

/// Sends what commits of `app` send.
pub(crate) async fn put(tx: &mut Tx, app: AppId, sent: &[&Sent]) -> sqlx::Result<()> {
    // What ends meanwhile lets the next of its key go: it sees all that waits here, or is seen to be over.
    let keyed = sent.iter().filter(|message| message.key.is_some());
    let lines: BTreeSet<&Line> = keyed.map(|message| &message.line).collect();
    for line in lines {
        hold_line(tx, app, line).await?;
    }
    let mut added: Vec<(&Line, i64, i64)> = Vec::new();
    for message in sent {
        if is_repeated(tx, app, message).await? {
            continue;
        }
        let waits = Waits::of(tx, app, (&message.line, message.key.as_deref())).await?;
        let due_ms = message.due_ms.saturating_add(message.held_ms);
        let due = (!waits.behind).then_some(due_ms);
        put_one(tx, app, message, due).await?;
        match added.iter_mut().find(|(line, ..)| **line == message.line) {
            Some((_, earliest, count)) => {
                *earliest = (*earliest).min(due_ms);
                *count += 1;
            }
            None => added.push((&message.line, due_ms, 1)),
        }
    }
    // In one order everywhere, so that no two wait for each other.
    added.sort_unstable_by(|one, other| one.0.cmp(other.0));
    for (line, due, count) in added {
        more(tx, app, line, (Some(due), count)).await?;
    }
    Ok(())
}

/// From here to the end of `tx` nobody else changes how many of a line wait, also if it is new.
pub(super) async fn hold_line(tx: &mut Tx, app: AppId, line: &Line) -> sqlx::Result<()> {
    more(tx, app, line, (None, 0)).await
}

/// So many wait more, the first of them from `due` on.
pub(super) async fn more(tx: &mut Tx, app: AppId, line: &Line, (due, count): (Option<i64>, i64)) -> sqlx::Result<()> {
    run!(tx, MORE, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .bind(due)
        .bind(count)
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

/// Removes a message that was handled; false when it is not this attempt's any more.
pub(crate) async fn done(tx: &mut Tx, app: AppId, handle: &Handle) -> sqlx::Result<bool> {
    let removed = run!(tx, DONE, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(handle.seq)
        .bind(handle.attempt)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if removed == 0 {
        return Ok(false);
    }
    gone(tx, app, (&handle.line, handle.key.as_deref())).await?;
    Ok(true)
}

/// A message that waited is gone.
pub(super) async fn gone(tx: &mut Tx, app: AppId, message: (&Line, Option<&str>)) -> sqlx::Result<()> {
    fewer(tx, app, message, 0).await
}

/// One waits less, and `dead` are dead more; the next of its key may go.
pub(super) async fn fewer(tx: &mut Tx, app: AppId, (line, key): (&Line, Option<&str>), dead: i64) -> sqlx::Result<()> {
    run!(tx, FEWER, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .bind(1_i64)
        .bind(dead)
        .execute(conn)
        .await
        .map(drop))?;
    if let Some(key) = key {
        run!(tx, NEXT_OF_KEY, |sql, conn| sqlx::query(sql)
            .bind(app)
            .bind(line.source.as_str())
            .bind(&*line.name)
            .bind(key)
            .execute(conn)
            .await
            .map(drop))?;
    }
    Ok(())
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

/// Hands out messages of a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// To this server.
    pub(crate) server: i64,
    pub(crate) now_ms: i64,
    /// When they are taken to be lost.
    pub(crate) until_ms: i64,
    /// So many at once in all.
    pub(crate) at_once_max: i64,
}

/// The first messages of a line that are due, to be handled by this server.
pub(crate) async fn lease(db: &Db, app: AppId, line: &Line, asked: Asked) -> sqlx::Result<Given> {
    let mut tx = db.write().await?;
    let _: Option<i32> = run!(&mut tx, LOCK, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .fetch_optional(conn)
        .await)?;
    let leased: i64 = run!(&mut tx, LEASED, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .fetch_one(conn)
        .await)?;
    let free = asked.at_once_max - leased;
    let rows = if free > 0 {
        ready(&mut tx, app, line, (asked.now_ms, free)).await?
    } else {
        Vec::new()
    };
    if !rows.is_empty() {
        let seqs: Vec<i64> = rows.iter().map(|row| row.seq).collect();
        let seqs = serde_json::to_string(&seqs).expect("a list of numbers");
        run!(&mut tx, LEASE, |sql, conn| sqlx::query(sql)
            .bind(asked.server)
            .bind(asked.until_ms)
            .bind(seqs)
            .execute(conn)
            .await
            .map(drop))?;
    }
    let next_ms = look_at(&mut tx, app, line, asked.now_ms + LOOK_PAUSE_MS).await?;
    tx.commit().await?;
    let leased = rows.into_iter().map(|row| row.leased(line)).collect();
    Ok(Given { leased, next_ms })
}

/// A line of which nothing can be handed out, though something is due, is looked at after this.
const LOOK_PAUSE_MS: i64 = 1000;

async fn ready(tx: &mut Tx, app: AppId, line: &Line, (now_ms, rows): (i64, i64)) -> sqlx::Result<Vec<Row>> {
    run!(tx, READY, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .bind(now_ms)
        .bind(rows)
        .fetch_all(conn)
        .await)
}

/// Notes when the line is to be looked at next, not before a time; when its next is due.
pub(super) async fn look_at(tx: &mut Tx, app: AppId, line: &Line, not_before: i64) -> sqlx::Result<Option<i64>> {
    let next: Option<i64> = run!(tx, NEXT_IN_LINE, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .fetch_optional(conn)
        .await)?;
    run!(tx, LOOK_AT, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .bind(next.map(|next| next.max(not_before)))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(next)
}

impl Row {
    fn leased(self, line: &Line) -> Leased {
        let handle = Handle {
            line: line.clone(),
            seq: self.seq,
            attempt: self.attempt + 1,
            key: self.key.map(Into::into),
        };
        let number = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Leased {
            handle,
            body: self.body,
            due_ms: self.not_before,
            sent_ms: self.sent_at,
            expires_ms: self.expires_at,
            attempts_max: self.attempts_max.map(number),
            cause: Cause {
                hops: number(self.hops),
                chain: self.chain.into(),
            },
        }
    }
}
