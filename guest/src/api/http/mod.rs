//! `http::*`: requests to other services. The host sends them, to hosts that the app may call.

mod multipart;
mod outgoing;
mod response;

use picloud_sdk::call::http::{Later, Send};
use rhai::plugin::*;
use rhai::{Array, Engine, Map, Module};

use self::outgoing::Outgoing;
pub(super) use self::response::Response;
use super::options::Options;
use super::queue::Said;
use super::{Fallible, answered, refuse};
use crate::{host, words};

pub(super) fn register(engine: &mut Engine, global: &mut Module) {
    engine.register_static_module("http", exported_module!(functions).into());
    response::register(engine, global);
}

fn send_all(outgoing: &[Outgoing]) -> Fallible<impl Iterator<Item = Response>> {
    let requests = outgoing.iter().map(Outgoing::as_request).collect();
    let responses = answered(host::ask(Send { requests }))?;
    Ok(responses.into_iter().map(Response::new))
}

fn send(outgoing: Outgoing) -> Fallible<Response> {
    match send_all(&[outgoing])?.next() {
        Some(response) => Ok(response),
        None => refuse("broken_response", "there is no response"),
    }
}

fn send_to(of: &'static str, method: &str, url: &str, options: Map) -> Fallible<Response> {
    send(Outgoing::to(of, method, url, options)?)
}

#[export_module]
mod functions {
    /// What is at `url`: a response with `status`, `headers`, `text()`, `json()` and `blob()`, whatever its status is. The app
    /// has to be allowed to call the host: `not_allowed` says how. No response: throws `dns_failed`, `connect_failed`,
    /// `tls_failed`, `timeout`, `too_large`, `broken_response` or `forbidden_address`.
    #[rhai_fn(name = "get", volatile, return_raw)]
    pub fn get(url: &str) -> Fallible<Response> {
        send_to("http::get", "GET", url, Map::new())
    }

    /// The same with options: `headers`, `query` (maps), `timeout` (`"5s"`), `redirects` (how many are followed), `retries`;
    /// and one of `json`, `form`, `multipart`, `text`, `blob` for what is sent.
    #[rhai_fn(name = "get", volatile, return_raw)]
    pub fn get_with(url: &str, options: Map) -> Fallible<Response> {
        send_to("http::get", "GET", url, options)
    }

    /// The headers of what is at `url`.
    #[rhai_fn(name = "head", volatile, return_raw)]
    pub fn head(url: &str) -> Fallible<Response> {
        send_to("http::head", "HEAD", url, Map::new())
    }

    /// The same with options, as for `http::get`.
    #[rhai_fn(name = "head", volatile, return_raw)]
    pub fn head_with(url: &str, options: Map) -> Fallible<Response> {
        send_to("http::head", "HEAD", url, options)
    }

    /// Sends nothing but a POST to `url`.
    #[rhai_fn(name = "post", volatile, return_raw)]
    pub fn post(url: &str) -> Fallible<Response> {
        send_to("http::post", "POST", url, Map::new())
    }

    /// Posts to `url`: `http::post(url, #{ json: #{ name: "Ada" } })`; options as for `http::get`.
    #[rhai_fn(name = "post", volatile, return_raw)]
    pub fn post_with(url: &str, options: Map) -> Fallible<Response> {
        send_to("http::post", "POST", url, options)
    }

    /// Puts something at `url`; options as for `http::get`.
    #[rhai_fn(name = "put", volatile, return_raw)]
    pub fn put(url: &str, options: Map) -> Fallible<Response> {
        send_to("http::put", "PUT", url, options)
    }

    /// Changes what is at `url`; options as for `http::get`.
    #[rhai_fn(name = "patch", volatile, return_raw)]
    pub fn patch(url: &str, options: Map) -> Fallible<Response> {
        send_to("http::patch", "PATCH", url, options)
    }

    /// Deletes what is at `url`.
    #[rhai_fn(name = "delete", volatile, return_raw)]
    pub fn delete(url: &str) -> Fallible<Response> {
        send_to("http::delete", "DELETE", url, Map::new())
    }

    /// The same with options, as for `http::get`.
    #[rhai_fn(name = "delete", volatile, return_raw)]
    pub fn delete_with(url: &str, options: Map) -> Fallible<Response> {
        send_to("http::delete", "DELETE", url, options)
    }

    /// Sends what the options say: those of `http::get`, `url`, and `method` (`GET` when left out).
    #[rhai_fn(name = "request", volatile, return_raw)]
    pub fn request(options: Map) -> Fallible<Response> {
        send(Outgoing::of("http::request", options)?)
    }

    /// Sends several requests side by side, each a map as for `http::request` or a URL to get; their responses in the same
    /// order. When one has none, its error is thrown.
    #[rhai_fn(name = "all", volatile, return_raw)]
    pub fn all(requests: Array) -> Fallible<Array> {
        let mut outgoing = Vec::with_capacity(requests.len());
        for request in requests {
            let is = request.type_name();
            outgoing.push(if request.is_string() {
                let url = request.into_immutable_string().unwrap_or_default();
                Outgoing::to("http::all", "GET", &url, Map::new())?
            } else if let Some(options) = request.try_cast::<Map>() {
                Outgoing::of("http::all", options)?
            } else {
                let is = words::a_type(is);
                return refuse(
                    "bad_option",
                    format!("http::all: a request is a map or a URL, not {is}"),
                );
            });
        }
        if outgoing.is_empty() {
            return Ok(Array::new());
        }
        Ok(send_all(&outgoing)?.map(Dynamic::from).collect())
    }

    /// Sends a request when this run has ended well, and again until it is answered with a status below 400: options as for
    /// `http::request` (`method` is `POST` when left out, and there are no `retries`), and those of `queue::send`. Nobody sees
    /// the response. What could not be sent is a dead letter.
    #[rhai_fn(name = "send", volatile, return_raw)]
    pub fn send_later(options: Map) -> Fallible<()> {
        let mut options = Options::new("http::send", options);
        let said = Said::take(&mut options)?;
        let outgoing = Outgoing::of_options("http::send", "POST", options)?;
        if outgoing.retries() {
            let message = "http::send: `retries` is of requests whose response is waited for; `attempts` is how often it is tried";
            return refuse("bad_option", message);
        }
        let (request, message) = (outgoing.as_request(), said.with(&[]));
        answered(host::ask(Later { request, message }))
    }
}
