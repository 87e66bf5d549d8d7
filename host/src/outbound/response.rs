//! What came back of a request.

use bytes::Bytes;
use http::HeaderMap;

/// A response.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// 200 to 999.
    pub status: u16,
    /// Where it came from.
    pub url: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, decompressed.
    pub body: Bytes,
}

/// Headers as the guest takes them.
pub(crate) fn pairs(headers: &HeaderMap) -> Vec<(&str, &[u8])> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect()
}
