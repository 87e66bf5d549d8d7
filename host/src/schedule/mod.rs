//! When something is due, again and again: the rules, pure. What time it is, whoever asks brings along.
//!
//! ```text
//!   expression ──▶ field, days ──▶ cron (local times) ─┐
//!   zone       ──▶ zone (stretches between changes) ───┴▶ calendar (moments) ──▶ Schedule ──▶ tick
//! ```
//!
//! What is allowed, and what happens on a day on which clocks are changed, is in `docs/schedules.md`. The crate croner does
//! the same but for that day; tests compare with it.

mod calendar;
mod cron;
mod days;
mod field;
mod invalid;
#[cfg(test)]
mod model;
mod tick;
mod zone;

pub use invalid::Invalid;
pub use picloud_sdk::api::CatchUp;
pub use tick::{GRACE_MS, MISSED_MAX, Tick, jitter_ms, tick};

use self::cron::Cron;
use self::zone::Zone;
use crate::duration;

/// Bytes of an expression.
pub const EXPRESSION_BYTES_MAX: usize = 256;
/// The shortest period of `every`.
pub const PERIOD_MS_MIN: i64 = 1000;
/// The longest: 366 days.
pub const PERIOD_MS_MAX: i64 = 366 * 86_400_000;
/// The most times that are told at once.
pub const UPCOMING_MAX: usize = 100;

/// Nothing is due from here on: the year 9999.
const END_MS: i64 = 253_370_764_800_000;

/// When something is due, again and again.
#[derive(Debug, Clone)]
pub struct Schedule(When);

#[derive(Debug, Clone)]
enum When {
    /// At the multiples of so many milliseconds since 1970, so that neither a restart nor another server moves them.
    Every(i64),
    At(Box<Cron>, Zone),
}

impl Schedule {
    /// `expression` is cron with five or six fields, a shorthand such as `@daily`, or a period such as `every 90s`; `zone`
    /// the name of an IANA time zone. `docs/schedules.md` has all of it.
    ///
    /// # Errors
    /// Says which field is wrong, what stands there and what may.
    pub fn parse(expression: &str, zone: &str) -> Result<Self, Invalid> {
        if expression.len() > EXPRESSION_BYTES_MAX {
            return Err(Invalid::expression(format!(
                "the expression has {} bytes, {EXPRESSION_BYTES_MAX} are allowed",
                expression.len()
            )));
        }
        // A period has no need of a zone, but a wrong one is still a mistake.
        let zone = Zone::parse(zone)?;
        let text = expression.trim();
        let every = text.split_once(|c: char| c.is_ascii_whitespace());
        let every = every.filter(|(word, _)| word.eq_ignore_ascii_case("every"));
        let when = match every {
            Some((_, length)) => When::Every(period(length)?),
            None => When::At(Box::new(Cron::parse(text)?), zone),
        };
        Ok(Self(when))
    }

    /// The first time that is later than `after`, in milliseconds since 1970. None when there is none any more, such as
    /// on a 31 February; or not before the year 9999.
    #[must_use]
    pub fn next_after(&self, after_ms: i64) -> Option<i64> {
        self.first_within(after_ms, END_MS - 1)
    }

    /// The next `count` times, of which the first is later than `after`; at most [`UPCOMING_MAX`].
    #[must_use]
    pub fn upcoming(&self, after_ms: i64, count: usize) -> Vec<i64> {
        let next = |at: &i64| self.next_after(*at);
        std::iter::successors(self.next_after(after_ms), next)
            .take(count.min(UPCOMING_MAX))
            .collect()
    }

    /// The first time that is later than `after`, and not later than `until`.
    fn first_within(&self, after_ms: i64, until_ms: i64) -> Option<i64> {
        // Nothing is due before 1970.
        let (after_ms, until_ms) = (after_ms.max(-1), until_ms.min(END_MS - 1));
        if after_ms >= until_ms {
            return None;
        }
        match &self.0 {
            When::Every(period_ms) => {
                let next = (after_ms.div_euclid(*period_ms) + 1) * period_ms;
                Some(next).filter(|next| *next <= until_ms)
            }
            When::At(cron, zone) => {
                let (from, until) = (after_ms.div_euclid(1000) + 1, until_ms.div_euclid(1000) + 1);
                calendar::first(cron, zone, from, until).map(|at| at * 1000)
            }
        }
    }
}

fn period(text: &str) -> Result<i64, Invalid> {
    let ms = duration::parse(text).map_err(|why| Invalid::expression(format!("every: {why}")))?;
    i64::try_from(ms)
        .ok()
        .filter(|ms| (PERIOD_MS_MIN..=PERIOD_MS_MAX).contains(ms))
        .ok_or_else(|| {
            Invalid::expression(format!(
                "every: {:?} is not allowed; a period is from 1s to 366d",
                text.trim()
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn periods_are_counted_from_1970_whatever_the_zone() {
        for (expression, period) in [
            ("every 1s", 1000),
            ("every 90s", 90_000),
            ("every 1500ms", 1500),
            (" EVERY  1h30m ", 90 * 60_000),
            ("every 1h 30m", 90 * 60_000),
            ("every\t366d", PERIOD_MS_MAX),
        ] {
            let schedule = Schedule::parse(expression, "Asia/Kathmandu").expect(expression);
            assert_eq!(schedule.upcoming(-5, 3), [0, period, 2 * period], "{expression}");
            assert_eq!(schedule.next_after(100 * period - 1), Some(100 * period));
            assert_eq!(schedule.next_after(100 * period), Some(101 * period));
        }
    }

    #[test]
    fn other_periods_are_refused() {
        for (expression, why) in [
            (
                "every 999ms",
                "every: \"999ms\" is not allowed; a period is from 1s to 366d",
            ),
            ("every 0s", "a period is from 1s to 366d"),
            ("every 53w", "a period is from 1s to 366d"),
            ("every 18446744073709551615ms", "a period is from 1s to 366d"),
            (
                "every 99999999999999999999s",
                "every: \"99999999999999999999s\" is no duration; write it like \"90s\"",
            ),
            ("every 5", "every: \"5\" is no duration"),
            ("every -5m", "every: \"-5m\" is no duration"),
            ("every day", "every: \"day\" is no duration"),
            ("every", "\"every\" has 1 fields"),
            ("every5m", "\"every5m\" has 1 fields"),
        ] {
            let said = Schedule::parse(expression, "UTC").expect_err(expression);
            assert_eq!(said.field(), "when");
            assert!(said.to_string().contains(why), "{expression}: {said}");
        }
    }

    #[test]
    fn long_texts_are_refused_unread() {
        let long = format!("{} * * * *", "1,".repeat(100_000));
        let said = Schedule::parse(&long, "UTC").unwrap_err().to_string();
        assert_eq!(said, "the expression has 200008 bytes, 256 are allowed");
        let minutes: Vec<String> = (0..60).map(|minute| minute.to_string()).collect();
        let all = format!("{} * * * *", minutes.join(","));
        assert_eq!(
            Schedule::parse(&all, "UTC").unwrap().upcoming(0, 100),
            Schedule::parse("* * * * *", "UTC").unwrap().upcoming(0, 100)
        );
    }

    #[test]
    fn a_zone_decides_what_clocks_show_and_is_never_left_out() {
        let nine = |zone| Schedule::parse("0 9 * * *", zone).unwrap().next_after(0);
        assert_eq!(nine("UTC"), Some(9 * HOUR));
        assert_eq!(nine("America/New_York"), Some(14 * HOUR));
        assert_eq!(nine("Asia/Kathmandu"), Some(3 * HOUR + HOUR / 2));
        for expression in ["0 9 * * *", "every 5m", "@daily"] {
            assert_eq!(Schedule::parse(expression, "Mars/Phobos").unwrap_err().field(), "zone");
        }
    }

    #[test]
    fn what_is_rare_is_found() {
        // A 29 February that is a Monday: 2072, and then not before 2112, as 2100 has none.
        let schedule = Schedule::parse("0 0 * FEB MON#5", "Europe/Berlin").unwrap();
        let years = schedule.upcoming(0, 6).into_iter().map(|at| 1970 + at / 31_556_952_000);
        assert_eq!(years.collect::<Vec<_>>(), [1988, 2016, 2044, 2072, 2112, 2140]);
    }

    #[test]
    fn no_more_is_told_than_may_be() {
        let schedule = Schedule::parse("* * * * * *", "UTC").unwrap();
        assert_eq!(schedule.upcoming(0, 0), [0_i64; 0]);
        assert_eq!(schedule.upcoming(0, 5), [1000, 2000, 3000, 4000, 5000]);
        assert_eq!(schedule.upcoming(0, usize::MAX).len(), UPCOMING_MAX);
    }

    #[test]
    fn time_ends_with_the_year_9998() {
        for (expression, last) in [("* * * * * *", END_MS - 1000), ("every 1h", END_MS - HOUR)] {
            let schedule = Schedule::parse(expression, "UTC").unwrap();
            assert_eq!(schedule.upcoming(last - 1, 5), [last], "{expression}");
            for after in [last, END_MS, i64::MAX] {
                assert_eq!(schedule.next_after(after), None, "{expression} after {after}");
            }
            assert_eq!(schedule.next_after(i64::MIN), Some(0));
        }
    }
}
