//! Ids of documents: those made later sort later.
//!
//! 26 characters of 128 bits: 48 of the time in milliseconds, 16 of a count, 64 that nobody guesses who does not know
//! the run's seed. Ids of one run at one time sort by their count; a count that is too large moves the time on.
//!
//! Who knows an id can know the run's other ids, and nothing else that is random in it: they have a seed of their own.

use sha2::{Digest as _, Sha256};

/// Crockford's base32, in small letters.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: u32 = 26;

/// The ids of one run.
#[derive(Debug)]
pub struct Ids {
    seed: [u8; 32],
    /// The ids' own seed, once there is an id.
    own: Option<u64>,
    count: u64,
}

impl Ids {
    /// Of a run of this seed.
    #[must_use]
    pub const fn of(seed: [u8; 32]) -> Self {
        Self {
            seed,
            own: None,
            count: 0,
        }
    }

    /// The next one, made at `ms` since 1970.
    pub fn next(&mut self, ms: u64) -> String {
        let own = *self.own.get_or_insert_with(|| own_seed(&self.seed));
        let count = self.count;
        self.count += 1;
        make(ms, own, count)
    }
}

fn own_seed(seed: &[u8; 32]) -> u64 {
    let digest = Sha256::new()
        .chain_update(b"ids of documents")
        .chain_update(seed)
        .finalize();
    digest.iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}

/// The id that a run whose ids have this `seed` makes at `ms` since 1970, after it made `count` others.
fn make(ms: u64, seed: u64, count: u64) -> String {
    let when = (ms << 16).wrapping_add(count);
    let bits = u128::from(when) << 64 | u128::from(random(seed, count));
    let digit = |place: u32| char::from(DIGITS[(bits >> (5 * place)) as usize % DIGITS.len()]);
    (0..LENGTH).rev().map(digit).collect()
}

/// Number `count` of `SplitMix64`.
const fn random(seed: u64, count: u64) -> u64 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut bits = seed.wrapping_add(STEP.wrapping_mul(count.wrapping_add(1)));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::layout;
    use super::*;

    #[test]
    fn random_is_splitmix() {
        // The first numbers of the reference implementation for the seed 1234567.
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        assert_eq!([0, 1, 2].map(|count| random(1_234_567, count)), expected);
    }

    #[test]
    fn an_id_is_its_time_and_count_and_random_bits() {
        assert_eq!(make(0, 0, 0).len(), 26);
        assert_eq!(&make(0, 0, 0)[..12], "000000000000");
        assert_eq!(&make((1 << 48) - 1, 0, (1 << 16) - 1)[..12], "7zzzzzzzzzzz");
    }

    proptest! {
        #[test]
        fn ids_sort_by_time_and_count(
            (ms, later) in (0..1_u64 << 40, 1..1000_u64),
            (seed, other) in any::<(u64, u64)>(),
            count in 0..100_000_u64,
        ) {
            let id = make(ms, seed, count);
            prop_assert!(layout::check_id(&id).is_ok());
            prop_assert!(id < make(ms, seed, count + 1));
            prop_assert!(make(ms, seed, count % 65_536) < make(ms + later, other, 0));
        }
    }
}
