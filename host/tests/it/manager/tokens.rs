//! Tokens: shown once, hashed, expiring, revoked.

use picloud::identity::{OPERATOR_FILE, ensure_operator};
use picloud::run;
use picloud::store::Statement;
use serde_json::json;

use crate::harness::api::Api;
use crate::harness::database::on_both_databases;

const SECOND_US: i64 = 1_000_000;

on_both_databases! {
    async fn a_secret_is_shown_once_and_not_kept(api: Api) {
        api.app("acme").await;
        let made = api.operator.post("/apps/acme/tokens", json!({ "name": "ci", "role": "deployer" })).await.expect(201);
        let secret = made["secret"].as_str().unwrap();
        assert!(secret.starts_with(&format!("pic_{}_", made["handle"].as_str().unwrap())));
        let list = api.operator.get("/apps/acme/tokens").await.expect(200);
        assert_eq!((&list["items"][0]["id"], &list["items"][0]["role"]), (&made["id"], &json!("deployer")));
        assert!(!list.to_string().contains(secret));

        let all = Statement { name: "", sqlite: "select hash from tokens", postgres: "select hash from tokens" };
        let mut tx = api.host.db.read().await.unwrap();
        let hashes: Vec<String> =
            run!(&mut tx, all, |sql, conn| sqlx::query_scalar(sql).fetch_all(conn).await).unwrap();
        assert!(hashes.iter().all(|hash| hash.len() == 64 && !secret.contains(hash.as_str())));
    }

    async fn an_expired_token_is_refused(api: Api) {
        api.app("acme").await;
        let new = json!({ "name": "ci", "role": "viewer", "expires_at": "2023-11-14T22:13:21Z" });
        let made = api.operator.post("/apps/acme/tokens", new).await.expect(201);
        let holder = api.holder(made["secret"].as_str().unwrap());
        holder.get("/apps/acme").await.expect(200);
        api.advance_us(SECOND_US - 1);
        holder.get("/apps/acme").await.expect(200);
        api.advance_us(1);
        assert_eq!(holder.get("/apps/acme").await.refused(401, "unauthenticated"), "the token has expired");
    }

    async fn a_revoked_token_is_refused_at_once(api: Api) {
        api.app("acme").await;
        let made = api.operator.post("/apps/acme/tokens", json!({ "name": "ci", "role": "viewer" })).await.expect(201);
        let holder = api.holder(made["secret"].as_str().unwrap());
        holder.get("/apps/acme").await.expect(200);
        let token = format!("/apps/acme/tokens/{}", made["id"].as_str().unwrap());
        api.operator.delete(&token).await.expect(204);
        holder.get("/apps/acme").await.refused(401, "unauthenticated");
        api.operator.delete(&token).await.refused(404, "not_found");
    }

    async fn operators_make_and_revoke_operators(api: Api) {
        let made = api.operator.post("/tokens", json!({ "name": "second" })).await.expect(201);
        let second = api.holder(made["secret"].as_str().unwrap());
        assert_eq!(second.get("/tokens").await.expect(200)["items"].as_array().unwrap().len(), 2);
        second.post("/apps", json!({ "name": "acme" })).await.expect(201);
        // An operator's token is no app's, and the other way round.
        let id = made["id"].as_str().unwrap();
        second.delete(&format!("/apps/acme/tokens/{id}")).await.refused(404, "not_found");
        second.delete(&format!("/tokens/{id}")).await.expect(204);
        second.get("/apps").await.refused(401, "unauthenticated");
    }

    async fn the_first_token_lies_in_the_data_folder(api: Api) {
        let file = api.host.config.store.data.join(OPERATOR_FILE);
        let text = std::fs::read_to_string(&file).unwrap();
        api.holder(text.trim()).get("/apps").await.expect(200);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        let again = ensure_operator(&api.host).await.unwrap();
        assert!(again.made.is_none() && again.file == file);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }

    async fn a_lost_or_revoked_first_token_is_made_again(api: Api) {
        let file = api.host.config.store.data.join(OPERATOR_FILE);
        std::fs::remove_file(&file).unwrap();
        let made = ensure_operator(&api.host).await.unwrap().made.unwrap();
        let holder = api.holder(&made);
        assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), made);

        let tokens = holder.get("/tokens").await.expect(200);
        for token in tokens["items"].as_array().unwrap() {
            holder.delete(&format!("/tokens/{}", token["id"].as_str().unwrap())).await;
        }
        std::fs::write(&file, "not a token").unwrap();
        let made = ensure_operator(&api.host).await.unwrap().made.unwrap();
        api.holder(made).get("/apps").await.expect(200);
    }
}

#[tokio::test]
async fn what_no_token_can_be_is_refused() {
    let api = Api::start().await;
    api.app("acme").await;
    for (new, field) in [
        (json!({ "name": "", "role": "viewer" }), "name"),
        (json!({ "name": " ", "role": "viewer" }), "name"),
        (json!({ "name": "a\u{0}", "role": "viewer" }), "name"),
        (json!({ "name": "é".repeat(101), "role": "viewer" }), "name"),
        (json!({ "name": "ci", "role": "operator" }), "role"),
        (
            json!({ "name": "ci", "role": "viewer", "expires_at": "2023-11-14T22:13:20Z" }),
            "expires_at",
        ),
    ] {
        let answer = api.operator.post("/apps/acme/tokens", new).await;
        assert_eq!(answer.json["error"]["details"]["field"], field);
        answer.refused(422, "invalid");
    }
    for new in [
        json!({ "name": "ci" }),
        json!({ "name": "ci", "role": "god" }),
        json!({ "name": "ci", "role": "viewer", "expires_at": "soon" }),
        json!({ "name": "ci", "role": "viewer", "app": "rival" }),
    ] {
        api.operator
            .post("/apps/acme/tokens", new)
            .await
            .refused(422, "invalid");
    }
}

#[tokio::test]
async fn an_app_has_100_tokens_at_most() {
    let api = Api::start().await;
    api.app("acme").await;
    for _ in 0..100 {
        api.member("acme", "viewer").await;
    }
    let why = api
        .operator
        .post("/apps/acme/tokens", json!({ "name": "ci", "role": "viewer" }))
        .await
        .refused(409, "too_many");
    assert!(why.contains("100 tokens"), "{why}");
}
