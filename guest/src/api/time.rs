//! `time::*`: moments, which are milliseconds since 1970 as `ctx.now` is, and what people write for them.

use std::cell::RefCell;

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::fmt::{rfc2822, temporal};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Unit, Zoned, ZonedRound};
use rhai::plugin::*;
use rhai::{Dynamic, Engine, Map};

use super::options::Options;
use super::{Fallible, RUNS, duration, only_described, refuse};
use crate::{host, value};

const UTC: &str = "UTC";

thread_local! {
    /// The zone that was asked for last: most scripts have one, and to read it takes some time.
    static LAST_ZONE: RefCell<Option<(String, TimeZone)>> = const { RefCell::new(None) };
}

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("time", exported_module!(functions).into());
}

fn zone_of(name: &str) -> Fallible<TimeZone> {
    if !RUNS {
        return only_described();
    }
    LAST_ZONE.with_borrow_mut(|last| {
        if let Some((known, zone)) = last
            && known == name
        {
            return Ok(zone.clone());
        }
        let Ok(zone) = temporal::DateTimeParser::new().parse_time_zone(name) else {
            let name = value::cut(name, 100);
            return refuse(
                "bad_zone",
                format!("{name:?} is no time zone; write it like \"Europe/Zurich\", \"UTC\" or \"+02:00\""),
            );
        };
        *last = Some((name.to_owned(), zone.clone()));
        Ok(zone)
    })
}

fn moment(ms: i64) -> Fallible<Timestamp> {
    Timestamp::from_millisecond(ms).or_else(|_| {
        refuse(
            "bad_time",
            format!("{ms} ms since 1970 is beyond the years -9999 to 9999"),
        )
    })
}

fn zoned(ms: i64, zone: &str) -> Fallible<Zoned> {
    Ok(moment(ms)?.to_zoned(zone_of(zone)?))
}

/// What jiff says when there is no such time.
fn no_time<T>(what: &str, why: impl std::fmt::Display) -> Fallible<T> {
    refuse("bad_time", format!("{what}: {why}"))
}

/// Fractions of milliseconds are left out.
fn in_ms(moment: Timestamp) -> i64 {
    let ns = moment.as_nanosecond().div_euclid(1_000_000);
    i64::try_from(ns).unwrap_or_default()
}

fn parsed(text: &str) -> Fallible<i64> {
    let text = text.trim_ascii();
    if let Ok(moment) = temporal::DateTimeParser::new().parse_timestamp(text) {
        return Ok(in_ms(moment));
    }
    if text.len() == "2026-01-31".len()
        && let Ok(date) = temporal::DateTimeParser::new().parse_date(text)
    {
        return in_zone(date.into(), &TimeZone::UTC);
    }
    if let Ok(moment) = rfc2822::DateTimeParser::new().parse_timestamp(text) {
        return Ok(in_ms(moment));
    }
    refuse(
        "bad_time",
        format!(
            "{:?} is no time; they are written like \"2026-01-31T12:00:00Z\", \"2026-01-31\" or \"Sat, 31 Jan 2026 12:00:00 +0000\"",
            value::cut(text, 100)
        ),
    )
}

fn in_zone(local: DateTime, zone: &TimeZone) -> Fallible<i64> {
    let moment = zone.to_timestamp(local);
    moment.map(in_ms).or_else(|why| no_time(&local.to_string(), why))
}

/// What a text says.
enum Said {
    At(Timestamp),
    /// A time of a zone, perhaps named.
    In(Option<String>, DateTime),
}

/// An offset or a zone in the text goes before that of the script.
fn parsed_as(text: &str, format: &str, zone: &str) -> Fallible<i64> {
    let said = || -> Result<_, jiff::Error> {
        let read = BrokenDownTime::parse(format, text)?;
        if read.offset().is_some() || read.timestamp().is_some() {
            return Ok(Said::At(read.to_timestamp()?));
        }
        Ok(Said::In(read.iana_time_zone().map(str::to_owned), read.to_datetime()?))
    };
    match said() {
        Ok(Said::At(moment)) => Ok(in_ms(moment)),
        Ok(Said::In(named, local)) => in_zone(local, &zone_of(named.as_deref().unwrap_or(zone))?),
        Err(why) => no_time(&format!("{:?} as {format:?}", value::cut(text, 100)), why),
    }
}

fn formatted(ms: i64, format: &str, zone: &str) -> Fallible<ImmutableString> {
    match strtime::format(format, &zoned(ms, zone)?) {
        Ok(text) => Ok(text.into()),
        Err(why) => refuse("bad_format", format!("{:?}: {why}", value::cut(format, 100))),
    }
}

fn parts_of(ms: i64, zone: &str) -> Fallible<Map> {
    let at = zoned(ms, zone)?;
    let fields: [(&str, Dynamic); 12] = [
        ("year", i64::from(at.year()).into()),
        ("month", i64::from(at.month()).into()),
        ("day", i64::from(at.day()).into()),
        ("hour", i64::from(at.hour()).into()),
        ("minute", i64::from(at.minute()).into()),
        ("second", i64::from(at.second()).into()),
        ("millisecond", i64::from(at.millisecond()).into()),
        ("weekday", i64::from(at.weekday().to_monday_one_offset()).into()),
        ("week", i64::from(at.date().iso_week_date().week()).into()),
        ("day_of_year", i64::from(at.day_of_year()).into()),
        ("offset", formatted(ms, "%:z", zone)?.into()),
        ("zone", zone.into()),
    ];
    Ok(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// What [`parts_of`] tells, as far as it says when.
fn of_parts(parts: Map) -> Fallible<i64> {
    let mut options = Options::new("time::from_parts", parts);
    let Some(year) = options.number("year", -9999, 9999)? else {
        return refuse("bad_option", "time::from_parts: `year` is missing");
    };
    let mut number =
        |name, min, max, otherwise| -> Fallible<i64> { Ok(options.number(name, min, max)?.unwrap_or(otherwise)) };
    let (month, day) = (number("month", 1, 12, 1)?, number("day", 1, 31, 1)?);
    let (hour, minute) = (number("hour", 0, 23, 0)?, number("minute", 0, 59, 0)?);
    let (second, ms) = (number("second", 0, 59, 0)?, number("millisecond", 0, 999, 0)?);
    let zone = options.take::<ImmutableString>("zone")?;
    // These follow from the others.
    for told in ["weekday", "week", "day_of_year"] {
        options.take::<i64>(told)?;
    }
    options.take::<ImmutableString>("offset")?;
    options.end()?;
    let date = Date::new(year as i16, month as i8, day as i8);
    let date = date.or_else(|_| no_time("time::from_parts", format!("there is no {year}-{month:02}-{day:02}")))?;
    let local = date.at(hour as i8, minute as i8, second as i8, ms as i32 * 1_000_000);
    in_zone(local, &zone_of(zone.as_deref().unwrap_or(UTC))?)
}

/// `1h30m`, or less with a `-` before it.
fn moved(ms: i64, by: &str) -> Fallible<i64> {
    let (is_less, length) = match by.trim_start().strip_prefix('-') {
        Some(length) => (true, length),
        None => (false, by),
    };
    let length = duration::parse(length).or_else(|why| refuse("bad_duration", why))?;
    let length = i64::try_from(length).ok();
    let then = length.and_then(|length| {
        if is_less {
            ms.checked_sub(length)
        } else {
            ms.checked_add(length)
        }
    });
    match then {
        Some(then) => moment(then).map(in_ms),
        None => no_time(by, "that is beyond the years -9999 to 9999"),
    }
}

/// By the calendar: years and months first, then days, then what is always as long.
fn moved_by_units(ms: i64, units: Map, zone: &str) -> Fallible<i64> {
    let mut options = Options::new("time::add", units);
    // As many as there are in all the years that there are.
    let mut number = |name, most: i64| -> Fallible<i64> { Ok(options.number(name, -most, most)?.unwrap_or(0)) };
    let months = number("years", 20_000)? * 12 + number("months", 240_000)?;
    let days = number("weeks", 1_050_000)? * 7 + number("days", 7_400_000)?;
    let length = number("hours", 176_000_000)? * 3_600_000
        + number("minutes", 10_600_000_000)? * 60_000
        + number("seconds", 640_000_000_000)? * 1000
        + number("milliseconds", 640_000_000_000_000)?;
    options.end()?;
    let at = zoned(ms, zone)?;
    let then = || -> Result<Zoned, jiff::Error> {
        let at = at.checked_add(Span::new().try_months(months)?)?;
        let at = at.checked_add(Span::new().try_days(days)?)?;
        at.checked_add(Span::new().try_milliseconds(length)?)
    };
    then()
        .map(|then| in_ms(then.timestamp()))
        .or_else(|why| no_time("time::add", why))
}

fn begun(ms: i64, unit: &str, zone: &str) -> Fallible<i64> {
    let at = zoned(ms, zone)?;
    let start = match unit {
        "minute" => at.round(ZonedRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Floor)),
        "hour" => at.round(ZonedRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Floor)),
        "day" => at.start_of_day(),
        "week" => Span::new()
            .try_days(-i64::from(at.weekday().to_monday_zero_offset()))
            .and_then(|days| at.checked_add(days))
            .and_then(|monday| monday.start_of_day()),
        "month" => at.first_of_month().and_then(|first| first.start_of_day()),
        "year" => at.first_of_year().and_then(|first| first.start_of_day()),
        _ => {
            let unit = value::cut(unit, 100);
            return refuse(
                "bad_unit",
                format!(
                    "{unit:?} is no unit; there are \"minute\", \"hour\", \"day\", \"week\", \"month\" and \"year\""
                ),
            );
        }
    };
    start
        .map(|start| in_ms(start.timestamp()))
        .or_else(|why| no_time("time::start_of", why))
}

#[export_module]
mod functions {
    /// What time it is, in milliseconds since 1970, as `ctx.now` is. Time stands still during a run but for what it
    /// waits for.
    #[rhai_fn(name = "now", volatile)]
    pub fn now() -> i64 {
        host::now_ms()
    }

    /// The moment that a text says, in milliseconds since 1970: RFC 3339 (`2026-01-31T12:00:00+01:00`), a date alone
    /// (its midnight in UTC), or RFC 2822, as mails and HTTP have it (`Sat, 31 Jan 2026 12:00:00 +0000`). Anything
    /// else: throws `bad_time`.
    #[rhai_fn(name = "parse", return_raw)]
    pub fn parse(text: &str) -> Fallible<i64> {
        parsed(text)
    }

    /// The moment that a text of that format says, such as `%d.%m.%Y %H:%M`; in UTC, unless the text has an offset
    /// (`%z`) or a zone (`%Q`). Another text: throws `bad_time`.
    #[rhai_fn(name = "parse", return_raw)]
    pub fn parse_as(text: &str, format: &str) -> Fallible<i64> {
        parsed_as(text, format, UTC)
    }

    /// The same where the text means a time in that zone, such as `Europe/Zurich`, unless it says another one. No zone:
    /// throws `bad_zone`.
    #[rhai_fn(name = "parse", return_raw)]
    pub fn parse_in(text: &str, format: &str, zone: &str) -> Fallible<i64> {
        parsed_as(text, format, zone)
    }

    /// A moment as RFC 3339 in UTC: `2026-01-31T12:00:00Z`, with milliseconds when there are some.
    #[rhai_fn(name = "format", return_raw)]
    pub fn format(time: i64) -> Fallible<ImmutableString> {
        let digits = if time.rem_euclid(1000) == 0 {
            "%Y-%m-%dT%H:%M:%SZ"
        } else {
            "%Y-%m-%dT%H:%M:%S%.3fZ"
        };
        formatted(time, digits, UTC)
    }

    /// A moment in a format of `strftime`, in UTC: `time::format(0, "%Y-%m-%d")` is `"1970-01-01"`. Another format:
    /// throws `bad_format`.
    #[rhai_fn(name = "format", return_raw)]
    pub fn format_as(time: i64, format: &str) -> Fallible<ImmutableString> {
        formatted(time, format, UTC)
    }

    /// The same in a zone: `time::format(t, "%H:%M %Z", "Europe/Zurich")`. No zone: throws `bad_zone`.
    #[rhai_fn(name = "format", return_raw)]
    pub fn format_in(time: i64, format: &str, zone: &str) -> Fallible<ImmutableString> {
        formatted(time, format, zone)
    }

    /// A moment's parts in UTC: `year`, `month`, `day`, `hour`, `minute`, `second`, `millisecond`, `weekday` (1 is
    /// Monday), `week` (ISO 8601), `day_of_year`, `offset` (`+00:00`), `zone`.
    #[rhai_fn(name = "parts", return_raw)]
    pub fn parts(time: i64) -> Fallible<Map> {
        parts_of(time, UTC)
    }

    /// The same in a zone.
    #[rhai_fn(name = "parts", return_raw)]
    pub fn parts_in(time: i64, zone: &str) -> Fallible<Map> {
        parts_of(time, zone)
    }

    /// The moment of such parts:
    /// `time::from_parts(#{ year: 2026, month: 1, day: 31, hour: 12, zone: "Europe/Zurich" })`. All but the year may be
    /// left out. A time that a zone skips is as long after the change as it is after the last moment before; of two
    /// that are the same it is the earlier. A day that is in no calendar: throws `bad_time`; other parts: `bad_option`.
    #[rhai_fn(name = "from_parts", return_raw)]
    pub fn from_parts(parts: Map) -> Fallible<i64> {
        of_parts(parts)
    }

    /// A moment moved by a duration such as `"1h30m"` or `"-7d"` (`ms`, `s`, `m`, `h`, `d` of 24 hours, `w`). No
    /// duration: throws `bad_duration`.
    #[rhai_fn(name = "add", return_raw)]
    pub fn add(time: i64, duration: &str) -> Fallible<i64> {
        moved(time, duration)
    }

    /// A moment moved by the calendar, in UTC:
    /// `#{ years, months, weeks, days, hours, minutes, seconds, milliseconds }`, any of them, also negative. A day that
    /// a month has not is its last: a month after January 31 is February 28 or 29.
    #[rhai_fn(name = "add", return_raw)]
    pub fn add_units(time: i64, units: Map) -> Fallible<i64> {
        moved_by_units(time, units, UTC)
    }

    /// The same in a zone, where a day later is the same time of the day, also when clocks are changed.
    #[rhai_fn(name = "add", return_raw)]
    pub fn add_units_in(time: i64, units: Map, zone: &str) -> Fallible<i64> {
        moved_by_units(time, units, zone)
    }

    /// When the `"minute"`, `"hour"`, `"day"`, `"week"` (on Monday), `"month"` or `"year"` of a moment begins, in UTC.
    /// Another unit: throws `bad_unit`.
    #[rhai_fn(name = "start_of", return_raw)]
    pub fn start_of(time: i64, unit: &str) -> Fallible<i64> {
        begun(time, unit, UTC)
    }

    /// The same in a zone.
    #[rhai_fn(name = "start_of", return_raw)]
    pub fn start_of_in(time: i64, unit: &str, zone: &str) -> Fallible<i64> {
        begun(time, unit, zone)
    }
}
