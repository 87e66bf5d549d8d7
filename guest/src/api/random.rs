//! `random::*`: numbers of the run's own stream. The host seeds it, so a run that is done again, or replayed, meets the same.

use std::cell::Cell;

use rhai::plugin::*;
use rhai::{Array, Blob, Dynamic, Engine};

use super::{Fallible, refuse};

/// Bytes that are asked of the host at once.
const POOL_BYTES: usize = 256;
/// The host gives no more at once.
const PIECE_BYTES: usize = 4096;
/// More is no secret any more but data.
const BYTES_MAX: i64 = 65_536;

thread_local! {
    /// Bytes that were fetched, and how many of them are used: none is there when the snapshot is taken.
    static POOL: Cell<([u8; POOL_BYTES], usize)> = const { Cell::new(([0; POOL_BYTES], POOL_BYTES)) };
}

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("random", exported_module!(functions).into());
}

/// Random bytes. The host has them always.
pub(super) fn fill(bytes: &mut [u8]) {
    for piece in bytes.chunks_mut(PIECE_BYTES) {
        getrandom::fill(piece).expect("the host gives random bytes");
    }
}

/// The next 64 bits.
pub(super) fn next() -> u64 {
    let (mut pool, mut used) = POOL.get();
    if used == POOL_BYTES {
        fill(&mut pool);
        used = 0;
    }
    let mut bits = [0; 8];
    bits.copy_from_slice(&pool[used..used + 8]);
    POOL.set((pool, used + 8));
    u64::from_le_bytes(bits)
}

/// A number below `count`, each as likely; any number for 0.
fn below(count: u64) -> u64 {
    if count == 0 {
        return next();
    }
    // What is left over when as many as fit are put together is drawn again.
    let left_over = (u64::MAX % count + 1) % count;
    loop {
        let drawn = next();
        if drawn <= u64::MAX - left_over {
            return drawn % count;
        }
    }
}

fn index(length: usize) -> usize {
    below(length as u64) as usize
}

#[export_module]
mod functions {
    /// A whole number from `min` to `max`, both included, each as likely: `random::int(1, 6)` is a die. `min` beyond
    /// `max`: throws `bad_argument`.
    #[rhai_fn(name = "int", volatile, return_raw)]
    pub fn int(min: i64, max: i64) -> Fallible<i64> {
        if min > max {
            return refuse(
                "bad_argument",
                format!("random::int: from {min} to {max} there is no number"),
            );
        }
        // The whole range has one number more than 64 bits can say, which wraps to 0.
        let count = max.abs_diff(min).wrapping_add(1);
        Ok(min.wrapping_add_unsigned(below(count)))
    }

    /// A number of 0.0 or more and less than 1.0.
    #[rhai_fn(name = "float", volatile)]
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds")]
    pub fn float() -> f64 {
        (next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of an array's values, each as likely; `()` when there is none.
    #[rhai_fn(name = "pick", volatile, pure)]
    pub fn pick(values: &mut Array) -> Dynamic {
        match values.len() {
            0 => Dynamic::UNIT,
            length => values[index(length)].clone(),
        }
    }

    /// An array with the same values in any order, each as likely.
    #[rhai_fn(name = "shuffle", volatile)]
    pub fn shuffle(values: Array) -> Array {
        let mut values = values;
        for at in (1..values.len()).rev() {
            values.swap(at, index(at + 1));
        }
        values
    }

    /// So many random bytes as a blob, 0 to 65,536; else throws `bad_argument`.
    #[rhai_fn(name = "bytes", volatile, return_raw)]
    pub fn bytes(count: i64) -> Fallible<Blob> {
        if !(0..=BYTES_MAX).contains(&count) {
            return refuse(
                "bad_argument",
                format!("random::bytes: {count} is not 0 to {BYTES_MAX}"),
            );
        }
        let mut bytes = vec![0; count as usize];
        fill(&mut bytes);
        Ok(bytes)
    }
}
