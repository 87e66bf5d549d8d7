//! Tokens whose signatures the host checks, by the examples of their RFCs. Those with HMACs are in
//! `host/executor/tests/it/helpers/tokens.rs`.

use serde_json::{Value, json};

use crate::harness::host::TestHost;

/// RFC 7515, A.2 and A.3: claims that held until 2011.
const CLAIMS_OF_2011: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const RS256_OF_2011: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const RSA_OF_2011: &str = r#"#{ kty: "RSA", e: "AQAB", n: "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ" }"#;
const ES256_OF_2011: &str = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const EC_OF_2011: &str = r#"#{ kty: "EC", crv: "P-256", x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" }"#;
/// Its private half.
const EC_PRIVATE: &str = r#"#{ kty: "EC", crv: "P-256", x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", d: "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI" }"#;

/// RFC 8037, A.1 and A.4: what is signed is no claims.
const EDDSA_TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
const OKP: &str = r#"#{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }"#;
const OKP_PRIVATE: &str = r#"#{ kty: "OKP", crv: "Ed25519", d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }"#;

/// RFC 7520, 4.1: no claims, either.
const COOKBOOK_TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg";
const COOKBOOK_KEY: &str = r#"#{ kty: "RSA", kid: "bilbo.baggins@hobbiton.example", "use": "sig", e: "AQAB", n: "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw" }"#;

async fn answer(host: &TestHost, source: &str) -> Value {
    host.script("a", "script_0", source).await;
    let answer = host.visit("GET http://a.localhost/").await;
    assert_eq!(answer.status, 200, "{source}: {}", answer.text());
    answer.json()
}

/// What verifying says.
async fn code(host: &TestHost, token: &str, key: &str, algorithm: &str) -> String {
    let verify = format!("jwt::verify(`{token}`, {key}, #{{ alg: {algorithm:?} }})");
    let answer = answer(
        host,
        &format!("try {{ {verify}; return [\"taken\"]; }} catch (e) {{ return [e.code]; }}"),
    )
    .await;
    answer[0].as_str().unwrap().to_owned()
}

/// With the last letter but a few of the signature another one.
fn changed(token: &str) -> String {
    let at = token.len() - 10;
    let other = if &token[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &token[..at], &token[at + 1..])
}

#[tokio::test]
async fn the_rfcs_examples_are_taken_for_what_they_are() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("GET /", "0")]).await;
    let rs256 = format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS_OF_2011}.{RS256_OF_2011}");
    let es256 = format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS_OF_2011}.{ES256_OF_2011}");
    // Looked at after the signature is what is signed: of the signature nothing was wrong.
    for (token, key, algorithm, says) in [
        (rs256.as_str(), RSA_OF_2011, "RS256", "expired"),
        (&es256, EC_OF_2011, "ES256", "expired"),
        (EDDSA_TOKEN, OKP, "EdDSA", "bad_token"),
        (COOKBOOK_TOKEN, COOKBOOK_KEY, "RS256", "bad_token"),
    ] {
        assert_eq!(code(&host, token, key, algorithm).await, says, "{token}");
        assert_eq!(
            code(&host, &changed(token), key, algorithm).await,
            "bad_signature",
            "{token}"
        );
        let set = format!("#{{ keys: [{EC_OF_2011}, {RSA_OF_2011}, {OKP}] }}");
        let by_set = code(&host, token, &set, algorithm).await;
        // The cookbook's names its key, which is not among them.
        assert_eq!(by_set, if token == COOKBOOK_TOKEN { "no_key" } else { says });
    }
    let set = format!("#{{ keys: [{RSA_OF_2011}, {COOKBOOK_KEY}] }}");
    assert_eq!(code(&host, COOKBOOK_TOKEN, &set, "RS256").await, "bad_token");
    assert_eq!(code(&host, &rs256, &set, "RS256").await, "no_key");
    assert_eq!(code(&host, &rs256, EC_OF_2011, "RS256").await, "bad_key");
    assert_eq!(code(&host, &rs256, RSA_OF_2011, "ES256").await, "bad_token");
}

#[tokio::test]
async fn tokens_are_signed_and_verified() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("GET /", "0")]).await;
    for (private, public, algorithm) in [(EC_PRIVATE, EC_OF_2011, "ES256"), (OKP_PRIVATE, OKP, "EdDSA")] {
        let source = format!(
            r#"
                let options = #{{ alg: {algorithm:?}, kid: "one", expires_in: 60 }};
                let token = jwt::sign(#{{ sub: "ann", aud: "shop" }}, {private}, options);
                let again = jwt::sign(#{{ sub: "ann", aud: "shop" }}, {private}, options);
                let claims = jwt::verify(token, {public}, #{{ alg: {algorithm:?}, aud: "shop" }});
                [claims.sub, claims.exp - claims.iat, token == again]
            "#
        );
        assert_eq!(answer(&host, &source).await, json!(["ann", 60, true]));
    }
    // The secret of an HMAC that is somebody's public key: the script says RS256, so it is never one.
    let source = format!(
        r#"
            let n = base64::decode_url({RSA_OF_2011}.n);
            let token = jwt::sign(#{{ sub: "eve" }}, n, #{{ alg: "HS256" }});
            try {{ jwt::verify(token, {RSA_OF_2011}, #{{ alg: "RS256" }}); return ["taken"]; }} catch (e) {{ return [e.code]; }}
        "#
    );
    assert_eq!(answer(&host, &source).await, json!(["bad_token"]));
}

#[tokio::test]
async fn a_bad_token_that_nobody_catches_is_answered_with_401() {
    let host = TestHost::real(&[]).await;
    let source = format!("jwt::verify(req.headers[\"x-token\"] ?? \"\", {OKP}, #{{ alg: \"EdDSA\" }})");
    host.app("a", &[("GET /", &source)]).await;
    assert_eq!(host.visit("GET http://a.localhost/").await.status, 401);
}
