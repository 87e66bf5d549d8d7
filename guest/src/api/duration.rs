//! Durations as people write them: `90s`, `1h30m`.

/// What each unit is in milliseconds.
const UNITS: [(&str, u64); 6] = [
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

/// In milliseconds; a sentence when it is none.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no duration; write it like \"90s\", \"1h30m\" or \"7d\" (ms, s, m, h, d, w)");
    let mut rest = text.trim();
    let mut all: u64 = 0;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = &rest[digits..digits + letters];
        let (_, unit_ms) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        let count: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        all = count
            .checked_mul(*unit_ms)
            .and_then(|ms| all.checked_add(ms))
            .ok_or_else(wrong)?;
        rest = rest[digits + letters..].trim_start();
    }
    Ok(all)
}
