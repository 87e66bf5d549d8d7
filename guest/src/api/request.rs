//! `req`: the HTTP request. Decoded piece by piece: what a script does not read costs nothing.

use std::cell::OnceCell;
use std::rc::Rc;

use picloud_sdk::call::body;
use picloud_sdk::event::{Event, HttpRequest};
use picloud_sdk::wire;
use rhai::plugin::*;
use rhai::{Array, Blob, Dynamic, Engine, Map, Module};

use super::form::{self, Form};
use super::values::Values;
use super::{Fallible, answered, blame_caller};
use crate::{host, value};

/// The script's `req`; a cheap handle.
#[derive(Clone)]
pub(crate) struct Request(Rc<Inner>);

#[derive(Default)]
struct Inner {
    event: &'static [u8],
    http: OnceCell<HttpRequest<'static>>,
    headers: OnceCell<Values>,
    query: OnceCell<Values>,
    body: OnceCell<&'static [u8]>,
    form: OnceCell<Form>,
}

impl Request {
    #[cfg(feature = "runner")]
    pub(crate) fn new(event: &'static [u8]) -> Self {
        Self(Rc::new(Inner {
            event,
            ..Inner::default()
        }))
    }

    fn http(&self) -> &HttpRequest<'static> {
        self.0.http.get_or_init(|| {
            let event = wire::decode(self.0.event, usize::MAX).expect("the host speaks the contract");
            match event {
                Event::Http(http) => http,
                // No script gets at one.
                Event::Message(_) | Event::Messages(_) | Event::Call(_) => HttpRequest::default(),
            }
        })
    }

    fn headers(&self) -> &Values {
        self.0.headers.get_or_init(|| {
            let pairs = self
                .http()
                .headers
                .iter()
                .map(|(name, value)| ((*name).into(), text_of(value)));
            Values::new(pairs.collect(), false)
        })
    }

    fn query(&self) -> &Values {
        self.0
            .query
            .get_or_init(|| Values::new(form::pairs_of(self.http().query.as_bytes()), true))
    }

    fn body(&self) -> Fallible<&'static [u8]> {
        if let Some(body) = self.0.body.get() {
            return Ok(body);
        }
        let body = match self.http().body_bytes {
            0 => &[],
            _ => answered(host::ask(body::Call::Read))?.0,
        };
        Ok(self.0.body.get_or_init(|| body))
    }

    fn text(&self) -> Fallible<&'static str> {
        match std::str::from_utf8(self.body()?) {
            Ok(text) => Ok(text),
            Err(error) => blame_caller(400, "bad_text", format!("the body is not UTF-8: {error}")),
        }
    }

    fn form(&self) -> Fallible<&Form> {
        if let Some(form) = self.0.form.get() {
            return Ok(form);
        }
        let form = match Form::of(self.headers().first("content-type"), self.body()?) {
            Ok(form) => form,
            Err(problem) => return blame_caller(problem.status, "bad_form", problem.message),
        };
        Ok(self.0.form.get_or_init(|| form))
    }

    /// Without the body, for logs and echoes.
    pub(crate) fn to_map(&self) -> Map {
        let http = self.http();
        let fields: [(&str, Dynamic); 8] = [
            ("method", http.method.into()),
            ("host", http.host.into()),
            ("path", http.path.into()),
            ("params", params_of(http).into()),
            ("query", self.query().to_map().into()),
            ("headers", self.headers().to_map().into()),
            ("cookies", cookies_of(http).into()),
            ("ip", http.client_ip.into()),
        ];
        fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }
}

/// Header values may be any bytes; those beyond UTF-8 are read as Latin-1, as HTTP once defined them.
pub(super) fn text_of(value: &[u8]) -> ImmutableString {
    std::str::from_utf8(value).map_or_else(
        |_| value.iter().map(|byte| char::from(*byte)).collect::<String>().into(),
        Into::into,
    )
}

fn params_of(http: &HttpRequest<'_>) -> Map {
    http.params
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

fn cookies_of(http: &HttpRequest<'_>) -> Map {
    let mut cookies = Map::new();
    for (_, header) in http.headers.iter().filter(|(name, _)| *name == "cookie") {
        for pair in text_of(header).split(';') {
            if let Some((name, value)) = pair.trim().split_once('=') {
                // The first of a name is the most specific one (RFC 6265, 5.4).
                cookies
                    .entry(name.into())
                    .or_insert_with(|| value.trim_matches('"').into());
            }
        }
    }
    cookies
}

pub(super) fn register(engine: &mut Engine, global: &mut Module) {
    engine.register_type_with_name::<Request>("Request");
    combine_with_exported_module!(global, "request", functions);
}

#[export_module]
mod functions {
    /// The method in upper case: `GET`, `POST`, ...
    #[rhai_fn(get = "method", pure)]
    pub fn method(req: &mut Request) -> ImmutableString {
        req.http().method.into()
    }

    /// Host and port as the client named them.
    #[rhai_fn(get = "host", pure)]
    pub fn host(req: &mut Request) -> ImmutableString {
        req.http().host.into()
    }

    /// The path below the app's root, starting with `/`, still percent-encoded.
    #[rhai_fn(get = "path", pure)]
    pub fn path(req: &mut Request) -> ImmutableString {
        req.http().path.into()
    }

    /// The route's parameters, percent-decoded: `/orders/{id}` gives `req.params.id`.
    #[rhai_fn(get = "params", pure)]
    pub fn params(req: &mut Request) -> Map {
        params_of(req.http())
    }

    /// The query: `req.query["page"]` is the first value or `()`, `req.query.all("tag")` all of them.
    #[rhai_fn(get = "query", pure)]
    pub fn query(req: &mut Request) -> Values {
        req.query().clone()
    }

    /// The headers, names in any case: `req.headers["X-User"]`, `req.headers.all("accept")`.
    #[rhai_fn(get = "headers", pure)]
    pub fn headers(req: &mut Request) -> Values {
        req.headers().clone()
    }

    /// The cookies as a map: `req.cookies.session`.
    #[rhai_fn(get = "cookies", pure)]
    pub fn cookies(req: &mut Request) -> Map {
        cookies_of(req.http())
    }

    /// The client's address as far as the installation can tell.
    #[rhai_fn(get = "ip", pure)]
    pub fn ip(req: &mut Request) -> ImmutableString {
        req.http().client_ip.into()
    }

    /// The body as text. Not UTF-8: throws `bad_text`, answered with 400 unless caught.
    #[rhai_fn(name = "text", pure, return_raw)]
    pub fn text(req: &mut Request) -> Fallible<ImmutableString> {
        Ok(req.text()?.into())
    }

    /// The body as a value. Malformed JSON: throws `bad_json`, answered with 400 unless caught.
    #[rhai_fn(name = "json", pure, return_raw)]
    pub fn json(req: &mut Request) -> Fallible<Dynamic> {
        value::from_json(req.body()?)
            .or_else(|problem| blame_caller(400, "bad_json", format!("the body is not JSON: {problem}")))
    }

    /// The fields of a form, be it `application/x-www-form-urlencoded` or `multipart/form-data`. Another body: throws
    /// `bad_form`, answered with 415 unless caught.
    #[rhai_fn(name = "form", pure, return_raw)]
    pub fn form(req: &mut Request) -> Fallible<Values> {
        Ok(req.form()?.fields.clone())
    }

    /// The files of a `multipart/form-data` form, in order, each as `#{ field, name, type, body }`; another form has
    /// none.
    #[rhai_fn(name = "files", pure, return_raw)]
    pub fn files(req: &mut Request) -> Fallible<Array> {
        Ok(req.form()?.files())
    }

    /// The body as bytes.
    #[rhai_fn(name = "blob", pure, return_raw)]
    pub fn blob(req: &mut Request) -> Fallible<Blob> {
        Ok(req.body()?.to_vec())
    }

    /// The request without its body as a map.
    #[rhai_fn(name = "to_map", pure)]
    pub fn to_map(req: &mut Request) -> Map {
        req.to_map()
    }
}
