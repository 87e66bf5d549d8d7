//! Keys, whatever they came as.

use p256::ecdsa::SigningKey;
use ring::signature::Ed25519KeyPair;

use super::Bad;

/// A curve of ECDSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
}

impl Curve {
    /// How long a coordinate is.
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }
}

/// What signatures are checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Public {
    Ed25519(Vec<u8>),
    /// An uncompressed point.
    Ec(Curve, Vec<u8>),
    /// Modulus and exponent, big endian.
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl Public {
    /// For a sentence.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Ed25519(_) => "an Ed25519 key",
            Self::Ec(Curve::P256, _) => "a key on P-256",
            Self::Ec(Curve::P384, _) => "a key on P-384",
            Self::Rsa { .. } => "an RSA key",
        }
    }
}

/// What signs.
pub(super) enum Private {
    Ed25519(Ed25519KeyPair),
    P256(SigningKey),
}

impl Private {
    /// Of 32 bytes, and of the public half that they have to have.
    pub(super) fn ed25519(seed: &[u8], public: Option<&[u8]>) -> Result<Self, Bad> {
        let pair = match public {
            Some(public) => Ed25519KeyPair::from_seed_and_public_key(seed, public),
            None => Ed25519KeyPair::from_seed_unchecked(seed),
        };
        let bad = |_| Bad::key("a private Ed25519 key has 32 bytes, and a public half that is of them");
        pair.map(Self::Ed25519).map_err(bad)
    }

    /// Of 32 bytes, and of the uncompressed point that they have to have.
    pub(super) fn p256(scalar: &[u8], public: Option<&[u8]>) -> Result<Self, Bad> {
        let bad = || Bad::key("a private key on P-256 has 32 bytes, and a public half that is of them");
        let key = SigningKey::from_slice(scalar).map_err(|_| bad())?;
        let point = key.verifying_key().to_sec1_point(false);
        if scalar.len() != Curve::P256.bytes() || public.is_some_and(|public| public != point.as_bytes()) {
            return Err(bad());
        }
        Ok(Self::P256(key))
    }
}
