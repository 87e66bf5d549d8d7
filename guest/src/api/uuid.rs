//! `uuid::*`: ids that need nobody to hand them out (RFC 9562).

use std::cell::Cell;

use rhai::Engine;
use rhai::plugin::*;
use uuid::{Builder, Uuid};

use super::{Fallible, random, refuse};
use crate::{host, value};

/// The part of a v7 that is random.
const RANDOM_BITS: u32 = 74;

thread_local! {
    /// The time and the random part of the last v7: the next one of the same time has more.
    static LAST: Cell<(i64, u128)> = const { Cell::new((i64::MIN, 0)) };
}

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("uuid", exported_module!(functions).into());
}

fn text(id: Uuid) -> ImmutableString {
    id.hyphenated().to_string().into()
}

/// The next random part (RFC 9562, 6.2, method 2). The first bit is 0 at first, so that it doesn't overflow.
fn next_part(now_ms: i64) -> u128 {
    let part = match LAST.get() {
        (last_ms, part) if last_ms == now_ms => part + 1 + u128::from(random::next() >> 32),
        _ => (u128::from(random::next()) << 64 | u128::from(random::next())) >> (128 - RANDOM_BITS + 1),
    };
    LAST.set((now_ms, part));
    part
}

#[export_module]
mod functions {
    /// A random UUID (version 4), of the run's own random numbers.
    #[rhai_fn(name = "v4", volatile)]
    pub fn v4() -> ImmutableString {
        let mut bytes = [0; 16];
        random::fill(&mut bytes);
        text(Builder::from_random_bytes(bytes).into_uuid())
    }

    /// A UUID that sorts by the time at which it is made (version 7); those of one run are in the order in which they
    /// were made.
    #[rhai_fn(name = "v7", volatile)]
    pub fn v7() -> ImmutableString {
        let now_ms = host::now_ms();
        let part = next_part(now_ms);
        // 12 bits stand before the variant, 62 behind it: the bits for version and variant are overwritten.
        let (high, low) = ((part >> 62) as u16, part as u64 & (u64::MAX >> 2));
        let mut bytes = [0; 10];
        bytes[..2].copy_from_slice(&high.to_be_bytes());
        bytes[2..].copy_from_slice(&low.to_be_bytes());
        text(Builder::from_unix_timestamp_millis(now_ms.max(0).cast_unsigned(), &bytes).into_uuid())
    }

    /// A UUID in its usual form, 36 characters in lower case. It is taken with or without hyphens, in braces, and as
    /// `urn:uuid:`. Anything else: throws `bad_uuid`.
    #[rhai_fn(name = "parse", return_raw)]
    pub fn parse(id: &str) -> Fallible<ImmutableString> {
        match Uuid::try_parse(id) {
            Ok(id) => Ok(text(id)),
            Err(why) => refuse("bad_uuid", format!("{:?} is no UUID: {why}", value::cut(id, 100))),
        }
    }
}
