//! Durations as people write them, by the same rule as for scripts: `90s`, `1h30m`.

/// What each unit is in milliseconds.
const UNITS: [(&str, u64); 6] = [
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

/// In milliseconds.
///
/// # Errors
/// A sentence when it is none.
pub fn parse(text: &str) -> Result<u64, String> {
    let milliseconds = || {
        let mut rest = text.trim();
        let mut all: u64 = 0;
        while !rest.is_empty() {
            let (count, after) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
            let (unit, after) = after.split_at(after.bytes().take_while(u8::is_ascii_alphabetic).count());
            let (_, unit_ms) = UNITS.iter().find(|(name, _)| *name == unit)?;
            all = all.checked_add(count.parse::<u64>().ok()?.checked_mul(*unit_ms)?)?;
            rest = after.trim_start();
        }
        (!text.trim().is_empty()).then_some(all)
    };
    milliseconds().ok_or_else(|| {
        format!("{text:?} is no duration; write it like \"90s\", \"1h30m\" or \"7d\" (ms, s, m, h, d, w)")
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn units_add_up() {
        assert_eq!(parse(" 1h30m "), Ok(5_400_000));
        assert_eq!(parse("2w 1ms"), Ok(1_209_600_001));
        assert_eq!(parse("0s"), Ok(0));
        for bad in [
            "",
            "soon",
            "1",
            "s",
            "1.5h",
            "-1s",
            "1y",
            "99999999999999999999s",
            "9999999999999w9999999999999w",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
