//! Time zones: how far a clock on the wall is ahead of UTC, and when that changes.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::invalid::Invalid;

/// Bytes of a zone's name.
const NAME_BYTES_MAX: usize = 64;

/// No clock is further from UTC, in seconds.
pub(super) const OFFSET_MAX: i64 = 26 * 3600;

/// A time zone of the database that is part of this program, so that all servers mean the same.
#[derive(Debug, Clone)]
pub(super) struct Zone(TimeZone);

/// A while in which a zone's clocks are not changed; times in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// How it began; nothing when it always was so.
    pub(super) start: Option<Change>,
    /// How far clocks are ahead of UTC.
    pub(super) offset: i64,
    /// When it is over; nothing when it never is.
    pub(super) end: Option<i64>,
}

/// Clocks are changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) at: i64,
    /// How far clocks were ahead of UTC until then.
    pub(super) before: i64,
}

impl Zone {
    pub(super) fn parse(name: &str) -> Result<Self, Invalid> {
        if name.len() > NAME_BYTES_MAX {
            return Err(Invalid::zone(format!(
                "the time zone has {} bytes, {NAME_BYTES_MAX} are allowed",
                name.len()
            )));
        }
        let found = TimeZoneDatabase::bundled().get(name).ok();
        // "Etc/Unknown" is in the database and no zone.
        found.filter(|zone| !zone.is_unknown()).map(Self).ok_or_else(|| {
            Invalid::zone(format!(
                "{name:?} is no time zone of the IANA database; write one such as Europe/Berlin, America/New_York or UTC"
            ))
        })
    }

    /// The stretch that has this moment.
    pub(super) fn stretch(&self, at: i64) -> Option<Stretch> {
        let moment = |at| Timestamp::from_second(at).ok();
        let offset = |at| Some(i64::from(self.0.to_offset(moment(at)?).seconds()));
        let start = self.0.preceding(moment(at + 1)?).next();
        let start = start.and_then(|change| {
            let at = change.timestamp().as_second();
            let before = offset(at - 1)?;
            Some(Change { at, before })
        });
        let end = self.0.following(moment(at)?).next();
        Some(Stretch {
            start,
            offset: offset(at)?,
            end: end.map(|change| change.timestamp().as_second()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_names_of_the_database() {
        for name in [
            "UTC",
            "Europe/Berlin",
            "europe/berlin",
            "America/Argentina/ComodRivadavia",
            "Etc/GMT+12",
            "EST",
        ] {
            assert!(Zone::parse(name).is_ok(), "{name}");
        }
        for name in [
            "",
            " UTC",
            "UTC\0",
            "Europe/Berlim",
            "PST",
            "+02:00",
            "EST5EDT,M3.2.0,M11.1.0",
            "../../etc/localtime",
            "/etc/localtime",
            "posix/UTC",
            "Etc/Unknown",
        ] {
            let said = Zone::parse(name).expect_err(name);
            assert_eq!(said.field(), "zone");
            assert!(
                said.to_string().starts_with(&format!("{name:?} is no time zone")),
                "{said}"
            );
        }
        let said = Zone::parse(&"x".repeat(100_000)).unwrap_err().to_string();
        assert_eq!(said, "the time zone has 100000 bytes, 64 are allowed");
    }

    #[test]
    fn stretches_follow_each_other_without_a_gap() {
        for name in [
            "Europe/Berlin",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "Africa/Casablanca",
        ] {
            let zone = Zone::parse(name).unwrap();
            let mut stretch = zone.stretch(0).unwrap();
            for _ in 0..200 {
                let Some(end) = stretch.end else { break };
                assert_eq!(zone.stretch(end - 1).unwrap().offset, stretch.offset, "{name} {end}");
                let next = zone.stretch(end).unwrap();
                let start = next.start.unwrap();
                assert_eq!((start.at, start.before), (end, stretch.offset), "{name}");
                assert!(next.offset.abs() < OFFSET_MAX);
                stretch = next;
            }
        }
    }
}
