//! A request that is sent later, as it is stored until then: a kept value that people may read, with references where the
//! secrets stood that the run was told.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_encoding::BASE64;
use http::header::AUTHORIZATION;
use picloud_sdk::call::http::{REDIRECTS_DEFAULT, Request};
use picloud_sdk::value::Value;

use super::reach::Reach;
use super::request::Outgoing;
use super::trouble::Trouble;
use crate::secrets::{Form, Held, Part, Seen, Vault};

/// Places in one request where secrets stand.
const SECRETS_MAX: usize = 100;
/// What a reference is called, by how the secret stands there.
const FORMS: [(Form, &str); 3] = [
    (Form::Plain, "secret"),
    (Form::Json, "secret_in_json"),
    (Form::Percent, "secret_in_url"),
];

/// A request as it is stored.
#[derive(Debug)]
pub struct Kept {
    /// Host and port that it goes to.
    pub to: Arc<str>,
    /// A kept value.
    pub body: Vec<u8>,
}

impl Kept {
    /// `request` of a run that was told the secrets of `seen`.
    ///
    /// # Errors
    /// When it is none, when the app may not send it now, or when a secret would be stored with it.
    pub(super) fn of(request: &Request<'_>, reach: &Reach, seen: &Seen) -> Result<Self, Trouble> {
        let outgoing = Outgoing::of(request, reach.outbound.config.request_bytes_max)?;
        reach.lets(&outgoing)?;
        Self::checked(request, &outgoing, seen)
    }

    /// The same, whether or not the app may send it now.
    ///
    /// # Errors
    /// When it is none, or when a secret would be stored with it.
    pub(super) fn unasked(request: &Request<'_>, body_bytes_max: u32, seen: &Seen) -> Result<Self, Trouble> {
        let outgoing = Outgoing::of(request, body_bytes_max)?;
        Self::checked(request, &outgoing, seen)
    }

    fn checked(request: &Request<'_>, outgoing: &Outgoing, seen: &Seen) -> Result<Self, Trouble> {
        let to = outgoing.host_and_port();
        let mut shown = to.clone();
        seen.hide_in_host(&mut shown);
        if shown != to || seen.is_in(request.method.as_bytes()) {
            return not_kept("a secret is a part of the host or the method");
        }
        let mut left = SECRETS_MAX;
        let headers = request.headers.iter().map(|(name, value)| {
            if seen.is_in(name.as_bytes()) {
                return not_kept("a secret is the name of a header");
            }
            if is_basic_with_secret(name, value, seen) {
                return not_kept(
                    "a secret is encoded in the header authorization; write it as https://user:password@host",
                );
            }
            let value = text(value.as_bytes(), seen, &mut left)?;
            Ok(Value::Array(vec![Value::Text((*name).to_owned()), value]))
        });
        let headers = headers.collect::<Result<Vec<_>, _>>()?;
        let timeout = request.timeout_ms.map_or(Value::Unit, |ms| Value::Int(ms.into()));
        let fields = [
            ("method", Value::Text(request.method.to_owned())),
            ("url", text(request.url.as_bytes(), seen, &mut left)?),
            ("headers", Value::Array(headers)),
            ("body", text(request.body, seen, &mut left)?),
            ("timeout_ms", timeout),
            ("redirects", Value::Int(request.redirects.into())),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        Ok(Self {
            to: to.into(),
            body: Value::Map(BTreeMap::from(fields)).encode(),
        })
    }
}

/// A stored request, with its secrets in it.
#[derive(Debug)]
pub struct Opened {
    method: String,
    url: Vec<u8>,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    timeout_ms: Option<u32>,
    redirects: u8,
    /// The secrets that are in it.
    pub seen: Seen,
}

impl Opened {
    /// What was stored, with the values that secrets have now.
    ///
    /// # Errors
    /// When it is no request, or when a secret is not there.
    pub fn of(body: &[u8], vault: &Vault) -> Result<Self, Trouble> {
        let Some(Value::Map(mut fields)) = Value::decode(body).ok() else {
            return Err(malformed());
        };
        let mut seen = Seen::default();
        let mut field = |name: &str| fields.remove(name).unwrap_or(Value::Unit);
        let Value::Text(method) = field("method") else {
            return Err(malformed());
        };
        let Value::Array(pairs) = field("headers") else {
            return Err(malformed());
        };
        let headers = pairs.into_iter().map(|pair| match pair {
            Value::Array(pair) => match <[Value; 2]>::try_from(pair) {
                Ok([Value::Text(name), value]) => Ok((name, whole(value, vault, &mut seen)?)),
                _ => Err(malformed()),
            },
            _ => Err(malformed()),
        });
        let headers = headers.collect::<Result<_, _>>()?;
        let number = |value: &Value| match value {
            Value::Int(number) => Some(*number),
            _ => None,
        };
        let redirects = number(&field("redirects")).and_then(|number| u8::try_from(number).ok());
        Ok(Self {
            method,
            url: whole(field("url"), vault, &mut seen)?,
            headers,
            body: whole(field("body"), vault, &mut seen)?,
            timeout_ms: number(&field("timeout_ms")).and_then(|number| u32::try_from(number).ok()),
            redirects: redirects.unwrap_or(REDIRECTS_DEFAULT),
            seen,
        })
    }

    /// What is sent, under the name `id` for whoever knows such names, unless it has another; of the response only head and
    /// status are read. It takes at most so long.
    ///
    /// # Errors
    /// When it is none that may be sent.
    pub fn outgoing(&self, id: &str, (ms_max, body_bytes_max): (u32, u32)) -> Result<Outgoing, Trouble> {
        let read = |bytes| std::str::from_utf8(bytes).map_err(|_| malformed());
        let mut headers = Vec::with_capacity(self.headers.len() + 1);
        for (name, value) in &self.headers {
            headers.push((name.as_str(), read(value)?));
        }
        if !headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("idempotency-key"))
        {
            headers.push(("idempotency-key", id));
        }
        let request = Request {
            method: &self.method,
            url: read(&self.url)?,
            headers,
            body: &self.body,
            timeout_ms: self.timeout_ms.map(|ms| ms.min(ms_max)),
            redirects: self.redirects,
            retries: 0,
        };
        Ok(Outgoing::of(&request, body_bytes_max)?.for_its_status())
    }
}

/// A text, or its pieces with references to secrets between.
fn text(bytes: &[u8], seen: &Seen, left: &mut usize) -> Result<Value, Trouble> {
    let value = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => Value::Text(text.to_owned()),
        Err(_) => Value::Blob(bytes.to_owned()),
    };
    let Some(parts) = (!seen.is_empty()).then(|| seen.parts(bytes, *left)) else {
        return Ok(value(bytes));
    };
    let Some(parts) = parts else {
        return not_kept(&format!("secrets stand in more than {SECRETS_MAX} places"));
    };
    let values = parts.into_iter().map(|part| match part {
        Part::Plain(plain) => value(plain),
        Part::Secret(name, form) => {
            *left = left.saturating_sub(1);
            let word = FORMS
                .iter()
                .find(|(one, _)| *one == form)
                .map_or("secret", |(_, word)| word);
            Value::Map(BTreeMap::from([(
                word.to_owned(),
                Value::Text(name.as_ref().to_owned()),
            )]))
        }
    });
    let mut values: Vec<Value> = values.collect();
    match values.as_slice() {
        [] => Ok(value(b"")),
        [Value::Text(_) | Value::Blob(_)] => Ok(values.remove(0)),
        _ => Ok(Value::Array(values)),
    }
}

/// What such a text is, with the values that secrets have now.
fn whole(value: Value, vault: &Vault, seen: &mut Seen) -> Result<Vec<u8>, Trouble> {
    let parts = match value {
        Value::Array(parts) => parts,
        one => vec![one],
    };
    let mut bytes = Vec::new();
    for part in parts {
        match part {
            Value::Text(text) => bytes.extend(text.into_bytes()),
            Value::Blob(blob) => bytes.extend(blob),
            Value::Map(reference) => {
                let Some((word, Value::Text(name))) = reference.into_iter().next() else {
                    return Err(malformed());
                };
                let form = FORMS.iter().find(|(_, one)| *one == word).ok_or_else(malformed)?.0;
                let Some((name, Held { value, .. })) = vault.secret(&name) else {
                    let why = format!("the secret {name:?} of the request is not there any more");
                    return Err(Trouble::new("no_secret", why));
                };
                let Some(value) = value else {
                    let why = format!("the server cannot read the secret {name:?}; its log says why");
                    return Err(Trouble::new("secret_unreadable", why));
                };
                seen.add(name, value);
                bytes.extend(form.of(value).reveal().as_bytes());
            }
            _ => return Err(malformed()),
        }
    }
    Ok(bytes)
}

/// Whether a header has name and password in base64 (RFC 7617), of which one is a secret.
fn is_basic_with_secret(name: &str, value: &str, seen: &Seen) -> bool {
    if !name.eq_ignore_ascii_case(AUTHORIZATION.as_str()) {
        return false;
    }
    let encoded = value.trim().split_once(' ').map(|(_, encoded)| encoded.trim());
    let decoded = encoded.and_then(|encoded| BASE64.decode(encoded.as_bytes()).ok());
    decoded.is_some_and(|decoded| seen.is_in(&decoded))
}

fn not_kept<R>(why: &str) -> Result<R, Trouble> {
    let message = format!("{why}: a request is stored until it is sent, and secrets are not");
    Err(Trouble::new("not_kept", message))
}

fn malformed() -> Trouble {
    Trouble::new("bad_request", "what is stored is no request")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Secret;

    fn seen() -> Seen {
        let mut seen = Seen::default();
        seen.add(&"KEY".into(), &Secret::new("old \"value\"/1".to_owned()));
        seen
    }

    fn vault(value: &str) -> Vault {
        Vault::given(
            "a".into(),
            vec![("KEY".to_owned(), Secret::new(value.to_owned()))],
            Vec::new(),
        )
    }

    #[test]
    fn a_text_is_stored_without_its_secrets_and_read_with_those_of_now() {
        for (stored, read) in [
            ("", ""),
            ("plain", "plain"),
            ("Bearer old \"value\"/1", "Bearer new\"/2345"),
            ("{\"key\":\"old \\\"value\\\"/1\"}", "{\"key\":\"new\\\"/2345\"}"),
            (
                "https://a.example/?key=old%20%22value%22%2F1&b=1",
                "https://a.example/?key=new%22%2F2345&b=1",
            ),
        ] {
            let value = text(stored.as_bytes(), &seen(), &mut 9).unwrap();
            let bytes = value.encode();
            let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
            assert!(!has(b"value"), "{stored}");
            let mut told = Seen::default();
            let whole = whole(value, &vault("new\"/2345"), &mut told).unwrap();
            assert_eq!(String::from_utf8(whole).unwrap(), read);
            assert_eq!(told.is_empty(), stored == read, "{stored}");
        }
        let bytes = [0xff, 0xfe];
        assert_eq!(text(&bytes, &seen(), &mut 9).unwrap(), Value::Blob(bytes.to_vec()));
    }

    #[test]
    fn a_text_that_only_looks_like_a_reference_is_one() {
        let told = text(b"{\"secret\":\"KEY\"} [secret:KEY]", &seen(), &mut 9).unwrap();
        let whole = whole(told, &vault("12345678"), &mut Seen::default()).unwrap();
        assert_eq!(whole, b"{\"secret\":\"KEY\"} [secret:KEY]");
    }

    #[test]
    fn what_cannot_be_stored_or_opened_is_said() {
        let many = "old \"value\"/1".repeat(3);
        assert_eq!(text(many.as_bytes(), &seen(), &mut 2).unwrap_err().code, "not_kept");
        let told = text(many.as_bytes(), &seen(), &mut 9).unwrap();
        let vault = Vault::given("a".into(), Vec::new(), Vec::new());
        let trouble = whole(told, &vault, &mut Seen::default()).unwrap_err();
        assert_eq!(trouble.code, "no_secret");
        let basic = format!("Basic {}", BASE64.encode(b"me:old \"value\"/1"));
        assert!(is_basic_with_secret("Authorization", &basic, &seen()));
        assert!(!is_basic_with_secret("authorization", "Basic bWU6cHc=", &seen()));
        for body in [&b""[..], b"\xff", &Value::Map(BTreeMap::new()).encode()] {
            assert_eq!(Opened::of(body, &vault).unwrap_err().code, "bad_request");
        }
    }
}
