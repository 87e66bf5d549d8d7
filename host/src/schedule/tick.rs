//! What is due now, what was missed, and when something is due next.

use super::CatchUp;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::Schedule;

/// How late a time may be found and is still in time. A restart of a server takes less.
pub const GRACE_MS: i64 = 10_000;
/// So many missed times are counted, and no more.
pub const MISSED_MAX: u32 = 1000;

/// What there is to do about a schedule. All times in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// The times that fire now, in order. More than one when they follow each other faster than they are looked at, and
    /// then as many as fit into [`GRACE_MS`].
    pub fires: Vec<i64>,
    /// How many were missed and do not fire; [`MISSED_MAX`] stands for that many or more.
    pub missed: u32,
    /// When it is due next: later than now. None when it never is.
    pub next: Option<i64>,
}

/// What there is to do at `now` about a schedule that is due at `due`, however far the two are apart.
///
/// A time that was found at most [`GRACE_MS`] after it is in time, and fires; one that is later was missed. When all that
/// is due was missed, [`CatchUp::Once`] has the last of it fire. What has fired does not fire again when the clock is set
/// back: the next time is later than both `due` and `now`.
#[must_use]
pub fn tick(schedule: &Schedule, due_ms: i64, now_ms: i64, catch_up: CatchUp) -> Tick {
    if due_ms > now_ms {
        return Tick {
            fires: Vec::new(),
            missed: 0,
            next: Some(due_ms),
        };
    }
    let in_time_ms = due_ms.max(now_ms.saturating_sub(GRACE_MS));
    let too_late_ms = in_time_ms.saturating_sub(1);
    let missed = (due_ms < in_time_ms).then_some(due_ms);
    let missed = following(schedule, missed, too_late_ms)
        .take(MISSED_MAX as usize + 1)
        .count();
    let mut missed = u32::try_from(missed).unwrap_or(MISSED_MAX);

    let first = if due_ms == in_time_ms {
        Some(due_ms)
    } else {
        schedule.first_within(too_late_ms, now_ms)
    };
    let mut fires: Vec<i64> = following(schedule, first, now_ms).collect();
    if fires.is_empty() && catch_up == CatchUp::Once {
        fires.push(last_within(schedule, due_ms, now_ms));
        missed = missed.saturating_sub(1);
    }
    Tick {
        fires,
        missed: missed.min(MISSED_MAX),
        next: schedule.next_after(now_ms),
    }
}

/// `first` and what follows it, up to `until`.
fn following(schedule: &Schedule, first: Option<i64>, until_ms: i64) -> impl Iterator<Item = i64> {
    std::iter::successors(first, move |at| schedule.first_within(*at, until_ms))
}

/// The last time that is not later than `until`; `due` is one. Found by halving, as there may be millions between.
fn last_within(schedule: &Schedule, due_ms: i64, until_ms: i64) -> i64 {
    // Something is due at or after `last`, and nothing after `none`.
    let (mut last, mut none) = (due_ms, until_ms);
    while last < none {
        let half = last + none.saturating_sub(last) / 2;
        match schedule.first_within(half, until_ms) {
            Some(later) => last = later,
            None => none = half,
        }
    }
    last
}

/// How long a time's run waits, below `jitter`: the same on every server, and another one for each schedule and time.
#[must_use]
pub fn jitter_ms(id: &str, due_ms: i64, jitter_ms: u32) -> i64 {
    let hash = xxh3_64_with_seed(id.as_bytes(), due_ms.cast_unsigned());
    i64::try_from((u128::from(hash) * u128::from(jitter_ms)) >> 64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    /// 2027-01-01T00:00:00Z.
    const DUE: i64 = 1_798_761_600_000;

    fn at(expression: &str, now_ms: i64, catch_up: CatchUp) -> Tick {
        tick(
            &Schedule::parse(expression, "Europe/London").expect(expression),
            DUE,
            now_ms,
            catch_up,
        )
    }

    fn ticked(fires: &[i64], missed: u32, next: i64) -> Tick {
        Tick {
            fires: fires.to_vec(),
            missed,
            next: Some(next),
        }
    }

    #[test]
    fn what_is_in_time_fires_and_is_not_missed() {
        for catch_up in [CatchUp::None, CatchUp::Once] {
            for late in [0, 1, 2000, GRACE_MS] {
                let fired = ticked(&[DUE], 0, DUE + MINUTE);
                assert_eq!(at("* * * * *", DUE + late, catch_up), fired, "{late}");
                assert_eq!(at("every 1m", DUE + late, catch_up), fired, "{late}");
            }
            let behind = at("* * * * * *", DUE + 2001, catch_up);
            assert_eq!(behind, ticked(&[DUE, DUE + 1000, DUE + 2000], 0, DUE + 3000));
        }
    }

    #[test]
    fn what_is_late_was_missed_and_the_last_of_it_is_made_up_for() {
        let late = GRACE_MS + 1;
        assert_eq!(at("@daily", DUE + late, CatchUp::None), ticked(&[], 1, DUE + DAY));
        assert_eq!(at("@daily", DUE + late, CatchUp::Once), ticked(&[DUE], 0, DUE + DAY));
        // Down for a day and a half.
        let now = DUE + 36 * HOUR + 30 * MINUTE;
        assert_eq!(at("@hourly", now, CatchUp::None), ticked(&[], 37, now + 30 * MINUTE));
        let last = DUE + 36 * HOUR;
        assert_eq!(
            at("@hourly", now, CatchUp::Once),
            ticked(&[last], 36, now + 30 * MINUTE)
        );
        assert_eq!(
            at("every 1h", now, CatchUp::Once),
            ticked(&[last], 36, now + 30 * MINUTE)
        );
        // One that is in time makes up for the others.
        let now = DUE + DAY + 3000;
        let fired = ticked(&[DUE + DAY], 24, DUE + DAY + HOUR);
        assert_eq!(at("@hourly", now, CatchUp::Once), fired);
        assert_eq!(at("@hourly", now, CatchUp::None), fired);
    }

    #[test]
    fn what_was_due_fires_also_when_other_rules_hold_by_now() {
        let due = DUE + 20 * MINUTE;
        let schedule = Schedule::parse("@hourly", "UTC").unwrap();
        assert_eq!(
            tick(&schedule, due, due + 1, CatchUp::None),
            ticked(&[due], 0, DUE + HOUR)
        );
    }

    #[test]
    fn a_clock_that_is_set_back_fires_nothing_again() {
        let schedule = Schedule::parse("* * * * *", "UTC").unwrap();
        let first = tick(&schedule, DUE, DUE, CatchUp::Once);
        let next = first.next.unwrap();
        for now in [DUE - HOUR, DUE, next - 1, 0, -1, i64::MIN] {
            assert_eq!(tick(&schedule, next, now, CatchUp::Once), ticked(&[], 0, next), "{now}");
        }
        assert_eq!(
            tick(&schedule, next, next, CatchUp::Once),
            ticked(&[next], 0, next + MINUTE)
        );
    }

    #[test]
    fn a_clock_that_is_set_forth_fires_once() {
        // By an hour, just after a tick; then it is set right again.
        let schedule = Schedule::parse("* * * * *", "UTC").unwrap();
        let ahead = tick(&schedule, DUE + MINUTE, DUE + HOUR + 1000, CatchUp::Once);
        assert_eq!(ahead, ticked(&[DUE + HOUR], 59, DUE + HOUR + MINUTE));
        let right = tick(&schedule, DUE + HOUR + MINUTE, DUE + 2000, CatchUp::Once);
        assert_eq!(right, ticked(&[], 0, DUE + HOUR + MINUTE));
    }

    #[test]
    fn years_of_seconds_are_not_walked_through() {
        let now = DUE + 40 * 366 * DAY + 500;
        for expression in ["* * * * * *", "every 1s"] {
            let tick = at(expression, now, CatchUp::Once);
            assert_eq!((tick.missed, tick.fires.len()), (MISSED_MAX, 10), "{expression}");
            // 3 in the morning is long ago at noon.
            let tick = at("* * 3 * * *", now + 12 * HOUR, CatchUp::Once);
            assert_eq!(tick.fires, [now - 500 + 4 * HOUR - 1000]);
            assert_eq!(tick.missed, MISSED_MAX);
        }
    }

    #[test]
    fn the_last_tick_of_all_has_no_next() {
        let end = super::super::END_MS;
        let schedule = Schedule::parse("0 0 1 1 *", "UTC").unwrap();
        let last = schedule.next_after(end - 366 * DAY).unwrap();
        for now in [last, i64::MAX] {
            let tick = tick(&schedule, last, now, CatchUp::Once);
            assert_eq!((tick.fires, tick.next), (vec![last], None));
        }
        let never = Schedule::parse("0 0 31 2 *", "UTC").unwrap();
        let tick = tick(&never, i64::MIN, i64::MAX, CatchUp::Once);
        assert_eq!((tick.fires, tick.missed, tick.next), (vec![i64::MIN], 0, None));
    }

    #[test]
    fn jitter_is_the_same_everywhere_and_within_its_bound() {
        // Another server may be of another version: these may not change.
        assert_eq!(jitter_ms("sch_1", DUE, 60_000), 55_345);
        let of = |id: &str, tick| jitter_ms(id, DUE + tick * MINUTE, 60_000);
        let all: Vec<i64> = (0..1000).map(|tick| of("sch_1", tick)).collect();
        assert!(all.iter().all(|jitter| (0..60_000).contains(jitter)));
        for tenth in 0..10 {
            let here = all.iter().filter(|jitter| **jitter / 6000 == tenth).count();
            assert!((60..140).contains(&here), "{tenth}: {here}");
        }
        assert_ne!(of("sch_1", 0), of("sch_2", 0));
        assert_eq!(jitter_ms("sch_1", DUE, 0), 0);
        assert_eq!(jitter_ms("sch_1", i64::MIN, 1), 0);
    }
}
