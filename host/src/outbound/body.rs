//! The body of a response, read and decompressed within its bound.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder};
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _};
use tokio_util::io::StreamReader;

use super::room::Room;
use super::trouble::Trouble;

/// What a compressed body may have besides what it comes to.
const FRAME_BYTES: u64 = 64 << 10;
/// Read at once.
const PIECE_BYTES: usize = 16 << 10;

/// How bodies are compressed that are asked for.
pub(super) const ACCEPTED: &str = "gzip, br, deflate";

/// The body of a response of `host`; `headers` say of it what is true when it is decompressed, if it is to be.
pub(super) async fn read(
    host: &str,
    headers: &mut HeaderMap,
    body: Incoming,
    decodes: bool,
    room: &Room<'_>,
) -> Result<Bytes, Trouble> {
    let coding = headers
        .get(CONTENT_ENCODING)
        .map(|value| value.as_bytes().to_ascii_lowercase());
    let coding = coding.filter(|_| decodes);
    let announced = body.size_hint().exact();
    if coding.is_none()
        && let Some(bytes) = announced
    {
        room.fits(host, bytes)?;
    }
    let raw = AtomicU64::new(0);
    let stream = body.into_data_stream().map_err(io::Error::other).inspect_ok(|piece| {
        raw.fetch_add(piece.len() as u64, Ordering::Relaxed);
    });
    let mut plain = StreamReader::new(stream);
    // Nothing is nothing, whatever it is said to be.
    let is_empty = plain
        .fill_buf()
        .await
        .map_err(|error| Trouble::broken(host, &error))?
        .is_empty();
    let coding = coding.filter(|_| !is_empty);
    let plain: Box<dyn AsyncRead + Send + Unpin + '_> = match coding.as_deref() {
        Some(b"gzip" | b"x-gzip") => {
            let mut gzip = GzipDecoder::new(plain);
            // One after the other is one (RFC 1952, 2.2).
            gzip.multiple_members(true);
            Box::new(gzip)
        }
        Some(b"br") => Box::new(BrotliDecoder::new(plain)),
        Some(b"deflate") => Box::new(ZlibDecoder::new(plain)),
        _ => return collect(host, plain, &raw, room).await,
    };
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    collect(host, plain, &raw, room).await
}

async fn collect(
    host: &str,
    mut from: impl AsyncRead + Unpin,
    raw: &AtomicU64,
    room: &Room<'_>,
) -> Result<Bytes, Trouble> {
    let mut read = BytesMut::new();
    loop {
        read.reserve(PIECE_BYTES);
        let count = from
            .read_buf(&mut read)
            .await
            .map_err(|error| Trouble::broken(host, &error))?;
        if count == 0 {
            return Ok(read.freeze());
        }
        room.take(host, count as u64)?;
        // A body that comes to nothing may be endless all the same.
        room.bounds(host, raw.load(Ordering::Relaxed).saturating_sub(FRAME_BYTES))?;
    }
}
