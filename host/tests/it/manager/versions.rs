//! Versions: kept, read, rolled back to.

use serde_json::json;

use crate::harness::api::Api;
use crate::harness::database::on_both_databases;

on_both_databases! {
    async fn an_old_version_can_be_read_and_made_live_again(api: Api) {
        api.app("acme").await;
        let deployer = api.member("acme", "deployer").await;
        for source in ["one", "two", "three"] {
            deployer.save("acme", "hello", source).await.expect(200);
        }
        let live = deployer.post("/apps/acme/scripts/hello/versions/1/live", json!(null)).await.expect(200);
        assert_eq!(live["version"], 1);
        assert_eq!(deployer.get("/apps/acme/scripts/hello").await.expect(200)["source"], "one");
        let third = deployer.get("/apps/acme/scripts/hello/versions/3").await.expect(200);
        assert_eq!((&third["source"], &third["live"], &third["characters"]), (&json!("three"), &json!(false), &json!(5)));
        assert!(third["created_by"].as_str().unwrap().starts_with("tok_"));
        // Numbers go on from the last, not from the live one.
        assert_eq!(deployer.save("acme", "hello", "four").await.expect(200)["version"], 4);
    }

    async fn the_list_is_newest_first_in_pages(api: Api) {
        api.app("acme").await;
        for source in ["one", "two", "three"] {
            api.operator.save("acme", "hello", source).await.expect(200);
        }
        let numbers = |page: &serde_json::Value| {
            page["items"].as_array().unwrap().iter().map(|item| item["number"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        let first = api.operator.get("/apps/acme/scripts/hello/versions?limit=2").await.expect(200);
        assert_eq!((numbers(&first), &first["next"]), (vec![3, 2], &json!("2")));
        assert_eq!(first["items"][0]["live"], true);
        let last = api.operator.get("/apps/acme/scripts/hello/versions?limit=2&after=2").await.expect(200);
        assert_eq!((numbers(&last), &last["next"]), (vec![1], &json!(null)));
    }

    async fn a_version_that_is_not_there_is_a_404(api: Api) {
        api.app("acme").await;
        api.operator.save("acme", "hello", "one").await.expect(200);
        for number in ["2", "0", "-1", "x", "9223372036854775808", "1.0"] {
            let path = format!("/apps/acme/scripts/hello/versions/{number}");
            api.operator.get(&path).await.refused(404, "not_found");
            api.operator.post(&format!("{path}/live"), json!(null)).await.refused(404, "not_found");
        }
    }
}

#[tokio::test]
async fn the_last_200_versions_are_kept() {
    let api = Api::start().await;
    api.app("acme").await;
    for n in 1..=202 {
        api.operator.save("acme", "hello", &n.to_string()).await.expect(200);
    }
    api.operator
        .get("/apps/acme/scripts/hello/versions/2")
        .await
        .refused(404, "not_found");
    api.operator
        .get("/apps/acme/scripts/hello/versions/3")
        .await
        .expect(200);
}
