//! One question to the management API, and its answer: from a PiCloud, bounded, and what it has to be.

use std::time::Duration;

use anyhow::{Context, anyhow};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use picloud_sdk::api::{Error, ErrorBody, PREFIX, Page};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Failure, Token, is_loopback};
use crate::cli::trouble::Trouble;

/// RFC 3986's unreserved characters stay.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_mins(1);
/// A page of runs with all that they logged is far less.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A way into the management API.
pub(in crate::cli) struct Client {
    http: reqwest::Client,
    base: String,
    local: bool,
    token: Token,
}

/// The API said no: the status, and the `error` of its answer.
pub(in crate::cli) struct Refused {
    pub(in crate::cli) status: StatusCode,
    pub(in crate::cli) error: ErrorBody,
}

/// One piece of a path, percent-encoded.
pub(in crate::cli) fn segment(name: &str) -> Result<String, Failure> {
    // As they are, or percent-encoded, these two lead elsewhere.
    if matches!(name, "" | "." | "..") {
        return Err(Failure::Usage(anyhow!("{name:?} is not a name")));
    }
    Ok(utf8_percent_encode(name, RESERVED).to_string())
}

/// What stands behind a path: those that are there, percent-encoded.
pub(in crate::cli) fn query(fields: &[(&str, Option<&str>)]) -> String {
    let mut text = String::new();
    for (name, value) in fields.iter().filter_map(|(name, value)| Some((name, (*value)?))) {
        let before = if text.is_empty() { '?' } else { '&' };
        text.push(before);
        text.push_str(name);
        text.push('=');
        text.extend(utf8_percent_encode(value, RESERVED));
    }
    text
}

impl Client {
    pub(super) fn new(url: &Url, token: Token) -> Result<Self, Failure> {
        // Fails only when another client of this process has installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let local = is_loopback(url);
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .user_agent(concat!("picloud/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none());
        if local || url.scheme() == "http" {
            // A proxy would read the token. Through one for https:// goes only what is encrypted for the server.
            http = http.no_proxy();
        }
        Ok(Self {
            http: http.build().context("cannot start an HTTP client")?,
            base: format!("{}{PREFIX}", url.as_str().trim_end_matches('/')),
            local,
            token,
        })
    }

    pub(in crate::cli) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.send(Method::GET, path, None::<&()>).await
    }

    /// Asks for `path` below `/api/v1`.
    pub(in crate::cli) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, Failure> {
        self.ask(method, path, body)
            .await?
            .map_err(|refused| self.failure(refused))
    }

    /// The same for a caller that reads the refusal.
    pub(in crate::cli) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Result<T, Refused>, Failure> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.token.secret);
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let bytes = self.read(&mut answer).await?;
        let status = answer.status();
        if matches!(status, StatusCode::NO_CONTENT | StatusCode::ACCEPTED) && bytes.is_empty() {
            return Ok(Ok(
                serde_json::from_value(Value::Null).context("an answer without a body")?
            ));
        }
        if !is_json(&answer) {
            return Err(self.no_picloud(&answer, "no JSON"));
        }
        if status.is_success() {
            let read = serde_json::from_slice(&bytes);
            return read.map(Ok).map_err(|error| self.another_answer(&answer, &error));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Error { error }) => Ok(Err(Refused { status, error })),
            Err(error) => Err(self.no_picloud(&answer, &error.to_string())),
        }
    }

    async fn read(&self, answer: &mut Response) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.unreachable(&error))? {
            if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(self.no_picloud(answer, &format!("more than {ANSWER_BYTES_MAX} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// Every item of a list, page by page, in its order.
    pub(in crate::cli) async fn all<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Failure> {
        let mut items = Vec::new();
        let mut after = None::<String>;
        loop {
            let cursor = after
                .map(|after| format!("&after={}", utf8_percent_encode(&after, RESERVED)))
                .unwrap_or_default();
            let page: Page<T> = self.get(&format!("{path}?limit=100{cursor}")).await?;
            items.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(items),
            }
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let mut cause: &dyn std::error::Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        let what_to_do = if self.local {
            "start a server here with: picloud serve"
        } else {
            "is `picloud serve` running there, and PICLOUD_ADMIN_BIND an address that can be reached from here?"
        };
        let message = format!("cannot reach the management API at {}: {cause}", self.base);
        Trouble::new("unreachable", message)
            .hint(what_to_do)
            .hint("or say where one is with: --url URL (or PICLOUD_URL)")
            .into()
    }

    /// It may have done what it was asked, and says so in a way that is not known here.
    fn another_answer(&self, answer: &Response, why: &serde_json::Error) -> Failure {
        let message = format!(
            "this is no PiCloud API, or one of another release: {} answered {}, and not what was expected ({why})",
            self.base,
            answer.status().as_u16(),
        );
        Trouble::new("not_picloud", message)
            .hint("what was asked for may have been done; compare picloud --version here and on the server")
            .hint(
                "--url (or PICLOUD_URL) is the address that `picloud serve` calls the management API, without /api/v1",
            )
            .into()
    }

    /// Something answers there, and it is something else.
    fn no_picloud(&self, answer: &Response, why: &str) -> Failure {
        let kind = answer.headers().get(CONTENT_TYPE);
        let kind = kind.map_or("without a content type".into(), |kind| {
            format!("with {}", String::from_utf8_lossy(kind.as_bytes()))
        });
        let message = format!(
            "this is no PiCloud API: {} answered {} {kind} ({why})",
            self.base,
            answer.status().as_u16(),
        );
        Trouble::new("not_picloud", message)
            .hint(
                "--url (or PICLOUD_URL) is the address that `picloud serve` calls the management API, without /api/v1",
            )
            .into()
    }

    pub(in crate::cli) fn failure(&self, refused: Refused) -> Failure {
        let Refused { status, error } = refused;
        let ErrorBody { code, message, details } = error;
        let text = match status {
            StatusCode::UNAUTHORIZED => format!("the token of {} is not accepted: {message}", self.token.from),
            _ => format!("{message} ({code}, {})", status.as_u16()),
        };
        let mut trouble = Trouble {
            details: details.unwrap_or_default(),
            ..Trouble::new(&code, text)
        };
        if status == StatusCode::UNAUTHORIZED {
            trouble = trouble.hint(
                "an owner of the app, or the operator, makes one with: picloud token create --app APP --role deployer",
            );
        }
        if status == StatusCode::NOT_FOUND && message.starts_with("there is no app ") {
            trouble = trouble
                .hint("see those there are with: picloud app list")
                .hint("make one with: picloud app create NAME");
        }
        trouble.into()
    }
}

fn is_json(answer: &Response) -> bool {
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}
