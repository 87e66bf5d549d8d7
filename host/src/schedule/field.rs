//! One field of a cron expression: the numbers that it allows, as bits.

use super::invalid::Invalid;

/// What may stand in a field.
pub(super) struct Field {
    name: &'static str,
    min: u8,
    max: u8,
    /// What else the numbers are called, from `min` on.
    names: &'static [&'static str],
    /// What else may be written, for the sentence about what is wrong.
    also: &'static str,
}

pub(super) const SECONDS: Field = Field::of("seconds", 0, 59);
pub(super) const MINUTES: Field = Field::of("minutes", 0, 59);
pub(super) const HOURS: Field = Field::of("hours", 0, 23);
pub(super) const DAYS: Field = Field {
    also: ", L (the last day), LW (the last one from Monday to Friday), 15W (the one nearest to the 15th)",
    ..Field::of("days of the month", 1, 31)
};
pub(super) const MONTHS: Field = Field {
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
    also: ", JAN to DEC",
    ..Field::of("months", 1, 12)
};
/// Sunday is 0 and 7.
pub(super) const WEEKDAYS: Field = Field {
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    also: ", SUN to SAT, FRI#2 (the second Friday), FRIL (the last Friday)",
    ..Field::of("days of the week", 0, 7)
};

impl Field {
    const fn of(name: &'static str, min: u8, max: u8) -> Self {
        Self {
            name,
            min,
            max,
            names: &[],
            also: "",
        }
    }

    /// The numbers of a list.
    pub(super) fn list(&self, text: &str) -> Result<u64, Invalid> {
        text.split(',').try_fold(0, |all, item| Ok(all | self.item(item)?))
    }

    /// The numbers of what stands between commas: `*`, `5`, `1-5`, each but the second with a step (`*/2`).
    pub(super) fn item(&self, item: &str) -> Result<u64, Invalid> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(self.step(item, step)?)),
            None => (item, None),
        };
        let (first, last) = match (range, range.split_once('-')) {
            ("*", _) => (self.min, self.max),
            (_, Some((first, last))) => self.range(item, first, last)?,
            (_, None) => {
                let number = self.number(item, range)?;
                if let Some(step) = step {
                    let max = self.max;
                    return Err(self.bad(item, &format!("has a step and no range; write {number}-{max}/{step}")));
                }
                (number, number)
            }
        };
        let numbers = (first..=last).step_by(step.unwrap_or(1).into());
        Ok(numbers.fold(0, |all, number| all | 1 << number))
    }

    fn range(&self, item: &str, first: &str, last: &str) -> Result<(u8, u8), Invalid> {
        let named = last.starts_with(|c: char| c.is_ascii_alphabetic());
        let (first, last) = (self.number(item, first)?, self.number(item, last)?);
        // FRI-SUN: Sunday ends a week as well as it begins one.
        let last = if named && last == 0 && first > 0 {
            self.max
        } else {
            last
        };
        if first > last {
            return Err(self.bad(
                item,
                &format!("runs backwards; write {first}-{},{}-{last}", self.max, self.min),
            ));
        }
        Ok((first, last))
    }

    fn step(&self, item: &str, step: &str) -> Result<u8, Invalid> {
        let step_max = self.max - self.min;
        digits(step)
            .filter(|step| (1..=step_max).contains(step))
            .ok_or_else(|| self.bad(item, &format!("has the step {step:?}, and 1 to {step_max} may be one")))
    }

    /// A number, or a name of one, that stands in `item`.
    pub(super) fn number(&self, item: &str, text: &str) -> Result<u8, Invalid> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        named
            .and_then(|at| u8::try_from(at).ok())
            .map(|at| at + self.min)
            .or_else(|| digits(text).filter(|number| (self.min..=self.max).contains(number)))
            .ok_or_else(|| {
                let of_it = if text == item {
                    String::new()
                } else {
                    format!(": {text:?}")
                };
                self.bad(item, &format!("is not allowed{of_it}"))
            })
    }

    /// That `item` cannot stand here, and what can.
    pub(super) fn bad(&self, item: &str, why: &str) -> Invalid {
        let Self {
            name, min, max, also, ..
        } = self;
        Invalid::expression(format!(
            "{name}: {item:?} {why}. Allowed are *, {min} to {max}{also}, ranges (2-5), steps (*/2, 2-6/2), and lists of \
             them (1,3-5)"
        ))
    }
}

/// Digits and nothing else; no sign.
fn digits(text: &str) -> Option<u8> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(field: &Field, text: &str) -> Vec<u8> {
        let bits = field.list(text).expect(text);
        (0..64).filter(|number| bits & 1 << number != 0).collect()
    }

    #[test]
    fn numbers_ranges_steps_and_lists() {
        assert_eq!(numbers(&MINUTES, "*").len(), 60);
        assert_eq!(numbers(&HOURS, "*/6"), [0, 6, 12, 18]);
        assert_eq!(
            numbers(&MINUTES, "5,07,50-53,10-20/5"),
            [5, 7, 10, 15, 20, 50, 51, 52, 53]
        );
        assert_eq!(numbers(&MONTHS, "jan,Mar-MAY,12"), [1, 3, 4, 5, 12]);
        assert_eq!(numbers(&WEEKDAYS, "FRI-SUN"), [5, 6, 7]);
        assert_eq!(numbers(&WEEKDAYS, "SUN-SUN"), [0]);
        assert_eq!(numbers(&WEEKDAYS, "SUN-TUE,7"), [0, 1, 2, 7]);
        assert_eq!(numbers(&DAYS, "*/10"), [1, 11, 21, 31]);
        assert_eq!(numbers(&SECONDS, "0-59/59"), [0, 59]);
    }

    #[test]
    fn what_is_wrong_names_field_value_and_what_is_allowed() {
        for (field, text, why) in [
            (
                &MINUTES,
                "60",
                r#"minutes: "60" is not allowed. Allowed are *, 0 to 59, "#,
            ),
            (
                &HOURS,
                "1,24",
                r#"hours: "24" is not allowed. Allowed are *, 0 to 23, "#,
            ),
            (
                &DAYS,
                "0",
                r#"days of the month: "0" is not allowed. Allowed are *, 1 to 31, L "#,
            ),
            (
                &MONTHS,
                "JANUARY",
                r#"months: "JANUARY" is not allowed. Allowed are *, 1 to 12, JAN to DEC, "#,
            ),
            (&MINUTES, "0-99999", r#""0-99999" is not allowed: "99999""#),
            (&MINUTES, "*/0", r#""*/0" has the step "0", and 1 to 59 may be one"#),
            (&MINUTES, "*/60", "1 to 59 may be one"),
            (&HOURS, "0-6/-1", r#"has the step "-1", and 1 to 23"#),
            (&MINUTES, "5/15", r#""5/15" has a step and no range; write 5-59/15"#),
            (&HOURS, "22-2", r#""22-2" runs backwards; write 22-23,0-2"#),
            (&WEEKDAYS, "FRI-MON", "runs backwards; write 5-7,0-1"),
            (&WEEKDAYS, "5-0", r#""5-0" runs backwards; write 5-7,0-0"#),
            (&WEEKDAYS, "8", "days of the week: "),
        ] {
            let said = field.list(text).expect_err(text).to_string();
            assert!(said.contains(why), "{text}: {said}");
        }
        for none in [
            "",
            ",",
            "1,,2",
            "1,",
            "-",
            "1-",
            "-1",
            "1-2-3",
            "/",
            "*/",
            "/2",
            "**",
            "*1",
            "+1",
            "1 ",
            "1.5",
            "0x1",
            "１",
            "4294967297",
            "?",
            "*-5",
            "*/*",
            "1/2/3",
            "MON",
            "L",
        ] {
            assert!(MINUTES.list(none).is_err(), "{none:?}");
        }
    }
}
