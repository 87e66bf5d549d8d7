//! What a token claims of itself: by whom, for whom, from when, until when (RFC 7519, 4.1).

use rhai::{Dynamic, ImmutableString, Map};

use super::not_taken;
use crate::api::options::Options;
use crate::api::{Fallible, refuse};
use crate::host;

/// The longest time that clocks may differ.
const LEEWAY_MAX: i64 = 3600;
/// Tokens that hold longer than a hundred years hold for ever.
const EXPIRES_IN_MAX: i64 = 100 * 366 * 86_400;
/// Seconds are told apart in milliseconds.
const MS: f64 = 1000.0;

/// What a script wants of a token's claims.
pub(super) struct Checks {
    issuers: Vec<ImmutableString>,
    audiences: Vec<ImmutableString>,
    any_audience: bool,
    leeway_ms: f64,
    required: Vec<ImmutableString>,
}

impl Checks {
    /// By the options of `jwt::verify`.
    pub(super) fn of(options: &mut Options) -> Fallible<Self> {
        let leeway = options.number("leeway", 0, LEEWAY_MAX)?.unwrap_or(0);
        Ok(Self {
            issuers: options.wanted_texts("iss")?,
            audiences: options.wanted_texts("aud")?,
            any_audience: options.take("any_audience")?.unwrap_or(false),
            leeway_ms: ms_of(leeway),
            required: options.wanted_texts("require")?,
        })
    }

    /// Whether they are so.
    pub(super) fn check(&self, claims: &Map) -> Fallible<()> {
        for name in &self.required {
            if claims.get(name.as_str()).is_none_or(Dynamic::is_unit) {
                return not_taken("missing_claim", format!("the token has no `{name}`"));
            }
        }
        let now_ms = ms_of_now();
        if time(claims, "exp")?.is_some_and(|ms| now_ms >= ms + self.leeway_ms) {
            return not_taken("expired", "the token holds no more");
        }
        if time(claims, "nbf")?.is_some_and(|ms| now_ms < ms - self.leeway_ms) {
            return not_taken("not_yet_valid", "the token holds from later on");
        }
        self.check_issuer(claims)?;
        self.check_audience(claims)
    }

    fn check_issuer(&self, claims: &Map) -> Fallible<()> {
        let issuer: Option<ImmutableString> = claims.get("iss").and_then(|issuer| issuer.clone().try_cast());
        if self.issuers.is_empty() || issuer.is_some_and(|issuer| self.issuers.contains(&issuer)) {
            return Ok(());
        }
        not_taken("wrong_issuer", "the token is from somebody else")
    }

    /// A token that says whom it is for is for nobody else (RFC 7519, 4.1.3).
    fn check_audience(&self, claims: &Map) -> Fallible<()> {
        let audiences = audiences(claims)?;
        let is_wanted = |audience| self.audiences.contains(audience);
        if self.any_audience || audiences.iter().any(is_wanted) {
            return Ok(());
        }
        if !self.audiences.is_empty() {
            return not_taken("wrong_audience", "the token is for somebody else");
        }
        if claims.contains_key("aud") {
            return not_taken(
                "wrong_audience",
                "the token says whom it is for: name that in `aud`, or take it with `any_audience: true`",
            );
        }
        Ok(())
    }
}

/// Claims with the time at which they were made, and until which they hold, when `expires_in` says how long that is.
pub(super) fn with_times(claims: Map, options: &mut Options) -> Fallible<Map> {
    let mut claims = claims;
    if let Some(seconds) = options.number("expires_in", 1, EXPIRES_IN_MAX)? {
        if claims.contains_key("exp") {
            return refuse(
                "bad_option",
                "jwt::sign: the claims have `exp` already, beside `expires_in`",
            );
        }
        let now = host::now_ms().div_euclid(1000);
        claims.entry("iat".into()).or_insert_with(|| now.into());
        claims.insert("exp".into(), now.saturating_add(seconds).into());
    }
    Ok(claims)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of some thousand years fit a float"
)]
fn ms_of_now() -> f64 {
    host::now_ms() as f64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "seconds that differ by less make no difference"
)]
fn ms_of(seconds: i64) -> f64 {
    seconds as f64 * MS
}

/// A moment, in milliseconds since 1970.
fn time(claims: &Map, name: &str) -> Fallible<Option<f64>> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    if let Ok(seconds) = value.as_int() {
        return Ok(Some(ms_of(seconds)));
    }
    match value.as_float() {
        Ok(seconds) => Ok(Some(seconds * MS)),
        Err(_) => not_taken("bad_token", format!("the token's `{name}` is no moment")),
    }
}

/// Whom a token is for: a text, or several.
fn audiences(claims: &Map) -> Fallible<Vec<ImmutableString>> {
    let Some(value) = claims.get("aud") else {
        return Ok(Vec::new());
    };
    let values = value.clone().into_array().unwrap_or_else(|_| vec![value.clone()]);
    let texts: Option<Vec<_>> = values.into_iter().map(Dynamic::try_cast).collect();
    match texts {
        Some(texts) => Ok(texts),
        None => not_taken("bad_token", "the token's `aud` is no text"),
    }
}
