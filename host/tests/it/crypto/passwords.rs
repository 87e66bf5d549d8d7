//! Hashes of passwords.

use picloud::crypto::{hash_password, price, verify_password};
use picloud_sdk::call::crypto::{Bytes, PasswordCost, Question, VerifyPassword};

const SALT: &[u8; 16] = b"sixteen bytes of";

const SMALL: PasswordCost = PasswordCost {
    memory_kib: 64,
    passes: 1,
};

/// Of the tests of Argon2's reference implementation (`src/test.c`).
#[test]
fn hashes_of_the_reference_implementation_are_verified() {
    for hash in [
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
    ] {
        assert_eq!(verify_password(b"password", hash), Ok(true), "{hash}");
        assert_eq!(verify_password(b"passwort", hash), Ok(false), "{hash}");
    }
}

#[test]
fn a_hash_says_what_it_took() {
    let hash = hash_password(b"secret", SALT, SMALL).unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
    assert_eq!(hash_password(b"secret", SALT, SMALL), Ok(hash.clone()));
    assert_eq!(verify_password(b"secret", &hash), Ok(true));
    assert_eq!(verify_password(b"", &hash), Ok(false));
}

#[test]
fn a_hash_that_takes_too_much_is_refused_before_it_is_computed() {
    let rest = "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    for beginning in [
        // Four GiB, and passes for a year.
        "$argon2id$v=19$m=4194304,t=1,p=1",
        "$argon2id$v=19$m=4294967295,t=4294967295,p=1",
        "$argon2id$v=19$m=65537,t=1,p=1",
        "$argon2id$v=19$m=65536,t=5,p=1",
        "$argon2id$v=19$m=8,t=4294967295,p=1",
        "$argon2id$v=19$m=65536,t=1,p=16777215",
        "$argon2id$v=19$m=1024,t=1,p=5",
        "$argon2id$v=19$m=7,t=1,p=1",
        "$argon2id$v=19$m=64,t=0,p=1",
        "$argon2id$v=16$m=64,t=1,p=1",
        "$argon2id$m=64,t=1,p=1",
        "$argon2i$v=19$m=64,t=1,p=1",
        "$argon2d$v=19$m=64,t=1,p=1",
        "$argon2id$v=19$m=64,t=1,p=1,keyid=AAAA",
        "$argon2id$v=19$m=64,t=1,p=1,data=AAAA",
        "$argon2id$v=19$m=99999999999999999999,t=1,p=1",
        "$2b$10",
        "",
    ] {
        let hash = format!("{beginning}{rest}");
        let refused = verify_password(b"", &hash).expect_err(&hash);
        assert_eq!(refused.code, "bad_hash", "{hash}");
        let (password, hash) = (Bytes(b""), hash.as_str());
        assert!(price(&Question::VerifyPassword(VerifyPassword { password, hash })) < 10_000);
    }
    for hash in [
        "",
        "$",
        "$argon2id$v=19$m=64,t=1,p=1",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc$more",
    ] {
        assert_eq!(verify_password(b"", hash).expect_err(hash).code, "bad_hash");
    }
    let much = PasswordCost {
        memory_kib: 65_537,
        passes: 1,
    };
    assert_eq!(hash_password(b"", SALT, much).expect_err("too much").code, "bad_hash");
}
