//! `jwt::*` with HMACs, for which the guest asks nobody; the rest is in `host/tests/it/crypto`.

use super::{give, throw};
use crate::harness::{NOW_MS, check};

/// RFC 7515, A.1: it held until 2011.
const OF_2011: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const KEY_OF_2011: &str =
    "#{ kty: \"oct\", k: \"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\" }";

/// RFC 7520, 4.4: what is signed is no claims.
const COOKBOOK: &str = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0";
const KEY_OF_COOKBOOK: &str = "#{ kty: \"oct\", kid: \"018c0ae5-4d9b-471b-bfd6-eef314bc7037\", \"use\": \"sig\", alg: \"HS256\", k: \"hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg\" }";

/// A key, and a token that it signs.
const SIGNED: &str = r#"
    let key = "a key of thirty-two bytes, or so.";
    let token = jwt::sign(#{ sub: "ann", n: 1 }, key, #{ alg: "HS256", kid: "k1", expires_in: 60 });
    let parts = token.split(".");
"#;

async fn of_signed(cases: &[(&str, &str)]) {
    for (expression, json) in cases {
        give(&[(&format!("{SIGNED} {expression}"), json)]).await;
    }
}

async fn refused(cases: &[(&str, &str)]) {
    for (expression, code) in cases {
        throw(&[(&format!("{SIGNED} {expression}"), code)]).await;
    }
}

#[tokio::test]
async fn the_rfcs_examples_are_taken_for_what_they_are() {
    // Looked at last is whether it holds: of the signature nothing was wrong.
    throw(&[
        (
            &format!("jwt::verify({OF_2011:?}, {KEY_OF_2011}, #{{ alg: \"HS256\" }})"),
            "expired",
        ),
        (
            &format!(
                "jwt::verify({:?}, {KEY_OF_2011}, #{{ alg: \"HS256\" }})",
                OF_2011.replace(".dBjf", ".dBje")
            ),
            "bad_signature",
        ),
        (
            &format!("jwt::verify({COOKBOOK:?}, {KEY_OF_COOKBOOK}, #{{ alg: \"HS256\" }})"),
            "bad_token",
        ),
        (
            &format!(
                "jwt::verify({:?}, {KEY_OF_COOKBOOK}, #{{ alg: \"HS256\" }})",
                COOKBOOK.replace(".s0h6", ".s0h7")
            ),
            "bad_signature",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_token_says_what_was_signed() {
    let seconds = NOW_MS / 1000;
    of_signed(&[
        ("jwt::verify(token, key, #{ alg: \"HS256\" }).sub", r#""ann""#),
        ("jwt::verify(token, key.to_blob(), #{ alg: [\"HS512\", \"HS256\"] }).n", "1"),
        ("base64::decode_url(parts[0]).as_string()", r#""{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}""#),
        (
            "json::parse(base64::decode_url(parts[1]).as_string())",
            &format!(r#"{{"exp":{},"iat":{seconds},"n":1,"sub":"ann"}}"#, seconds + 60),
        ),
        ("hex::encode(crypto::hmac_sha256(key, parts[0] + \".\" + parts[1])) == hex::encode(base64::decode_url(parts[2]))", "true"),
        (
            "let set = #{ keys: [1, #{ kty: \"RSA\", kid: \"k1\" }, #{ kty: \"oct\", kid: \"k1\", k: base64::encode_url(key) }, #{ kty: \"oct\", kid: \"k2\" }] };
             jwt::verify(token, set, #{ alg: \"HS256\" }).sub",
            r#""ann""#,
        ),
        (
            "let all = 0; for alg in [\"HS256\", \"HS384\", \"HS512\"] { let key = blob(64, 7); if jwt::verify(jwt::sign(#{ a: 1 }, key, #{ alg: alg }), key, #{ alg: alg }).a == 1 { all += 1; } } all",
            "3",
        ),
    ])
    .await;
}

#[tokio::test]
async fn nobody_but_the_script_chooses_the_algorithm() {
    refused(&[
        ("jwt::verify(token, key, #{})", "bad_option"),
        ("jwt::verify(token, key, #{ alg: [] })", "bad_option"),
        ("jwt::verify(token, key, #{ alg: [\"EdDSA\", \"HS256\"] })", "bad_option"),
        ("jwt::verify(token, key.to_blob(), #{ alg: [\"EdDSA\", \"HS256\"] })", "bad_option"),
        ("jwt::verify(token, key, #{ alg: \"HS256\", iss: () })", "bad_option"),
        ("jwt::verify(token, key, #{ alg: \"HS256\", aud: [] })", "bad_option"),
        ("jwt::verify(token, key, #{ alg: \"HS256\", require: () })", "bad_option"),
        ("jwt::verify(token, key, #{ alg: \"none\" })", "bad_option"),
        ("jwt::verify(token, key, #{ alg: \"HS384\" })", "bad_token"),
        ("jwt::sign(#{}, key, #{ alg: \"none\" })", "bad_option"),
        ("jwt::sign(#{}, key, #{})", "bad_option"),
        // A token without a signature, in all spellings of "none".
        ("jwt::verify(base64::encode_url(`{\"alg\":\"none\"}`) + \".\" + parts[1] + \".\", key, #{ alg: \"HS256\" })", "bad_token"),
        ("jwt::verify(base64::encode_url(`{\"alg\":\"nOnE\"}`) + \".\" + parts[1] + \".\", key, #{ alg: \"HS256\" })", "bad_token"),
        ("jwt::verify(parts[0] + \".\" + parts[1] + \".\", key, #{ alg: \"HS256\" })", "bad_signature"),
        // A public key is no secret.
        ("let pem = \"-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----\"; jwt::sign(#{}, pem, #{ alg: \"HS256\" })", "bad_key"),
        ("jwt::verify(token, #{ kty: \"RSA\", n: \"AQAB\", e: \"AQAB\", k: \"AQAB\" }, #{ alg: \"HS256\" })", "bad_key"),
        ("jwt::verify(token, #{ kty: \"oct\", alg: \"HS512\", k: base64::encode_url(key) }, #{ alg: \"HS256\" })", "bad_key"),
        ("jwt::verify(token, #{ kty: \"oct\", \"use\": \"enc\", k: base64::encode_url(key) }, #{ alg: \"HS256\" })", "bad_key"),
        ("jwt::verify(token, #{ keys: [#{ kty: \"oct\", kid: \"other\", k: base64::encode_url(key) }] }, #{ alg: \"HS256\" })", "no_key"),
        ("jwt::verify(token, #{ keys: [#{ kty: \"RSA\", kid: \"k1\" }] }, #{ alg: \"HS256\" })", "no_key"),
        ("let one = #{ kty: \"oct\", kid: \"k1\", k: base64::encode_url(key) }; jwt::verify(token, #{ keys: [one, one] }, #{ alg: \"HS256\" })", "no_key"),
        ("jwt::verify(token, #{ keys: 1 }, #{ alg: \"HS256\" })", "bad_key"),
        // RFC 7518, 3.2.
        ("jwt::sign(#{}, \"short\", #{ alg: \"HS256\" })", "bad_key"),
        ("jwt::sign(#{}, (), #{ alg: \"HS256\" })", "bad_key"),
        ("jwt::sign(#{}, blob(63), #{ alg: \"HS512\" })", "bad_key"),
    ])
    .await;
}

#[tokio::test]
async fn claims_are_checked_by_the_runs_clock() {
    let with = |claims: &str, options: &str| {
        format!(
            "jwt::verify(jwt::sign(#{{ {claims} }}, key, #{{ alg: \"HS256\" }}), key, #{{ alg: \"HS256\", {options} }}); code = \"taken\""
        )
    };
    let now = NOW_MS / 1000;
    for (claims, options, code) in [
        (format!("exp: {now}"), "", "expired"),
        (format!("exp: {now}"), "leeway: 1", "taken"),
        (format!("exp: {}", now + 1), "", "taken"),
        (format!("exp: {now}.5"), "", "taken"),
        ("exp: -9223372036854775808".to_owned(), "", "expired"),
        ("exp: \"never\"".to_owned(), "", "bad_token"),
        ("exp: ()".to_owned(), "", "bad_token"),
        (format!("nbf: {}", now + 1), "", "not_yet_valid"),
        (format!("nbf: {}", now + 1), "leeway: 1", "taken"),
        (format!("nbf: {now}"), "", "taken"),
        ("iss: \"a\"".to_owned(), "iss: \"a\"", "taken"),
        ("iss: \"a\"".to_owned(), "iss: [\"b\", \"a\"]", "taken"),
        ("iss: \"a\"".to_owned(), "iss: \"b\"", "wrong_issuer"),
        ("iss: [\"a\"]".to_owned(), "iss: \"a\"", "wrong_issuer"),
        ("n: 1".to_owned(), "iss: \"b\"", "wrong_issuer"),
        ("aud: \"a\"".to_owned(), "aud: \"a\"", "taken"),
        ("aud: [\"b\", \"a\"]".to_owned(), "aud: \"a\"", "taken"),
        ("aud: \"b\"".to_owned(), "aud: \"a\"", "wrong_audience"),
        ("n: 1".to_owned(), "aud: \"a\"", "wrong_audience"),
        ("aud: \"b\"".to_owned(), "", "wrong_audience"),
        ("aud: \"b\"".to_owned(), "any_audience: true", "taken"),
        ("aud: 5".to_owned(), "aud: \"a\"", "bad_token"),
        ("n: 1".to_owned(), "require: \"exp\"", "missing_claim"),
        ("exp: 9000000000".to_owned(), "require: [\"exp\"]", "taken"),
        ("n: 1".to_owned(), "typ: \"jwt\"", "taken"),
        ("n: 1".to_owned(), "typ: \"application/JWT\"", "taken"),
        ("n: 1".to_owned(), "typ: \"at+jwt\"", "bad_token"),
        ("n: 1".to_owned(), "leeway: -1", "bad_option"),
        ("n: 1".to_owned(), "algs: \"HS256\"", "bad_option"),
    ] {
        refused(&[(&with(&claims, options), code)]).await;
    }
    refused(&[(
        "jwt::sign(#{ exp: 1 }, key, #{ alg: \"HS256\", expires_in: 5 })",
        "bad_option",
    )])
    .await;
}

#[tokio::test]
async fn what_is_no_token_is_the_callers_fault() {
    let key = "blob(32)";
    let deep = format!("base64::encode_url(\"{}\")", "[".repeat(5000));
    for token in [
        "\"\"",
        "\".\"",
        "\"..\"",
        "\"...\"",
        "\"a.b\"",
        "\"a.b.c.d\"",
        "\"é.é.é\"",
        "\"e30.e30.e30\"",
        "base64::encode_url(`{\"alg\":5}`) + \".e30.\"",
        "base64::encode_url(`[]`) + \".e30.\"",
        "base64::encode_url(`{\"alg\":\"HS256\",\"kid\":5}`) + \".e30.\"",
        "base64::encode_url(`{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}`) + \".e30.\"",
        &format!("{deep} + \".e30.\""),
    ] {
        throw(&[(
            &format!("jwt::verify({token}, {key}, #{{ alg: \"HS256\" }})"),
            "bad_token",
        )])
        .await;
    }
    let ended = check("jwt::verify(\"a.b.c\", blob(32), #{ alg: \"HS256\" })").await;
    assert!(ended.starts_with("threw bad_token: "), "{ended}");
}
