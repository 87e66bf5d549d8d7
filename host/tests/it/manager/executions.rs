//! Executions: listed newest first, filtered, read with their log.

use picloud::ids::{AppId, ExecutionId};
use picloud::run;
use picloud::store::{Db, Statement};
use serde_json::json;

use crate::harness::api::Api;
use crate::harness::database::on_both_databases;

const INSERT: Statement = Statement {
    name: "",
    sqlite: "insert into executions (id, app_id, seq, script, version, kind, summary, method, path, status, ending, error,
            fuel, memory_bytes, wall_us, host_calls, log_bytes, log, bytes, started_at)
        values ($1, $2, (select count(*) + 1 from executions), $3, 1, 'http', 'GET /', 'GET', '/', 200, $4, $5, 5, 6, 7, 8,
            9, $6, 100, $7)",
    postgres: "insert into executions (id, app_id, seq, script, version, kind, summary, method, path, status, ending, error,
            fuel, memory_bytes, wall_us, host_calls, log_bytes, log, bytes, started_at)
        values ($1, $2, (select count(*) + 1 from executions), $3, 1, 'http', 'GET /', 'GET', '/', 200, $4, $5, 5, 6, 7, 8,
            9, $6, 100, $7)",
};

async fn record(db: &Db, app: AppId, at_us: i64, script: &'static str, ending: &'static str) -> String {
    let id = ExecutionId::new(at_us);
    let (error, log) = match ending {
        "replied" => (None, None),
        _ => (
            Some(json!({ "code": "thrown", "message": "no", "stack": [{ "function": "", "line": 1, "column": 2 }] })),
            Some(json!([{ "level": "info", "message": "hi", "fields": { "n": 1 } }])),
        ),
    };
    let mut tx = db.write().await.unwrap();
    let (error, log) = (error.map(|json| json.to_string()), log.map(|json| json.to_string()));
    run!(&mut tx, INSERT, |sql, conn| {
        sqlx::query(sql)
            .bind(id)
            .bind(app)
            .bind(script)
            .bind(ending)
            .bind(error)
            .bind(log)
            .bind(at_us)
            .execute(conn)
            .await
            .map(drop)
    })
    .unwrap();
    tx.commit().await.unwrap();
    id.to_string()
}

on_both_databases! {
    async fn they_are_listed_newest_first_and_filtered(api: Api) {
        api.app("acme").await;
        let app = api.operator.get("/apps/acme").await.expect(200);
        let app: AppId = app["id"].as_str().unwrap().parse().unwrap();
        let mut ids = Vec::new();
        for (at, (script, ending)) in
            [("a", "replied"), ("b", "threw"), ("a", "threw"), ("a", "replied"), ("shop/c", "stopped")].into_iter().enumerate()
        {
            ids.push(record(&api.host.db, app, i64::try_from(at).unwrap(), script, ending).await);
        }
        let viewer = api.member("acme", "viewer").await;
        for (query, want, next) in [
            ("", vec![4, 3, 2, 1, 0], None),
            ("?limit=2", vec![4, 3], Some("4")),
            ("?since=2", vec![2, 3, 4], None),
            ("?since=0&limit=2", vec![0, 1], Some("2")),
            ("?since=0&limit=2&after=2", vec![2, 3], Some("4")),
            ("?script=a", vec![3, 2, 0], None),
            ("?ending=threw", vec![2, 1], None),
            ("?ending=threw&script=a", vec![2], None),
            ("?script=shop%2Fc", vec![4], None),
            ("?ending=cancelled", vec![], None),
        ] {
            let page = viewer.get(&format!("/apps/acme/executions{query}")).await.expect(200);
            let got: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
            let want: Vec<_> = want.into_iter().map(|at: usize| ids[at].as_str()).collect();
            assert_eq!((got, page["next"].as_str()), (want, next), "{query}");
        }
        let rest = viewer.get(&format!("/apps/acme/executions?limit=2&after={}", 2)).await.expect(200);
        assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&json!(ids[0]), &json!(null)));
        viewer.get("/apps/acme/executions?ending=vanished").await.refused(400, "bad_request");
    }

    async fn one_is_read_with_its_log_and_stack(api: Api) {
        api.app("acme").await;
        let app = api.operator.get("/apps/acme").await.expect(200);
        let app: AppId = app["id"].as_str().unwrap().parse().unwrap();
        let id = record(&api.host.db, app, 1_700_000_000_000_000, "a", "threw").await;
        let one = api.operator.get(&format!("/apps/acme/executions/{id}")).await.expect(200);
        assert_eq!(one, json!({
            "id": id, "script": "a", "version": 1, "seq": 1, "kind": "http", "name": null, "summary": "GET /", "method": "GET", "path": "/", "status": 200,
            "outbound": [], "ending": "threw",
            "error": { "code": "thrown", "message": "no", "stack": [{ "function": "", "line": 1, "column": 2 }] },
            "usage": { "fuel": 5, "memory_bytes": 6, "wall_us": 7, "host_calls": 8, "log_bytes": 9 },
            "started_at": "2023-11-14T22:13:20.000000Z",
            "log": [{ "level": "info", "message": "hi", "fields": { "n": 1 } }],
        }));
        let quiet = record(&api.host.db, app, 2, "a", "replied").await;
        let quiet = api.operator.get(&format!("/apps/acme/executions/{quiet}")).await.expect(200);
        assert_eq!((&quiet["log"], &quiet["error"]), (&json!([]), &json!(null)));
    }
}
