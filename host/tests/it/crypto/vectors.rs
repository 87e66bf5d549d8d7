//! Vectors of standards, at the level of functions; those of hashes and HMACs that the guest has, too, are in
//! `host/executor/tests/it/helpers/digests.rs`.

use data_encoding::HEXLOWER_PERMISSIVE as HEX;
use picloud::crypto::{digest, open, seal, sign, verify};
use picloud_sdk::call::crypto::{Algorithm, Bytes, Hash, Key};

fn hex(text: &str) -> Vec<u8> {
    HEX.decode(text.as_bytes()).unwrap()
}

/// FIPS 180-4's and FIPS 202's examples of a million letters.
#[test]
fn long_texts_are_hashed_as_nist_says() {
    let million = vec![b'a'; 1_000_000];
    for (hash, expected) in [
        (Hash::Sha1, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        (
            Hash::Sha256,
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        ),
        (
            Hash::Sha384,
            "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985",
        ),
        (
            Hash::Sha512,
            "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
        ),
        (
            Hash::Sha3_256,
            "5c8875ae474a3634ba4fd55ec85bffd661f32aca75c6d699d0cdcb6c115891c1",
        ),
        (
            Hash::Sha3_512,
            "3c3a876da14034ab60627c077bb98f7e120a2a5370212dffb3385a18d4f38859ed311d0a9d5141ce9cc5c66ee689b266a8aa18ace8282a0e0db596c90b0a7b87",
        ),
    ] {
        assert_eq!(digest(hash, None, &million), Ok(hex(expected)), "{hash:?}");
    }
}

/// Of the vectors that BLAKE3 comes with: so many of the bytes 0 to 250, again and again.
#[test]
fn blake3_is_its_own() {
    for (bytes, expected) in [
        (0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
        (1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"),
        (1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"),
    ] {
        let data: Vec<u8> = (0..=250).cycle().take(bytes).collect();
        assert_eq!(digest(Hash::Blake3, None, &data), Ok(hex(expected)));
    }
}

/// RFC 4231, case 7, and RFC 2202, case 2.
#[test]
fn hmacs_are_the_rfcs() {
    let data = b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.";
    for (hash, expected) in [
        (
            Hash::Sha256,
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
        (
            Hash::Sha384,
            "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e",
        ),
        (
            Hash::Sha512,
            "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
        ),
    ] {
        assert_eq!(digest(hash, Some(&[0xaa; 131]), data), Ok(hex(expected)), "{hash:?}");
    }
    let mac = digest(Hash::Sha1, Some(b"Jefe"), b"what do ya want for nothing?");
    assert_eq!(mac, Ok(hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")));
    assert!(digest(Hash::Blake3, Some(b"key"), b"").is_err());
}

/// RFC 8032, 7.1, tests 1 and 2.
#[test]
fn ed25519_signs_as_rfc_8032() {
    for (private, public, data, expected) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ] {
        let (private, public, data) = (hex(private), hex(public), hex(data));
        let signature = sign(Algorithm::Ed25519, Key::Raw(Bytes(&private)), &data).unwrap();
        assert_eq!(signature, hex(expected));
        assert_eq!(
            verify(Algorithm::Ed25519, Key::Raw(Bytes(&public)), &data, &signature),
            Ok(true)
        );
    }
}

/// RFC 6979, A.2.5, with SHA-256.
const RFC_6979: &str = r#"{
    "kty": "EC", "crv": "P-256",
    "d": "ya-p2EW6dRZrXCFXZ7HWk05Qw9s26JsSe4piKxIPZyE",
    "x": "YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y",
    "y": "eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk"
}"#;

#[test]
fn es256_signs_as_rfc_6979() {
    for (data, r, s) in [
        (
            "sample",
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        ),
        (
            "test",
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
        ),
    ] {
        let key = Key::Jwk(RFC_6979);
        let signature = sign(Algorithm::Es256, key, data.as_bytes()).unwrap();
        assert_eq!(signature, [hex(r), hex(s)].concat());
        assert_eq!(verify(Algorithm::Es256, key, data.as_bytes(), &signature), Ok(true));
        assert_eq!(verify(Algorithm::Es256, key, b"another", &signature), Ok(false));
        let der = sign(Algorithm::Es256Der, key, data.as_bytes()).unwrap();
        assert_eq!(verify(Algorithm::Es256Der, key, data.as_bytes(), &der), Ok(true));
        assert_eq!(verify(Algorithm::Es256, key, data.as_bytes(), &der), Ok(false));
    }
}

/// RFC 8410, 10.1 and 10.3: one key, as texts.
const PUBLIC_PEM: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
const PRIVATE_PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";

#[test]
fn keys_are_pem_texts() {
    let signature = sign(Algorithm::Ed25519, Key::Pem(PRIVATE_PEM), b"data").unwrap();
    assert_eq!(
        verify(Algorithm::Ed25519, Key::Pem(PUBLIC_PEM), b"data", &signature),
        Ok(true)
    );
    assert_eq!(
        verify(Algorithm::Ed25519, Key::Pem(PUBLIC_PEM), b"datb", &signature),
        Ok(false)
    );
}

#[test]
fn what_is_wrong_with_a_private_key_shows_nothing_of_it() {
    for malformed in [
        PRIVATE_PEM.replace('\n', ""),
        PRIVATE_PEM.replace('\n', "\\n"),
        PRIVATE_PEM.replace("-----END", "----END"),
        PRIVATE_PEM.replace("MC4", "M!4"),
        format!("-----BEGIN {PRIVATE_PEM}"),
    ] {
        let bad = sign(Algorithm::Ed25519, Key::Pem(&malformed), b"data").expect_err(&malformed);
        // Nor as a list of its bytes.
        let shown = bad.message.contains("NTuctv5E1") || bad.message.contains("84, 117, 99, 116");
        assert!(bad.code == "bad_key" && !shown, "{}", bad.message);
    }
}

#[test]
fn a_key_that_is_not_for_it_is_refused() {
    let refused = |algorithm, key| verify(algorithm, key, b"", b"").expect_err("a bad key").code;
    let ed25519 = Key::Pem(PUBLIC_PEM);
    for (algorithm, key) in [
        (Algorithm::Es256, ed25519),
        (Algorithm::Rs256, ed25519),
        (Algorithm::Ed25519, Key::Pem(PRIVATE_PEM)),
        (Algorithm::Ed25519, Key::Pem("-----BEGIN PUBLIC KEY-----")),
        (Algorithm::Ed25519, Key::Pem("")),
        (Algorithm::Ed25519, Key::Raw(Bytes(&[0; 31]))),
        (Algorithm::Es256, Key::Raw(Bytes(&[4; 65]))),
        (Algorithm::Es384, Key::Jwk(RFC_6979)),
        (Algorithm::Rs256, Key::Jwk(RFC_6979)),
        (
            Algorithm::Es256,
            Key::Jwk(r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#),
        ),
        (Algorithm::Es256, Key::Jwk(r#"{"kty":"EC","crv":"P-256K"}"#)),
        (
            Algorithm::Ed25519,
            Key::Jwk(r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#),
        ),
        (
            Algorithm::Ed25519,
            Key::Jwk(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"enc"}"#),
        ),
        (
            Algorithm::Ed25519,
            Key::Jwk(
                r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","alg":"ES256"}"#,
            ),
        ),
        (
            Algorithm::Ed25519,
            Key::Jwk(
                r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","key_ops":["sign"]}"#,
            ),
        ),
        (Algorithm::Rs256, Key::Jwk(r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#)),
        (Algorithm::Rs256, Key::Jwk(r#"{"kty":"oct","k":"AQAB"}"#)),
        (Algorithm::Rs256, Key::Jwk("[]")),
        (Algorithm::Rs256, Key::Jwk(&"[".repeat(100_000))),
    ] {
        assert_eq!(refused(algorithm, key), "bad_key", "{algorithm:?} {key:?}");
    }
    let signed = |algorithm, key| sign(algorithm, key, b"").expect_err("a bad key").code;
    assert_eq!(signed(Algorithm::Es256, Key::Pem(PRIVATE_PEM)), "bad_key");
    assert_eq!(signed(Algorithm::Ed25519, Key::Pem(PUBLIC_PEM)), "bad_key");
    assert_eq!(signed(Algorithm::Ed25519, Key::Raw(Bytes(&[0; 33]))), "bad_key");
    assert_eq!(signed(Algorithm::Rs256, Key::Pem(PRIVATE_PEM)), "bad_argument");
    // The public half of another key.
    let another = RFC_6979.replace("YP7U", "YP7V");
    assert_eq!(signed(Algorithm::Es256, Key::Jwk(&another)), "bad_key");
}

#[test]
fn what_was_sealed_opens_only_as_it_was_sealed() {
    let (key, nonce) = ([1; 32], [2; 12]);
    let sealed = seal(&key, &nonce, b"ann", b"data").unwrap();
    assert_eq!(sealed.len(), 12 + 4 + 16);
    assert_eq!(open(&key, b"ann", &sealed), Ok(b"data".to_vec()));
    let code = |key: &[u8], context: &[u8], sealed: &[u8]| open(key, context, sealed).expect_err("no such thing").code;
    assert_eq!(code(&[2; 32], b"ann", &sealed), "bad_sealed");
    assert_eq!(code(&key, b"bob", &sealed), "bad_sealed");
    assert_eq!(code(&[1; 31], b"ann", &sealed), "bad_key");
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(code(&key, b"ann", &changed), "bad_sealed");
        assert_eq!(code(&key, b"ann", &sealed[..at]), "bad_sealed");
    }
    assert_eq!(
        seal(&key, &nonce[1..], b"", b"").expect_err("a short nonce").code,
        "bad_key"
    );
}
