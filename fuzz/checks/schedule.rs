//! Any expression in any zone, and any clock: times ascend, and nothing fires that is not due.
//!
//! The input is lines: an expression, a zone, when it is due, what the clock shows.

use super::schedule::{CatchUp, GRACE_MS, MISSED_MAX, Schedule, tick};

pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n');
    let (expression, zone) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let mut number = || lines.next().and_then(|line| line.trim().parse().ok()).unwrap_or(0_i64);
    let (due, now) = (number(), number());
    let schedule = match Schedule::parse(expression, zone) {
        Ok(schedule) => schedule,
        Err(why) => {
            assert!(why.to_string().len() < 4096, "{why}");
            return;
        }
    };
    let times = schedule.upcoming(now, 10);
    assert!(times.first().is_none_or(|first| *first > now), "{times:?}");
    assert!(times.is_sorted_by(|one, next| one < next), "{times:?}");
    for catch_up in [CatchUp::None, CatchUp::Once] {
        let tick = tick(&schedule, due, now, catch_up);
        assert!(tick.fires.iter().all(|at| (due..=now).contains(at)), "{tick:?}");
        assert!(tick.fires.is_sorted_by(|one, next| one < next), "{tick:?}");
        assert!(
            tick.fires.len() <= usize::try_from(GRACE_MS / 1000).unwrap() + 2,
            "{tick:?}"
        );
        assert!(tick.missed <= MISSED_MAX, "{tick:?}");
        assert!(tick.next.is_none_or(|next| next > now), "{tick:?}");
        assert!(due <= now || tick.next == Some(due), "{tick:?}");
    }
}
