//! The statements that put ticks on their way.

use std::collections::{BTreeMap, HashMap, HashSet};

use data_encoding::HEXLOWER;
use serde::Serialize;

use super::super::lines::queries::{self as lines, More};
use super::super::queries::bytes_of;
use super::super::{Leased, Line};
use super::Tick;
use crate::ids::AppId;
use crate::store::Tx;
use crate::{run, statements};

statements! {
    // Each is [app, name, due, time, attempt, server, sent, hops, chain, body].
    PUT = "insert into messages (app_id, source, name, dead, due_at, not_before, attempt, leased_by, sent_at, hops, chain, body)
            select unhex(r.value ->> 0), 'schedule', r.value ->> 1, false, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5,
                r.value ->> 6, r.value ->> 7, r.value ->> 8, unhex(r.value ->> 9)
            from json_each($1) r
            returning seq, app_id, name, not_before"
        => "insert into messages (app_id, source, name, dead, due_at, not_before, attempt, leased_by, sent_at, hops, chain, body)
            select (r ->> 0)::uuid, 'schedule', r ->> 1, false, (r ->> 2)::bigint, (r ->> 3)::bigint, (r ->> 4)::bigint, (r ->> 5)::bigint,
                (r ->> 6)::bigint, (r ->> 7)::bigint, r ->> 8, decode(r ->> 9, 'hex')
            from json_array_elements($1::text::json) r
            returning seq, app_id, name, not_before";
}

/// Takes the lines of schedules, which are in order, until the transaction ends; those that have something, waiting or in
/// hand.
pub(crate) async fn begin(tx: &mut Tx, schedules: &[(AppId, &Line)]) -> sqlx::Result<HashSet<(AppId, Line)>> {
    lines::take(tx, schedules).await?;
    Ok(lines::taken(tx, schedules).await?.into_iter().collect())
}

/// Puts ticks on their way, those that are handed out to this server until a time; these.
pub(crate) async fn put(
    tx: &mut Tx,
    ticks: Vec<Tick>,
    (server, until_ms): (i64, i64),
) -> sqlx::Result<Vec<(AppId, Leased)>> {
    let rows = rows(&ticks, server, until_ms);
    let put: Vec<(i64, AppId, String, i64)> = run!(&mut *tx, PUT, |sql, conn| sqlx::query_as(sql)
        .bind(rows)
        .fetch_all(conn)
        .await)?;
    let mut changes: BTreeMap<(AppId, &Line), More> = BTreeMap::new();
    for tick in &ticks {
        let change = changes.entry((tick.app, &tick.sent.line)).or_default();
        change.add(tick.due_ms(until_ms), bytes_of(&tick.sent.body));
    }
    lines::more(tx, &changes.into_iter().collect::<Vec<_>>()).await?;
    let numbered = put.into_iter().map(|(seq, app, name, time)| ((app, name, time), seq));
    let mut numbers: HashMap<(AppId, String, i64), i64> = numbered.collect();
    let handed = ticks.into_iter().filter(|tick| tick.is_handed);
    Ok(handed
        .filter_map(|tick| {
            let app = tick.app;
            let seq = numbers.remove(&(app, tick.sent.line.name.to_string(), tick.sent.due_ms))?;
            Some((app, tick.leased(seq)))
        })
        .collect())
}

fn rows(ticks: &[Tick], server: i64, until_ms: i64) -> String {
    let rows: Vec<_> = ticks.iter().map(|tick| row(tick, server, until_ms)).collect();
    serde_json::to_string(&rows).expect("plain data")
}

fn row(tick: &Tick, server: i64, until_ms: i64) -> impl Serialize {
    let Tick { app, sent, is_handed } = tick;
    (
        app.digits(),
        &*sent.line.name,
        tick.due_ms(until_ms),
        sent.due_ms,
        i64::from(*is_handed),
        is_handed.then_some(server),
        sent.sent_ms,
        sent.cause.hops,
        &*sent.cause.chain,
        HEXLOWER.encode(&sent.body),
    )
}
