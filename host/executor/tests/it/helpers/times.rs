//! Moments, random numbers and ids.

use super::{give, throw};
use crate::harness::check;

/// RFC 3339, 5.8, and RFC 2822, A.1 and 3.3.
#[tokio::test]
async fn times_are_read_as_people_write_them() {
    give(&[
        ("time::now() == ctx.now && time::now() == 1700000000000", "true"),
        (r#"time::parse("1985-04-12T23:20:50.52Z")"#, "482196050520"),
        (r#"time::parse("1996-12-19T16:39:57-08:00")"#, "851042397000"),
        (r#"time::parse("1990-12-31T23:59:60Z")"#, "662687999000"),
        (r#"time::parse("1937-01-01T12:00:27.87+00:20")"#, "-1041337172130"),
        (r#"time::parse("2026-01-31t12:00:00z")"#, "1769860800000"),
        (r#"time::parse("2026-01-31 12:00:00.0009Z")"#, "1769860800000"),
        (r#"time::parse("1969-12-31T23:59:59.9999Z")"#, "-1"),
        (r#"time::parse("2026-01-31")"#, "1769817600000"),
        (r#"time::parse(" Fri, 21 Nov 1997 09:55:06 -0600 ")"#, "880127706000"),
        (r#"time::parse("Sun, 06 Nov 1994 08:49:37 GMT")"#, "784111777000"),
        (r#"time::parse("31.01.2026 13:05", "%d.%m.%Y %H:%M")"#, "1769864700000"),
        (
            r#"time::parse("31.01.2026", "%d.%m.%Y", "Europe/Zurich")"#,
            "1769814000000",
        ),
        (
            r#"time::parse("2026-01-31 00:00 +0200", "%Y-%m-%d %H:%M %z", "Europe/Zurich")"#,
            "1769810400000",
        ),
        (r#"time::parse("1769810400", "%s")"#, "1769810400000"),
    ])
    .await;
    throw(&[
        (r#"time::parse("")"#, "bad_time"),
        (r#"time::parse("tomorrow")"#, "bad_time"),
        (r#"time::parse("2026-01-31T12:00:00")"#, "bad_time"),
        (r#"time::parse("2026-02-30")"#, "bad_time"),
        (r#"time::parse("2026-02-30T00:00:00Z")"#, "bad_time"),
        (r#"time::parse("2026-01-31T25:00:00Z")"#, "bad_time"),
        (r#"time::parse("Mon, 21 Nov 1997 09:55:06 -0600")"#, "bad_time"),
        (r#"time::parse("+99999-01-01T00:00:00Z")"#, "bad_time"),
        (r#"time::parse("x", "%Y")"#, "bad_time"),
        (r#"time::parse("2026", "%")"#, "bad_time"),
        (r#"time::parse("12:00", "%H:%M")"#, "bad_time"),
        (r#"time::parse("2026-01-31", "%Y-%m-%d", "Moon/Base")"#, "bad_zone"),
        (r#"time::parse("2026-01-31", "%Y-%m-%d", "")"#, "bad_zone"),
    ])
    .await;
}

#[tokio::test]
async fn times_are_written_in_any_zone() {
    give(&[
        (r"time::format(0)", r#""1970-01-01T00:00:00Z""#),
        (r"time::format(-1)", r#""1969-12-31T23:59:59.999Z""#),
        (r"time::format(1700000000050)", r#""2023-11-14T22:13:20.050Z""#),
        (r"time::parse(time::format(1700000000050))", "1700000000050"),
        (r#"time::format(0, "%Y-%m-%d")"#, r#""1970-01-01""#),
        (r#"time::format(0, "%A %d %B, day %j %%")"#, r#""Thursday 01 January, day 001 %""#),
        (r#"time::format(1769860800000, "%H:%M %Z %:z", "Europe/Zurich")"#, r#""13:00 CET +01:00""#),
        (r#"time::format(1782907200000, "%H:%M %Z", "Europe/Zurich")"#, r#""14:00 CEST""#),
        (r#"time::format(0, "%H:%M", "-03:30")"#, r#""20:30""#),
        (r#"time::format(0, "%Q %z", "america/new_york")"#, r#""America/New_York -0500""#),
        (r#"time::format(0, "")"#, r#""""#),
        (
            r#"time::parts(1769860800123, "Europe/Zurich")"#,
            r#"{"day":31,"day_of_year":31,"hour":13,"millisecond":123,"minute":0,"month":1,"offset":"+01:00","second":0,"week":5,"weekday":6,"year":2026,"zone":"Europe/Zurich"}"#,
        ),
        ("time::parts(0).weekday", "4"),
        (r#"time::from_parts(time::parts(1769860800123, "Asia/Kathmandu"))"#, "1769860800123"),
        ("time::from_parts(#{year: 2026})", "1767225600000"),
        // In the night to 2026-03-29 there is no 02:30, in that to 2026-10-25 there are two.
        (r#"time::format(time::from_parts(#{year: 2026, month: 3, day: 29, hour: 2, minute: 30, zone: "Europe/Zurich"}))"#, r#""2026-03-29T01:30:00Z""#),
        (r#"time::format(time::from_parts(#{year: 2026, month: 10, day: 25, hour: 2, minute: 30, zone: "Europe/Zurich"}))"#, r#""2026-10-25T00:30:00Z""#),
    ])
    .await;
    throw(&[
        (r#"time::format(0, "%")"#, "bad_format"),
        (r#"time::format(0, "%!")"#, "bad_format"),
        (r#"time::format(0, "%Y", "Nowhere")"#, "bad_zone"),
        ("time::format(9223372036854775807)", "bad_time"),
        ("time::parts(-9223372036854775808)", "bad_time"),
        ("time::from_parts(#{})", "bad_option"),
        ("time::from_parts(#{year: 2026, month: 13})", "bad_option"),
        ("time::from_parts(#{year: 2025, month: 2, day: 29})", "bad_time"),
        ("time::from_parts(#{year: 2026, moth: 1})", "bad_option"),
        (
            "time::from_parts(#{year: 9999, month: 12, day: 31, hour: 23, zone: \"-12:00\"})",
            "bad_time",
        ),
    ])
    .await;
}

#[tokio::test]
async fn times_are_moved_by_durations_and_by_the_calendar() {
    let moved = |from: &str, rest: &str| format!("time::format(time::add(time::parse({from:?}), {rest}))");
    for (from, rest, then) in [
        ("2026-01-31T12:00:00Z", r#""1h30m""#, "2026-01-31T13:30:00Z"),
        ("2026-01-31T12:00:00Z", r#""-7d""#, "2026-01-24T12:00:00Z"),
        ("2026-01-31T12:00:00Z", "#{months: 1}", "2026-02-28T12:00:00Z"),
        ("2024-02-29T00:00:00Z", "#{years: 1, months: 1}", "2025-03-29T00:00:00Z"),
        (
            "2026-01-31T12:00:00Z",
            "#{weeks: -1, days: 1, hours: 2, minutes: -3, seconds: 4, milliseconds: 5}",
            "2026-01-25T13:57:04.005Z",
        ),
        ("2026-01-31T12:00:00Z", "#{}", "2026-01-31T12:00:00Z"),
        (
            "2026-03-28T12:00:00Z",
            r#"#{days: 1}, "Europe/Zurich""#,
            "2026-03-29T11:00:00Z",
        ),
        (
            "2026-03-28T12:00:00Z",
            r#"#{hours: 24}, "Europe/Zurich""#,
            "2026-03-29T12:00:00Z",
        ),
    ] {
        give(&[(&moved(from, rest), &format!("{then:?}"))]).await;
    }
    for (unit, start) in [
        ("minute", "2026-10-25T01:34:00Z"),
        ("hour", "2026-10-25T01:00:00Z"),
        ("day", "2026-10-24T22:00:00Z"),
        ("week", "2026-10-18T22:00:00Z"),
        ("month", "2026-09-30T22:00:00Z"),
        ("year", "2025-12-31T23:00:00Z"),
    ] {
        let source = format!(
            r#"time::format(time::start_of(time::parse("2026-10-25T01:34:56.789Z"), {unit:?}, "Europe/Zurich"))"#
        );
        give(&[(&source, &format!("{start:?}"))]).await;
    }
    give(&[(r#"time::start_of(-1, "day")"#, "-86400000")]).await;
    throw(&[
        (r#"time::add(0, "soon")"#, "bad_duration"),
        (r#"time::add(0, "")"#, "bad_duration"),
        (r#"time::add(0, "--1h")"#, "bad_duration"),
        (r#"time::add(0, "99999999999999999d")"#, "bad_duration"),
        (r#"time::add(0, "900000w")"#, "bad_time"),
        (r#"time::add(9223372036854775807, "1h")"#, "bad_time"),
        ("time::add(0, #{years: 20000})", "bad_time"),
        (
            "time::add(0, #{years: -20000, days: -7400000, milliseconds: -640000000000000})",
            "bad_time",
        ),
        ("time::add(0, #{years: 9223372036854775807})", "bad_option"),
        ("time::add(0, #{day: 1})", "bad_option"),
        ("time::add(0, #{days: 1.5})", "bad_option"),
        ("time::add(0, #{days: 1}, \"x\")", "bad_zone"),
        (r#"time::start_of(0, "decade")"#, "bad_unit"),
        (r#"time::start_of(-9223372036854775808, "week")"#, "bad_time"),
        (r#"time::start_of(-377705023201000, "week")"#, "bad_time"),
    ])
    .await;
}

/// The stream is the seed's: the same run has the same numbers.
#[tokio::test]
async fn random_numbers_are_the_runs_own() {
    give(&[
        ("random::int(5, 5)", "5"),
        (
            "let n = 0; for i in 0..1000 { let d = random::int(1, 6); if d >= 1 && d <= 6 { n += 1; } } n",
            "1000",
        ),
        (
            "let seen = #{}; for i in 0..1000 { seen[random::int(-1, 1).to_string()] = 1; } seen.keys().len",
            "3",
        ),
        (
            "type_of(random::int(-9223372036854775808, 9223372036854775807))",
            r#""i64""#,
        ),
        (
            "random::int(9223372036854775807, 9223372036854775807)",
            "9223372036854775807",
        ),
        (
            "let n = 0; for i in 0..1000 { let f = random::float(); if f >= 0.0 && f < 1.0 { n += 1; } } n",
            "1000",
        ),
        ("random::pick([])", "null"),
        ("const A = [7]; random::pick(A)", "7"),
        ("let a = [1, 2, 3]; random::pick(a) in a", "true"),
        ("random::shuffle([])", "[]"),
        (
            "let a = [1, 2, 3, 4]; let b = random::shuffle(a); b.sort(); a == [1, 2, 3, 4] && b == a",
            "true",
        ),
        ("random::bytes(0).len", "0"),
        ("random::bytes(65536).len", "65536"),
        ("random::bytes(16) != random::bytes(16)", "true"),
        ("random::int(0, 1000000) != random::int(0, 1000000)", "true"),
    ])
    .await;
    throw(&[
        ("random::int(2, 1)", "bad_argument"),
        ("random::bytes(-1)", "bad_argument"),
        ("random::bytes(65537)", "bad_argument"),
    ])
    .await;
    let drawn = "json::stringify([random::int(0, 1000000), random::float(), random::bytes(4), uuid::v4()])";
    assert_eq!(check(drawn).await, check(drawn).await);
}

/// RFC 9562, A.3 and A.6, for the forms.
#[tokio::test]
async fn uuids_are_rfc_9562s() {
    let like = |made: &str, form: &str| format!("regex::test({made}, \"^{form}$\")");
    let (v4, v7) = (
        like(
            "uuid::v4()",
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ),
        // The first 48 bits are the time, 1700000000000.
        like(
            "uuid::v7()",
            "018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ),
    );
    give(&[
        (&v4, "true"),
        (&v7, "true"),
        ("uuid::v4() != uuid::v4()", "true"),
        ("let ids = []; for i in 0..1000 { ids.push(uuid::v7()); } let sorted = ids; sorted.sort(); let n = sorted.len; sorted.dedup(); sorted == ids && n == 1000", "true"),
        (r#"uuid::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")"#, r#""017f22e2-79b0-7cc3-98c4-dc0c0c07398f""#),
        (r#"uuid::parse("919108f752d1432099baf8a8d8b6b0a6")"#, r#""919108f7-52d1-4320-99ba-f8a8d8b6b0a6""#),
        (r#"uuid::parse("{919108f7-52d1-4320-99ba-f8a8d8b6b0a6}")"#, r#""919108f7-52d1-4320-99ba-f8a8d8b6b0a6""#),
        (r#"uuid::parse("urn:uuid:919108f7-52d1-4320-99ba-f8a8d8b6b0a6")"#, r#""919108f7-52d1-4320-99ba-f8a8d8b6b0a6""#),
    ])
    .await;
    throw(&[
        (r#"uuid::parse("")"#, "bad_uuid"),
        (r#"uuid::parse("919108f7-52d1-4320-99ba-f8a8d8b6b0a")"#, "bad_uuid"),
        (r#"uuid::parse("ééééééééé-52d1-4320-99ba-f8a8d8b6b0a6")"#, "bad_uuid"),
    ])
    .await;
}
