//! A cron expression in a time zone: moments, where a clock on the wall skips an hour or shows one twice.

use super::cron::Cron;
use super::zone::{OFFSET_MAX, Stretch, Zone};

/// After so many seconds the calendar repeats itself, so nothing comes that has not come: 400 years.
const CYCLE: i64 = 146_097 * 86_400;

/// The first moment in `from..until`, in seconds since 1970.
pub(super) fn first(cron: &Cron, zone: &Zone, from: i64, until: i64) -> Option<i64> {
    let until = until.min(from.saturating_add(CYCLE));
    let mut from = from;
    while from < until {
        // Whatever clocks show from now on, they show none of these local times before that.
        let earliest = cron.first(from - OFFSET_MAX, until + OFFSET_MAX)?;
        from = from.max(earliest - OFFSET_MAX);
        let stretch = zone.stretch(from)?;
        let end = stretch.end.map_or(until, |end| end.min(until));
        if let Some(at) = first_in(cron, &stretch, from, end) {
            return Some(at);
        }
        from = end;
    }
    None
}

/// The first moment in a stretch, in `from..end` of it.
fn first_in(cron: &Cron, stretch: &Stretch, from: i64, end: i64) -> Option<i64> {
    let mut shown = from + stretch.offset;
    if let Some(start) = stretch.start.filter(|_| !cron.is_rhythm()) {
        // Clocks went from `before` to `after`.
        let (before, after) = (start.at + start.before, start.at + stretch.offset);
        if from == start.at && from < end && cron.first(before, after).is_some() {
            // A time of the day that was skipped is due at once; several are so together.
            return Some(from);
        }
        // A time of the day that is shown again was due the first time.
        shown = shown.max(before);
    }
    Some(cron.first(shown, end + stretch.offset)? - stretch.offset)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::super::Schedule;

    /// What clocks there show when it is due, from a moment on.
    fn shown(expression: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::parse(expression, zone).expect(expression);
        let from: Timestamp = from.parse().expect(from);
        let tz = TimeZone::get(zone).expect(zone);
        let times = schedule.upcoming(from.as_millisecond(), count).into_iter();
        let times = times.map(|at| Timestamp::from_millisecond(at).unwrap().to_zoned(tz.clone()));
        times.map(|at| at.strftime("%d %H:%M%:z").to_string()).collect()
    }

    #[test]
    fn in_berlin() {
        // Clocks are set forth from 02:00 to 03:00.
        let of = |expression, count| shown(expression, "Europe/Berlin", "2027-03-28T00:00:00Z", count);
        assert_eq!(of("30 2 * * *", 2), ["28 03:00+02:00", "29 02:30+02:00"]);
        assert_eq!(of("30 * * * *", 2), ["28 01:30+01:00", "28 03:30+02:00"]);
        assert_eq!(of("*/20 2 * * *", 2), ["29 02:00+02:00", "29 02:20+02:00"]);
        assert_eq!(
            of("0,30 2,3 * * *", 3),
            ["28 03:00+02:00", "28 03:30+02:00", "29 02:00+02:00"]
        );
        // And back from 03:00 to 02:00.
        let of = |expression, count| shown(expression, "Europe/Berlin", "2027-10-30T23:00:00Z", count);
        assert_eq!(of("30 2 * * *", 2), ["31 02:30+02:00", "01 02:30+01:00"]);
        assert_eq!(
            of("30 * * * *", 4),
            ["31 01:30+02:00", "31 02:30+02:00", "31 02:30+01:00", "31 03:30+01:00"]
        );
        assert_eq!(
            of("*/30 2 * * *", 5),
            [
                "31 02:00+02:00",
                "31 02:30+02:00",
                "31 02:00+01:00",
                "31 02:30+01:00",
                "01 02:00+01:00"
            ]
        );
        assert_eq!(
            of("0,30 2 * * *", 3),
            ["31 02:00+02:00", "31 02:30+02:00", "01 02:00+01:00"]
        );
    }

    #[test]
    fn in_new_york() {
        // Forth from 02:00 to 03:00.
        let of = |expression, count| shown(expression, "America/New_York", "2027-03-14T06:00:00Z", count);
        assert_eq!(of("30 2 * * *", 2), ["14 03:00-04:00", "15 02:30-04:00"]);
        assert_eq!(of("30 * * * *", 2), ["14 01:30-05:00", "14 03:30-04:00"]);
        assert_eq!(of("*/20 2 * * *", 2), ["15 02:00-04:00", "15 02:20-04:00"]);
        // Back from 02:00 to 01:00.
        let of = |expression, count| shown(expression, "America/New_York", "2027-11-07T04:00:00Z", count);
        assert_eq!(of("30 1 * * *", 2), ["07 01:30-04:00", "08 01:30-05:00"]);
        assert_eq!(
            of("30 * * * *", 4),
            ["07 00:30-04:00", "07 01:30-04:00", "07 01:30-05:00", "07 02:30-05:00"]
        );
        assert_eq!(
            of("*/30 1 * * *", 5),
            [
                "07 01:00-04:00",
                "07 01:30-04:00",
                "07 01:00-05:00",
                "07 01:30-05:00",
                "08 01:00-05:00"
            ]
        );
    }

    #[test]
    fn on_lord_howe_island() {
        // Forth from 02:00 to 02:30.
        let of = |expression, count| shown(expression, "Australia/Lord_Howe", "2027-10-02T14:30:00Z", count);
        assert_eq!(of("15 2 * * *", 2), ["03 02:30+11:00", "04 02:15+11:00"]);
        assert_eq!(of("45 2 * * *", 2), ["03 02:45+11:00", "04 02:45+11:00"]);
        assert_eq!(of("15 * * * *", 2), ["03 01:15+10:30", "03 03:15+11:00"]);
        assert_eq!(of("0 * * * *", 2), ["03 03:00+11:00", "03 04:00+11:00"]);
        assert_eq!(of("*/20 2 * * *", 2), ["03 02:40+11:00", "04 02:00+11:00"]);
        // Back from 02:00 to 01:30.
        let of = |expression, count| shown(expression, "Australia/Lord_Howe", "2027-04-03T13:30:00Z", count);
        assert_eq!(of("45 1 * * *", 2), ["04 01:45+11:00", "05 01:45+10:30"]);
        assert_eq!(of("15 1 * * *", 2), ["04 01:15+11:00", "05 01:15+10:30"]);
        assert_eq!(
            of("45 * * * *", 4),
            ["04 00:45+11:00", "04 01:45+11:00", "04 01:45+10:30", "04 02:45+10:30"]
        );
        assert_eq!(
            of("*/20 1 * * *", 5),
            [
                "04 01:00+11:00",
                "04 01:20+11:00",
                "04 01:40+11:00",
                "04 01:40+10:30",
                "05 01:00+10:30"
            ]
        );
    }

    #[test]
    fn a_whole_day_may_be_skipped() {
        // Samoa had no 30 December 2011.
        let of = |expression, count| shown(expression, "Pacific/Apia", "2011-12-29T20:00:00Z", count);
        assert_eq!(of("0 9 * * *", 2), ["31 00:00+14:00", "31 09:00+14:00"]);
        assert_eq!(of("0 * * * *", 2)[..1], ["29 11:00-10:00"]);
    }

    #[test]
    fn a_rhythm_in_an_hour_that_is_always_skipped_never_comes() {
        let none: [String; 0] = [];
        assert_eq!(
            shown("* 2 * 3 SUN#2", "America/New_York", "2027-01-01T00:00:00Z", 1),
            none
        );
        assert_eq!(
            shown("0 2 * 3 SUN#2", "America/New_York", "2027-01-01T00:00:00Z", 2),
            ["14 03:00-04:00", "12 03:00-04:00"]
        );
    }
}
