//! The statements of what is on its way.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::failures::queries as failures;
use super::lines::queries::{self as lines, Less, More};
use super::{Failure, Handle, Line, NotDone, Sent};
use crate::ids::AppId;
use crate::store::Tx;
use crate::{run, statements};

statements! {
    HAS_KEY = "select 1 from messages where app_id = $1 and source = $2 and name = $3 and key = $4 and not dead limit 1";
    // None when another with this was sent lately.
    DEDUP = "insert into message_dedup (app_id, source, name, dedup, until) values ($1, $2, $3, $4, $5)
            on conflict (app_id, source, name, dedup) do update set until = excluded.until
            where message_dedup.until <= $6 returning 1";
    PUT = "insert into messages (app_id, source, name, dead, due_at, not_before, attempt, key, sent_at, expires_at, attempts_max, hops, chain, body)
            values ($1, $2, $3, false, $4, $5, 0, $6, $7, $8, $9, $10, $11, $12)";
    // Of the attempts that are told of, and no others.
    // By their numbers, and not by whatever else is said of them: SQLite would go through all of the app's.
    DONE = "delete from messages where seq in (
                select m.seq from json_each($2) r cross join messages m on m.seq = r.value ->> 0 and m.attempt = r.value ->> 1
                where m.app_id = $1 and m.leased_by is not null)
            returning seq, cast(length(body) as bigint)"
        => "delete from messages using json_array_elements($2::text::json) r
            where messages.app_id = $1 and messages.leased_by is not null
                and messages.seq = (r ->> 0)::bigint and messages.attempt = (r ->> 1)::bigint
            returning messages.seq, cast(length(messages.body) as bigint)";
    NEXT_OF_KEY = "update messages set due_at = not_before where due_at is null and not dead and seq =
            (select min(seq) from messages where app_id = $1 and source = $2 and name = $3 and key = $4 and not dead)";

    // Two questions, each with an index of its own.
    BUSY = "select 1 where exists (select 1 from messages where app_id = $1 and source = $2 and name = $3 and leased_by is not null)
            or exists (select 1 from messages where app_id = $1 and source = $2 and name = $3 and due_at <= $4)";
    HOLD = "update messages set due_at = null where seq = $1";
}

/// What commits do to one line.
#[derive(Default)]
struct Change {
    done: Less,
    sent: More,
}

/// How long a body is.
pub(super) fn bytes_of(body: &[u8]) -> i64 {
    i64::try_from(body.len()).unwrap_or(i64::MAX)
}

/// Which commits' message is not theirs any more.
pub(crate) struct NotHeld(pub(crate) Vec<i64>);

/// What commits do to messages.
#[derive(Default)]
pub(crate) struct Mail<'a> {
    /// These are done.
    pub(crate) done: Vec<&'a Handle>,
    /// These are not, though their runs ended well.
    pub(crate) not_done: Vec<NotDone>,
    /// These are sent.
    pub(crate) sent: Vec<&'a Sent>,
}

/// Does to messages of `app` what its commits do.
pub(crate) async fn settle(tx: &mut Tx, app: AppId, mail: &Mail<'_>) -> sqlx::Result<Result<(), NotHeld>> {
    let not_done = mail.not_done.iter().map(|not_done| &not_done.handle);
    let handled: Vec<&Handle> = mail.done.iter().copied().chain(not_done).collect();
    // In one order everywhere, so that no two wait for each other.
    let of_handled = handled.iter().map(|handle| &handle.line);
    let all = of_handled.chain(mail.sent.iter().map(|message| &message.line));
    let mut changes: BTreeMap<&Line, Change> = all.map(|line| (line, Change::default())).collect();
    let taken: Vec<_> = changes.keys().map(|line| (app, *line)).collect();
    lines::take(tx, &taken).await?;
    let mut missing = Vec::new();
    if !mail.done.is_empty() {
        let gone = done(tx, app, &mail.done).await?;
        for Handle { line, seq, .. } in &mail.done {
            match gone.get(seq) {
                Some(bytes) => changes.entry(line).or_default().done.add(*bytes),
                None => missing.push(*seq),
            }
        }
    }
    for not_done in &mail.not_done {
        if !failures::note(tx, app, not_done).await? {
            missing.push(not_done.handle.seq);
        } else if let Failure::Dead(_) = not_done.then {
            changes.entry(&not_done.handle.line).or_default().done.died();
        }
    }
    if !missing.is_empty() {
        return Ok(Err(NotHeld(missing)));
    }
    for message in &mail.sent {
        if is_repeated(tx, app, message).await? {
            continue;
        }
        let waits = Waits::of(tx, app, (&message.line, message.key.as_deref())).await?;
        let due_ms = message.due_ms.saturating_add(message.held_ms);
        put_one(tx, app, message, (!waits.behind).then_some(due_ms)).await?;
        let change = changes.entry(&message.line).or_default();
        change.sent.add(due_ms, bytes_of(&message.body));
    }
    write_lines(tx, app, changes).await?;
    for Handle { line, key, .. } in handled.iter().filter(|handle| handle.key.is_some()) {
        next_of_key(tx, app, (line, key.as_deref())).await?;
    }
    let waiting: BTreeSet<&Line> = mail.not_done.iter().map(|not_done| &not_done.handle.line).collect();
    for line in waiting {
        lines::look_at(tx, app, line, 0).await?;
    }
    Ok(Ok(()))
}

async fn write_lines(tx: &mut Tx, app: AppId, changes: BTreeMap<&Line, Change>) -> sqlx::Result<()> {
    let done = changes.iter().filter(|(_, change)| change.done.messages > 0);
    let done: Vec<_> = done.map(|(line, change)| ((app, *line), change.done)).collect();
    lines::fewer(tx, &done).await?;
    let sent = changes.iter().filter(|(_, change)| change.sent.messages > 0);
    let sent: Vec<_> = sent.map(|(line, change)| ((app, *line), change.sent)).collect();
    lines::more(tx, &sent).await
}

/// Sends messages to scripts of `app`.
pub(crate) async fn put(tx: &mut Tx, app: AppId, sent: &[&Sent]) -> sqlx::Result<()> {
    let mail = Mail {
        sent: sent.to_vec(),
        ..Mail::default()
    };
    // Nothing is handled, so nothing is missing.
    settle(tx, app, &mail).await.map(drop)
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
    let mut less = Less::default();
    less.add(bytes);
    lines::fewer(tx, &[((app, line), less)]).await?;
    next_of_key(tx, app, (line, key)).await
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
