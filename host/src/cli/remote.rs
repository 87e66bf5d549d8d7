//! The management API from outside: where it is, how to get in, and what its errors mean for a person.

use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::Failure;
use super::excerpt::plain;
use crate::config::{Config, Env};
use crate::manager::PREFIX;
use crate::manager::tokens::OPERATOR_FILE;

/// RFC 3986's unreserved characters stay.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_mins(1);

#[derive(Debug, Args)]
pub(super) struct Remote {
    /// Address of the management API.
    #[arg(
        long,
        global = true,
        env = "PICLOUD_URL",
        default_value = "http://127.0.0.1:8081",
        value_name = "URL"
    )]
    url: reqwest::Url,
    /// Token to show there; without one, the operator token in the data folder of a server on this machine.
    #[arg(
        long,
        global = true,
        env = "PICLOUD_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    token: Option<String>,
}

/// A way into the management API.
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
    /// For messages.
    token_from: String,
}

/// The API said no: the status, and the `error` of its answer.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) error: Value,
}

impl Remote {
    pub(super) fn client(&self) -> Result<Client, Failure> {
        // Fails only when another client of this process has installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .user_agent(concat!("picloud/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("cannot start an HTTP client")?;
        let (token, token_from) = match &self.token {
            Some(token) => (token.clone(), "PICLOUD_TOKEN".to_owned()),
            None => operator_token()?,
        };
        let base = format!("{}{PREFIX}", self.url.as_str().trim_end_matches('/'));
        Ok(Client {
            http,
            base,
            token: token.trim().to_owned(),
            token_from,
        })
    }
}

fn operator_token() -> Result<(String, String), Failure> {
    let config = Config::from_env(&Env::process())?;
    let file = config.store.data.join(OPERATOR_FILE);
    let token = std::fs::read_to_string(&file).with_context(|| {
        format!(
            "no token: PICLOUD_TOKEN is not set, and there is no operator token to read at {}",
            file.display()
        )
    })?;
    Ok((token, file.display().to_string()))
}

/// One piece of a path, percent-encoded.
pub(super) fn segment(name: &str) -> Result<String, Failure> {
    if name.is_empty() || name.bytes().all(|byte| byte == b'.') {
        return Err(Failure::Usage(anyhow!("{name:?} is not a name")));
    }
    Ok(utf8_percent_encode(name, RESERVED).to_string())
}

impl Client {
    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.send(Method::GET, path, None).await
    }

    /// Asks for `path` below `/api/v1`. An answer without a body is `null`.
    pub(super) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        self.ask(method, path, body)
            .await?
            .map_err(|refused| self.failure(&refused))
    }

    /// The same for a caller that reads the refusal.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Result<Value, Refused>, Failure> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(|error| self.unreachable(&error))?;
        // What is no JSON is not from the management API: an answer without a code says so.
        let value: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(if status.is_success() {
            Ok(value)
        } else {
            Err(Refused {
                status,
                error: value["error"].clone(),
            })
        })
    }

    /// Every item of a list, page by page, in its order.
    pub(super) async fn all(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let mut items = Vec::new();
        let mut after = None::<String>;
        loop {
            let cursor = after
                .map(|after| format!("&after={}", utf8_percent_encode(&after, RESERVED)))
                .unwrap_or_default();
            let mut page = self.get(&format!("{path}?limit=100{cursor}")).await?;
            if let Value::Array(more) = page["items"].take() {
                items.extend(more);
            }
            match page["next"].take() {
                Value::String(next) => after = Some(next),
                _ => return Ok(items),
            }
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let mut cause: &dyn std::error::Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        Failure::Wrong(anyhow!(
            "cannot reach the management API at {}: {cause}; is `picloud serve` running there? (PICLOUD_URL)",
            self.base
        ))
    }

    pub(super) fn failure(&self, refused: &Refused) -> Failure {
        let Refused { status, error } = refused;
        let message = error["message"]
            .as_str()
            .unwrap_or("it says no more; is PICLOUD_URL the management API?");
        let code = error["code"].as_str().unwrap_or("no code");
        let text = match *status {
            StatusCode::UNAUTHORIZED => format!("the token of {} is not accepted: {message}", self.token_from),
            _ => format!("{message} ({code}, {})", status.as_u16()),
        };
        Failure::Wrong(anyhow!(plain(&text)))
    }
}
