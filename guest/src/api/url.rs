//! `url::*`: addresses, their parts and what stands in their queries (RFC 3986).

use fluent_uri::UriRef;
use fluent_uri::component::{Authority, Scheme};
use fluent_uri::pct_enc::EStr;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rhai::plugin::*;
use rhai::{Dynamic, Engine, Map};

use super::options::Options;
use super::values::Values;
use super::{Fallible, decimal, form, refuse};
use crate::words;

/// All but the unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What no URL has as it is. Percent signs stay: what is a part may be encoded already.
const ILLEGAL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// What would begin a fragment, too.
const NOT_IN_QUERY: &AsciiSet = &ILLEGAL.add(b'#');
/// What would begin a query, too.
const NOT_IN_PATH: &AsciiSet = &NOT_IN_QUERY.add(b'?');

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("url", exported_module!(functions).into());
}

/// Percent-encoded for one piece of a path or query.
pub(super) fn encoded(text: &str) -> ImmutableString {
    utf8_percent_encode(text, RESERVED).to_string().into()
}

fn decoded(text: &str) -> Fallible<ImmutableString> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let lonely = (0..bytes.len()).find(|&at| bytes[at] == b'%' && !(is_digit(at + 1) && is_digit(at + 2)));
    if let Some(at) = lonely {
        return refuse("bad_url", format!("no two hex digits follow the `%` at byte {at}"));
    }
    match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.as_ref().into()),
        Err(_) => refuse("bad_url", "what is percent-encoded is not UTF-8"),
    }
}

fn bad<T>(text: &str, why: impl std::fmt::Display) -> Fallible<T> {
    refuse(
        "bad_url",
        format!("{:?} is no URL: {why}", crate::value::cut(text, 200)),
    )
}

fn text_or_unit(text: Option<impl Into<ImmutableString>>) -> Dynamic {
    text.map_or(Dynamic::UNIT, |text| Dynamic::from(text.into()))
}

/// The parts of a URL, or of a reference to one.
fn parts(text: &str) -> Fallible<Map> {
    let url = UriRef::parse(text).or_else(|problem| bad(text, problem))?;
    let authority = url.authority();
    let port = authority.as_ref().map(Authority::port_to_u16).transpose();
    let port = port.or_else(|_| bad(text, "a port is 0 to 65535"))?.flatten();
    let user = authority.as_ref().and_then(Authority::userinfo).map(EStr::as_str);
    let (name, password) = match user.map(|user| user.split_once(':').unwrap_or((user, ""))) {
        Some((name, "")) => (Some(decoded(name)?), None),
        Some((name, password)) => (Some(decoded(name)?), Some(decoded(password)?)),
        None => (None, None),
    };
    let host = authority
        .as_ref()
        .map(|authority| authority.host().to_ascii_lowercase());
    let fields = [
        (
            "scheme",
            text_or_unit(url.scheme().map(|scheme| scheme.as_str().to_ascii_lowercase())),
        ),
        ("username", text_or_unit(name)),
        ("password", text_or_unit(password)),
        ("host", text_or_unit(host)),
        ("port", port.map_or(Dynamic::UNIT, |port| i64::from(port).into())),
        ("path", url.path().as_str().into()),
        ("query", text_or_unit(url.query().map(EStr::as_str))),
        ("fragment", text_or_unit(url.fragment().map(EStr::as_str))),
    ];
    Ok(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// `user:password@host:port`
fn authority_of(options: &mut Options) -> Fallible<Option<String>> {
    let name = options.take::<ImmutableString>("username")?;
    let password = options.take::<ImmutableString>("password")?;
    let host = options.take::<ImmutableString>("host")?;
    let port = options.number("port", 0, u16::MAX.into())?;
    let Some(host) = host else {
        return match (name, password, port) {
            (None, None, None) => Ok(None),
            _ => refuse("bad_url", "a URL with a username, a password or a port needs a host"),
        };
    };
    let mut text = String::new();
    if name.is_some() || password.is_some() {
        text.push_str(&encoded(&name.unwrap_or_default()));
        if let Some(password) = password {
            text.push(':');
            text.push_str(&encoded(&password));
        }
        text.push('@');
    }
    let has_port = host.contains(':') && !host.starts_with('[');
    if has_port || host.contains(['/', '?', '#', '@', '\\']) {
        return refuse("bad_url", format!("{host:?} is no host"));
    }
    text.push_str(&host);
    if let Some(port) = port {
        text.push(':');
        text.push_str(&port.to_string());
    }
    Ok(Some(text))
}

/// A query as it is, or of a map.
fn query_of(query: Option<Dynamic>) -> Fallible<Option<String>> {
    let Some(query) = query else { return Ok(None) };
    if let Ok(map) = query.as_map_ref() {
        let query = pairs(&map)?;
        return Ok(Some(query).filter(|query| !query.is_empty()));
    }
    match query.into_immutable_string() {
        Ok(text) => Ok(Some(utf8_percent_encode(&text, NOT_IN_QUERY).to_string())),
        Err(is) => refuse(
            "bad_option",
            format!("url::build: `query` is a string or a map, not {}", words::a_type(is)),
        ),
    }
}

fn built(map: Map) -> Fallible<String> {
    let mut options = Options::new("url::build", map);
    let scheme = options.take::<ImmutableString>("scheme")?;
    let authority = authority_of(&mut options)?;
    let path = options.take::<ImmutableString>("path")?.unwrap_or_default();
    let path = utf8_percent_encode(&path, NOT_IN_PATH).to_string();
    let query = query_of(options.take("query")?)?;
    let fragment = options.take::<ImmutableString>("fragment")?;
    options.end()?;
    let fragment = fragment.map(|fragment| utf8_percent_encode(&fragment, NOT_IN_QUERY).to_string());

    let mut text = String::new();
    if let Some(scheme) = &scheme {
        text.push_str(scheme);
        text.push(':');
    }
    if let Some(authority) = &authority {
        text.push_str("//");
        text.push_str(authority);
        if !path.is_empty() && !path.starts_with('/') {
            text.push('/');
        }
    }
    text.push_str(&path);
    for (mark, part) in [('?', &query), ('#', &fragment)] {
        if let Some(part) = part {
            text.push(mark);
            text.push_str(part);
        }
    }
    // What was meant as one part must not be read as another, such as a path that begins with `//`.
    let url = UriRef::parse(text.as_str()).or_else(|problem| bad(&text, problem))?;
    let is_meant = url.scheme().map(Scheme::as_str) == scheme.as_deref()
        && url.authority().map(|read| read.as_str()) == authority.as_deref()
        && url.authority().is_none_or(|read| read.port_to_u16().is_ok())
        && url.path().as_str().ends_with(&path);
    if is_meant {
        Ok(text)
    } else {
        bad(&text, "its parts would be read as others")
    }
}

/// `a=1&b=x%20y` of a map's values, in the order of its keys.
pub(super) fn pairs(map: &Map) -> Fallible<String> {
    let mut text = String::new();
    for (name, value) in map {
        match value.as_array_ref() {
            Ok(values) => values.iter().try_for_each(|value| pair(&mut text, name, value))?,
            Err(_) => pair(&mut text, name, value)?,
        }
    }
    Ok(text)
}

fn pair(text: &mut String, name: &str, value: &Dynamic) -> Fallible<()> {
    if value.is_unit() {
        return Ok(());
    }
    let is_plain = value.is_string() || value.is_int() || value.is_float() || value.is_bool() || value.is_char();
    let decimal = decimal::as_text(value);
    if !is_plain && decimal.is_none() {
        let is = words::a_type(value.type_name());
        return refuse("bad_url", format!("`{name}` is {is}, which stands in no query"));
    }
    let shown = decimal.unwrap_or_else(|| value.to_string());
    if !text.is_empty() {
        text.push('&');
    }
    text.extend(utf8_percent_encode(name, RESERVED));
    text.push('=');
    text.extend(utf8_percent_encode(&shown, RESERVED));
    Ok(())
}

#[export_module]
mod functions {
    /// Percent-encoded for one piece of a path or query: all but `A-Z a-z 0-9 - . _ ~`. `url::encode("a b/ü")` is
    /// `"a%20b%2F%C3%BC"`.
    #[rhai_fn(name = "encode")]
    pub fn encode(text: &str) -> ImmutableString {
        encoded(text)
    }

    /// A piece of a path or query with its percent signs undone; a `+` stays one. A `%` without two hex digits, or what
    /// is no UTF-8 then: throws `bad_url`.
    #[rhai_fn(name = "decode", return_raw)]
    pub fn decode(text: &str) -> Fallible<ImmutableString> {
        decoded(text)
    }

    /// A URL's parts: `scheme` and `host` (in lower case), `username` and `password` (decoded), `port` (an int),
    /// `path`, `query` and `fragment` (as they are written). What is not there is `()`, but for the path, which may be
    /// empty. What is no URL (RFC 3986): throws `bad_url`.
    #[rhai_fn(name = "parse", return_raw)]
    pub fn parse(text: &str) -> Fallible<Map> {
        parts(text)
    }

    /// The URL of such parts, of which any may be left out; `query` may be a map, too. What a part cannot hold is
    /// percent-encoded, where `%` is taken as encoded already (in `username` and `password` all is encoded). Parts that
    /// make no URL: throws `bad_url`; other ones: `bad_option`.
    #[rhai_fn(name = "build", return_raw)]
    pub fn build(parts: Map) -> Fallible<ImmutableString> {
        Ok(built(parts)?.into())
    }

    /// A map as a query, in the order of its keys: `url::query(#{ q: "a b", tag: ["x", "y"] })` is
    /// `"q=a%20b&tag=x&tag=y"`. `()` is left out. A map or anything else that is no plain value: throws `bad_url`.
    #[rhai_fn(name = "query", return_raw)]
    pub fn query(values: Map) -> Fallible<ImmutableString> {
        Ok(pairs(&values)?.into())
    }

    /// A query as a map, decoded: a name with one value as a string, with several as an array. A `?` before it is no
    /// part of it.
    #[rhai_fn(name = "parse_query")]
    pub fn parse_query(text: &str) -> Map {
        let text = text.strip_prefix('?').unwrap_or(text);
        Values::new(form::pairs_of(text.as_bytes()), true).to_map()
    }
}
