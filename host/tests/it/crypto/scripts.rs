//! The seam, from a script's side: computed on the host, paid in fuel, in no journal, and the same in a replay.

use data_encoding::BASE64;
use picloud::orchestrator::Capsule;
use serde_json::{Value, json};

use crate::harness::host::TestHost;

const ROUTES: &[(&str, &str)] = &[
    (
        "POST /login",
        r#"
            let hash = password::hash(req.text());
            kv::set("hash", hash);
            [hash.starts_with("$argon2id$v=19$m=4096,t=1,p=1$"), password::verify(req.text(), hash), password::verify("no", hash)]
        "#,
    ),
    (
        "GET /digest",
        r#"let b = blob(1000000, 97); [hex::encode(crypto::sha256(b)), crypto::hmac_sha256("k", b) == crypto::hmac_sha256("k", b.as_string())]"#,
    ),
    (
        "GET /seal",
        r#"
            let key = crypto::sha256("a key");
            let sealed = crypto::seal(key, "data", "ann");
            let code = "";
            try { crypto::open(key, sealed, "bob"); } catch (e) { code = e.code; }
            [crypto::open(key, sealed, "ann").as_string(), sealed.len, crypto::seal(key, "data", "ann") == sealed, code,
             crypto::open(key, crypto::seal(key, "data")).as_string()]
        "#,
    ),
    (
        "GET /sign",
        r#"
            let signer = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
            let verifier = hex::decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
            let signature = crypto::sign("Ed25519", signer, "data");
            [crypto::verify("Ed25519", verifier, "data", signature), crypto::verify("Ed25519", verifier, "datb", signature)]
        "#,
    ),
    ("GET /random", "hex::encode(random::bytes(32)) + uuid::v4()"),
    (
        "GET /bad",
        r#"try { password::verify("x", "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc") } catch (e) { return e.code; } 0"#,
    ),
    (
        "GET /loop",
        r#"let n = 0; loop { password::hash("x"); n += 1; log::info(`${n}`); }"#,
    ),
    (
        "GET /rsa",
        r#"let key = #{ kty: "RSA", n: base64::encode_url(blob(256, 255)), e: "AQAB" }; loop { crypto::verify("RS256", key, "", blob(256)); }"#,
    ),
    ("GET /all", "let b = blob(1000000); loop { crypto::blake3(b); }"),
];

const SETTINGS: &[(&str, &str)] = &[
    ("PICLOUD_PASSWORD_MEMORY_KIB", "4096"),
    ("PICLOUD_PASSWORD_PASSES", "1"),
    ("PICLOUD_FUEL_MAX", "100000000"),
    ("PICLOUD_HOST_CALLS_MAX", "100000"),
];

async fn again(host: &TestHost, id: &str) -> Value {
    let answer = host
        .manage(&format!("POST /apps/a/executions/{id}/replay"), json!({}))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn what_is_computed_is_the_same_in_a_replay() {
    let host = TestHost::real(SETTINGS).await;
    host.app("a", ROUTES).await;
    let get = async |path: &str| host.visit(&format!("GET http://a.localhost{path}")).await.json();
    let login = host.send("POST http://a.localhost/login", &[], b"a password").await;
    assert_eq!(login.json(), json!([true, true, false]));
    assert_eq!(
        get("/digest").await,
        json!(["cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", true])
    );
    assert_eq!(
        get("/seal").await,
        json!(["data", 4 + 12 + 16, false, "bad_sealed", "data"])
    );
    assert_eq!(get("/sign").await, json!([true, false]));
    assert_eq!(host.visit("GET http://a.localhost/bad").await.text(), "bad_hash");
    let random = host.visit("GET http://a.localhost/random").await.text().to_owned();
    assert_ne!(random, host.visit("GET http://a.localhost/random").await.text());
    for execution in host.executions("a").await {
        let replayed = again(&host, execution["id"].as_str().unwrap()).await;
        assert_eq!(replayed["same"], json!(true), "{execution}: {replayed}");
    }
}

#[tokio::test]
async fn whoever_has_no_fuel_for_it_is_stopped_and_told_where() {
    let host = TestHost::real(SETTINGS).await;
    host.app("a", ROUTES).await;
    for path in ["/loop", "/rsa", "/all"] {
        assert_eq!(host.visit(&format!("GET http://a.localhost{path}")).await.status, 500);
    }
    let executions = host.executions("a").await;
    assert_eq!(executions.len(), 3);
    for execution in executions {
        let id = execution["id"].as_str().unwrap();
        let execution = host.execution("a", id).await;
        assert_eq!(execution["error"]["limit"], "fuel", "{execution}");
        assert_eq!(execution["error"]["stack"][0]["line"], 1, "{execution}");
        assert_eq!(execution["usage"]["fuel"], 100_000_000);
        assert_eq!(again(&host, id).await["same"], json!(true));
    }
}

#[tokio::test]
async fn a_journal_has_no_password() {
    let host = TestHost::real(SETTINGS).await;
    host.app("a", ROUTES).await;
    host.send("POST http://a.localhost/login", &[], b"").await;
    host.visit("GET http://a.localhost/seal").await;
    let executions = host.executions("a").await;
    // What hashing takes and the key that is written, of the first; nothing of the other.
    let calls = async |at: usize| {
        let id = executions[at]["id"].as_str().unwrap();
        let line = format!("GET /apps/a/executions/{id}/capsule");
        let told = host.manage(&line, Value::Null).await.json();
        let file = BASE64
            .decode(told["capsule_base64"].as_str().unwrap().as_bytes())
            .unwrap();
        Capsule::unpack(&file).unwrap().journal.calls.len()
    };
    assert_eq!((calls(1).await, calls(0).await), (2, 0));
}

#[tokio::test]
async fn a_question_that_is_too_long_is_refused_or_computed_inside() {
    let settings = [
        ("PICLOUD_WRITE_BYTES_PER_RUN_MAX", "1024"),
        ("PICLOUD_VALUE_BYTES_MAX", "1024"),
        ("PICLOUD_LOG_BYTES_MAX", "1024"),
        ("PICLOUD_OUTBOUND_REQUEST_BYTES_MAX", "1024"),
    ];
    let host = TestHost::real(&settings).await;
    let long =
        r#"let s = blob(1000000, 97); let code = ""; try { crypto::seal(blob(32), s); } catch (e) { code = e.code; }"#;
    let source = format!("{long} [hex::encode(crypto::sha256(s)), code]");
    host.app("a", &[("GET /", &source)]).await;
    let answer = host.visit("GET http://a.localhost/").await.json();
    let sha256 = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    assert_eq!(answer, json!([sha256, "limit_exceeded"]));
    let executions = host.executions("a").await;
    assert_eq!(
        again(&host, executions[0]["id"].as_str().unwrap()).await["same"],
        json!(true)
    );
}

#[tokio::test]
async fn of_many_at_once_each_has_its_turn() {
    let host = TestHost::real(SETTINGS).await;
    for app in ["a", "b"] {
        host.app(app, &ROUTES[..1]).await;
    }
    let lines: Vec<String> = (0..20)
        .map(|turn| format!("POST http://{}.localhost/login", if turn % 2 == 0 { "a" } else { "b" }))
        .collect();
    let logins = lines.iter().map(|line| host.send(line, &[], b"a password"));
    for answer in futures_util::future::join_all(logins).await {
        assert_eq!(answer.json(), json!([true, true, false]));
    }
}

/// One thread does everything here but what takes long: hashed on it, the password would be done first.
#[tokio::test]
async fn a_password_that_is_hashed_keeps_no_other_run_waiting() {
    let settings = [
        ("PICLOUD_PASSWORD_MEMORY_KIB", "65536"),
        ("PICLOUD_PASSWORD_PASSES", "4"),
        ("PICLOUD_FUEL_MAX", "10000000000"),
        ("PICLOUD_WALL_MS_MAX", "60000"),
    ];
    let host = TestHost::real(&settings).await;
    host.app(
        "a",
        &[("GET /slow", "password::hash(\"x\").len"), ("GET /hello", "`hello`")],
    )
    .await;
    let mut slow = std::pin::pin!(host.visit("GET http://a.localhost/slow"));
    // Until its run has begun.
    for _ in 0..100 {
        assert!(futures_util::poll!(&mut slow).is_pending());
        tokio::task::yield_now().await;
    }
    let hello = host.visit("GET http://a.localhost/hello");
    let (first, _) = futures_util::future::select(slow, std::pin::pin!(hello))
        .await
        .factor_first();
    assert_eq!(first.text(), "hello");
}
