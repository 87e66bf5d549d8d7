//! What handlers take from a request: axum's extractors, refusing in our own words.

use axum::extract::path::ErrorKind;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody, JsonRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::names::ScriptName;
use crate::orchestrator::Host;
use crate::problem::{Code, Problem};

/// The body, as JSON. Unknown fields are refused by the types themselves.
pub(super) struct Json<T>(pub(super) T);

/// The same, for a body that may hold an event with a body of its own.
pub(super) struct JsonWithEvent<T>(pub(super) T);

/// The same, for a body that may hold a folder of sources.
pub(super) struct JsonWithScripts<T>(pub(super) T);

/// Sources of one push, escaped, and what stands around them.
pub(super) const PUSH_BYTES_MAX: usize = 16 << 20;

impl<T: DeserializeOwned> FromRequest<Host> for JsonWithScripts<T> {
    type Rejection = Error;

    async fn from_request(request: Request, host: &Host) -> Result<Self, Error> {
        read(request, host, PUSH_BYTES_MAX).await.map(Self)
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
    DefaultBodyLimit::max(bytes_max).apply(&mut request);
    let (reading, body_max) = (axum::Json::from_request(request, host), host.config.http.body_max);
    match tokio::time::timeout(body_max, reading).await {
        Ok(Ok(axum::Json(value))) => Ok(value),
        Ok(Err(rejection)) => Err(refusal_of(&rejection, bytes_max)),
        Err(_) => {
            let message = format!(
                "the body did not arrive within {} ms (PICLOUD_BODY_MS_MAX)",
                body_max.as_millis()
            );
            Err(Problem::new(Code::RequestTimeout, message).into())
        }
    }
}

fn refusal_of(rejection: &JsonRejection, bytes_max: usize) -> Error {
    let why = rejection.body_text();
    match rejection {
        JsonRejection::JsonDataError(_) => Problem::new(Code::Invalid, why),
        JsonRejection::MissingJsonContentType(_) => Problem::new(
            Code::UnsupportedMediaType,
            "send the body as JSON, with content-type: application/json",
        ),
        JsonRejection::BytesRejection(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_))) => {
            Problem::new(
                Code::BodyTooLarge,
                format!("the body has more than the {bytes_max} bytes that are allowed"),
            )
        }
        _ => Problem::new(Code::BadRequest, why),
    }
    .into()
}

/// The query's fields.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Host> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, host: &Host) -> Result<Self, Error> {
        match axum::extract::Query::from_request_parts(parts, host).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(why) => Err(Problem::new(Code::BadRequest, why.body_text()).into()),
        }
    }
}

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
