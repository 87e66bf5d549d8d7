//! The statements of attempts that go on, failed, or were lost.

use sqlx::{FromRow, PgConnection, PgPool};

use super::super::failures::queries as failures;
use super::super::lines::queries::{self as lines, Less, look_at};
use super::super::queries::{Mail, next_of_key, settle};
use super::super::{Cause, Failure, Handle, Leased, Line, NotDone, Source};
use crate::ids::AppId;
use crate::store::{Db, Tx};
use crate::{run, statements};

statements! {
    LOCK = "select 1" => "select 1 from lines where app_id = $1 and source = $2 and name = $3 for update";
    // The first that are due, so many, less `$9` for each that is in hand (and whose lease is
    // not over), of so many bytes but for the first of all. The line is locked: nobody else hands out.
    LEASE = "update messages set leased_by = $4, due_at = $5, attempt = attempt + 1 where seq in (
                select seq from (
                    select seq, sum(bytes) over (order by due_at, seq) as total, row_number() over (order by due_at, seq) as place from (
                        select seq, due_at, length(body) as bytes from messages
                        where app_id = $1 and source = $2 and name = $3 and due_at <= $6 order by due_at, seq
                        limit max(0, $7 - $9 * (select count(*) from messages where app_id = $1 and source = $2 and name = $3 and leased_by is not null and due_at > $6))
                    ) as due
                ) as placed where total <= $8 or place = 1)
            returning seq, attempt, key, not_before, sent_at, expires_at, attempts_max, hops, chain, body"
        => "update messages set leased_by = $4, due_at = $5, attempt = attempt + 1 where seq in (
                select seq from (
                    select seq, sum(bytes) over (order by due_at, seq) as total, row_number() over (order by due_at, seq) as place from (
                        select seq, due_at, length(body) as bytes from messages
                        where app_id = $1 and source = $2 and name = $3 and due_at <= $6 order by due_at, seq
                        limit greatest(0, $7 - $9 * (select count(*) from messages where app_id = $1 and source = $2 and name = $3 and leased_by is not null and due_at > $6))
                    ) as due
                ) as placed where total <= $8 or place = 1)
            returning seq, attempt, key, not_before, sent_at, expires_at, attempts_max, hops, chain, body";
    // Each is [seq, attempt]. What is being finished right now need not be waited for.
    RENEW = "update messages set due_at = $2 from json_each($1) r
            where messages.seq = r.value ->> 0 and messages.attempt = r.value ->> 1 and messages.leased_by is not null"
        => "update messages set due_at = $2 where seq in (
                select m.seq from json_array_elements($1::text::json) r
                    join messages m on m.seq = (r ->> 0)::bigint and m.attempt = (r ->> 1)::bigint
                where m.leased_by is not null order by m.seq for update of m skip locked)";
    GIVEN_BACK = "update messages set leased_by = null, due_at = not_before, attempt = attempt - 1
            where app_id = $1 and seq = $2 and attempt = $3 and leased_by is not null";
    LOST = "update messages set leased_by = null, due_at = not_before where leased_by is not null";
    BE_THERE = "select 1" => "select 1 from pg_advisory_lock($1)";
    HOLDERS = "select distinct leased_by from messages where leased_by is not null";
    LINES_OF = "select distinct app_id, source, name from messages where leased_by = $1 order by app_id, source, name";
    IS_GONE = "select 1" => "select pg_try_advisory_xact_lock($1)";
    LOST_OF = "update messages set leased_by = null, due_at = not_before
            where leased_by = $1 and app_id = $2 and source = $3 and name = $4";
    FORGET_EMPTY = "delete from lines where app_id = $1 and source = $2 and name = $3 and depth = 0 and dead = 0";
    LOOK_AT_ALL = "update lines set due_at = 0 where depth > 0";
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
    /// None while anything of the line is in hand, on whatever server.
    pub(crate) is_alone: bool,
    /// Of so many bytes together; one may be of more.
    pub(crate) bytes_max: i64,
}

/// The first messages of a line that are due, to be handled by this server; and whether those are all that are due now.
pub(crate) async fn lease(db: &Db, app: AppId, line: &Line, asked: Asked) -> sqlx::Result<(Vec<Leased>, bool)> {
    let mut tx = db.write().await?;
    let _: Option<i32> = run!(&mut tx, LOCK, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .fetch_optional(conn)
        .await)?;
    let mut rows: Vec<Row> = run!(&mut tx, LEASE, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .bind(asked.server)
        .bind(asked.until_ms)
        .bind(asked.now_ms)
        .bind(asked.at_once_max)
        .bind(asked.bytes_max)
        .bind(if asked.is_alone { asked.at_once_max } else { 1 })
        .fetch_all(conn)
        .await)?;
    let look_at_ms = asked.now_ms + LOOK_PAUSE_MS;
    let next = look_at(&mut tx, app, line, look_at_ms).await?;
    tx.commit().await?;
    rows.sort_unstable_by_key(|row| row.seq);
    let leased = rows.into_iter().map(|row| row.leased(line)).collect();
    Ok((leased, next.is_none_or(|next| next > look_at_ms)))
}

/// A line of which nothing can be handed out, though something is due, is looked at after this.
const LOOK_PAUSE_MS: i64 = 1000;

/// Whoever handles the line has its hands full: it is looked at later.
pub(crate) async fn look_later(db: &Db, app: AppId, line: &Line, now_ms: i64) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    look_at(&mut tx, app, line, now_ms + LOOK_PAUSE_MS).await?;
    tx.commit().await
}

impl Row {
    fn leased(self, line: &Line) -> Leased {
        let handle = Handle {
            line: line.clone(),
            seq: self.seq,
            attempt: self.attempt,
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

/// They are still being handled: message and attempt.
pub(crate) async fn renew(db: &Db, held: &[(i64, i64)], until_ms: i64) -> sqlx::Result<()> {
    let held = serde_json::to_string(held).expect("a list of numbers");
    let mut tx = db.write().await?;
    run!(&mut tx, RENEW, |sql, conn| sqlx::query(sql)
        .bind(held)
        .bind(until_ms)
        .execute(conn)
        .await
        .map(drop))?;
    tx.commit().await
}

/// Attempts at messages of a line failed.
pub(crate) async fn failed(db: &Db, app: AppId, line: &Line, failed: &[NotDone]) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    lines::take(&mut tx, &[(app, line)]).await?;
    let mut less = Less::default();
    for not_done in failed {
        if failures::note(&mut tx, app, not_done).await?
            && let Failure::Dead(_) = not_done.then
        {
            less.died();
            next_of_key(&mut tx, app, (line, not_done.handle.key.as_deref())).await?;
        }
    }
    lines::fewer(&mut tx, &[((app, line), less)]).await?;
    look_at(&mut tx, app, line, 0).await?;
    tx.commit().await
}

/// What was to be sent is sent; not, if another attempt has it by now.
pub(crate) async fn sent(db: &Db, app: AppId, handle: &Handle) -> sqlx::Result<bool> {
    let mail = Mail {
        done: vec![handle],
        ..Mail::default()
    };
    let mut tx = db.write().await?;
    if settle(&mut tx, app, &mail).await?.is_err() {
        return Ok(false);
    }
    forget_empty(&mut tx, app, &handle.line).await?;
    tx.commit().await?;
    Ok(true)
}

/// Forgets a line of the outbox that has nothing in it: hosts are many, and come and go.
pub(in super::super) async fn forget_empty(tx: &mut Tx, app: AppId, line: &Line) -> sqlx::Result<()> {
    if line.source != Source::Outbox {
        return Ok(());
    }
    run!(tx, FORGET_EMPTY, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .execute(conn)
        .await
        .map(drop))
}

/// They were not handled after all.
pub(crate) async fn give_back(db: &Db, app: AppId, handles: &[Handle]) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    if let Some(handle) = handles.first() {
        lines::take(&mut tx, &[(app, &handle.line)]).await?;
    }
    for Handle { seq, attempt, .. } in handles {
        run!(&mut tx, GIVEN_BACK, |sql, conn| sqlx::query(sql)
            .bind(app)
            .bind(seq)
            .bind(attempt)
            .execute(conn)
            .await
            .map(drop))?;
    }
    if let Some(handle) = handles.first() {
        look_at(&mut tx, app, &handle.line, 0).await?;
    }
    tx.commit().await
}

/// No server but this one is there, and it has just begun: what was being handled is lost.
pub(crate) async fn take_over(db: &Db) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    for statement in [LOST, LOOK_AT_ALL] {
        run!(&mut tx, statement, |sql, conn| sqlx::query(sql)
            .execute(conn)
            .await
            .map(drop))?;
    }
    tx.commit().await
}

/// As long as the connection lasts, others see that this server is there.
pub(crate) async fn be_there(connection: &mut PgConnection, server: i64) -> sqlx::Result<()> {
    let lock = sqlx::query(BE_THERE.postgres).bind(server);
    lock.execute(connection).await.map(drop)
}

/// Has handed out again what servers had that are gone.
pub(crate) async fn take_over_from_gone(pool: &PgPool, server: i64) -> sqlx::Result<()> {
    let holders: Vec<i64> = sqlx::query_scalar(HOLDERS.postgres).fetch_all(pool).await?;
    for other in holders.into_iter().filter(|other| *other != server) {
        let lines: Vec<(AppId, String, String)> = sqlx::query_as(LINES_OF.postgres).bind(other).fetch_all(pool).await?;
        for (app, source, name) in lines {
            let Ok(source) = Source::try_from(source) else { continue };
            let name = name.into();
            // One line at a time: whoever commits has several, in order.
            take_over_line(pool, other, (app, Line { source, name })).await?;
        }
    }
    Ok(())
}

/// Has handed out again what `other` had of a line, if that is gone.
async fn take_over_line(pool: &PgPool, other: i64, (app, line): (AppId, Line)) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    let is_gone: bool = sqlx::query_scalar(IS_GONE.postgres)
        .bind(other)
        .fetch_one(&mut *tx)
        .await?;
    if !is_gone {
        return Ok(());
    }
    let mut tx = Tx::Postgres(tx);
    lines::take(&mut tx, &[(app, &line)]).await?;
    run!(&mut tx, LOST_OF, |sql, conn| sqlx::query(sql)
        .bind(other)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .execute(conn)
        .await
        .map(drop))?;
    look_at(&mut tx, app, &line, 0).await?;
    tx.commit().await
}
