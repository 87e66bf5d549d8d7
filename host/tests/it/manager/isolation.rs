//! A stranger, and a neighbour, try every door of the document.

use http::Method;
use serde_json::{Value, json};

use super::openapi::operations;
use crate::harness::api::{Answer, Api, Client};
use crate::harness::database::on_both_databases;

/// Doors that are nobody's app's: a neighbour has its own business there.
const COMMON: [&str; 4] = ["/apps", "/check", "/system", "/openapi.json"];
/// Doors of the operators.
const OPERATORS: [&str; 3] = ["/tokens", "/tokens/{id}", "/secrets/key"];

/// An app with one of everything, and what to look for in a neighbour's answers.
struct Furnished {
    name: &'static str,
    route: String,
    token: String,
}

async fn furnish(api: &Api, name: &'static str) -> Furnished {
    api.app(name).await;
    api.operator.save(name, "secret_recipe", "throw 1").await.expect(200);
    let route = json!({ "method": "GET", "pattern": "/hidden", "script": "secret_recipe" });
    let route = api
        .operator
        .post(&format!("/apps/{name}/routes"), route)
        .await
        .expect(201);
    let token = json!({ "name": "hidden token", "role": "viewer" });
    let token = api
        .operator
        .post(&format!("/apps/{name}/tokens"), token)
        .await
        .expect(201);
    let id = |json: &Value| json["id"].as_str().unwrap().to_owned();
    Furnished {
        name,
        route: id(&route),
        token: id(&token),
    }
}

impl Furnished {
    fn fill(&self, path: &str) -> String {
        let id = if path.contains("/routes/") {
            &self.route
        } else {
            &self.token
        };
        let path = path.strip_prefix("/api/v1").unwrap().replace("{app}", self.name);
        path.replace("{id}", id)
            .replace("{name}", "secret_recipe")
            .replace("{number}", "1")
            .replace("{key}", "hidden")
            .replace("{collection}", "hidden")
    }
}

async fn knock(client: &Client, method: &str, path: &str) -> Answer {
    // A body that would do, whatever is asked for: who has no business here is refused before it is looked at.
    let body = matches!(method, "POST" | "PUT" | "PATCH").then(|| json!({ "anything": true }));
    client.send(method.parse::<Method>().unwrap(), path, body).await
}

on_both_databases! {
    async fn no_door_opens_for_a_stranger(api: Api) {
        let acme = furnish(&api, "acme").await;
        let mut knocked = 0;
        for (method, path, public) in operations() {
            let answer = knock(&api.stranger(), &method, &acme.fill(&path)).await;
            if !public {
                answer.refused(401, "unauthenticated");
                knocked += 1;
            }
        }
        assert!(knocked >= 38, "only {knocked} doors");
    }

    async fn no_door_opens_for_a_neighbour(api: Api) {
        let acme = furnish(&api, "acme").await;
        furnish(&api, "rival").await;
        let rival = api.member("rival", "owner").await;
        let mut knocked = 0;
        for (method, path, _) in operations() {
            let below = path.strip_prefix("/api/v1").unwrap();
            if COMMON.contains(&below) {
                continue;
            }
            let answer = knock(&rival, &method, &acme.fill(&path)).await;
            if OPERATORS.contains(&below) {
                answer.refused(403, "forbidden");
                continue;
            }
            let there = answer.refused(404, "not_found");
            // Not even by the words can it tell an app that exists from one that does not.
            let missing = Furnished { name: "nobody", ..furnish_ids(&acme) };
            let not_there = knock(&rival, &method, &missing.fill(&path)).await.refused(404, "not_found");
            assert_eq!(there.replace("acme", "nobody"), not_there, "{method} {path}");
            knocked += 1;
        }
        assert!(knocked >= 32, "only {knocked} doors");
        let list = rival.get("/apps").await.expect(200).to_string();
        assert!(!list.contains("acme"), "{list}");
        api.operator.get("/apps/acme/scripts/secret_recipe").await.expect(200);
    }

    async fn an_id_of_a_neighbour_is_no_key_in_ones_own_app(api: Api) {
        let acme = furnish(&api, "acme").await;
        furnish(&api, "rival").await;
        let rival = api.member("rival", "owner").await;
        rival.delete(&format!("/apps/rival/routes/{}", acme.route)).await.refused(404, "not_found");
        let off = json!({ "idempotency": "off" });
        rival.patch(&format!("/apps/rival/routes/{}", acme.route), off).await.refused(404, "not_found");
        rival.delete(&format!("/apps/rival/tokens/{}", acme.token)).await.refused(404, "not_found");
        let id = api.operator.get("/apps/acme").await.expect(200)["id"].as_str().unwrap().to_owned();
        rival.get(&format!("/apps/{id}")).await.refused(404, "not_found");
        assert_eq!(api.operator.get("/apps/acme/routes").await.expect(200)["items"].as_array().unwrap().len(), 1);
        assert_eq!(api.operator.get("/apps/acme/tokens").await.expect(200)["items"].as_array().unwrap().len(), 1);
    }
}

fn furnish_ids(of: &Furnished) -> Furnished {
    Furnished {
        name: of.name,
        route: of.route.clone(),
        token: of.token.clone(),
    }
}
