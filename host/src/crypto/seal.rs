//! Sealed bytes: AES-256-GCM (NIST SP 800-38D), the nonce before the rest.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::Bad;

/// Seals data with a key of 32 bytes and a nonce of 12 that was never used with it.
///
/// # Errors
/// When one of the two has another length.
pub fn seal(key: &[u8], nonce: &[u8], context: &[u8], data: &[u8]) -> Result<Vec<u8>, Bad> {
    let key = key_of(key)?;
    let number = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Bad::key("a nonce has 12 bytes"))?;
    let mut sealed = Vec::with_capacity(NONCE_LEN + data.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(nonce);
    sealed.extend_from_slice(data);
    let tag = key
        .seal_in_place_separate_tag(number, Aad::from(context), &mut sealed[NONCE_LEN..])
        .map_err(|_| Bad::key("that is more than one key can seal"))?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// What was sealed.
///
/// # Errors
/// When it was sealed with another key or for something else, or was changed since.
pub fn open(key: &[u8], context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Bad> {
    let key = key_of(key)?;
    let bad = || Bad {
        code: "bad_sealed",
        message: "this was sealed with another key or another context, or it was changed since".to_owned(),
    };
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or_else(bad)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| bad())?;
    let mut data = sealed.to_vec();
    let opened = key.open_in_place(nonce, Aad::from(context), &mut data);
    let bytes = opened.map_err(|_| bad())?.len();
    data.truncate(bytes);
    Ok(data)
}

fn key_of(key: &[u8]) -> Result<LessSafeKey, Bad> {
    let bad = |_| Bad::key(format!("a key for sealing has 32 bytes, not {}", key.len()));
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(bad)
}
