//! What handlers take from a request: axum's extractors, refusing in our own words.

mod words;

use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody, PathRejection};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use picloud_sdk::api::ScriptName;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::error::Error;
use crate::orchestrator::Host;
use crate::problem::{Code, Problem};

/// The body, as JSON. Unknown fields are refused by the types themselves.
pub(super) struct Json<T>(pub(super) T);

/// The same, for a body that may hold an event with a body of its own.
pub(super) struct JsonWithEvent<T>(pub(super) T);

/// The same, for a body that may hold a folder of sources.
pub(super) struct JsonWithScripts<T>(pub(super) T);

/// The same, for a body that may hold much of what an app keeps.
pub(super) struct JsonWithData<T>(pub(super) T);

/// Sources of one push, escaped, and what stands around them.
pub(super) const PUSH_BYTES_MAX: usize = 16 << 20;

impl<T: DeserializeOwned> FromRequest<Host> for JsonWithScripts<T> {
    type Rejection = Error;

    async fn from_request(request: Request, host: &Host) -> Result<Self, Error> {
        read(request, host, PUSH_BYTES_MAX).await.map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<Host> for JsonWithData<T> {
    type Rejection = Error;

    async fn from_request(request: Request, host: &Host) -> Result<Self, Error> {
        let data = &host.config.data;
        // One value with every character escaped, or as much as may be written at once, in base64 and with some room.
        let value = 6 * u64::from(data.value_bytes_max);
        let most = value.max(data.write_bytes_max.saturating_mul(2));
        let most = usize::try_from(most).unwrap_or(usize::MAX).saturating_add(64 << 10);
        read(request, host, most).await.map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<Host> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, host: &Host) -> Result<Self, Error> {
        read(request, host, source_bytes_max(host)).await.map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<Host> for JsonWithEvent<T> {
    type Rejection = Error;

    async fn from_request(request: Request, host: &Host) -> Result<Self, Error> {
        let event = host.config.http.body_bytes_max as usize;
        // In base64 it grows by a third.
        read(request, host, source_bytes_max(host) + event / 2 * 3)
            .await
            .map(Self)
    }
}

/// What a body may have: a source with every character escaped, and some room.
fn source_bytes_max(host: &Host) -> usize {
    (64 << 10) + 6 * host.config.limits.source_bytes_max as usize
}

async fn read<T: DeserializeOwned>(mut request: Request, host: &Host, bytes_max: usize) -> Result<T, Error> {
    if !is_json(&request) {
        let message = "send the body as JSON, with content-type: application/json";
        return Err(Problem::new(Code::UnsupportedMediaType, message).into());
    }
    DefaultBodyLimit::max(bytes_max).apply(&mut request);
    let (reading, body_max) = (Bytes::from_request(request, host), host.config.http.body_max);
    match tokio::time::timeout(body_max, reading).await {
        Ok(Ok(bytes)) => Ok(parse(&bytes)?),
        Ok(Err(rejection)) => Err(refusal_of(&rejection, bytes_max).into()),
        Err(_) => {
            let message = format!(
                "the body did not arrive within {} ms (PICLOUD_BODY_MS_MAX)",
                body_max.as_millis()
            );
            Err(Problem::new(Code::RequestTimeout, message).into())
        }
    }
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Some editors and shells begin every file with it.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first.is_some_and(|first| *first == b'[') {
        // serde would take its items for the fields in their order.
        return Err(Problem::new(
            Code::Invalid,
            "the body: an object is expected, this is an array",
        ));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, why) = (error.path().to_string(), error.inner().to_string());
        match error.inner().classify() {
            Category::Data => words::refusal(Code::Invalid, &path, &why),
            Category::Syntax | Category::Eof | Category::Io => no_json(&why),
        }
    })?;
    json.end().map_err(|error| no_json(&error.to_string()))?;
    Ok(value)
}

fn no_json(why: &str) -> Problem {
    Problem::new(Code::BadRequest, format!("the body is no JSON: {why}"))
}

fn refusal_of(rejection: &BytesRejection, bytes_max: usize) -> Problem {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => Problem::new(
            Code::BodyTooLarge,
            format!("the body has more than the {bytes_max} bytes that are allowed"),
        ),
        _ => Problem::new(
            Code::BadRequest,
            format!("the body did not arrive whole: {}", rejection.body_text()),
        ),
    }
}

/// The query's fields.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Host> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, host: &Host) -> Result<Self, Error> {
        match axum::extract::Query::from_request_parts(parts, host).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(why) => {
                let why = why.body_text();
                let why = why.strip_prefix(QUERY_FAILED).unwrap_or(&why);
                // axum names the field before the reason, unless the reason has it.
                let (path, why) = match why.split_once(": ") {
                    Some((path, why)) if !path.contains([' ', '`']) => (path, why),
                    _ => ("", why),
                };
                Err(words::refusal(Code::BadRequest, path, why).into())
            }
        }
    }
}

/// How axum begins to say what is wrong with a query.
const QUERY_FAILED: &str = "Failed to deserialize query string: ";

/// What the path's placeholders stand for.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Host> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, host: &Host) -> Result<Self, Error> {
        match axum::extract::Path::from_request_parts(parts, host).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(why)) => Err(match why.into_kind() {
                ErrorKind::InvalidUtf8InPathParam { key } => {
                    Problem::new(Code::BadRequest, format!("{key}: not UTF-8 when percent-decoded")).into()
                }
                other => misnamed(parts, host, &other.to_string()).await,
            }),
            Err(other) => Err(anyhow::anyhow!("reading the path: {other}").into()),
        }
    }
}

/// A bad name can be made a good one; nothing has an id or a number that is none.
async fn misnamed(parts: &mut Parts, host: &Host, why: &str) -> Error {
    let params = RawPathParams::from_request_parts(parts, host).await;
    let name = params
        .iter()
        .flat_map(|params| params.iter())
        .find(|(key, _)| *key == "name");
    match name.map(|(_, name)| name.parse::<ScriptName>()) {
        Some(Err(why)) => Error::invalid("name", why),
        _ => Error::not_found(format_args!("such thing: {why}")),
    }
}
