//! Any bytes as every message of the contract: what decodes is written back to the same message, and grows nowhere.

use picloud_sdk::call::{Envelope, HostCall, body};
use picloud_sdk::compile::{Compiled, Source};
use picloud_sdk::event::{Event, Invocation};
use picloud_sdk::outcome::Outcome;
use picloud_sdk::wire;

const BYTES_MAX: usize = 1 << 20;

macro_rules! both_ways {
    ($bytes:expr, $($message:ty),*) => {$(
        if let Ok(message) = wire::decode::<$message>($bytes, BYTES_MAX) {
            let again = wire::encode(&message);
            // Numbers have longer forms than ours; nothing has a shorter one.
            assert!(again.len() <= $bytes.len(), "{message:?} has grown");
            assert_eq!(wire::decode::<$message>(&again, BYTES_MAX), Ok(message));
        }
    )*};
}

pub(crate) fn check(bytes: &[u8]) {
    both_ways!(
        bytes,
        Invocation<'_>,
        Event<'_>,
        HostCall<'_>,
        Envelope<'_, ()>,
        Envelope<'_, body::Reply<'_>>,
        Outcome<'_>,
        Source<'_>,
        Compiled
    );
}
