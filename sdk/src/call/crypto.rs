//! `crypto::*`, `password::*` and `jwt::*`, as far as the host computes for the guest: what native code does much faster,
//! or what the guest has no room for. Nothing is looked at but the question, so the same one has the same answer.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize, Serializer};

/// More memory than this no password takes, in KiB.
pub const PASSWORD_KIB_MAX: u32 = 64 << 10;
/// What memory times passes may come to, in KiB.
pub const PASSWORD_WORK_MAX: u32 = 256 << 10;
/// The lanes that a hash of elsewhere may have.
pub const PASSWORD_LANES_MAX: u32 = 4;

/// Bytes that cross in one piece, where a slice would be written one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Bytes<'a>(pub &'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0)
    }
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hash {
    /// FIPS 180-4, broken.
    Sha1,
    /// FIPS 180-4.
    Sha256,
    /// FIPS 180-4.
    Sha384,
    /// FIPS 180-4.
    Sha512,
    /// FIPS 202.
    Sha3_256,
    /// FIPS 202.
    Sha3_512,
    /// Its specification of 2021.
    Blake3,
}

/// Each with the name that scripts have for it.
macro_rules! algorithms {
    ($($(#[doc = $about:literal])+ $algorithm:ident = $name:literal, $jose:literal;)+) => {
        /// How data is signed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Algorithm {
            $($(#[doc = $about])+ $algorithm,)+
        }

        impl Algorithm {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$algorithm,)+];

            /// As a script names it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$algorithm => $name,)+ }
            }

            /// As tokens and their keys name it (RFC 7518, RFC 8037).
            #[must_use]
            pub const fn jose_name(self) -> &'static str {
                match self { $(Self::$algorithm => $jose,)+ }
            }
        }
    };
}

algorithms! {
    /// RFC 8032.
    Ed25519 = "Ed25519", "EdDSA";
    /// ECDSA on P-256 with SHA-256; the signature is r and s, one after the other.
    Es256 = "ES256", "ES256";
    /// ECDSA on P-384 with SHA-384; r and s.
    Es384 = "ES384", "ES384";
    /// ECDSA on P-256 with SHA-256; the signature is in DER.
    Es256Der = "ES256-DER", "ES256";
    /// ECDSA on P-384 with SHA-384; in DER.
    Es384Der = "ES384-DER", "ES384";
    /// RSA, PKCS #1 v1.5 with SHA-256.
    Rs256 = "RS256", "RS256";
    /// RSA, PKCS #1 v1.5 with SHA-384.
    Rs384 = "RS384", "RS384";
    /// RSA, PKCS #1 v1.5 with SHA-512.
    Rs512 = "RS512", "RS512";
    /// RSA, PSS with SHA-256 and a salt as long as the hash.
    Ps256 = "PS256", "PS256";
    /// RSA, PSS with SHA-384.
    Ps384 = "PS384", "PS384";
    /// RSA, PSS with SHA-512.
    Ps512 = "PS512", "PS512";
}

impl Algorithm {
    /// The one that a script names.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }
}

/// A key, as a script has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Key<'a> {
    /// Bytes.
    #[serde(borrow)]
    Raw(Bytes<'a>),
    /// A text of RFC 7468.
    Pem(&'a str),
    /// A JSON text of RFC 7517.
    Jwk(&'a str),
}

/// What hashing a password takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// How often it is gone over.
    pub passes: u32,
}

super::questions! {
    Crypto:
    /// The hash of bytes; under a key the HMAC of them.
    Digest {
        /// Which.
        hash: Hash,
        /// The key of an HMAC.
        #[serde(borrow)]
        key: Option<Bytes<'a>>,
        /// The bytes.
        #[serde(borrow)]
        data: Bytes<'a>,
    } -> Bytes<'static>, Compute;
    /// Whether a signature is of this data by the owner of this key.
    Verify {
        /// How it was made.
        algorithm: Algorithm,
        /// The public key.
        #[serde(borrow)]
        key: Key<'a>,
        /// What was signed.
        #[serde(borrow)]
        data: Bytes<'a>,
        /// The signature.
        #[serde(borrow)]
        signature: Bytes<'a>,
    } -> bool, Compute;
    /// The signature of data.
    Sign {
        /// How it is made.
        algorithm: Algorithm,
        /// The private key.
        #[serde(borrow)]
        key: Key<'a>,
        /// What is signed.
        #[serde(borrow)]
        data: Bytes<'a>,
    } -> Bytes<'static>, Compute;
    /// Data that only the owner of a key can read or change: AES-256-GCM, the nonce first.
    Seal {
        /// 32 bytes.
        #[serde(borrow)]
        key: Bytes<'a>,
        /// 12 bytes that were never used with this key.
        #[serde(borrow)]
        nonce: Bytes<'a>,
        /// What it is bound to.
        #[serde(borrow)]
        context: Bytes<'a>,
        /// The data.
        #[serde(borrow)]
        data: Bytes<'a>,
    } -> Bytes<'static>, Compute;
    /// What was sealed.
    Open {
        /// 32 bytes.
        #[serde(borrow)]
        key: Bytes<'a>,
        /// What it is bound to.
        #[serde(borrow)]
        context: Bytes<'a>,
        /// As it was sealed.
        #[serde(borrow)]
        sealed: Bytes<'a>,
    } -> Bytes<'static>, Compute;
    /// What hashing a password takes by the operator's settings.
    Cost {
        /// Nothing is said.
        of: PhantomData<&'a ()>,
    } -> PasswordCost, Read;
    /// The hash of a password by Argon2id, as a PHC string.
    HashPassword {
        /// The password.
        #[serde(borrow)]
        password: Bytes<'a>,
        /// Bytes that no other hash has.
        #[serde(borrow)]
        salt: Bytes<'a>,
        /// What it may take.
        cost: PasswordCost,
    } -> &'static str, Compute;
    /// Whether a password is the one of a hash.
    VerifyPassword {
        /// The password.
        #[serde(borrow)]
        password: Bytes<'a>,
        /// The hash, a PHC string.
        hash: &'a str,
    } -> bool, Compute;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{Effect, HostCall};
    use crate::wire;

    #[test]
    fn bytes_cross_as_slices_do() {
        assert_eq!(wire::encode(&Bytes(b"abc")), wire::encode(&&b"abc"[..]));
        let encoded = wire::encode(&Bytes(&[7; 300]));
        assert_eq!(wire::decode(&encoded, 400), Ok(Bytes(&[7; 300])));
    }

    #[test]
    fn what_only_computes_says_so() {
        let (password, hash) = (Bytes(b"a"), "b");
        let asked = HostCall::from(VerifyPassword { password, hash });
        assert_eq!(asked.effect(), Effect::Compute);
        assert_eq!(HostCall::from(Cost { of: PhantomData }).effect(), Effect::Read);
        let encoded = wire::encode(&asked);
        assert_eq!(wire::decode(&encoded, encoded.len()), Ok(asked));
    }

    #[test]
    fn an_algorithm_is_found_by_its_name() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::of_name(algorithm.name()), Some(*algorithm));
        }
        assert_eq!(Algorithm::of_name("none"), None);
    }
}
