//! An event as a person writes it: for `picloud run --event` and for the management API's trial runs.

use std::collections::BTreeMap;

use bytes::Bytes;
use data_encoding::BASE64;
use http::{HeaderName, HeaderValue, Method};
use picloud_sdk::event::{Event, HttpRequest};
use picloud_sdk::wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An HTTP request in JSON. Everything has a default: `{}` is `GET /`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GivenEvent {
    /// The method in upper case.
    pub method: String,
    /// Host and port as a client would name them.
    pub host: String,
    /// The path below the app's root, percent-encoded, starting with `/`.
    pub path: String,
    /// The raw query without `?`.
    pub query: String,
    /// Parameters as the route would have found them, decoded.
    pub params: BTreeMap<String, String>,
    /// Headers; one that occurs more than once has an array.
    pub headers: BTreeMap<String, OneOrMore>,
    /// The client's address.
    pub client_ip: String,
    /// The body, when it is text.
    pub body: Option<String>,
    /// The body in base64, when it is not.
    pub body_base64: Option<String>,
}

/// A header's value, or its values in order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum OneOrMore {
    /// It occurs once.
    One(String),
    /// It occurs as often as this is long.
    More(Vec<String>),
}

impl Default for GivenEvent {
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            host: "localhost".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            params: BTreeMap::new(),
            headers: BTreeMap::new(),
            client_ip: "127.0.0.1".to_owned(),
            body: None,
            body_base64: None,
        }
    }
}

/// Why a given event is none: a sentence for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadEvent(String);

impl GivenEvent {
    /// The event and its body as a run takes them.
    ///
    /// # Errors
    /// When no client could have sent it; says which field is wrong.
    pub fn encode(&self) -> Result<(Vec<u8>, Bytes), BadEvent> {
        if Method::from_bytes(self.method.as_bytes()).is_err() || self.method != self.method.to_ascii_uppercase() {
            return bad(format!("method: {:?} is not a method in upper case", self.method));
        }
        if !self.path.starts_with('/') || self.path.contains(['?', '#']) {
            return bad(format!(
                "path: {:?} must start with / and have no query, which is a field of its own",
                self.path
            ));
        }
        let headers = self.headers()?;
        let body = self.body()?;
        let Ok(body_bytes) = u32::try_from(body.len()) else {
            return bad(format!("body: {} bytes are too many", body.len()));
        };
        let event = Event::Http(HttpRequest {
            method: &self.method,
            host: &self.host,
            path: &self.path,
            query: &self.query,
            params: self
                .params
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect(),
            headers: headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_bytes()))
                .collect(),
            client_ip: &self.client_ip,
            body_bytes,
        });
        Ok((wire::encode(&event), body))
    }

    fn headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>, BadEvent> {
        let mut headers = Vec::new();
        for (name, values) in &self.headers {
            let Ok(valid_name) = HeaderName::from_bytes(name.as_bytes()) else {
                return bad(format!("headers: {name:?} is not a header's name"));
            };
            let values = match values {
                OneOrMore::One(value) => std::slice::from_ref(value),
                OneOrMore::More(values) => values,
            };
            for value in values {
                let Ok(valid) = HeaderValue::from_bytes(value.as_bytes()) else {
                    return bad(format!("headers: {name} cannot have the value {value:?}"));
                };
                headers.push((valid_name.clone(), valid));
            }
        }
        Ok(headers)
    }

    fn body(&self) -> Result<Bytes, BadEvent> {
        match (&self.body, &self.body_base64) {
            (None, None) => Ok(Bytes::new()),
            (Some(text), None) => Ok(Bytes::copy_from_slice(text.as_bytes())),
            (None, Some(encoded)) => match BASE64.decode(encoded.as_bytes()) {
                Ok(bytes) => Ok(bytes.into()),
                Err(error) => bad(format!("body_base64: {error}")),
            },
            (Some(_), Some(_)) => bad("body: give either body or body_base64".to_owned()),
        }
    }
}

fn bad<T>(problem: String) -> Result<T, BadEvent> {
    Err(BadEvent(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(json: &str) -> Result<(Vec<u8>, Bytes), BadEvent> {
        serde_json::from_str::<GivenEvent>(json)
            .map_err(|error| BadEvent(error.to_string()))?
            .encode()
    }

    #[test]
    fn nothing_given_is_get_of_the_root() {
        let (event, body) = encoded("{}").unwrap();
        let Event::Http(http) = wire::decode(&event, 1024).unwrap();
        assert_eq!(
            (http.method, http.path, http.body_bytes, body.len()),
            ("GET", "/", 0, 0)
        );
    }

    #[test]
    fn headers_and_bytes_survive() {
        let (event, body) =
            encoded(r#"{"method":"POST","headers":{"Accept":["a","b"],"x":"é"},"body_base64":"AP8Q"}"#).unwrap();
        let Event::Http(http) = wire::decode(&event, 1024).unwrap();
        assert_eq!(
            http.headers,
            [("accept", &b"a"[..]), ("accept", b"b"), ("x", "é".as_bytes())]
        );
        assert_eq!((http.body_bytes, &body[..]), (3, &[0, 0xff, 0x10][..]));
    }

    #[test]
    fn what_no_client_could_send_is_refused_by_name() {
        for (json, word) in [
            (r#"{"method":"get"}"#, "method"),
            (r#"{"method":"A B"}"#, "method"),
            (r#"{"path":"orders"}"#, "path"),
            (r#"{"path":"/a?b"}"#, "path"),
            (r#"{"headers":{"a b":"c"}}"#, "headers"),
            (r#"{"headers":{"a":"b\nc: d"}}"#, "headers"),
            (r#"{"body":"a","body_base64":"YQ=="}"#, "body"),
            (r#"{"body_base64":"?"}"#, "body_base64"),
            (r#"{"bodyy":"a"}"#, "bodyy"),
        ] {
            let problem = encoded(json).expect_err(json).to_string();
            assert!(problem.contains(word), "{json}: {problem}");
        }
    }
}
