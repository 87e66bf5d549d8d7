//! Refusals that no handler gives: hyper's own, in our words, and what every refusal has in common.

use bytes::{BufMut as _, Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

use crate::config::HttpConfig;
use crate::problem::{Code, Problem};

use super::answers::Answer;

/// Places are free again soon, or not for long: one second is as good a guess as any.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("1");

/// A problem as JSON.
pub(crate) fn problem(problem: &Problem) -> Answer {
    let mut answer = Response::new(Bytes::from(problem.to_json().to_string()));
    *answer.status_mut() = problem.code.status();
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// A refusal that may be different in a second.
pub(crate) fn retry_later(code: Code, message: impl Into<String>) -> Answer {
    let mut answer = problem(&Problem::new(code, message));
    answer.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S);
    answer
}

/// The connection is not used again.
pub(crate) fn closing(mut answer: Answer) -> Answer {
    answer
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// What to say where there is no request yet that could be answered; made once.
#[derive(Debug)]
pub(super) struct Refusals {
    no_request: Bytes,
    too_large: Bytes,
    too_slow: Bytes,
    too_many: Bytes,
}

impl Refusals {
    pub(super) fn new(http: &HttpConfig, connections_per_address_max: u32) -> Self {
        let too_large = format!(
            "the request's head has more than the {} bytes (PICLOUD_HEADER_BYTES_MAX) or the {} headers (PICLOUD_HEADERS_MAX) that are allowed",
            http.header_bytes_max, http.headers_max
        );
        let too_slow = format!(
            "the request's head did not arrive within {} ms (PICLOUD_HEADER_MS_MAX)",
            http.header_max.as_millis()
        );
        let too_many = format!(
            "this address has the {connections_per_address_max} connections at once that it may have (PICLOUD_CONNECTIONS_PER_ADDRESS_MAX)"
        );
        Self {
            no_request: message(&problem(&Problem::new(
                Code::BadRequest,
                "what came is no HTTP request: its request line or a header is malformed",
            ))),
            too_large: message(&problem(&Problem::new(Code::HeadersTooLarge, too_large))),
            too_slow: message(&problem(&Problem::new(Code::RequestTimeout, too_slow))),
            too_many: message(&retry_later(Code::Overloaded, too_many)),
        }
    }

    /// Our words for hyper's, which are a head without a body.
    pub(super) fn instead_of(&self, theirs: &[u8]) -> Option<Bytes> {
        let status = theirs.strip_prefix(b"HTTP/1.")?.get(2..5)?;
        match status {
            b"431" | b"414" => Some(self.too_large.clone()),
            [b'4', ..] => Some(self.no_request.clone()),
            _ => None,
        }
    }

    /// To a client whose head takes too long.
    pub(super) fn too_slow(&self) -> &[u8] {
        &self.too_slow
    }

    /// To a client that has too many connections.
    pub(super) fn too_many(&self) -> &[u8] {
        &self.too_many
    }
}

/// An answer as HTTP/1.1, after which the connection is closed.
fn message(answer: &Answer) -> Bytes {
    let mut bytes = BytesMut::new();
    let status = answer.status();
    let reason = status.canonical_reason().unwrap_or_default();
    bytes.put_slice(format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).as_bytes());
    for (name, value) in answer.headers() {
        bytes.put_slice(format!("{name}: ").as_bytes());
        bytes.put_slice(value.as_bytes());
        bytes.put_slice(b"\r\n");
    }
    bytes.put_slice(format!("content-length: {}\r\nconnection: close\r\n\r\n", answer.body().len()).as_bytes());
    bytes.put_slice(answer.body());
    bytes.freeze()
}

/// No answer of this status has a body.
pub(crate) fn is_bodiless(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
    )
}
