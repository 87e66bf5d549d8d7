//! What came back of a request.

use std::cell::OnceCell;
use std::rc::Rc;

use picloud_sdk::call::http;
use rhai::plugin::*;
use rhai::{Blob, Dynamic, Engine, Map, Module};

use super::super::request::text_of;
use super::super::values::Values;
use super::super::{Fallible, form, refuse};
use crate::value;

/// A response; a cheap handle.
#[derive(Clone)]
pub struct Response(Rc<Inner>);

struct Inner {
    response: http::Response<'static>,
    headers: OnceCell<Values>,
}

impl Response {
    pub(super) fn new(response: http::Response<'static>) -> Self {
        Self(Rc::new(Inner {
            response,
            headers: OnceCell::new(),
        }))
    }

    fn headers(&self) -> &Values {
        self.0.headers.get_or_init(|| {
            let pairs = self.0.response.headers.iter();
            Values::new(
                pairs.map(|(name, value)| ((*name).into(), text_of(value))).collect(),
                false,
            )
        })
    }

    fn text(&self) -> Fallible<ImmutableString> {
        let body = value::without_mark(self.0.response.body);
        let charset = self.headers().first("content-type");
        let charset = charset
            .and_then(|kind| form::parameter(kind, "charset"))
            .unwrap_or_default();
        match charset.to_ascii_lowercase().as_str() {
            "iso-8859-1" | "latin1" | "us-ascii" => Ok(text_of_latin(body)),
            _ => match std::str::from_utf8(body) {
                Ok(text) => Ok(text.into()),
                Err(_) if !matches!(charset.as_str(), "" | "utf-8" | "UTF-8") => refuse(
                    "bad_text",
                    format!("the response is {charset}, which is not read here; `blob()` has its bytes"),
                ),
                Err(error) => refuse("bad_text", format!("the response is not UTF-8: {error}")),
            },
        }
    }

    /// Without the body, for logs and echoes.
    pub(crate) fn to_map(&self) -> Map {
        let fields: [(&str, Dynamic); 3] = [
            ("status", i64::from(self.0.response.status).into()),
            ("url", self.0.response.url.into()),
            ("headers", self.headers().to_map().into()),
        ];
        fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }
}

fn text_of_latin(bytes: &[u8]) -> ImmutableString {
    bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into()
}

pub(super) fn register(engine: &mut Engine, global: &mut Module) {
    engine.register_type_with_name::<Response>("Response");
    combine_with_exported_module!(global, "response", functions);
}

#[export_module]
mod functions {
    /// The status: 200 to 999.
    #[rhai_fn(get = "status", pure)]
    pub fn status(response: &mut Response) -> i64 {
        response.0.response.status.into()
    }

    /// Whether the status is 200 to 299.
    #[rhai_fn(get = "ok", pure)]
    pub fn ok(response: &mut Response) -> bool {
        (200..300).contains(&response.0.response.status)
    }

    /// Where it came from, after redirects.
    #[rhai_fn(get = "url", pure)]
    pub fn url(response: &mut Response) -> ImmutableString {
        response.0.response.url.into()
    }

    /// The headers, names in any case: `response.headers["Content-Type"]`, `response.headers.all("set-cookie")`.
    #[rhai_fn(get = "headers", pure)]
    pub fn headers(response: &mut Response) -> Values {
        response.headers().clone()
    }

    /// The body as text. Not UTF-8, and not said to be Latin-1: throws `bad_text`.
    #[rhai_fn(name = "text", pure, return_raw)]
    pub fn text(response: &mut Response) -> Fallible<ImmutableString> {
        response.text()
    }

    /// The body as a value. Malformed JSON: throws `bad_json`.
    #[rhai_fn(name = "json", pure, return_raw)]
    pub fn json(response: &mut Response) -> Fallible<Dynamic> {
        value::from_json(response.0.response.body)
            .or_else(|problem| refuse("bad_json", format!("the response is not JSON: {problem}")))
    }

    /// The body as bytes.
    #[rhai_fn(name = "blob", pure)]
    pub fn blob(response: &mut Response) -> Blob {
        response.0.response.body.to_vec()
    }

    /// The response without its body as a map.
    #[rhai_fn(name = "to_map", pure)]
    pub fn to_map(response: &mut Response) -> Map {
        response.to_map()
    }
}
