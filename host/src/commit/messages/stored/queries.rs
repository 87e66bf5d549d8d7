//! The statements by which people look at messages, send dead ones again and delete them.

use sqlx::FromRow;

use super::super::attempts::queries::forget_empty;
use super::super::lines::queries::{self as lines, More};
use super::super::queries::{self, Waits, bytes_of};
use super::super::{Line, Source};
use crate::ids::AppId;
use crate::store::{Db, Tx};
use crate::{ask, run, statements};

statements! {
    LIST = "select seq, source, name, dead, due_at, attempt, leased_by is not null as leased, key, sent_at, died_at, chain, error,
                case when length(body) <= $6 then body else null end as body
            from messages where app_id = $1 and dead = $2 and seq < $3 and (source = $4 or $4 = '') and (name = $5 or $5 = '')
            order by seq desc limit $7";
    FIND = "select seq, source, name, dead, due_at, attempt, leased_by is not null as leased, key, sent_at, died_at, chain, error, body
            from messages where app_id = $1 and seq = $2";
    SOME = "select seq from messages where app_id = $1 and dead = $2 and leased_by is null and (source = $3 or $3 = '') and (name = $4 or $4 = '')
                and seq > $5 and seq <= $6
            order by seq limit $7";
    NEWEST = "select coalesce(max(seq), 0) from messages where app_id = $1 and dead = $2";
    REVIVE = "update messages set dead = false, due_at = $3, not_before = $3, attempt = 0, expires_at = null, died_at = null,
                body = coalesce($4, body) where app_id = $1 and seq = $2 and dead";
    DELETE = "delete from messages where app_id = $1 and seq = $2 and leased_by is null";
    EXPIRED = "select app_id, seq from messages where died_at <= $1 order by died_at limit $2";
    NEXT_TO_EXPIRE = "select died_at from messages where died_at is not null order by died_at limit 1";
    DELETE_REPEATS = "delete from message_dedup where until <= $1";
    NEXT_REPEAT = "select until from message_dedup order by until limit 1";
    DELETE_SOME = "delete from messages where app_id = $1 and seq in (select seq from messages where app_id = $1 limit $2)";
    DELETE_LINES = "delete from lines where app_id = $1";
    DELETE_ALL_REPEATS = "delete from message_dedup where app_id = $1";
    FEWER_DEAD = "update lines set dead = dead - 1, bytes = bytes - $4 where app_id = $1 and source = $2 and name = $3";
    DELETE_ALL = "delete from messages where app_id = $1 and source = $2 and name = $3";
    DELETE_LINE = "delete from lines where app_id = $1 and source = $2 and name = $3";
    DELETE_DEDUP = "delete from message_dedup where app_id = $1 and source = $2 and name = $3";
}

/// A longer body is not in a list.
const LISTED_BYTES_MAX: i64 = 64 << 10;
/// Messages of one step.
const STEP: i64 = 1000;

/// A message as it is stored.
#[derive(Debug, FromRow)]
pub(crate) struct Row {
    pub(crate) seq: i64,
    pub(crate) source: String,
    pub(crate) name: String,
    pub(crate) dead: bool,
    pub(crate) due_at: Option<i64>,
    pub(crate) attempt: i64,
    pub(crate) leased: bool,
    pub(crate) key: Option<String>,
    pub(crate) sent_at: i64,
    pub(crate) died_at: Option<i64>,
    pub(crate) chain: String,
    pub(crate) error: Option<String>,
    pub(crate) body: Option<Vec<u8>>,
}

/// Which messages: all that wait or all that are dead, of one source and one name if they are not empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Which<'a> {
    pub(crate) dead: bool,
    pub(crate) source: &'a str,
    pub(crate) name: &'a str,
}

/// The newest of them before `before`.
pub(crate) async fn list(
    tx: &mut Tx,
    app: AppId,
    which: Which<'_>,
    (before, rows): (i64, i64),
) -> sqlx::Result<Vec<Row>> {
    run!(tx, LIST, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(which.dead)
        .bind(before)
        .bind(which.source.to_owned())
        .bind(which.name.to_owned())
        .bind(LISTED_BYTES_MAX)
        .bind(rows)
        .fetch_all(conn)
        .await)
}

/// One message, with its body.
pub(crate) async fn find(tx: &mut Tx, app: AppId, seq: i64) -> sqlx::Result<Option<Row>> {
    run!(tx, FIND, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(seq)
        .fetch_optional(conn)
        .await)
}

/// Sends a dead one again, at `now_ms`, with another body if there is one.
pub(crate) async fn revive(
    tx: &mut Tx,
    app: AppId,
    row: &Row,
    (now_ms, body): (i64, Option<&[u8]>),
) -> sqlx::Result<bool> {
    let Ok(source) = Source::try_from(row.source.clone()) else {
        return Ok(false);
    };
    let line = Line {
        source,
        name: row.name.as_str().into(),
    };
    lines::take(tx, &[(app, &line)]).await?;
    let waits = Waits::of(tx, app, (&line, row.key.as_deref())).await?;
    let due = (!waits.behind).then_some(now_ms);
    // `not_before` is when it may go once it is its turn.
    let revived = run!(tx, REVIVE, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(row.seq)
        .bind(due.unwrap_or(now_ms))
        .bind(body)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if revived == 0 {
        return Ok(false);
    }
    if waits.behind {
        queries::hold(tx, row.seq).await?;
    }
    let bytes = bytes_of(row.body.as_deref().unwrap_or_default());
    fewer_dead(tx, app, &line, bytes).await?;
    let bytes = body.map_or(bytes, bytes_of);
    let mut more = More::default();
    more.add(now_ms, bytes);
    lines::more(tx, &[((app, &line), more)]).await?;
    Ok(true)
}

async fn fewer_dead(tx: &mut Tx, app: AppId, line: &Line, bytes: i64) -> sqlx::Result<()> {
    run!(tx, FEWER_DEAD, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(line.source.as_str())
        .bind(&*line.name)
        .bind(bytes)
        .execute(conn)
        .await
        .map(drop))
}

/// Those that are there when somebody begins to do something with all of them: none is met twice, and there is an end.
#[derive(Debug)]
pub(crate) struct All<'a> {
    which: Which<'a>,
    after: i64,
    until: i64,
}

impl<'a> All<'a> {
    /// Of `app`, now.
    pub(crate) async fn of(db: &Db, app: AppId, which: Which<'a>) -> sqlx::Result<Self> {
        let until = ask!(db, NEWEST, |sql, pool| sqlx::query_scalar(sql)
            .bind(app)
            .bind(which.dead)
            .fetch_one(pool)
            .await)?;
        Ok(Self { which, after: 0, until })
    }

    /// The next some, in order, that nobody handles; none when all were met.
    pub(crate) async fn next(&mut self, tx: &mut Tx, app: AppId) -> sqlx::Result<Vec<i64>> {
        let next = some(tx, app, self.which, (self.after, self.until)).await?;
        self.after = next.last().copied().unwrap_or(self.until);
        Ok(next)
    }

    /// Deletes the next some that nobody handles; how many, and none when all were met.
    pub(crate) async fn delete_next(&mut self, db: &Db, app: AppId) -> sqlx::Result<Option<usize>> {
        let mut tx = db.write().await?;
        let next = self.next(&mut tx, app).await?;
        if next.is_empty() {
            return Ok(None);
        }
        let mut deleted = 0;
        for seq in next {
            if let Some(row) = find(&mut tx, app, seq).await?
                && delete(&mut tx, app, &row).await?
            {
                deleted += 1;
            }
        }
        tx.commit().await?;
        Ok(Some(deleted))
    }
}

async fn some(tx: &mut Tx, app: AppId, which: Which<'_>, (after, until): (i64, i64)) -> sqlx::Result<Vec<i64>> {
    run!(tx, SOME, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(which.dead)
        .bind(which.source.to_owned())
        .bind(which.name.to_owned())
        .bind(after)
        .bind(until)
        .bind(STEP)
        .fetch_all(conn)
        .await)
}

/// Deletes one that nobody handles; whether it was there.
pub(crate) async fn delete(tx: &mut Tx, app: AppId, row: &Row) -> sqlx::Result<bool> {
    let Ok(source) = Source::try_from(row.source.clone()) else {
        return Ok(false);
    };
    let line = Line {
        source,
        name: row.name.as_str().into(),
    };
    lines::take(tx, &[(app, &line)]).await?;
    let deleted = run!(tx, DELETE, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(row.seq)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if deleted > 0 {
        let bytes = bytes_of(row.body.as_deref().unwrap_or_default());
        if row.dead {
            fewer_dead(tx, app, &line, bytes).await?;
        } else {
            queries::gone(tx, app, (&line, row.key.as_deref()), bytes).await?;
        }
        forget_empty(tx, app, &line).await?;
    }
    Ok(deleted > 0)
}

/// Deletes all of a line, whoever handles something of it.
pub(crate) async fn delete_line(tx: &mut Tx, app: AppId, line: &Line) -> sqlx::Result<()> {
    // Before its messages, as whoever handles them has it.
    lines::take(tx, &[(app, line)]).await?;
    for statement in [DELETE_ALL, DELETE_LINE, DELETE_DEDUP] {
        run!(tx, statement, |sql, conn| sqlx::query(sql)
            .bind(app)
            .bind(line.source.as_str())
            .bind(&*line.name)
            .execute(conn)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// Deletes some dead letters that died by `until_ms`; how many.
pub(crate) async fn delete_old(db: &Db, until_ms: i64) -> sqlx::Result<usize> {
    let mut tx = db.write().await?;
    let old: Vec<(AppId, i64)> = run!(&mut tx, EXPIRED, |sql, conn| sqlx::query_as(sql)
        .bind(until_ms)
        .bind(STEP)
        .fetch_all(conn)
        .await)?;
    for (app, seq) in &old {
        if let Some(row) = find(&mut tx, *app, *seq).await? {
            delete(&mut tx, *app, &row).await?;
        }
    }
    tx.commit().await?;
    Ok(old.len())
}

/// When the oldest dead letter died.
pub(crate) async fn oldest_death(db: &Db) -> sqlx::Result<Option<i64>> {
    ask!(db, NEXT_TO_EXPIRE, |sql, pool| sqlx::query_scalar(sql)
        .fetch_optional(pool)
        .await)
}

/// Forgets what may be sent again by `now_ms`; from when on something else may be.
pub(crate) async fn forget_repeats(db: &Db, now_ms: i64) -> sqlx::Result<Option<i64>> {
    let mut tx = db.write().await?;
    run!(&mut tx, DELETE_REPEATS, |sql, conn| sqlx::query(sql)
        .bind(now_ms)
        .execute(conn)
        .await
        .map(drop))?;
    tx.commit().await?;
    ask!(db, NEXT_REPEAT, |sql, pool| sqlx::query_scalar(sql)
        .fetch_optional(pool)
        .await)
}

/// Deletes some of what was on its way in an app that is gone; whether there was any.
pub(crate) async fn delete_some(db: &Db, app: AppId, rows: i64) -> sqlx::Result<bool> {
    let mut tx = db.write().await?;
    let deleted = run!(&mut tx, DELETE_SOME, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(rows)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if deleted == 0 {
        for statement in [DELETE_LINES, DELETE_ALL_REPEATS] {
            run!(&mut tx, statement, |sql, conn| sqlx::query(sql)
                .bind(app)
                .execute(conn)
                .await
                .map(drop))?;
        }
    }
    tx.commit().await?;
    Ok(deleted > 0)
}
