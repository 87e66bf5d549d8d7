//! `reply(...)`: the HTTP answer, built step by step, or made of a plain value.

use std::fmt::Write as _;
use std::rc::Rc;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
#[cfg(feature = "runner")]
use picloud_sdk::outcome;
use picloud_sdk::outcome::REPLY_HEADERS_MAX;
use rhai::plugin::*;
use rhai::{Blob, Dynamic, Engine, Map, Module};

use super::{Fallible, refuse};
use crate::value;

const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";

/// Longer values are refused by clients and proxies.
const HEADER_BYTES_MAX: usize = 8 << 10;
/// Longer names are none that anybody knows.
const HEADER_NAME_BYTES_MAX: usize = 256;

/// What belongs to the connection is the host's business (RFC 9110, 7.6.1).
const NOT_FOR_SCRIPTS: [&str; 11] = [
    "connection",
    "content-length",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What stands in no address as it is (RFC 3986, 2); what is encoded already stays.
const NOT_IN_URI: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// An answer under construction. Copied on write, as all values of a script.
#[derive(Clone)]
pub(crate) struct Reply(Rc<Parts>);

#[derive(Clone)]
struct Parts {
    status: u16,
    headers: Vec<(String, String)>,
    body: Rc<[u8]>,
}

impl Reply {
    fn new(status: u16) -> Self {
        Self(Rc::new(Parts {
            status,
            headers: Vec::new(),
            body: Rc::from([]),
        }))
    }

    fn with(&mut self, change: impl FnOnce(&mut Parts)) -> Self {
        change(Rc::make_mut(&mut self.0));
        self.clone()
    }

    fn with_header(&mut self, header: (String, String)) -> Fallible<Self> {
        // One is kept for the content type that a body brings along.
        if self.0.headers.len() >= REPLY_HEADERS_MAX - 1 {
            return refuse(
                "bad_header",
                format!("a reply has at most {} headers and cookies", REPLY_HEADERS_MAX - 1),
            );
        }
        Ok(self.with(|parts| parts.headers.push(header)))
    }

    fn with_body(&mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.with(|parts| {
            if !parts.headers.iter().any(|(name, _)| name == "content-type") {
                parts.headers.push(("content-type".to_owned(), content_type.to_owned()));
            }
            parts.body = body.into();
        })
    }
}

#[cfg(feature = "runner")]
impl Reply {
    /// A script's last value as an answer.
    pub(crate) fn of(value: Dynamic) -> Result<Self, String> {
        if value.is::<Self>() {
            return Ok(value.cast());
        }
        if value.is_unit() {
            return Ok(Self::new(204));
        }
        if value.is_string() || value.is_char() {
            return Ok(Self::new(200).with_body(TEXT, value.to_string().into_bytes()));
        }
        if value.is_blob() {
            return Ok(Self::new(200).with_body(BYTES, value.cast::<Blob>()));
        }
        match value::to_json(&value) {
            Ok(json) => Ok(Self::new(200).with_body(JSON, json.into_bytes())),
            Err(problem) => Err(format!("the script's last value cannot be a reply: {problem}")),
        }
    }

    /// What a script returns to another: a reply as a map of its parts, any other value as it is.
    pub(crate) fn or_value(value: Dynamic) -> Dynamic {
        match value.try_cast_result::<Self>() {
            Ok(reply) => Dynamic::from_map(reply.to_map()),
            Err(value) => value,
        }
    }

    fn to_map(&self) -> Map {
        let Parts { status, headers, body } = &*self.0;
        let mut fields = Map::new();
        for (name, value) in headers {
            let field = fields.entry(name.as_str().into()).or_insert(Dynamic::UNIT);
            let joined: Dynamic = match field.as_immutable_string_ref() {
                Ok(before) => format!("{}, {value}", before.as_str()).into(),
                Err(_) => value.into(),
            };
            *field = joined;
        }
        let body = match std::str::from_utf8(body) {
            Ok(text) => text.into(),
            Err(_) => Dynamic::from_blob(body.to_vec()),
        };
        [
            ("status", i64::from(*status).into()),
            ("headers", Dynamic::from_map(fields)),
            ("body", body),
        ]
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect()
    }

    /// Bytes of headers and body.
    pub(crate) fn bytes(&self) -> u64 {
        let headers: usize = self
            .0
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        (headers + self.0.body.len()) as u64
    }

    pub(crate) fn as_outcome(&self) -> outcome::Reply<'_> {
        let Parts { status, headers, body } = &*self.0;
        let headers = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        outcome::Reply {
            status: *status,
            headers,
            body,
        }
    }
}

fn valid_status(status: i64) -> Fallible<u16> {
    match u16::try_from(status) {
        Ok(valid) if (200..600).contains(&valid) => Ok(valid),
        _ => refuse("bad_status", format!("the status {status} is not between 200 and 599")),
    }
}

fn valid_header(name: &str, value: &str) -> Fallible<(String, String)> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.len() > HEADER_NAME_BYTES_MAX {
        let bytes = name.len();
        return refuse(
            "bad_header",
            format!("the name of a header has {bytes} bytes, {HEADER_NAME_BYTES_MAX} are allowed"),
        );
    }
    let lower = name.to_ascii_lowercase();
    if name.is_empty() || !name.bytes().all(token) {
        return refuse("bad_header", format!("{name:?} is not a header name"));
    }
    if NOT_FOR_SCRIPTS.contains(&lower.as_str()) {
        return refuse(
            "bad_header",
            format!("the header {lower} belongs to the connection, a script cannot set it"),
        );
    }
    if value.len() > HEADER_BYTES_MAX {
        let bytes = value.len();
        return refuse(
            "bad_header",
            format!("the value of the header {lower} has {bytes} bytes, {HEADER_BYTES_MAX} are allowed"),
        );
    }
    if let Some(bad) = value.chars().find(|c| c.is_control() && *c != '\t') {
        return refuse(
            "bad_header",
            format!("the value of the header {lower} has the control character {bad:?}"),
        );
    }
    Ok((lower, value.to_owned()))
}

/// `name=value` and attributes, for `set-cookie`.
fn cookie_line(name: &str, value: &str, options: &Map) -> Fallible<String> {
    let bad = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '"' | ',' | ';' | '\\');
    if name.is_empty() || name.contains('=') || name.contains(bad) || !name.is_ascii() {
        return refuse("bad_cookie", format!("{name:?} is not a cookie name"));
    }
    if value.contains(bad) || !value.is_ascii() {
        return refuse(
            "bad_cookie",
            format!("the value of the cookie {name} has a character that cookies cannot have; encode it"),
        );
    }
    let mut line = format!("{name}={value}");
    for (option, setting) in options {
        let text = setting.to_string();
        if text.contains(|c: char| c.is_control() || c == ';') {
            return refuse(
                "bad_cookie",
                format!("the option {option} of the cookie {name} has a character it cannot have"),
            );
        }
        match (option.as_str(), setting.as_bool()) {
            ("http_only", Ok(true)) => line.push_str("; HttpOnly"),
            ("secure", Ok(true)) => line.push_str("; Secure"),
            ("http_only" | "secure", Ok(false)) => {}
            ("path", Err(_)) => _ = write!(line, "; Path={text}"),
            ("domain", Err(_)) => _ = write!(line, "; Domain={text}"),
            ("max_age", Err(_)) if setting.is_int() => _ = write!(line, "; Max-Age={text}"),
            ("same_site", Err(_)) if matches!(text.as_str(), "strict" | "lax" | "none") => {
                _ = write!(line, "; SameSite={}{}", text[..1].to_ascii_uppercase(), &text[1..]);
            }
            _ => {
                let known = "path, domain, max_age (seconds), http_only, secure, same_site (strict, lax, none)";
                return refuse(
                    "bad_cookie",
                    format!("the cookie {name} cannot have {option}: {text}; options are {known}"),
                );
            }
        }
    }
    Ok(line)
}

pub(super) fn register(engine: &mut Engine, global: &mut Module) {
    engine.register_type_with_name::<Reply>("Reply");
    combine_with_exported_module!(global, "reply", functions);
}

#[export_module]
mod functions {
    /// An empty answer with status 200, to be filled.
    #[rhai_fn(name = "reply")]
    pub fn reply() -> Reply {
        Reply::new(200)
    }

    /// An empty answer with that status (200 to 599), to be filled.
    #[rhai_fn(name = "reply", return_raw)]
    pub fn reply_status(status: i64) -> Fallible<Reply> {
        Ok(Reply::new(valid_status(status)?))
    }

    /// Sets the status (200 to 599).
    #[rhai_fn(name = "status", return_raw)]
    pub fn status(reply: &mut Reply, status: i64) -> Fallible<Reply> {
        let status = valid_status(status)?;
        Ok(reply.with(|parts| parts.status = status))
    }

    /// Adds a header; the same name may be added several times, except `content-type`, which is replaced.
    #[rhai_fn(name = "header", return_raw)]
    pub fn header(reply: &mut Reply, name: &str, value: &str) -> Fallible<Reply> {
        let header = valid_header(name, value)?;
        if header.0 == "content-type" {
            reply.with(|parts| parts.headers.retain(|(name, _)| name != "content-type"));
        }
        reply.with_header(header)
    }

    /// Adds a cookie for the whole site that scripts in the browser cannot read: `Path=/; HttpOnly; SameSite=Lax`.
    #[rhai_fn(name = "cookie", return_raw)]
    pub fn cookie(reply: &mut Reply, name: &str, value: &str) -> Fallible<Reply> {
        let line = cookie_line(name, value, &Map::new())? + "; Path=/; HttpOnly; SameSite=Lax";
        reply.with_header(("set-cookie".to_owned(), line))
    }

    /// Adds a cookie with just these options: `path`, `domain`, `max_age` (seconds), `http_only`, `secure`, `same_site`.
    #[rhai_fn(name = "cookie", return_raw)]
    pub fn cookie_with(reply: &mut Reply, name: &str, value: &str, options: Map) -> Fallible<Reply> {
        let line = cookie_line(name, value, &options)?;
        reply.with_header(("set-cookie".to_owned(), line))
    }

    /// The value as a JSON body.
    #[rhai_fn(name = "json", return_raw)]
    pub fn json(reply: &mut Reply, body: Dynamic) -> Fallible<Reply> {
        match value::to_json(&body) {
            Ok(json) => Ok(reply.with_body(JSON, json.into_bytes())),
            Err(problem) => refuse("bad_json", problem),
        }
    }

    /// A text body.
    #[rhai_fn(name = "text")]
    pub fn text(reply: &mut Reply, body: &str) -> Reply {
        reply.with_body(TEXT, body.as_bytes().to_vec())
    }

    /// An HTML body.
    #[rhai_fn(name = "html")]
    pub fn html(reply: &mut Reply, body: &str) -> Reply {
        reply.with_body(HTML, body.as_bytes().to_vec())
    }

    /// A body of bytes; set the header `content-type` to say of what kind.
    #[rhai_fn(name = "blob")]
    pub fn blob(reply: &mut Reply, body: Blob) -> Reply {
        reply.with_body(BYTES, body)
    }

    /// Sends the client to another address: status 302 unless another 3xx was set, and the header `location`.
    /// Spaces and other characters that no address has are percent-encoded.
    #[rhai_fn(name = "redirect", return_raw)]
    pub fn redirect(reply: &mut Reply, location: &str) -> Fallible<Reply> {
        valid_header("location", location)?;
        let header = valid_header("location", &utf8_percent_encode(location, NOT_IN_URI).to_string())?;
        reply.with(|parts| {
            if !(300..400).contains(&parts.status) {
                parts.status = 302;
            }
            parts.headers.retain(|(name, _)| name != "location");
        });
        reply.with_header(header)
    }
}
