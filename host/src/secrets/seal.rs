//! How a value is sealed: XChaCha20-Poly1305 with a random nonce, bound to whose it is and what it is called.

use anyhow::anyhow;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key as CipherKey, XChaCha20Poly1305, XNonce};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::value::Secret;
use crate::ids::{AppId, SecretId};

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// What a sealed value is bound to: with another label it cannot be opened.
#[derive(Debug, Clone, Copy)]
pub struct Label<'a> {
    /// Whose it is.
    pub app: AppId,
    /// Which value.
    pub id: SecretId,
    /// What it is called.
    pub name: &'a str,
}

/// A key. Has no `Debug`.
#[derive(Clone)]
pub(super) struct Key {
    bytes: Zeroizing<[u8; KEY_BYTES]>,
    id: String,
}

impl Key {
    pub(super) fn of(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"picloud secrets key");
        hash.update(*bytes);
        let id = HEXLOWER.encode(&hash.finalize()[..8]);
        Self { bytes, id }
    }

    /// What it is called; nobody learns the key by it.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&CipherKey::from(*self.bytes))
    }

    /// The nonce, and the value sealed.
    pub(super) fn seal(&self, label: &Label<'_>, value: &Secret) -> anyhow::Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| anyhow!("the operating system has no randomness: {error}"))?;
        let payload = Payload {
            msg: value.reveal().as_bytes(),
            aad: &self.bound(label),
        };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| anyhow!("a secret cannot be sealed"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// The value; none when it was changed, or is another's.
    pub(super) fn open(&self, label: &Label<'_>, sealed: &[u8]) -> Option<Secret> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: sealed,
            aad: &self.bound(label),
        };
        let value = self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()?;
        String::from_utf8(value).ok().map(Secret::new)
    }

    fn bound(&self, Label { app, id, name }: &Label<'_>) -> Vec<u8> {
        format!("picloud secret\n{app}\n{id}\n{}\n{name}", self.id).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_opened_by_its_key_and_label_only() {
        let key = |byte| Key::of(Zeroizing::new([byte; KEY_BYTES]));
        let (app, id) = (AppId::new(1), SecretId::new(2));
        let label = Label { app, id, name: "KEY" };
        let value = Secret::new("hunter2 hunter2".to_owned());
        let sealed = key(1).seal(&label, &value).unwrap();
        assert_eq!(key(1).open(&label, &sealed), Some(value.clone()));
        assert_ne!(sealed, key(1).seal(&label, &value).unwrap(), "a nonce came twice");
        assert!(key(2).open(&label, &sealed).is_none());
        let others = [
            Label {
                app: AppId::new(2),
                ..label
            },
            Label {
                id: SecretId::new(3),
                ..label
            },
            Label { name: "KEY2", ..label },
        ];
        for other in &others {
            assert!(key(1).open(other, &sealed).is_none(), "{other:?}");
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key(1).open(&label, &changed).is_none(), "byte {at}");
            assert!(key(1).open(&label, &sealed[..at]).is_none(), "{at} bytes");
        }
    }
}
