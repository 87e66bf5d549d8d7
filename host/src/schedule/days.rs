//! On which days of a month something is due: the days of the month and of the week of a cron expression.

use super::field::{DAYS, WEEKDAYS};
use super::invalid::Invalid;

/// On which days.
#[derive(Debug, Clone)]
pub(super) struct Days {
    /// Bits 1 to 31.
    of_month: u64,
    /// `15W`: what is nearest to these, from Monday to Friday.
    nearest: u64,
    /// `L`.
    last: bool,
    /// `LW`.
    last_nearest: bool,
    /// Bits 0 (Sunday) to 6.
    of_week: u64,
    /// `FRI#2`: the first, second ... of the month, as bits like those of `of_week`.
    nth: [u64; 5],
    /// `FRIL`.
    last_of_week: u64,
    /// Both fields restrict the days: then either is enough.
    either: bool,
}

/// A month as far as days ask.
#[derive(Debug, Clone, Copy)]
pub(super) struct Month {
    /// Which day of the week it begins with; 0 is Sunday.
    pub(super) begins: u8,
    /// How many days it has.
    pub(super) days: u8,
}

impl Month {
    const fn weekday(self, day: u8) -> u8 {
        (self.begins + day - 1) % 7
    }

    /// The day from Monday to Friday that is nearest to `day`, in this month.
    const fn nearest(self, day: u8) -> u8 {
        match self.weekday(day) {
            6 if day == 1 => 3,
            6 => day - 1,
            0 if day == self.days => day - 2,
            0 => day + 1,
            _ => day,
        }
    }
}

impl Days {
    pub(super) fn parse(of_month: &str, of_week: &str) -> Result<Self, Invalid> {
        let mut days = Self {
            of_month: 0,
            nearest: 0,
            last: false,
            last_nearest: false,
            of_week: 0,
            nth: [0; 5],
            last_of_week: 0,
            either: !of_month.contains('*') && !of_week.contains('*'),
        };
        for item in of_month.split(',') {
            days.add_of_month(item)?;
        }
        for item in of_week.split(',') {
            days.add_of_week(item)?;
        }
        Ok(days)
    }

    fn add_of_month(&mut self, item: &str) -> Result<(), Invalid> {
        if item.eq_ignore_ascii_case("L") {
            self.last = true;
        } else if item.eq_ignore_ascii_case("LW") {
            self.last_nearest = true;
        } else if let Some(day) = item.strip_suffix(['W', 'w']) {
            self.nearest |= 1 << DAYS.number(item, day)?;
        } else {
            self.of_month |= DAYS.item(item)?;
        }
        Ok(())
    }

    fn add_of_week(&mut self, item: &str) -> Result<(), Invalid> {
        let bit = |day| Ok(1 << (WEEKDAYS.number(item, day)? % 7));
        if let Some((day, nth)) = item.split_once('#') {
            let at = ["1", "2", "3", "4", "5"].iter().position(|known| *known == nth);
            let Some(at) = at else {
                return Err(WEEKDAYS.bad(item, &format!("has {nth:?} after the #, and 1 to 5 may be there")));
            };
            self.nth[at] |= bit(day)?;
        } else if let Some(day) = item.strip_suffix(['L', 'l']).filter(|day| !day.is_empty()) {
            self.last_of_week |= bit(day)?;
        } else {
            let days = WEEKDAYS.item(item)?;
            self.of_week |= days & 0x7f | days >> 7;
        }
        Ok(())
    }

    /// Whether the `day` of this month is one.
    pub(super) fn has(&self, month: Month, day: u8) -> bool {
        let of_month = self.by_month(month, day);
        let of_week = self.by_week(month, day);
        if self.either {
            of_month || of_week
        } else {
            of_month && of_week
        }
    }

    fn by_month(&self, month: Month, day: u8) -> bool {
        // What is nearest is at most two days away.
        let near =
            || (day.saturating_sub(2).max(1)..=(day + 2).min(month.days)).filter(|near| has(self.nearest, *near));
        has(self.of_month, day)
            || self.last && day == month.days
            || self.last_nearest && day == month.nearest(month.days)
            || self.nearest != 0 && near().any(|near| month.nearest(near) == day)
    }

    fn by_week(&self, month: Month, day: u8) -> bool {
        let weekday = month.weekday(day);
        has(self.of_week, weekday)
            || has(self.nth[usize::from((day - 1) / 7)], weekday)
            || has(self.last_of_week, weekday) && day + 7 > month.days
    }
}

const fn has(bits: u64, number: u8) -> bool {
    bits >> number & 1 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which days of a month of `days` that begins with `begins`.
    fn of(expression: &str, begins: u8, days: u8) -> Vec<u8> {
        let (of_month, of_week) = expression.split_once(' ').expect(expression);
        let found = Days::parse(of_month, of_week).expect(expression);
        let month = Month { begins, days };
        (1..=days).filter(|day| found.has(month, *day)).collect()
    }

    #[test]
    fn days_of_the_month_and_of_the_week() {
        // February 2026 begins on a Sunday.
        for (expression, days) in [
            ("* MON", &[2, 9, 16, 23][..]),
            ("13 *", &[13]),
            ("13 FRI", &[6, 13, 20, 27]),
            ("14 FRI", &[6, 13, 14, 20, 27]),
            ("*/10 SUN", &[1]),
            ("1-15 */6", &[1, 7, 8, 14, 15]),
            ("29-31 *", &[]),
            ("L *", &[28]),
            ("LW *", &[27]),
            ("1W *", &[2]),
            ("14W,15W *", &[13, 16]),
            ("28W *", &[27]),
            ("31W *", &[]),
            ("* FRI#2", &[13]),
            ("* fri#1,0#4", &[6, 22]),
            ("* MON#5", &[]),
            ("* FRIL", &[27]),
            ("* 7l", &[22]),
            ("L MON#1,7", &[1, 2, 8, 15, 22, 28]),
        ] {
            assert_eq!(of(expression, 0, 28), days, "{expression}");
        }
    }

    #[test]
    fn the_nearest_weekday_stays_in_its_month() {
        // August 2026: from a Saturday to a Monday. May 2026: from a Friday to a Sunday.
        assert_eq!(of("1W,30W *", 6, 31), [3, 31]);
        assert_eq!(of("LW *", 6, 31), [31]);
        assert_eq!(of("LW *", 5, 31), [29]);
        assert_eq!(of("31W,2W *", 5, 31), [1, 29]);
    }

    #[test]
    fn other_forms_are_refused() {
        for (of_month, of_week, why) in [
            (
                "L-3",
                "*",
                r#"days of the month: "L-3" is not allowed: "L". Allowed are"#,
            ),
            ("W", "*", r#""W" is not allowed: """#),
            ("1-5W", "*", r#""1-5W" is not allowed: "1-5""#),
            ("32W", "*", r#""32W" is not allowed: "32""#),
            ("?", "*", r#""?" is not allowed"#),
            ("*", "?", r#"days of the week: "?" is not allowed"#),
            ("*", "L", r#"days of the week: "L" is not allowed"#),
            ("*", "FRI#6", r#""FRI#6" has "6" after the #, and 1 to 5 may be there"#),
            ("*", "FRI#0", r#"has "0" after the #"#),
            ("*", "1-5#2", r#""1-5#2" is not allowed: "1-5""#),
            ("*", "#2", r##""#2" is not allowed: """##),
            ("*", "FRI#L", r#"has "L" after the #"#),
            ("*", "+MON", r#""+MON" is not allowed"#),
            ("*", "JAN", r#""JAN" is not allowed"#),
        ] {
            let said = Days::parse(of_month, of_week).expect_err(why).to_string();
            assert!(said.contains(why), "{of_month} {of_week}: {said}");
        }
    }
}
