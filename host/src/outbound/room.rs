//! What responses may come to: of one question together, and among the memory that all runs share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use picloud_executor::Share;

use super::trouble::Trouble;

/// What the responses to one question may still come to.
pub(super) struct Room<'a> {
    taken: AtomicU64,
    bytes_max: u64,
    memory: &'a Memory,
}

/// What a run has received so far, as a part of the memory that runs share.
pub(super) struct Memory(Mutex<(Share, u64)>);

impl Memory {
    pub(super) const fn new(share: Share) -> Self {
        Self(Mutex::new((share, 0)))
    }

    fn take(&self, bytes: u64) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (share, taken) = &mut *held;
        let fits = share.grow_to(*taken + bytes).is_ok();
        if fits {
            *taken += bytes;
        }
        fits
    }
}

impl<'a> Room<'a> {
    pub(super) const fn new(bytes_max: u32, memory: &'a Memory) -> Self {
        Self {
            taken: AtomicU64::new(0),
            bytes_max: bytes_max as u64,
            memory,
        }
    }

    /// Whether so many bytes more would be too many.
    pub(super) fn fits(&self, host: &str, bytes: u64) -> Result<(), Trouble> {
        self.bounds(host, self.taken.load(Ordering::Relaxed).saturating_add(bytes))
    }

    /// Whether so many bytes are too many by themselves.
    pub(super) fn bounds(&self, host: &str, bytes: u64) -> Result<(), Trouble> {
        let allowed = self.bytes_max;
        if bytes <= allowed {
            return Ok(());
        }
        let why = format!(
            "bytes of the response of {host}, with those beside it: {bytes} or more, {allowed} allowed (PICLOUD_OUTBOUND_RESPONSE_BYTES_MAX)"
        );
        Err(Trouble::new("too_large", why))
    }

    /// Takes so many.
    pub(super) fn take(&self, host: &str, bytes: u64) -> Result<(), Trouble> {
        self.fits(host, bytes)?;
        self.taken.fetch_add(bytes, Ordering::Relaxed);
        if self.memory.take(bytes) {
            Ok(())
        } else {
            Err(Trouble::new(
                "too_large",
                format!(
                    "there is no room for the response of {host}: what all runs have in memory is too much (PICLOUD_RUN_MEMORY_BYTES_MAX)"
                ),
            ))
        }
    }
}
