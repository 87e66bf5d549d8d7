//! A cron expression as local times: which of them it means, wherever they are.
//!
//! A local time is a number here: the seconds since 1970 that a clock on the wall would make of it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::days::{Days, Month};
use super::field::{HOURS, MINUTES, MONTHS, SECONDS};
use super::invalid::Invalid;

const DAY: i64 = 86_400;

const SHORTHANDS: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * SUN"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// Which local times.
#[derive(Debug, Clone)]
pub(super) struct Cron {
    seconds: u64,
    minutes: u64,
    hours: u64,
    days: Days,
    months: u64,
    /// Its minutes or hours have a `*`: it means a rhythm rather than times of the day.
    rhythm: bool,
}

impl Cron {
    pub(super) fn parse(text: &str) -> Result<Self, Invalid> {
        let text = if text.starts_with('@') { shorthand(text)? } else { text };
        let all: Vec<&str> = text.split_ascii_whitespace().collect();
        let (seconds, fields) = match all.split_first() {
            Some((seconds, fields)) if fields.len() == 5 => (*seconds, fields),
            _ => ("0", &all[..]),
        };
        let &[minutes, hours, of_month, months, of_week] = fields else {
            return Err(Invalid::expression(format!(
                "{text:?} has {} fields; a cron expression has 5 (minutes, hours, days of the month, months, days of the \
                 week), or 6 with the seconds before them. There are also @hourly and the like, and \"every 5m\"",
                all.len()
            )));
        };
        Ok(Self {
            seconds: SECONDS.list(seconds)?,
            minutes: MINUTES.list(minutes)?,
            hours: HOURS.list(hours)?,
            days: Days::parse(of_month, of_week)?,
            months: MONTHS.list(months)?,
            rhythm: minutes.contains('*') || hours.contains('*'),
        })
    }

    pub(super) const fn is_rhythm(&self) -> bool {
        self.rhythm
    }

    /// The first of them in `from..until`.
    pub(super) fn first(&self, from: i64, until: i64) -> Option<i64> {
        let today = civil(from)?;
        let midnight = from - from.rem_euclid(DAY);
        if self.has(today)
            && let Some(second) = self.second_from(from - midnight)
        {
            return Some(midnight + second).filter(|at| *at < until);
        }
        let second = self.second_from(0)?;
        let (mut first, mut gone) = (today.first_of_month(), today.day());
        loop {
            let begins = local(first)?;
            if begins >= until {
                return None;
            }
            if has(self.months, first.month().into()) {
                let month = month_of(first);
                let mut left = gone.unsigned_abs() + 1..=month.days;
                if let Some(day) = left.find(|day| self.days.has(month, *day)) {
                    let at = begins + (i64::from(day) - 1) * DAY + second;
                    return Some(at).filter(|at| *at < until);
                }
            }
            gone = 0;
            first = first.last_of_month().tomorrow().ok()?;
        }
    }

    fn has(&self, date: Date) -> bool {
        has(self.months, date.month().into()) && self.days.has(month_of(date), date.day().unsigned_abs())
    }

    /// The first second of a day that it means, from this one on.
    fn second_from(&self, from: i64) -> Option<i64> {
        let (hour, minute, second) = (from / 3600, from / 60 % 60, from % 60);
        let of_minute = lowest(self.seconds, 0)?;
        let of_hour = lowest(self.minutes, 0)? * 60 + of_minute;
        let mut found = None;
        if has(self.hours, hour) {
            if has(self.minutes, minute) {
                found = lowest(self.seconds, second).map(|second| minute * 60 + second);
            }
            let later = || Some(lowest(self.minutes, minute + 1)? * 60 + of_minute);
            found = found.or_else(later).map(|second| hour * 3600 + second);
        }
        found.or_else(|| Some(lowest(self.hours, hour + 1)? * 3600 + of_hour))
    }
}

fn shorthand(text: &str) -> Result<&'static str, Invalid> {
    let known = SHORTHANDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    known.map(|(_, means)| *means).ok_or_else(|| {
        let names = SHORTHANDS.map(|(name, _)| name).join(", ");
        Invalid::expression(format!("{text:?} is none of {names}; for a period write \"every 5m\""))
    })
}

fn has(bits: u64, number: i64) -> bool {
    bits >> number & 1 != 0
}

/// The lowest of the numbers that is not below `from`.
fn lowest(bits: u64, from: i64) -> Option<i64> {
    let left = bits & u64::MAX << from;
    (left != 0).then(|| i64::from(left.trailing_zeros()))
}

/// The date of a local time.
fn civil(local: i64) -> Option<Date> {
    let at = Timestamp::from_second(local).ok()?;
    Some(Offset::UTC.to_datetime(at).date())
}

/// When a date begins.
fn local(date: Date) -> Option<i64> {
    let at = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    Some(at.as_second())
}

fn month_of(date: Date) -> Month {
    Month {
        begins: date.first_of_month().weekday().to_sunday_zero_offset().unsigned_abs(),
        days: date.days_in_month().unsigned_abs(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(expression: &str, from: &str) -> String {
        let from: Timestamp = from.parse().expect(from);
        let cron = Cron::parse(expression).expect(expression);
        match cron.first(from.as_second(), i64::MAX) {
            Some(at) => Timestamp::from_second(at).unwrap().to_string(),
            None => "never".to_owned(),
        }
    }

    #[test]
    fn fields_are_times() {
        for (expression, from, first) in [
            ("* * * * *", "2026-02-28T23:59:01Z", "2026-03-01T00:00:00Z"),
            ("*/15 9-17 * * 1-5", "2026-01-02T17:45:01Z", "2026-01-05T09:00:00Z"),
            ("30 * * * * *", "2026-01-01T00:00:30Z", "2026-01-01T00:00:30Z"),
            ("30 * * * * *", "2026-01-01T00:00:31Z", "2026-01-01T00:01:30Z"),
            ("10,20 5 7 * * *", "2026-01-01T07:05:20Z", "2026-01-01T07:05:20Z"),
            ("10,20 5 7 * * *", "2026-01-01T07:05:21Z", "2026-01-02T07:05:10Z"),
            ("5 0 1 * *", "2026-12-01T00:06:00Z", "2027-01-01T00:05:00Z"),
            ("0 12 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T12:00:00Z"),
            ("0 12 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T12:00:00Z"),
            ("0 0 * feb Mon#5", "2028-01-01T00:00:00Z", "2044-02-29T00:00:00Z"),
            ("59 59 23 31 12 *", "2026-12-31T23:59:59Z", "2026-12-31T23:59:59Z"),
            ("@hourly", "2026-01-01T00:00:01Z", "2026-01-01T01:00:00Z"),
            ("@daily", "2026-01-01T00:00:01Z", "2026-01-02T00:00:00Z"),
            ("@Midnight", "2026-01-01T00:00:01Z", "2026-01-02T00:00:00Z"),
            ("@weekly", "2026-01-01T00:00:01Z", "2026-01-04T00:00:00Z"),
            ("@monthly", "2026-01-01T00:00:01Z", "2026-02-01T00:00:00Z"),
            ("@yearly", "2026-01-01T00:00:01Z", "2027-01-01T00:00:00Z"),
            ("@annually", "2026-01-01T00:00:01Z", "2027-01-01T00:00:00Z"),
            ("0 0 31 2 *", "2026-01-01T00:00:00Z", "never"),
            ("0 0 31 2,4,6,9,11 *", "2026-01-01T00:00:00Z", "never"),
        ] {
            assert_eq!(after(expression, from), first, "{expression} from {from}");
        }
    }

    #[test]
    fn the_end_is_not_among_them() {
        let cron = Cron::parse("0 0 1 * *").unwrap();
        assert_eq!(cron.first(0, 0), None);
        assert_eq!(cron.first(0, 1), Some(0));
        assert_eq!(cron.first(1, 31 * DAY), None);
        assert_eq!(cron.first(1, 31 * DAY + 1), Some(31 * DAY));
    }

    #[test]
    fn what_has_a_star_in_its_minutes_or_hours_is_a_rhythm() {
        for (expression, rhythm) in [
            ("0 * * * *", true),
            ("*/5 2 * * *", true),
            ("0 */6 * * *", true),
            ("0,30 2,14 * * *", false),
            ("* 30 2 * * *", false),
            ("0 0-23 * * *", false),
        ] {
            assert_eq!(Cron::parse(expression).unwrap().is_rhythm(), rhythm, "{expression}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, why) in [
            ("* * * *", "has 4 fields; a cron expression has 5"),
            ("* * * * * * 2030", "has 7 fields"),
            ("", "has 0 fields"),
            ("@reboot", "\"@reboot\" is none of @hourly, @daily,"),
            ("@every 5m", "for a period write \"every 5m\""),
            ("@daily 5", "is none of"),
            ("61 * * * * *", "seconds: \"61\""),
            ("* * * * JAN", "days of the week: \"JAN\""),
            ("* * * MON *", "months: \"MON\""),
            ("\u{2003}* * * * *", "minutes: \"\\u{2003}*\""),
        ] {
            let said = Cron::parse(text).expect_err(text).to_string();
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
