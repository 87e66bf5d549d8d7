//! An event as a person writes it.

use std::collections::BTreeMap;

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
