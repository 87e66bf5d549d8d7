//! A request's body: all of it, bounded in bytes and in time, before anything else is asked for.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::config::HttpConfig;

/// What is counted of memory for bodies.
const KIB: usize = 1024;

/// Memory for the bodies of all requests that are under way.
#[derive(Debug, Clone)]
pub(super) struct Buffers(Arc<Semaphore>);

/// A body, with its share of the memory for bodies.
#[derive(Debug, Default)]
pub(super) struct Whole {
    pub(super) bytes: Bytes,
    _share: Option<OwnedSemaphorePermit>,
}

/// Why a body could not be had.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoBody {
    /// It is larger than allowed.
    TooLarge,
    /// It took longer than allowed.
    TooSlow,
    /// The connection broke, or the framing did.
    Broken,
    /// Other bodies have all the memory there is for them.
    NoRoom,
}

impl Buffers {
    pub(super) fn new(http: &HttpConfig) -> Self {
        let kib = usize::try_from(http.bodies_bytes_max).unwrap_or(usize::MAX) / KIB;
        Self(Arc::new(Semaphore::new(kib.min(Semaphore::MAX_PERMITS))))
    }

    /// The whole body.
    pub(super) async fn read(&self, body: Incoming, http: &HttpConfig) -> Result<Whole, NoBody> {
        if body.is_end_stream() {
            return Ok(Whole::default());
        }
        if body.size_hint().lower() > u64::from(http.body_bytes_max) {
            return Err(NoBody::TooLarge);
        }
        timeout(http.body_max, self.collect(body, http))
            .await
            .unwrap_or(Err(NoBody::TooSlow))
    }

    async fn collect(&self, mut body: Incoming, http: &HttpConfig) -> Result<Whole, NoBody> {
        let bytes_max = usize::try_from(http.body_bytes_max).unwrap_or(usize::MAX);
        let mut first = Bytes::new();
        let mut all = BytesMut::new();
        let mut share: Option<OwnedSemaphorePermit> = None;
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
            self.grow(&mut share, length)?;
            if length == chunk.len() {
                first = chunk; // mostly the only one: no copy
                continue;
            }
            if all.is_empty() {
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&chunk);
        }
        let bytes = if all.is_empty() { first } else { all.freeze() };
        Ok(Whole { bytes, _share: share })
    }

    /// Makes `share` good for `length` bytes.
    fn grow(&self, share: &mut Option<OwnedSemaphorePermit>, length: usize) -> Result<(), NoBody> {
        let held = share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let needed = length.div_ceil(KIB);
        if needed <= held {
            return Ok(());
        }
        let more = u32::try_from(needed - held).map_err(|_| NoBody::NoRoom)?;
        let more = Arc::clone(&self.0)
            .try_acquire_many_owned(more)
            .map_err(|_| NoBody::NoRoom)?;
        match share {
            Some(share) => share.merge(more),
            None => *share = Some(more),
        }
        Ok(())
    }
}
