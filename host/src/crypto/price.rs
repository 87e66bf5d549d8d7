//! What computing takes, in fuel: known before it is done, and the same on every machine.
//!
//! A guest burns some 15 units in a nanosecond, so that is what a nanosecond of ours costs (`docs/performance.md`); what is
//! quick by instructions that not every machine has costs more.

use picloud_sdk::call::crypto::{
    Algorithm, Digest, Hash, HashPassword, Key, Open, Question, Seal, Sign, Verify, VerifyPassword,
};

use super::password;

/// Any call.
const CALL: u64 = 5_000;
/// A byte that is signed, whatever its hash.
const SIGNED_BYTE: u64 = 18;
/// A byte that is sealed or opened.
const SEALED_BYTE: u64 = 6;
/// A KiB of memory that a password's hash goes over once.
const PASSWORD_KIB: u64 = 4_500;
/// A byte of a key as text: it is parsed.
const KEY_BYTE: u64 = 60;
/// A key of RSA has no longer text; what it takes grows with the square of that.
const RSA_TEXT_MAX: u64 = 1_500;

/// What answering a question takes.
#[must_use]
pub fn price(question: &Question<'_>) -> u64 {
    let work = match question {
        Question::Digest(Digest { hash, key, data }) => {
            hashed_byte(*hash) * (bytes(data.0) + key.map_or(0, |key| bytes(key.0)))
        }
        Question::Verify(Verify {
            algorithm,
            key,
            data,
            signature,
        }) => verifying(*algorithm, key) + SIGNED_BYTE * (bytes(data.0) + bytes(signature.0)),
        Question::Sign(Sign { algorithm, key, data }) => signing(*algorithm, key) + 2 * SIGNED_BYTE * bytes(data.0),
        Question::Seal(Seal { data, context, .. }) => SEALED_BYTE * (bytes(data.0) + bytes(context.0)),
        Question::Open(Open { sealed, context, .. }) => SEALED_BYTE * (bytes(sealed.0) + bytes(context.0)),
        Question::Cost(_) => 0,
        Question::HashPassword(HashPassword { password, cost, .. }) => {
            let work = u64::from(cost.memory_kib) * u64::from(cost.passes);
            PASSWORD_KIB
                .saturating_mul(work)
                .saturating_add(SIGNED_BYTE * bytes(password.0))
        }
        Question::VerifyPassword(VerifyPassword { password, hash }) => {
            PASSWORD_KIB * password::work(hash) + SIGNED_BYTE * (bytes(password.0) + bytes(hash.as_bytes()))
        }
    };
    work.saturating_add(CALL)
}

const fn bytes(data: &[u8]) -> u64 {
    data.len() as u64
}

const fn hashed_byte(hash: Hash) -> u64 {
    match hash {
        Hash::Sha1 => 8,
        Hash::Sha256 => 10,
        Hash::Sha384 | Hash::Sha512 => 18,
        Hash::Sha3_256 => 42,
        Hash::Sha3_512 => 80,
        Hash::Blake3 => 6,
    }
}

fn verifying(algorithm: Algorithm, key: &Key<'_>) -> u64 {
    let text = key_bytes(key);
    KEY_BYTE * text
        + match algorithm {
            Algorithm::Ed25519 => 500_000,
            Algorithm::Es256 | Algorithm::Es256Der => 750_000,
            Algorithm::Es384 | Algorithm::Es384Der => 7_500_000,
            _ => 2 * text.min(RSA_TEXT_MAX).pow(2),
        }
}

fn signing(algorithm: Algorithm, key: &Key<'_>) -> u64 {
    KEY_BYTE * key_bytes(key)
        + match algorithm {
            Algorithm::Ed25519 => 750_000,
            _ => 4_500_000,
        }
}

const fn key_bytes(key: &Key<'_>) -> u64 {
    match key {
        Key::Raw(raw) => bytes(raw.0),
        Key::Pem(text) | Key::Jwk(text) => bytes(text.as_bytes()),
    }
}
