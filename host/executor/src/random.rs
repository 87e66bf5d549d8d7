//! A run's randomness: one stream, made of its seed alone, so that a run can be repeated. Who knows some of it knows nothing
//! of the rest.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};

/// `ChaCha20` (RFC 8439) under the seed as key, with a nonce of zeros. Nothing is set up until something is drawn.
pub(crate) enum Random {
    Seed([u8; 32]),
    Stream(Box<ChaCha20Rng>),
}

impl Random {
    pub(crate) const fn of(seed: [u8; 32]) -> Self {
        Self::Seed(seed)
    }

    /// The next bytes.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        if let Self::Seed(seed) = self {
            *self = Self::Stream(Box::new(ChaCha20Rng::from_seed(*seed)));
        }
        if let Self::Stream(stream) = self {
            stream.fill_bytes(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8439, A.1, vectors 1 and 2: the first two blocks for a key of zeros.
    #[test]
    fn the_stream_is_chacha20s() {
        const BEGINNING: [u8; 16] = [
            0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28,
        ];
        const SECOND_BLOCK: [u8; 8] = [0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51, 0x38, 0x7a];
        let mut bytes = [0; 72];
        Random::of([0; 32]).fill(&mut bytes);
        assert_eq!(bytes[..16], BEGINNING);
        assert_eq!(bytes[64..], SECOND_BLOCK);
        let mut random = Random::of([0; 32]);
        let mut piecewise = [0; 72];
        let (first, rest) = piecewise.split_at_mut(8);
        random.fill(first);
        random.fill(rest);
        assert_eq!(piecewise, bytes);
    }
}
