//! A request's body: all of it, bounded in bytes and in time, before anything else is asked for.

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use crate::config::HttpConfig;
use crate::edge::Body;

/// Why a body could not be had.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoBody {
    /// It is larger than allowed.
    TooLarge,
    /// It took longer than allowed.
    TooSlow,
    /// The connection broke, or the framing did, or there is no memory for more.
    Broken,
}

/// The whole body.
pub(super) async fn read(body: &mut Body, http: &HttpConfig) -> Result<Bytes, NoBody> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > u64::from(http.body_bytes_max) {
        return Err(NoBody::TooLarge);
    }
    timeout(http.body_max, collect(body, http))
        .await
        .unwrap_or(Err(NoBody::TooSlow))
}

async fn collect(body: &mut Body, http: &HttpConfig) -> Result<Bytes, NoBody> {
    let bytes_max = usize::try_from(http.body_bytes_max).unwrap_or(usize::MAX);
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        // Trailers are not for scripts.
        let Ok(chunk) = frame.map_err(|_| NoBody::Broken)?.into_data() else {
            continue;
        };
        length += chunk.len();
        if length > bytes_max {
            return Err(NoBody::TooLarge);
        }
        if length == chunk.len() {
            first = chunk; // mostly the only one: no copy
            continue;
        }
        if all.is_empty() {
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&chunk);
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}
