//! Schedules beside other ways to find the same: minute by minute, and by the crate croner.

use croner::Cron as Croner;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;

use super::{CatchUp, END_MS, MISSED_MAX, Schedule, tick};

/// Zones of all kinds: an hour, half an hour and two hours of difference, at night, at midnight, in the south, in winter,
/// with a month of its own, with quarters of hours.
const ZONES: [&str; 12] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "America/Santiago",
    "Europe/Dublin",
    "Africa/Casablanca",
    "America/St_Johns",
    "Pacific/Chatham",
    "Asia/Beirut",
    "America/Havana",
    "UTC",
];

/// What a schedule has to do at a minute, by the words of `docs/schedules.md`.
fn is_due(croner: &Croner, rhythm: bool, zone: &TimeZone, at: Timestamp) -> bool {
    let matches = |shown: &DateTime| croner.is_time_matching(shown).expect("a time");
    let shown = zone.to_datetime(at);
    if rhythm {
        return matches(&shown);
    }
    let minute = SignedDuration::from_mins(1);
    let before = zone.to_datetime(at - minute) + minute;
    let mut skipped = std::iter::successors(Some(before), |at| Some(*at + minute)).take_while(|at| *at < shown);
    let first = zone.to_ambiguous_timestamp(shown).earlier().expect("a time") == at;
    first && matches(&shown) || skipped.any(|skipped| matches(&skipped))
}

/// The numbers of a field, without a `*`.
fn list(min: u8, max: u8) -> impl Strategy<Value = String> {
    let item = (min..=max, min..=max, 1..=4u8, 0..3u8).prop_map(move |(a, b, step, kind)| {
        let (a, b) = (a.min(b), a.max(b));
        match kind {
            0 => a.to_string(),
            1 => format!("{a}-{b}"),
            _ => format!("{a}-{b}/{step}"),
        }
    });
    prop::collection::vec(item, 1..3).prop_map(|items| items.join(","))
}

fn field(min: u8, max: u8) -> impl Strategy<Value = String> {
    let starred = (1..=max - min).prop_map(|step| format!("*/{step}"));
    prop_oneof![Just("*".to_owned()), starred, list(min, max)]
}

/// Days of the month and days of the week. A `*` with a step is not the same for all.
fn days() -> impl Strategy<Value = String> {
    let of_month = || {
        let nearest = (1..=31u8).prop_map(|day| format!("{day}W"));
        prop_oneof![list(1, 31), nearest, Just("L".to_owned()), Just("LW".to_owned())]
    };
    let of_week = || {
        let nth = (0..=7u8, 1..=5u8).prop_map(|(day, nth)| format!("{day}#{nth}"));
        let last = (0..=7u8).prop_map(|day| format!("{day}L"));
        let named = prop::sample::select(vec!["MON-FRI", "sat,sun", "FRI-SUN", "Tue", "thu#3"]);
        prop_oneof![list(0, 7), nth, last, named.prop_map(str::to_owned)]
    };
    let any = || Just("*".to_owned());
    prop_oneof![
        (any(), any()),
        (of_month(), any()),
        (field(1, 31), any()),
        (any(), of_week()),
        (of_month(), of_week()),
    ]
    .prop_flat_map(|(of_month, of_week)| (Just(of_month), field(1, 12), Just(of_week)))
    .prop_map(|(of_month, months, of_week)| format!("{of_month} {months} {of_week}"))
}

/// Texts as whoever means harm may write them.
fn any_text() -> impl Strategy<Value = String> {
    let parts = vec![
        "*", "/", "-", ",", "#", "L", "W", "?", "0", "1", "5", "59", "99999", "MON", "JAN", "@", "daily", "every",
        "90s", "1h", "ms", " ", " ", " ", "\t", "é", "４", "\0",
    ];
    let made = prop::collection::vec(prop::sample::select(parts), 0..40).prop_map(|parts| parts.concat());
    prop_oneof![any::<String>(), made]
}

fn ascends(times: &[i64], after: i64) -> bool {
    times.first().is_none_or(|first| *first > after) && times.is_sorted_by(|one, next| one < next)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn local_times_are_those_of_croner(
        seconds in field(0, 59), minutes in field(0, 59), hours in field(0, 23), days in days(),
        after in 0..4_000_000_000i64,
    ) {
        let text = format!("{seconds} {minutes} {hours} {days}");
        let schedule = Schedule::parse(&text, "UTC").expect(&text);
        let croner: Croner = text.parse().expect(&text);
        let mut at = Timestamp::from_second(after).unwrap().to_zoned(TimeZone::UTC);
        for found in schedule.upcoming(after * 1000, 3) {
            at = croner.find_next_occurrence(&at, false).expect(&text);
            prop_assert_eq!(found, at.timestamp().as_millisecond(), "{} after {}", text, after);
        }
        if schedule.next_after(after * 1000).is_none() {
            prop_assert!(croner.find_next_occurrence(&at, false).is_err(), "{}", text);
        }
    }

    #[test]
    fn around_a_change_of_clocks_it_is_what_a_look_at_each_minute_finds(
        zone in prop::sample::select(&ZONES[..]), minutes in field(0, 59), hours in field(0, 4), days in days(),
        year in 1_700_000_000..3_000_000_000i64, back in 0..600i64,
    ) {
        let text = format!("{minutes} {hours} {days}");
        let schedule = Schedule::parse(&text, zone).expect(&text);
        let (croner, rhythm) = (text.parse().expect(&text), minutes.contains('*') || hours.contains('*'));
        let (tz, year) = (TimeZone::get(zone).unwrap(), Timestamp::from_second(year).unwrap());
        let change = tz.following(year).next().map_or(year, |change| change.timestamp());
        let start = Timestamp::from_second((change.as_second() / 60 - back) * 60).unwrap();
        let each: Vec<i64> = (1..=900i64)
            .map(|minute| start + minute.minutes())
            .filter(|at| is_due(&croner, rhythm, &tz, *at))
            .map(Timestamp::as_millisecond)
            .collect();
        let end = (start + 900.minutes()).as_millisecond();
        let next = |at: &i64| schedule.next_after(*at);
        let found = std::iter::successors(next(&start.as_millisecond()), next).take_while(|at| *at <= end);
        prop_assert_eq!(found.collect::<Vec<_>>(), each, "{} in {} from {}", text, zone, start);
    }

    #[test]
    fn times_ascend_whatever_is_asked(
        seconds in field(0, 59), minutes in field(0, 59), hours in field(0, 23), days in days(),
        zone in prop::sample::select(&ZONES[..]), after in prop_oneof![any::<i64>(), -1..END_MS],
    ) {
        let schedule = Schedule::parse(&format!("{seconds} {minutes} {hours} {days}"), zone).unwrap();
        let times = schedule.upcoming(after, 5);
        prop_assert!(ascends(&times, after), "{:?} after {}", times, after);
        for at in times {
            prop_assert_eq!(at, schedule.next_after(at - 1).unwrap());
            prop_assert!((0..END_MS).contains(&at) && at % 1000 == 0);
        }
    }

    #[test]
    fn whatever_the_clock_does_each_time_fires_once_or_was_missed(
        text in prop::sample::select(vec!["*/20 * * * * *", "*/7 * * * *", "30 2 * * *", "every 11s", "every 45m"]),
        start in 1_700_000_000_000..2_000_000_000_000i64, once in any::<bool>(),
        steps in prop::collection::vec(prop_oneof![-7_200_000..10_800_000i64, 0..15_000i64], 1..20),
    ) {
        let schedule = Schedule::parse(text, "Europe/Berlin").unwrap();
        let (mut due, mut now, mut fired) = (schedule.next_after(start).unwrap(), start, Vec::new());
        for step in steps {
            now += step;
            let passed = std::iter::successors(Some(due), |at| schedule.next_after(*at)).take_while(|at| *at <= now);
            let passed: Vec<i64> = passed.collect();
            let tick = tick(&schedule, due, now, if once { CatchUp::Once } else { CatchUp::None });
            prop_assert_eq!(passed.len(), tick.fires.len() + tick.missed as usize);
            prop_assert!(tick.missed < MISSED_MAX && passed.ends_with(&tick.fires));
            prop_assert!(!once || tick.fires.is_empty() == passed.is_empty());
            fired.extend(tick.fires);
            let next = passed.last().map_or(Some(due), |last| schedule.next_after(*last));
            prop_assert_eq!(tick.next, next);
            due = next.unwrap();
            prop_assert!(due > now);
        }
        prop_assert!(ascends(&fired, start), "{:?}", fired);
    }

    #[test]
    fn periods_are_multiples(period in 1..31_622_400i64, after in prop_oneof![any::<i64>(), -1..END_MS]) {
        let schedule = Schedule::parse(&format!("every {period}s"), "UTC").unwrap();
        let times = schedule.upcoming(after, 5);
        prop_assert!(ascends(&times, after), "{:?} after {}", times, after);
        prop_assert!(times.iter().all(|at| at % (period * 1000) == 0));
        prop_assert!(times.windows(2).all(|pair| pair[1] - pair[0] == period * 1000));
    }

    #[test]
    fn any_text_is_a_schedule_or_refused(text in any_text(), zone in any_text(), after in any::<i64>()) {
        prop_assert!(Schedule::parse("@daily", &zone).is_err());
        match Schedule::parse(&text, "Europe/Berlin") {
            Ok(schedule) => prop_assert!(ascends(&schedule.upcoming(after, 3), after)),
            Err(why) => prop_assert!(why.to_string().len() < 3000),
        }
    }
}
