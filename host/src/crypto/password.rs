//! Passwords: Argon2id (RFC 9106), as PHC strings.

use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use picloud_sdk::call::crypto::{PASSWORD_KIB_MAX, PASSWORD_LANES_MAX, PASSWORD_WORK_MAX, PasswordCost};
use subtle::ConstantTimeEq as _;

use super::Bad;

/// Of the hashes that are made here.
const OUTPUT_BYTES: usize = 32;
/// A shorter one is no hash of a password.
const OUTPUT_BYTES_MIN: usize = 16;

/// The hash of a password.
///
/// # Errors
/// When the cost is beyond what a hash may take, or the salt has no length that one may have.
pub fn hash_password(password: &[u8], salt: &[u8], cost: PasswordCost) -> Result<String, Bad> {
    let PasswordCost { memory_kib, passes } = cost;
    let params = Params::new(memory_kib, passes, 1, Some(OUTPUT_BYTES)).map_err(bad)?;
    check(&params)?;
    let salt = Salt::new(salt).map_err(bad)?;
    let output = compute(&params, password, &salt)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(bad)?,
        salt: Some(salt),
        hash: Some(Output::new(&output).map_err(bad)?),
    };
    Ok(hash.to_string())
}

/// Whether a password is the one of a hash.
///
/// # Errors
/// When the hash is none of Argon2id, or takes more than a hash may.
pub fn verify_password(password: &[u8], hash: &str) -> Result<bool, Bad> {
    let Parsed { params, salt, output } = parse(hash)?;
    let computed = compute(&params, password, &salt)?;
    Ok(computed.ct_eq(output.as_bytes()).into())
}

/// What verifying a password takes, in KiB times passes; nothing when the hash is refused.
pub(super) fn work(hash: &str) -> u64 {
    parse(hash).map_or(0, |hash| work_of(&hash.params))
}

/// Memory for hashes, used again: the system's allocator would keep what each thread gave back.
static SPARE: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());
/// As many as are hashed at once.
const SPARE_MAX: usize = 2;

struct Parsed {
    params: Params,
    salt: Salt,
    output: Output,
}

fn parse(hash: &str) -> Result<Parsed, Bad> {
    let phc = PasswordHash::new(hash).map_err(|error| Bad::hash(format!("this is no hash of a password: {error}")))?;
    if phc.algorithm.as_str() != Algorithm::Argon2id.as_str() {
        return Err(Bad::hash("a hash of argon2id is wanted, and this is another one"));
    }
    if phc.version != Some(Version::V0x13.into()) {
        return Err(Bad::hash("a hash of argon2id has v=19 here"));
    }
    let params = Params::try_from(&phc).map_err(bad)?;
    check(&params)?;
    let (Some(salt), Some(output)) = (phc.salt, phc.hash) else {
        return Err(Bad::hash("a hash has a salt and an output"));
    };
    if output.len() < OUTPUT_BYTES_MIN {
        return Err(Bad::hash(format!("a hash has {OUTPUT_BYTES_MIN} bytes at least")));
    }
    if !params.keyid().is_empty() || !params.data().is_empty() {
        return Err(Bad::hash("a hash with keyid or data is not known here"));
    }
    Ok(Parsed { params, salt, output })
}

fn work_of(params: &Params) -> u64 {
    u64::from(params.m_cost()).saturating_mul(params.t_cost().into())
}

fn check(params: &Params) -> Result<(), Bad> {
    let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    if memory > PASSWORD_KIB_MAX || work_of(params) > PASSWORD_WORK_MAX.into() || lanes > PASSWORD_LANES_MAX {
        return Err(Bad::hash(format!(
            "a hash of m={memory},t={passes},p={lanes} takes too much: m may be {PASSWORD_KIB_MAX}, m times t \
             {PASSWORD_WORK_MAX}, p {PASSWORD_LANES_MAX}"
        )));
    }
    Ok(())
}

fn compute(params: &Params, password: &[u8], salt: &[u8]) -> Result<Vec<u8>, Bad> {
    let mut output = vec![0; params.output_len().unwrap_or(OUTPUT_BYTES)];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut memory = SPARE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .pop()
        .unwrap_or_default();
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let done = argon2.hash_password_into_with_memory(password, salt, &mut output, &mut memory[..blocks]);
    let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
    if spare.len() < SPARE_MAX {
        spare.push(memory);
    }
    done.map_err(bad)?;
    Ok(output)
}

fn bad(error: impl std::fmt::Display) -> Bad {
    Bad::hash(format!("no hash can be made of this: {error}"))
}
