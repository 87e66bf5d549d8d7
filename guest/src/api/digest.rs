//! Hashes and HMACs: here for what is short, on the host for what is long.

use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use picloud_sdk::call::Answer;
use picloud_sdk::call::crypto::{Bytes, Digest as Question, Hash};
use rhai::Blob;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use sha3::{Sha3_256, Sha3_512};

use super::{Fallible, answered, refuse};
use crate::host;

/// From so many bytes on asking the host is quicker.
const HOST_BYTES_MIN: usize = 2 << 10;

/// The hash of data, or under a key the HMAC of it.
pub(super) fn digest(hash: Hash, key: Option<&[u8]>, data: &[u8]) -> Fallible<Blob> {
    if data.len() >= HOST_BYTES_MIN {
        let (key, data) = (key.map(Bytes), Bytes(data));
        match host::ask(Question { hash, key, data }) {
            // Longer than a question may be.
            Answer::Refused { .. } => {}
            answer => return answered(answer).map(|Bytes(digest)| digest.to_vec()),
        }
    }
    match (hash, key) {
        (Hash::Sha1, None) => Ok(of::<Sha1>(data)),
        (Hash::Sha256, None) => Ok(of::<Sha256>(data)),
        (Hash::Sha384, None) => Ok(of::<Sha384>(data)),
        (Hash::Sha512, None) => Ok(of::<Sha512>(data)),
        (Hash::Sha3_256, None) => Ok(of::<Sha3_256>(data)),
        (Hash::Sha3_512, None) => Ok(of::<Sha3_512>(data)),
        (Hash::Blake3, None) => Ok(blake3::hash(data).as_bytes().to_vec()),
        (Hash::Sha1, Some(key)) => mac::<Sha1>(key, data),
        (Hash::Sha256, Some(key)) => mac::<Sha256>(key, data),
        (Hash::Sha384, Some(key)) => mac::<Sha384>(key, data),
        (Hash::Sha512, Some(key)) => mac::<Sha512>(key, data),
        (Hash::Sha3_256 | Hash::Sha3_512 | Hash::Blake3, Some(_)) => refuse("bad_argument", "no HMAC has this hash"),
    }
}

fn of<D: Digest>(data: &[u8]) -> Blob {
    D::digest(data).to_vec()
}

fn mac<D: EagerHash>(key: &[u8], data: &[u8]) -> Fallible<Blob> {
    let Ok(mut mac) = Hmac::<D>::new_from_slice(key) else {
        return refuse("bad_argument", "no HMAC has this key");
    };
    mac.update(data);
    Ok(mac.finalize().into_bytes().to_vec())
}
