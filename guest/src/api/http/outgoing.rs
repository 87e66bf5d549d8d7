//! A request as its options say.

use picloud_sdk::call::http::{REDIRECTS_DEFAULT, REDIRECTS_MAX, RETRIES_MAX, Request};
use rhai::{Blob, ImmutableString, Map};

use super::super::options::Options;
use super::super::{Fallible, duration, refuse, url};
use super::multipart::Multipart;
use crate::{value, words};

/// A request that is to be sent.
pub(super) struct Outgoing {
    method: ImmutableString,
    url: String,
    headers: Vec<(ImmutableString, ImmutableString)>,
    body: Vec<u8>,
    timeout_ms: Option<u32>,
    redirects: u8,
    retries: u8,
}

/// What is sent, and of which type it is.
struct Content {
    body: Vec<u8>,
    kind: Option<String>,
}

impl Outgoing {
    /// To `url`, with the options of the function `of`.
    pub(super) fn to(of: &'static str, method: &str, url: &str, options: Map) -> Fallible<Self> {
        Self::with(of, method.into(), url.into(), Options::new(of, options))
    }

    /// Of options that have method and URL, too.
    pub(super) fn of(of: &'static str, options: Map) -> Fallible<Self> {
        Self::of_options(of, "GET", Options::new(of, options))
    }

    /// The same of options of which some are taken; `method` when they have none.
    pub(super) fn of_options(of: &'static str, method: &str, mut options: Options) -> Fallible<Self> {
        let wanted = options.take::<ImmutableString>("method")?;
        let Some(url) = options.take::<ImmutableString>("url")? else {
            return refuse("bad_option", format!("{of}: there is no `url`"));
        };
        let method = wanted.map_or_else(|| method.into(), |method| method.to_ascii_uppercase().into());
        Self::with(of, method, url, options)
    }

    fn with(of: &'static str, method: ImmutableString, url: ImmutableString, mut options: Options) -> Fallible<Self> {
        let url = match options.take::<Map>("query")? {
            Some(query) => with_query(&url, &query)?,
            None => url.to_string(),
        };
        let mut headers = headers(of, options.take::<Map>("headers")?)?;
        let timeout_ms = timeout(of, options.take::<ImmutableString>("timeout")?)?;
        let redirects = options.number("redirects", 0, REDIRECTS_MAX.into())?;
        let retries = options.number("retries", 0, RETRIES_MAX.into())?;
        let content = content(of, &mut options)?;
        options.end()?;
        let names_type = headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if let Some(kind) = content.kind.filter(|_| !names_type) {
            headers.push(("content-type".into(), kind.into()));
        }
        Ok(Self {
            method,
            url,
            headers,
            body: content.body,
            timeout_ms,
            redirects: redirects.map_or(REDIRECTS_DEFAULT, |redirects| redirects as u8),
            retries: retries.map_or(0, |retries| retries as u8),
        })
    }

    /// Whether it says how often it is sent again.
    pub(super) const fn retries(&self) -> bool {
        self.retries > 0
    }

    /// As the host takes it.
    pub(super) fn as_request(&self) -> Request<'_> {
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Request {
            method: &self.method,
            url: &self.url,
            headers: headers.collect(),
            body: &self.body,
            timeout_ms: self.timeout_ms,
            redirects: self.redirects,
            retries: self.retries,
        }
    }
}

/// With more in its query.
fn with_query(url: &str, query: &Map) -> Fallible<String> {
    let query = url::pairs(query)?;
    if query.is_empty() {
        return Ok(url.to_owned());
    }
    let (url, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let mark = match url.find('?') {
        None => "?",
        Some(at) if at + 1 == url.len() => "",
        Some(_) => "&",
    };
    Ok([url, mark, &query, fragment].concat())
}

fn headers(of: &str, given: Option<Map>) -> Fallible<Vec<(ImmutableString, ImmutableString)>> {
    let mut headers = Vec::new();
    for (name, value) in given.unwrap_or_default() {
        let values = match value.try_cast_result::<rhai::Array>() {
            Ok(values) => values,
            Err(value) if value.is_unit() => continue,
            Err(value) => vec![value],
        };
        for value in values {
            if !(value.is_string() || value.is_int() || value.is_float() || value.is_bool()) {
                let is = words::a_type(value.type_name());
                return refuse(
                    "bad_header",
                    format!("{of}: the header `{name}` has to be a string, not {is}"),
                );
            }
            headers.push((name.as_str().into(), value.to_string().into()));
        }
    }
    Ok(headers)
}

fn timeout(of: &str, given: Option<ImmutableString>) -> Fallible<Option<u32>> {
    let Some(text) = given else { return Ok(None) };
    let bad = |why: String| refuse("bad_option", format!("{of}: timeout: {why}"));
    match duration::parse(&text) {
        Ok(0) => bad("there is no time in \"0\"".to_owned()),
        Ok(ms) => Ok(Some(u32::try_from(ms).unwrap_or(u32::MAX))),
        Err(why) => bad(why),
    }
}

/// One of the options that say what is sent, if any is there.
fn content(of: &'static str, options: &mut Options) -> Fallible<Content> {
    let mut given: Option<(&str, Content)> = None;
    let mut found = |name: &'static str, content: Content| match given.replace((name, content)) {
        None => Ok(()),
        Some((other, _)) => refuse(
            "bad_option",
            format!("{of}: there are `{other}` and `{name}`: one body is sent"),
        ),
    };
    if let Some(json) = options.value("json") {
        let body = value::to_json(&json).or_else(|why| refuse("bad_json", format!("{of}: {why}")))?;
        found("json", Content::of(body.into_bytes(), "application/json"))?;
    }
    if let Some(form) = options.take::<Map>("form")? {
        let body = url::pairs(&form)?.into_bytes();
        found("form", Content::of(body, "application/x-www-form-urlencoded"))?;
    }
    if let Some(parts) = options.take::<Map>("multipart")? {
        let multipart = Multipart::of(of, parts)?;
        let kind = multipart.kind();
        found("multipart", Content::of(multipart.into_body(), &kind))?;
    }
    if let Some(text) = options.take::<ImmutableString>("text")? {
        found(
            "text",
            Content::of(text.as_bytes().to_vec(), "text/plain; charset=utf-8"),
        )?;
    }
    if let Some(blob) = options.take::<Blob>("blob")? {
        found("blob", Content::of(blob, "application/octet-stream"))?;
    }
    Ok(given.map_or(
        Content {
            body: Vec::new(),
            kind: None,
        },
        |(_, content)| content,
    ))
}

impl Content {
    fn of(body: Vec<u8>, kind: &str) -> Self {
        Self {
            body,
            kind: Some(kind.to_owned()),
        }
    }
}
