//! Digests: of the guest for what is short, and on the host the same for what is long (`host/tests/it/crypto`).

use super::{give, throw};

const LONGER: &str = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

/// The function, the hex of the empty text, of "abc", and of [`LONGER`]: NIST's examples of FIPS 180-4 and FIPS 202.
const HASHES: [(&str, [&str; 3]); 6] = [
    (
        "sha1",
        [
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "a9993e364706816aba3e25717850c26c9cd0d89d",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
        ],
    ),
    (
        "sha256",
        [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ],
    ),
    (
        "sha384",
        [
            "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
            "3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6b0455a8520bc4e6f5fe95b1fe3c8452b",
        ],
    ),
    (
        "sha512",
        [
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c33596fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445",
        ],
    ),
    (
        "sha3_256",
        [
            "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
            "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
            "41c0dba2a9d6240849100376a8235e2c82e1b9998a999e21db32dd97496d3376",
        ],
    ),
    (
        "sha3_512",
        [
            "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26",
            "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
            "04a371e84ecfb5b8b77cb48610fca8182dd457ce6f326a0fd3d7ec2f1e91636dee691fbe0c985302ba1b0d8dc78c086346b533b49c030d99a27daf1139d6e75e",
        ],
    ),
];

#[tokio::test]
async fn hashes_are_nists() {
    for (name, digests) in HASHES {
        for (text, hex) in ["", "abc", LONGER].into_iter().zip(digests) {
            give(&[
                (&format!("hex::encode(crypto::{name}({text:?}))"), &format!("{hex:?}")),
                (
                    &format!("hex::encode(crypto::{name}({text:?}.to_blob()))"),
                    &format!("{hex:?}"),
                ),
            ])
            .await;
        }
    }
}

/// The beginning of the test vectors that BLAKE3 comes with: the bytes 0 to 250, again and again, so many of them.
#[tokio::test]
async fn blake3_is_its_own() {
    for (bytes, hex) in [
        (0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
        (1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"),
        (1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"),
        (1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"),
    ] {
        let input = format!("let b = blob({bytes}); for i in 0..{bytes} {{ b[i] = i % 251; }}");
        give(&[(&format!("{input} hex::encode(crypto::blake3(b))"), &format!("{hex:?}"))]).await;
    }
}

/// RFC 4231, cases 1 to 4, 6 and 7: the key, the data, and the HMAC with SHA-256, SHA-384 and SHA-512.
const RFC_4231: [(&str, &str, [&str; 3]); 6] = [
    (
        "blob(20, 0x0b)",
        r#""Hi There""#,
        [
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
        ],
    ),
    (
        r#""Jefe""#,
        r#""what do ya want for nothing?""#,
        [
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ],
    ),
    (
        "blob(20, 0xaa)",
        "blob(50, 0xdd)",
        [
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
            "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
        ],
    ),
    (
        r#"hex::decode("0102030405060708090a0b0c0d0e0f10111213141516171819")"#,
        "blob(50, 0xcd)",
        [
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb",
            "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
        ],
    ),
    (
        "blob(131, 0xaa)",
        r#""Test Using Larger Than Block-Size Key - Hash Key First""#,
        [
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
        ],
    ),
    (
        "blob(131, 0xaa)",
        r#""This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.""#,
        [
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e",
            "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
        ],
    ),
];

#[tokio::test]
async fn hmacs_are_rfc_4231s() {
    for (key, data, hmacs) in RFC_4231 {
        for (name, hex) in ["hmac_sha256", "hmac_sha384", "hmac_sha512"].into_iter().zip(hmacs) {
            give(&[(
                &format!("hex::encode(crypto::{name}({key}, {data}))"),
                &format!("{hex:?}"),
            )])
            .await;
        }
    }
    // RFC 2202, cases 1 and 2.
    give(&[
        (
            r#"hex::encode(crypto::hmac_sha1(blob(20, 0x0b), "Hi There"))"#,
            r#""b617318655057264e28bc0b6fb378c8ef146be00""#,
        ),
        (
            r#"hex::encode(crypto::hmac_sha1("Jefe", "what do ya want for nothing?"))"#,
            r#""effcdf6ae5eb2fa2d27416d5f184df9c259a7c79""#,
        ),
    ])
    .await;
}

/// A world that refuses to compute makes no difference. FIPS 180-4's example of a million letters.
#[tokio::test]
async fn what_the_host_does_not_take_is_hashed_here() {
    give(&[(
        "hex::encode(crypto::sha1(blob(1000000, 97)))",
        r#""34aa973cd4c4daa4f61eeb2bdbad27316534016f""#,
    )])
    .await;
}

#[tokio::test]
async fn secrets_are_compared() {
    give(&[
        (r#"crypto::equal("abc", "abc".to_blob())"#, "true"),
        (r#"crypto::equal("abc", "abd")"#, "false"),
        (r#"crypto::equal("abc", "ab")"#, "false"),
        (r#"crypto::equal("", "")"#, "true"),
    ])
    .await;
}

#[tokio::test]
async fn what_has_no_bytes_is_refused() {
    throw(&[
        ("crypto::sha256(1)", "bad_argument"),
        ("crypto::blake3(#{})", "bad_argument"),
        ("crypto::hmac_sha256((), \"\")", "bad_argument"),
        ("crypto::hmac_sha1(\"\", 1)", "bad_argument"),
        ("crypto::equal([1], \"\")", "bad_argument"),
        ("crypto::verify(\"none\", \"\", \"\", blob())", "bad_argument"),
        ("crypto::verify(\"RS256\", \"not pem\", \"\", blob())", "bad_key"),
        ("crypto::verify(\"RS256\", 5, \"\", blob())", "bad_key"),
        ("crypto::sign(\"Ed25519\", || 1, \"\")", "bad_key"),
        ("crypto::seal(\"\", 1)", "bad_argument"),
        ("crypto::open(1, blob())", "bad_argument"),
    ])
    .await;
}
