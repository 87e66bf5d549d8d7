//! Hostile names at every door that takes one: a clear answer, the same on both databases, and never a 500.

use serde_json::json;

use crate::harness::api::Api;
use crate::harness::database::on_both_databases;

const HOSTILE: [&str; 22] = [
    "..",
    ".",
    "a..b",
    "a.b",
    "%00",
    "a%00",
    "%2e%2e%2fetc",
    "a%2F..%2Fb",
    "%2F",
    "a%2F",
    "%5c",
    "-",
    "A",
    "%C3%A9",
    "%E2%80%AE",
    "a%20b",
    "%27%3B%20drop%20table%20apps%3B--",
    "%22",
    "%7B%7D",
    "%3Cscript%3E",
    "xn--a",
    "%252e%252e",
];

on_both_databases! {
    async fn no_app_has_a_hostile_name(api: Api) {
        for name in HOSTILE {
            api.operator.get(&format!("/apps/{name}")).await.refused(404, "not_found");
            api.operator.delete(&format!("/apps/{name}/tokens/{name}")).await.refused(404, "not_found");
            let decoded = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
            let why = api.operator.post("/apps", json!({ "name": decoded })).await.refused(422, "invalid");
            assert!(why.contains("name"), "{name}: {why}");
        }
    }

    async fn no_script_has_a_hostile_name(api: Api) {
        api.app("acme").await;
        for name in HOSTILE.iter().filter(|name| !["xn--a"].contains(name)) {
            let path = format!("/apps/acme/scripts/{name}");
            let why = api.operator.save("acme", name, "hi").await.refused(422, "invalid");
            assert!(why.contains("a script's name has"), "{name}: {why}");
            api.operator.get(&path).await.refused(422, "invalid");
            api.operator.delete(&path).await.refused(422, "invalid");
            api.operator.get(&format!("/apps/acme/executions?script={name}")).await.refused(400, "bad_request");
        }
        api.operator.save("acme", "%ff", "hi").await.refused(400, "bad_request");
        api.operator.get("/apps/%ff").await.refused(400, "bad_request");
        let long = "a".repeat(65);
        let why = api.operator.save("acme", &long, "hi").await.refused(422, "invalid");
        assert_eq!(why, "name: 64 bytes are allowed, these are 65");
    }

    async fn no_id_is_hostile(api: Api) {
        api.app("acme").await;
        let script = picloud::ids::ScriptId::new(0).to_string();
        for id in HOSTILE.iter().copied().chain([script.as_str(), "rte_", "rte_x", "00000000"]) {
            for list in ["routes", "tokens"] {
                api.operator.delete(&format!("/apps/acme/{list}/{id}")).await.refused(404, "not_found");
            }
            api.operator.get(&format!("/apps/acme/executions/{id}")).await.refused(404, "not_found");
        }
    }
}
