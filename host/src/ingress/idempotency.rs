//! `Idempotency-Key`: which requests have one, and what makes two of them the same
//! (draft-ietf-httpapi-idempotency-key-header).

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method};
use picloud_sdk::api::Idempotency;
use sha2::{Digest as _, Sha256};
use tokio::task::yield_now;

use super::headers;
use crate::problem::{Code, Problem};

/// Longer keys are refused.
const KEY_BYTES_MAX: usize = 255;
/// Hashed in one go, which takes less than a millisecond.
const STEP_BYTES: usize = 128 << 10;

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
static X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The key of a request to a route that has this policy; none when it is run like any other.
pub(super) fn key(policy: Idempotency, parts: &Parts) -> Result<Option<String>, Problem> {
    let asks = match policy {
        Idempotency::Off => false,
        Idempotency::Accept => parts.method == Method::POST,
        Idempotency::Require => !parts.method.is_safe(),
    };
    if !asks {
        return Ok(None);
    }
    let mut values = parts.headers.get_all(&IDEMPOTENCY_KEY).iter();
    match (values.next(), values.next()) {
        (None, _) if policy == Idempotency::Require => Err(Problem::new(
            Code::IdempotencyKeyMissing,
            "this route demands a header Idempotency-Key",
        )),
        (None, _) => Ok(None),
        (Some(value), None) => match parse(value.as_bytes()) {
            Some(key) => Ok(Some(key)),
            None => Err(malformed(format!(
                "an Idempotency-Key has 1 to {KEY_BYTES_MAX} printable characters of ASCII, in quotes if spaces, commas or quotes are among them"
            ))),
        },
        (Some(_), Some(_)) => Err(malformed("there are several headers Idempotency-Key".to_owned())),
    }
}

fn malformed(message: String) -> Problem {
    Problem::new(Code::IdempotencyKeyMalformed, message)
}

/// A string of RFC 8941, or what stands there without quotes.
fn parse(value: &[u8]) -> Option<String> {
    let value = std::str::from_utf8(value.trim_ascii()).ok()?;
    let key = match value.strip_prefix('"') {
        Some(quoted) => unquoted(quoted)?,
        None if value.contains(['"', ',', ' ']) => return None,
        None => value.to_owned(),
    };
    let is_printable = key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    (is_printable && (1..=KEY_BYTES_MAX).contains(&key.len())).then_some(key)
}

/// What stands before the closing quote, which has to be the end.
fn unquoted(text: &str) -> Option<String> {
    let mut key = String::with_capacity(text.len());
    let mut chars = text.chars();
    loop {
        match chars.next()? {
            '"' => return chars.as_str().is_empty().then_some(key),
            '\\' => key.push(chars.next().filter(|char| matches!(char, '"' | '\\'))?),
            char => key.push(char),
        }
    }
}

/// What tells a request to `host` from others: method, URL, body, and who asks, as whoever asks is told what a reply has.
pub(super) async fn print(parts: &Parts, host: &str, body: &Bytes) -> [u8; 32] {
    let mut digest = Sha256::new();
    let mut add = |part: &[u8]| {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    };
    add(parts.method.as_str().as_bytes());
    add(host.as_bytes());
    add(parts.uri.path().as_bytes());
    // None and an empty one are not the same URL.
    add(parts
        .uri
        .query()
        .map_or(String::new(), |query| format!("?{query}"))
        .as_bytes());
    for name in [&AUTHORIZATION, &COOKIE, &X_API_KEY] {
        let values = parts.headers.get_all(name).iter().map(HeaderValue::as_bytes);
        let values: Vec<Cow<'_, [u8]>> = if *name == COOKIE {
            values.filter_map(headers::without_own_cookies).collect()
        } else {
            values.map(Cow::Borrowed).collect()
        };
        add(&(values.len() as u64).to_be_bytes());
        for value in &values {
            add(value);
        }
    }
    for step in body.chunks(STEP_BYTES) {
        digest.update(step);
        if step.len() == STEP_BYTES {
            yield_now().await;
        }
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().method(method).uri("/a?b=c");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn code(policy: Idempotency, method: &str, keys: &[&str]) -> Result<Option<String>, Code> {
        let headers: Vec<_> = keys.iter().map(|key| ("idempotency-key", *key)).collect();
        key(policy, &request(method, &headers)).map_err(|problem| problem.code)
    }

    #[test]
    fn a_policy_says_who_is_asked_for_a_key() {
        let (there, missing) = (Ok(Some("k".to_owned())), Err(Code::IdempotencyKeyMissing));
        for (policy, method, with, without) in [
            (Idempotency::Off, "POST", Ok(None), Ok(None)),
            (Idempotency::Accept, "POST", there.clone(), Ok(None)),
            (Idempotency::Accept, "PUT", Ok(None), Ok(None)),
            (Idempotency::Require, "POST", there.clone(), missing.clone()),
            (Idempotency::Require, "DELETE", there, missing),
            (Idempotency::Require, "GET", Ok(None), Ok(None)),
            (Idempotency::Require, "OPTIONS", Ok(None), Ok(None)),
        ] {
            assert_eq!(code(policy, method, &["k"]), with, "{policy:?} {method}");
            assert_eq!(code(policy, method, &[]), without, "{policy:?} {method}");
        }
    }

    #[test]
    fn a_key_is_a_string_in_quotes_or_bare() {
        let (long, longer) = ("k".repeat(255), "k".repeat(256));
        let quoted = |key: &str| format!("\"{key}\"");
        for (value, key) in [
            ("abc", Some("abc")),
            ("\"abc\"", Some("abc")),
            (" abc\t", Some("abc")),
            ("order-17:pay/~", Some("order-17:pay/~")),
            (r#""a b, \"c\" \\""#, Some(r#"a b, "c" \"#)),
            (&long, Some(&*long)),
            (&quoted(&long), Some(&*long)),
            (&longer, None),
            (&quoted(&longer), None),
            ("", None),
            ("\"\"", None),
            ("\"abc", None),
            ("\"abc\"d", None),
            ("\"abc\";p=1", None),
            (r#""a\bc""#, None),
            (r#""abc\"#, None),
            ("a b", None),
            ("a, b", None),
            ("a\"b", None),
            ("a\tb", None),
            ("é", None),
            ("\"é\"", None),
        ] {
            let parsed = parse(value.as_bytes());
            assert_eq!(parsed.as_deref(), key, "{value}");
        }
        assert_eq!(parse(&[0xff]), None);
    }

    #[test]
    fn several_headers_are_no_key() {
        let refused = Err(Code::IdempotencyKeyMalformed);
        assert_eq!(code(Idempotency::Accept, "POST", &["k", "k"]), refused);
        assert_eq!(code(Idempotency::Accept, "POST", &[""]), refused);
        assert_eq!(code(Idempotency::Off, "POST", &["k", "k"]), Ok(None));
    }

    #[tokio::test]
    async fn requests_are_the_same_when_method_url_body_and_who_asks_are() {
        let body = Bytes::from(vec![7; 2 * STEP_BYTES]);
        let same = print(&request("POST", &[("x-trace", "1"), ("cookie", "a=1")]), "h", &body).await;
        let again = request("POST", &[("x-trace", "2"), ("cookie", "picloud_session=s; a=1")]);
        assert_eq!(print(&again, "h", &body).await, same);
        let with = |headers: &[(&str, &str)]| request("POST", &[headers, &[("cookie", "a=1")]].concat());
        let mut others = vec![
            print(&request("PUT", &[("cookie", "a=1")]), "h", &body).await,
            print(&with(&[]), "g", &body).await,
            print(&with(&[]), "h", &body.slice(1..)).await,
            print(&with(&[("authorization", "a")]), "h", &body).await,
            print(&with(&[("x-api-key", "a")]), "h", &body).await,
            print(&with(&[("cookie", "b=1")]), "h", &body).await,
            print(&request("POST", &[]), "h", &body).await,
            same,
        ];
        for uri in ["/a", "/a?", "/a?b=d", "/a/?b=c"] {
            let mut request = with(&[]);
            request.uri = uri.parse().unwrap();
            others.push(print(&request, "h", &body).await);
        }
        let count = others.len();
        others.sort_unstable();
        others.dedup();
        assert_eq!(others.len(), count);
    }
}
