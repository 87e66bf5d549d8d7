//! `pic_<handle>_<secret>`: eight characters that name a token in the clear, forty that nobody can guess.
//!
//! Only the SHA-256 of the whole is stored: 238 random bits need no slow hash.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const HANDLE_CHARS: usize = 8;
const SECRET_CHARS: usize = 40;
/// What we accept of older or newer makes.
const SECRET_CHARS_ACCEPTED: std::ops::RangeInclusive<usize> = 32..=128;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A bearer token as its holder has it. Has no `Debug`: it does not get into a log by accident.
pub(crate) struct Secret(String);

/// A new one.
pub(crate) fn make() -> Secret {
    let characters = random_base62(HANDLE_CHARS + SECRET_CHARS);
    let (handle, secret) = characters.split_at(HANDLE_CHARS);
    Secret(format!("pic_{handle}_{secret}"))
}

/// The text, if it has the form of a token.
pub(crate) fn parse(text: &str) -> Option<Secret> {
    let (handle, secret) = text.strip_prefix("pic_")?.split_once('_')?;
    let base62 = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric());
    let good = handle.len() == HANDLE_CHARS
        && SECRET_CHARS_ACCEPTED.contains(&secret.len())
        && base62(handle)
        && base62(secret);
    good.then(|| Secret(text.to_owned()))
}

impl Secret {
    /// What to look it up by.
    pub(crate) fn handle(&self) -> &str {
        &self.0[4..4 + HANDLE_CHARS]
    }

    /// All of it, to be shown once.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored.
    pub(crate) fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.0.as_bytes()))
    }

    /// Whether `stored` is its hash, in a time that does not depend on where they differ.
    pub(crate) fn is_hashed_to(&self, stored: &str) -> bool {
        self.hash().as_bytes().ct_eq(stored.as_bytes()).into()
    }
}

fn random_base62(characters: usize) -> String {
    let mut text = String::with_capacity(characters);
    let mut bytes = [0; 64];
    while text.len() < characters {
        getrandom::fill(&mut bytes).expect("the operating system has randomness");
        // 248 is the largest multiple of 62 in a byte: what is above would make some characters likelier.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let missing = characters - text.len();
        text.extend(
            fair.take(missing)
                .map(|byte| char::from(BASE62[usize::from(byte % 62)])),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_secret_reads_back_and_matches_its_hash_only() {
        let (secret, other) = (make(), make());
        let read = parse(secret.reveal()).unwrap();
        assert_eq!(read.handle(), secret.handle());
        assert_eq!(secret.reveal().len(), "pic_".len() + HANDLE_CHARS + 1 + SECRET_CHARS);
        assert!(read.is_hashed_to(&secret.hash()));
        assert!(!read.is_hashed_to(&other.hash()));
        assert!(!read.is_hashed_to(""));
    }

    #[test]
    fn what_has_not_the_form_is_no_token() {
        let secret = make();
        let good = secret.reveal();
        for bad in [
            "",
            "pic_",
            "pic__",
            "Bearer",
            &good[1..],
            &good.replace("pic_", "PIC_"),
            &good[..40],
            &format!("{good} "),
            &format!("{good}é"),
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
