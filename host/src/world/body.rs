//! The event's body, handed over when a script reads it.

use picloud_sdk::call::body::{Call, Reply};
use picloud_sdk::limits::{Limit, Stop};

use super::told::{No, Told};

/// What comes on top of a body in its envelope.
const ENVELOPE_BYTES: usize = 32;

pub(super) fn answer(call: Call, body: &[u8], room: usize) -> Told<Reply<'_>> {
    match call {
        Call::Read if body.len() + ENVELOPE_BYTES <= room => Ok(Reply(body)),
        // It is not even built: the run could not hold it.
        Call::Read => Err(No::Stop(Stop {
            limit: Limit::Memory,
            used: body.len() as u64,
            allowed: room as u64,
        })),
    }
}
