//! `password::*`: passwords are kept as hashes that are dear to guess (Argon2id, RFC 9106).

use std::marker::PhantomData;

use picloud_sdk::call::crypto::{Bytes, Cost, HashPassword, VerifyPassword};
use rhai::Engine;
use rhai::plugin::*;

use super::{Fallible, answered, random};
use crate::host;

/// As RFC 9106 recommends.
const SALT_BYTES: usize = 16;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("password", exported_module!(functions).into());
}

#[export_module]
mod functions {
    /// A hash to keep in place of a password, another one each time: a text that begins with `$argon2id$`.
    #[rhai_fn(name = "hash", volatile, return_raw)]
    pub fn hash(password: &str) -> Fallible<ImmutableString> {
        let cost = answered(host::ask(Cost { of: PhantomData }))?;
        let mut salt = [0; SALT_BYTES];
        random::fill(&mut salt);
        let (password, salt) = (Bytes(password.as_bytes()), Bytes(&salt));
        answered(host::ask(HashPassword { password, salt, cost })).map(Into::into)
    }

    /// Whether a password is the one of a hash. What is no hash of Argon2id, or takes too much to check: throws `bad_hash`.
    #[rhai_fn(name = "verify", return_raw)]
    pub fn verify(password: &str, hash: &str) -> Fallible<bool> {
        let password = Bytes(password.as_bytes());
        answered(host::ask(VerifyPassword { password, hash }))
    }
}
