//! Hashes, and HMACs.

use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use picloud_sdk::call::crypto::Hash;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use sha3::{Sha3_256, Sha3_512};

use super::Bad;

/// The hash of data, or under a key the HMAC of it.
///
/// # Errors
/// When there is no HMAC with that hash here.
pub fn digest(hash: Hash, key: Option<&[u8]>, data: &[u8]) -> Result<Vec<u8>, Bad> {
    let Some(key) = key else {
        return Ok(match hash {
            Hash::Sha1 => of::<Sha1>(data),
            Hash::Sha256 => of::<Sha256>(data),
            Hash::Sha384 => of::<Sha384>(data),
            Hash::Sha512 => of::<Sha512>(data),
            Hash::Sha3_256 => of::<Sha3_256>(data),
            Hash::Sha3_512 => of::<Sha3_512>(data),
            Hash::Blake3 => blake3::hash(data).as_bytes().to_vec(),
        });
    };
    match hash {
        Hash::Sha1 => mac::<Sha1>(key, data),
        Hash::Sha256 => mac::<Sha256>(key, data),
        Hash::Sha384 => mac::<Sha384>(key, data),
        Hash::Sha512 => mac::<Sha512>(key, data),
        Hash::Sha3_256 | Hash::Sha3_512 | Hash::Blake3 => Err(Bad::key("there is no HMAC with this hash")),
    }
}

fn of<D: Digest>(data: &[u8]) -> Vec<u8> {
    D::digest(data).to_vec()
}

fn mac<D: EagerHash>(key: &[u8], data: &[u8]) -> Result<Vec<u8>, Bad> {
    // A key of any length will do.
    let mut mac = Hmac::<D>::new_from_slice(key).map_err(|_| Bad::key("no such key"))?;
    mac.update(data);
    Ok(mac.finalize().into_bytes().to_vec())
}
