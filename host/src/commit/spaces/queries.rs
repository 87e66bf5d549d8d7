//! The statements of what scripts keep. A row of a read has the app's clock beside each entry, so that both are of one
//! moment; an app without such entries answers one row with its clock alone.

use futures_util::{Stream, TryStreamExt};
use picloud_sdk::wire;
use sqlx::{FromRow, PgConnection, SqliteConnection};

use super::keys::hex_list;
use super::usage;
use crate::data::history::Csn;
use crate::data::key::{Key, Range};
use crate::data::space::{Found, Query, Rows};
use crate::data::writes::{Entry, Value, Writes};
use crate::ids::AppId;
use crate::store::{Db, Tx};
use crate::{ask, run, statements};

statements! {
    CLOCK = "select csn, bytes, keys from app_clocks where app_id = $1";
    POINT = "select c.csn, e.key, e.value, e.expires_at
            from app_clocks c left join entries e on e.app_id = $1 and e.key = $2 where c.app_id = $1";
    // An array, as PostgreSQL looks up each key of one in the index, and goes through all entries for those of a query.
    POINTS = "select c.csn, e.key, e.value, e.expires_at
            from app_clocks c left join entries e on e.app_id = $1 and e.key in (select unhex(value) from json_each($2))
            where c.app_id = $1 order by e.key"
        => "select c.csn, e.key, e.value, e.expires_at
            from app_clocks c left join entries e on e.app_id = $1 and e.key = any(array(select decode(value, 'hex') from json_array_elements_text($2::text::json)))
            where c.app_id = $1 order by e.key";
    RANGE = "select c.csn, e.key, e.value, e.expires_at
            from app_clocks c left join (
                select key, value, expires_at from entries where app_id = $1 and key >= $2 and key < $3 order by key limit $4
            ) e on true where c.app_id = $1 order by e.key";
    RANGE_REVERSED = "select c.csn, e.key, e.value, e.expires_at
            from app_clocks c left join (
                select key, value, expires_at from entries where app_id = $1 and key >= $2 and key < $3 order by key desc limit $4
            ) e on true where c.app_id = $1 order by e.key desc";
    KEYS = "select c.csn, e.key, e.value, e.expires_at
            from app_clocks c left join (
                select key, x'' as value, expires_at from entries where app_id = $1 and key >= $2 and key < $3 order by key limit $4
            ) e on true where c.app_id = $1 order by e.key"
        => "select c.csn, e.key, e.value, e.expires_at
            from app_clocks c left join (
                select key, ''::bytea as value, expires_at from entries where app_id = $1 and key >= $2 and key < $3 order by key limit $4
            ) e on true where c.app_id = $1 order by e.key";
    KEYS_REVERSED = "select c.csn, e.key, e.value, e.expires_at
            from app_clocks c left join (
                select key, x'' as value, expires_at from entries where app_id = $1 and key >= $2 and key < $3 order by key desc limit $4
            ) e on true where c.app_id = $1 order by e.key desc"
        => "select c.csn, e.key, e.value, e.expires_at
            from app_clocks c left join (
                select key, ''::bytea as value, expires_at from entries where app_id = $1 and key >= $2 and key < $3 order by key desc limit $4
            ) e on true where c.app_id = $1 order by e.key desc";
    // One server commits at a time: another one's turn has to be over.
    TAKE_TURN = "select csn, bytes, keys from app_clocks where app_id = $1 and $2 is not null and $3 is not null"
        => "update app_clocks set turn_of = $2, turn_until = $3 + cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)
            where app_id = $1
                and (turn_of = $2 or turn_until < cast(extract(epoch from clock_timestamp()) * 1000000 as bigint))
            returning csn, bytes, keys";
    ADVANCE = "update app_clocks set csn = $3, bytes = bytes + $4, keys = keys + $5
            where app_id = $1 and csn = $2 and $6 is not null and $7 is not null returning bytes, keys"
        => "update app_clocks set csn = $3, bytes = bytes + $4, keys = keys + $5,
                turn_until = $7 + cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)
            where app_id = $1 and csn = $2 and turn_of = $6 returning bytes, keys";
    LOG = "select 1" => "insert into writes (app_id, csn, keys) values ($1, $2, $3)";
    FORGET_LOG = "select 1" => "delete from writes where app_id = $1 and csn < $2";
    LOG_SINCE = "select csn, keys from writes where app_id = $1 and csn > $2 order by csn";
    PUT = "insert into entries (app_id, key, value, expires_at) values ($1, $2, $3, $4)
            on conflict (app_id, key) do update set value = excluded.value, expires_at = excluded.expires_at";
    PUT_ALL = "select 1"
        => "insert into entries (app_id, key, value, expires_at)
            select $1, * from unnest($2::bytea[], $3::bytea[], $4::bigint[])
            on conflict (app_id, key) do update set value = excluded.value, expires_at = excluded.expires_at";
    DELETE = "delete from entries where app_id = $1 and key = $2";
    DELETE_ALL = "select 1" => "delete from entries where app_id = $1 and key = any($2::bytea[])";
}

/// A row of a read.
#[derive(FromRow)]
struct Row {
    csn: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    expires_at: Option<i64>,
}

/// Commits whose keys are kept for servers to follow; one that missed more begins anew.
const LOG_KEPT: Csn = 10_000;

/// Whose turn it is to commit, and for how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    /// The server's number.
    pub(super) server: i64,
    /// In microseconds.
    pub(super) us: i64,
}

/// How an app's space is.
#[derive(Debug, Clone, Copy, FromRow)]
pub(super) struct Clock {
    csn: i64,
    bytes: i64,
    keys: i64,
}

impl Clock {
    pub(super) const fn csn(self) -> Csn {
        self.csn.unsigned_abs()
    }

    /// Bytes and keys.
    pub(super) const fn usage(self) -> (u64, u64) {
        (self.bytes.unsigned_abs(), self.keys.unsigned_abs())
    }
}

/// How the app's space is; nothing when there is no such app.
pub(super) async fn clock(db: &Db, app: AppId) -> sqlx::Result<Option<Clock>> {
    ask!(db, CLOCK, |sql, pool| sqlx::query_as(sql)
        .bind(app)
        .fetch_optional(pool)
        .await)
}

/// What there is of these keys, which are in order; of fewer of them when it comes to more than `bytes_max`, and then how
/// much it came to.
pub(super) async fn points(
    db: &Db,
    app: AppId,
    mut asked: Vec<Key>,
    bytes_max: usize,
) -> sqlx::Result<(Found, Option<usize>)> {
    let Taken { entries, as_of, cut } = match &*asked {
        [key] => ask!(db, POINT, |sql, pool| {
            let query = sqlx::query_as(sql).bind(app).bind(key.as_bytes().to_vec());
            taken(query.fetch(pool), bytes_max).await?
        }),
        keys => {
            let keys = hex_list(keys.iter());
            ask!(db, POINTS, |sql, pool| {
                let query = sqlx::query_as(sql).bind(app).bind(keys);
                taken(query.fetch(pool), bytes_max).await?
            })
        }
    };
    if let (Some(_), Some((last, _))) = (cut, entries.last()) {
        asked.retain(|key| key <= last);
    }
    Ok((Found { entries, asked, as_of }, cut))
}

/// How much of what a query is about is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// So many entries.
    pub(super) rows: usize,
    /// So many bytes, and the entry that comes to more.
    pub(super) bytes: usize,
    /// Values as well as keys.
    pub(super) values: bool,
}

/// The first entries that `query` is about.
pub(super) async fn range(db: &Db, app: AppId, query: &Query, wanted: Wanted) -> sqlx::Result<Rows> {
    let statement = match (query.reversed, wanted.values) {
        (false, true) => RANGE,
        (true, true) => RANGE_REVERSED,
        (false, false) => KEYS,
        (true, false) => KEYS_REVERSED,
    };
    let Range { from, to } = &query.range;
    // No key begins with the last byte.
    let to = to.as_ref().map_or(&[u8::MAX][..], Key::as_bytes);
    let limit = i64::try_from(wanted.rows).unwrap_or(i64::MAX);
    let Taken { entries, as_of, cut } = ask!(db, statement, |sql, pool| {
        let query = sqlx::query_as(sql).bind(app).bind(from.as_bytes().to_vec());
        taken(query.bind(to.to_vec()).bind(limit).fetch(pool), wanted.bytes).await?
    });
    Ok(Rows {
        is_all: cut.is_none() && entries.len() < wanted.rows,
        is_cut: cut.is_some(),
        entries,
        as_of,
    })
}

struct Taken {
    entries: Vec<Entry>,
    as_of: Csn,
    /// What they come to, when that is more than was wanted.
    cut: Option<usize>,
}

/// No more is read than that, whatever is there.
async fn taken(mut rows: impl Stream<Item = sqlx::Result<Row>> + Unpin, bytes_max: usize) -> sqlx::Result<Taken> {
    let (mut entries, mut as_of, mut bytes) = (Vec::new(), None, 0);
    while let Some(row) = rows.try_next().await? {
        as_of = Some(row.csn.unsigned_abs());
        let (Some(key), Some(value)) = (row.key, row.value) else {
            break;
        };
        bytes += key.len() + value.len();
        let value = Value {
            bytes: value.into(),
            expires_ms: row.expires_at,
        };
        entries.push((key.into(), value));
        if bytes > bytes_max {
            break;
        }
    }
    Ok(Taken {
        entries,
        as_of: as_of.ok_or(sqlx::Error::RowNotFound)?,
        cut: (bytes > bytes_max).then_some(bytes),
    })
}

/// Takes the turn to commit to an app's space. How the space is; nothing while another server has it, or when there is no
/// such app.
pub(super) async fn take_turn(db: &Db, app: AppId, turn: Turn) -> sqlx::Result<Option<Clock>> {
    let mut tx = db.write().await?;
    let clock = run!(&mut tx, TAKE_TURN, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(turn.server)
        .bind(turn.us)
        .fetch_optional(conn)
        .await)?;
    tx.commit().await?;
    Ok(clock)
}

/// What commits after `since` wrote, by the last of each group; nothing when the log may not reach so far back.
pub(super) async fn log_since(db: &Db, app: AppId, since: Csn) -> sqlx::Result<Option<Vec<(Csn, Vec<Key>)>>> {
    let rows: Vec<(i64, Vec<u8>)> = ask!(db, LOG_SINCE, |sql, pool| sqlx::query_as(sql)
        .bind(app)
        .bind(since.cast_signed())
        .fetch_all(pool)
        .await)?;
    let Some(last) = rows.last().map(|(csn, _)| csn.unsigned_abs()) else {
        return Ok(None);
    };
    if !is_whole(since, last) {
        return Ok(None);
    }
    let rows = rows.into_iter().map(|(csn, keys)| {
        let keys: Vec<Vec<u8>> = wire::decode(&keys, keys.len()).map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok((csn.unsigned_abs(), keys.into_iter().map(Key::from).collect()))
    });
    rows.collect::<sqlx::Result<_>>().map(Some)
}

/// Whether none of the commits after `since` is forgotten, when `last` is the last: those are that are further back.
const fn is_whole(since: Csn, last: Csn) -> bool {
    last <= since + LOG_KEPT
}

/// Makes commits of an app durable, those after `since` up to `csn`, which wrote these. How its space is then; nothing when
/// the database is further already, or the app is gone.
pub(super) async fn write(
    tx: &mut Tx,
    app: AppId,
    (since, csn): (Csn, Csn),
    turn: Turn,
    writes: &Writes,
) -> sqlx::Result<Option<Clock>> {
    let change = usage::queries::change(tx, app, writes).await?;
    let advanced: Option<(i64, i64)> = run!(tx, ADVANCE, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(since.cast_signed())
        .bind(csn.cast_signed())
        .bind(change.all.bytes)
        .bind(change.all.keys)
        .bind(turn.server)
        .bind(turn.us)
        .fetch_optional(conn)
        .await)?;
    let Some((bytes, keys)) = advanced else { return Ok(None) };
    usage::queries::count(tx, app, &change).await?;
    match tx {
        Tx::Sqlite(tx) => put_one_by_one(tx, app, writes).await?,
        Tx::Postgres(tx) => {
            put_all(tx, app, writes).await?;
            log(tx, app, (since, csn), writes).await?;
        }
    }
    Ok(Some(Clock {
        csn: csn.cast_signed(),
        bytes,
        keys,
    }))
}

async fn put_one_by_one(connection: &mut SqliteConnection, app: AppId, writes: &Writes) -> sqlx::Result<()> {
    for (key, value) in writes.iter() {
        let key = key.as_bytes();
        match value {
            Some(value) => sqlx::query(PUT.sqlite)
                .bind(app)
                .bind(key)
                .bind(&**value)
                .bind(value.expires_ms),
            None => sqlx::query(DELETE.sqlite).bind(app).bind(key),
        }
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn put_all(connection: &mut PgConnection, app: AppId, writes: &Writes) -> sqlx::Result<()> {
    let (mut keys, mut values, mut expiries, mut deleted) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (key, value) in writes.iter() {
        let Some(value) = value else {
            deleted.push(key.as_bytes());
            continue;
        };
        keys.push(key.as_bytes());
        values.push(&**value);
        expiries.push(value.expires_ms);
    }
    if !keys.is_empty() {
        let put = sqlx::query(PUT_ALL.postgres).bind(app).bind(keys);
        put.bind(values).bind(expiries).execute(&mut *connection).await?;
    }
    if !deleted.is_empty() {
        let delete = sqlx::query(DELETE_ALL.postgres).bind(app).bind(deleted);
        delete.execute(&mut *connection).await?;
    }
    Ok(())
}

/// What was written, for servers that follow; a file has one.
async fn log(connection: &mut PgConnection, app: AppId, (since, csn): (Csn, Csn), writes: &Writes) -> sqlx::Result<()> {
    if csn == since {
        return Ok(());
    }
    let keys: Vec<&[u8]> = writes.iter().map(|(key, _)| key.as_bytes()).collect();
    let log = sqlx::query(LOG.postgres).bind(app).bind(csn.cast_signed());
    log.bind(wire::encode(&keys)).execute(&mut *connection).await?;
    if csn / LOG_KEPT != since / LOG_KEPT {
        let last = csn.saturating_sub(LOG_KEPT).cast_signed();
        let forget = sqlx::query(FORGET_LOG.postgres).bind(app).bind(last);
        forget.execute(&mut *connection).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_with_a_gap_is_none() {
        for last in [1, LOG_KEPT, LOG_KEPT + 7, 3 * LOG_KEPT] {
            for since in 0..last {
                // At most those before this one are gone: `log` has looked at no later commit than the last.
                let first_kept = last.saturating_sub(LOG_KEPT);
                assert!(!is_whole(since, last) || first_kept <= since + 1, "{since} {last}");
            }
            assert!(is_whole(last - 1, last));
        }
    }
}
