//! `decimal`: exact numbers, for money. A type of our own over the crate `rust_decimal`: what Rhai has under its feature
//! `decimal` brings functions that panic on some numbers (`tan`, `exp`), and an operator that no script could be kept from.

use rhai::plugin::*;
use rhai::{Array, Dynamic, Engine, EvalAltResult, Module, Position};
use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Fallible, refuse};
use crate::{value, words};

/// Digits behind the point that there are at most.
const SCALE_MAX: i64 = 28;
/// Longer numbers have no room.
const DIGITS_MAX: usize = 29;

pub(super) fn register(engine: &mut Engine, global: &mut Module) {
    engine.register_type_with_name::<Decimal>("decimal");
    combine_with_exported_module!(global, "decimal", functions);
    engine.register_static_module("decimal", exported_module!(namespaced).into());
    arithmetic(engine, ["+", "+="], Decimal::checked_add);
    arithmetic(engine, ["-", "-="], Decimal::checked_sub);
    arithmetic(engine, ["*", "*="], Decimal::checked_mul);
    arithmetic(engine, ["/", "/="], Decimal::checked_div);
    arithmetic(engine, ["%", "%="], Decimal::checked_rem);
    compared(engine, "==", |a, b| a == b);
    compared(engine, "!=", |a, b| a != b);
    compared(engine, "<", |a, b| a < b);
    compared(engine, "<=", |a, b| a <= b);
    compared(engine, ">", |a, b| a > b);
    compared(engine, ">=", |a, b| a >= b);
    for name in ["==", "!=", "<", "<=", ">", ">="] {
        engine.register_fn(name, |_: Decimal, _: f64| no_float());
        engine.register_fn(name, |_: f64, _: Decimal| no_float());
    }
}

/// As it is written, in JSON too; `None` for another value.
pub(super) fn as_text(value: &Dynamic) -> Option<String> {
    Some(value.read_lock::<Decimal>()?.to_string())
}

/// An operator on decimals, or on one and an int, and the one that assigns: Rhai finds the first by the second, which
/// takes as long again.
fn arithmetic(engine: &mut Engine, [name, assigning]: [&'static str; 2], of: fn(Decimal, Decimal) -> Option<Decimal>) {
    let result = move |a: Decimal, b: Decimal| of(a, b).map(unsigned_zero).ok_or_else(|| overflow(name, a, b));
    engine.register_fn(name, move |a: Decimal, b: Decimal| result(a, b));
    engine.register_fn(name, move |a: Decimal, b: i64| result(a, b.into()));
    engine.register_fn(name, move |a: i64, b: Decimal| result(a.into(), b));
    let assign = move |a: &mut Decimal, b: Decimal| result(*a, b).map(|result| *a = result);
    engine.register_fn(assigning, move |a: &mut Decimal, b: Decimal| assign(a, b));
    engine.register_fn(assigning, move |a: &mut Decimal, b: i64| assign(a, b.into()));
}

fn compared(engine: &mut Engine, name: &'static str, of: fn(Decimal, Decimal) -> bool) {
    engine.register_fn(name, of);
    engine.register_fn(name, move |a: Decimal, b: i64| of(a, b.into()));
    engine.register_fn(name, move |a: i64, b: Decimal| of(a.into(), b));
}

/// As Rhai says it of ints.
fn overflow(name: &str, a: Decimal, b: Decimal) -> Box<EvalAltResult> {
    let what = match name {
        "+" => "Addition overflow",
        "-" => "Subtraction overflow",
        "*" => "Multiplication overflow",
        _ if b.is_zero() => "Division by zero",
        _ => "Division overflow",
    };
    EvalAltResult::ErrorArithmetic(format!("{what}: {a} {name} {b}"), Position::NONE).into()
}

/// Else Rhai would answer that a decimal and a float are never equal.
fn no_float() -> Fallible<bool> {
    refuse(
        "bad_decimal",
        "a float is not exact, so it is not compared with a decimal: make a decimal of it by `decimal(..)`, or a float of \
         both by `.to_float()`",
    )
}

/// There is one zero.
fn unsigned_zero(mut number: Decimal) -> Decimal {
    if number.is_zero() {
        number.set_sign_positive(true);
    }
    number
}

/// `-12.50`: digits, and more behind a point. No exponent and no spaces, and nothing is rounded.
fn parsed(text: &str) -> Fallible<Decimal> {
    let shown = value::cut(text, 40);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || (!is_digits(behind) && digits.contains('.')) {
        return refuse(
            "bad_decimal",
            format!("{shown:?} is no decimal; one is written as \"-12.50\""),
        );
    }
    let significant = [whole, behind].concat();
    let significant = significant.trim_start_matches('0');
    let number = match significant {
        "" => Some(0),
        digits if digits.len() > DIGITS_MAX => None,
        // 128 bits take wasm some time.
        digits if digits.len() <= 18 => digits.parse::<i64>().ok().map(i128::from),
        digits => digits.parse::<i128>().ok(),
    };
    let signed = number.map(|number| if text.starts_with('-') { -number } else { number });
    let number = signed.and_then(|number| Decimal::try_from_i128_with_scale(number, behind.len() as u32).ok());
    number.map_or_else(
        || {
            refuse(
                "bad_decimal",
                format!("{shown:?} has no room in a decimal, which has some 28 digits in all"),
            )
        },
        Ok,
    )
}

fn of_value(value: &Dynamic) -> Fallible<Decimal> {
    if let Some(number) = value.read_lock::<Decimal>() {
        return Ok(*number);
    }
    if let Ok(number) = value.as_int() {
        return Ok(number.into());
    }
    if let Ok(number) = value.as_float() {
        return parsed(&number.to_string()).or_else(|_| refuse("bad_decimal", format!("{number} is no decimal")));
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return parsed(&text);
    }
    let is = words::a_type(value.type_name());
    refuse("bad_decimal", format!("{is} is no decimal"))
}

/// With just so many digits behind the point, where there is room for them.
fn rounded(number: Decimal, digits: i64, how: RoundingStrategy) -> Fallible<Decimal> {
    let digits = u32::try_from(digits)
        .ok()
        .filter(|digits| i64::from(*digits) <= SCALE_MAX);
    let Some(digits) = digits else {
        return refuse(
            "bad_argument",
            format!("a decimal is rounded to 0 to {SCALE_MAX} digits behind the point"),
        );
    };
    let mut number = unsigned_zero(number.round_dp_with_strategy(digits, how));
    number.rescale(digits);
    Ok(number)
}

#[export_module]
mod functions {
    /// An exact number of the decimal system, of a text, an int, or a float as it is written: `decimal("1.10") * 3` is
    /// `decimal("3.30")`. Up to some 28 digits in all; what is no such number: throws `bad_decimal`. In JSON it is a string.
    #[rhai_fn(name = "decimal", return_raw)]
    pub fn decimal(value: Dynamic) -> Fallible<Decimal> {
        of_value(&value)
    }

    /// Rounded to that many digits behind the point, and shown with them; what is in the middle goes to the even digit, as
    /// banks do it: `decimal("2.345").round(2)` is `decimal("2.34")`. More than 28: throws `bad_argument`, here and below.
    #[rhai_fn(name = "round", return_raw)]
    pub fn round(number: Decimal, digits: i64) -> Fallible<Decimal> {
        rounded(number, digits, RoundingStrategy::MidpointNearestEven)
    }

    /// The same where the middle goes away from zero, as it is taught in school: `decimal("2.345").round_half_up(2)` is
    /// `decimal("2.35")`.
    #[rhai_fn(name = "round_half_up", return_raw)]
    pub fn round_half_up(number: Decimal, digits: i64) -> Fallible<Decimal> {
        rounded(number, digits, RoundingStrategy::MidpointAwayFromZero)
    }

    /// The same where all goes away from zero: `decimal("2.341").round_up(2)` is `decimal("2.35")`.
    #[rhai_fn(name = "round_up", return_raw)]
    pub fn round_up(number: Decimal, digits: i64) -> Fallible<Decimal> {
        rounded(number, digits, RoundingStrategy::AwayFromZero)
    }

    /// The same where all goes towards zero: `decimal("2.349").round_down(2)` is `decimal("2.34")`.
    #[rhai_fn(name = "round_down", return_raw)]
    pub fn round_down(number: Decimal, digits: i64) -> Fallible<Decimal> {
        rounded(number, digits, RoundingStrategy::ToZero)
    }

    /// The largest whole number that is not larger: `decimal("-1.5").floor()` is `decimal("-2")`.
    #[rhai_fn(name = "floor")]
    pub fn floor(number: Decimal) -> Decimal {
        unsigned_zero(number.floor())
    }

    /// The smallest whole number that is not smaller: `decimal("1.2").ceiling()` is `decimal("2")`.
    #[rhai_fn(name = "ceiling")]
    pub fn ceiling(number: Decimal) -> Decimal {
        unsigned_zero(number.ceil())
    }

    /// The number without its sign: `decimal("-1.5").abs()` is `decimal("1.5")`.
    #[rhai_fn(name = "abs")]
    pub fn abs(number: Decimal) -> Decimal {
        number.abs()
    }

    /// `-1`, `0` or `1`: `decimal("-1.5").sign()` is `-1`. To sort by decimals: `list.sort(|a, b| (a - b).sign())`.
    #[rhai_fn(name = "sign")]
    pub fn sign(number: Decimal) -> i64 {
        match number {
            number if number.is_zero() => 0,
            number if number.is_sign_negative() => -1,
            _ => 1,
        }
    }

    /// Whether it is zero: `decimal("0.00").is_zero()` is `true`.
    #[rhai_fn(name = "is_zero")]
    pub fn is_zero(number: Decimal) -> bool {
        number.is_zero()
    }

    /// The larger of two: `max(decimal("1.5"), decimal("1.4"))` is `decimal("1.5")`.
    #[rhai_fn(name = "max")]
    pub fn max(a: Decimal, b: Decimal) -> Decimal {
        Ord::max(a, b)
    }

    /// The smaller of two: `min(decimal("1.5"), decimal("1.4"))` is `decimal("1.4")`.
    #[rhai_fn(name = "min")]
    pub fn min(a: Decimal, b: Decimal) -> Decimal {
        Ord::min(a, b)
    }

    /// The number with the other sign.
    #[rhai_fn(name = "-")]
    pub fn negated(number: Decimal) -> Decimal {
        unsigned_zero(-number)
    }

    /// The whole part as an int: `decimal("-1.9").to_int()` is `-1`. One that an int has no room for is an error.
    #[rhai_fn(name = "to_int", return_raw)]
    pub fn to_int(number: Decimal) -> Fallible<i64> {
        let overflow = || EvalAltResult::ErrorArithmetic(format!("Integer overflow: to_int({number})"), Position::NONE);
        number.trunc().to_i64().ok_or_else(|| overflow().into())
    }

    /// The float that is nearest: `decimal("0.1").to_float()` is `0.1`.
    #[rhai_fn(name = "to_float")]
    pub fn to_float(number: Decimal) -> f64 {
        number.to_string().parse().unwrap_or_default()
    }

    /// As text, with all its digits: `decimal("1.10").to_string()` is `"1.10"`.
    #[rhai_fn(name = "to_string")]
    pub fn to_string(number: Decimal) -> ImmutableString {
        number.to_string().into()
    }

    /// As text, for `debug`.
    #[rhai_fn(name = "to_debug")]
    pub fn to_debug(number: Decimal) -> ImmutableString {
        number.to_string().into()
    }
}

#[export_module]
mod namespaced {
    /// The sum of decimals, and of what `decimal(..)` makes some of: `decimal::sum(["1.10", 2])` is `decimal("3.10")`.
    /// Throws `bad_decimal`.
    #[rhai_fn(name = "sum", return_raw)]
    pub fn sum(numbers: Array) -> Fallible<Decimal> {
        let mut sum = Decimal::ZERO;
        for number in &numbers {
            let number = of_value(number)?;
            sum = sum.checked_add(number).ok_or_else(|| overflow("+", sum, number))?;
        }
        Ok(unsigned_zero(sum))
    }
}
