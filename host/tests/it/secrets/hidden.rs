//! A mixed load that does its best to let secrets out, and all places that are to have none.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use picloud::commit::Journal;
use picloud::orchestrator::Capsule;
use picloud::store::Db;
use serde_json::{Value, json};

use super::{again, set};
use crate::harness::host::TestHost;

const SECRET: &str = "s3cr3t\u{e9}\"quoted\"-value";
const NUMBER: &str = "4815162342";

const LEAKS: &[(&str, &str)] = &[
    (
        "GET /log",
        "let s = secret::get(\"KEY\"); log::info(`it is ${s}!`, #{ s: s, deep: [#{ s: [s] }] }); print(s); debug(s); 1",
    ),
    (
        "GET /key",
        "let m = #{}; m[secret::get(\"KEY\")] = 1; log::warn(\"m\", m); log::info(m.to_string()); 1",
    ),
    (
        "GET /number",
        "let n = parse_int(secret::get(\"NUMBER\")); log::info(`n ${n}`, #{ n: n }); throw n",
    ),
    ("GET /throw", "throw secret::get(\"KEY\")"),
    (
        "GET /map",
        "throw #{ code: secret::get(\"KEY\"), message: \"m \" + secret::get(\"KEY\") }",
    ),
    (
        "GET /cut_map",
        "let s = \"\"; s.pad(4077, 'x'); throw #{ a: s + secret::get(\"KEY\") }",
    ),
    (
        "GET /cut",
        "let s = \"\"; s.pad(4084, 'x'); throw s + secret::get(\"KEY\")",
    ),
    (
        "GET /ask",
        "let s = secret::get(\"KEY\"); kv::get(s); kv::exists(`${s}2`); kv::list(s); docs::find(\"c\", #{ s: s }); 1",
    ),
    (
        "GET /write",
        "let s = secret::get(\"KEY\"); kv::set(s, 1); kv::set(\"v\", s); docs::insert(\"c\", #{ s: s }); throw \"undone\"",
    ),
    (
        "GET /out",
        "let s = secret::get(\"KEY\"); let n = secret::get(\"NUMBER\"); try { http::post(`http://${n}.example/${n}`, #{ headers: #{ \"x-key\": n }, text: s }) } catch (e) { log::warn(e.message); } http::get(\"http://nobody.example/\", #{ query: #{ s: s } })",
    ),
    (
        "GET /later",
        "let s = secret::get(\"KEY\"); let n = secret::get(\"NUMBER\"); let to = \"http://out.example/\"; http::send(#{ url: to + n, query: #{ s: s }, headers: #{ \"x-key\": s }, json: [s, n], delay: \"1d\" }); http::send(#{ url: to, form: #{ s: s }, delay: \"1d\" }); for options in [#{ url: `http://${n}.example/` }, #{ url: to, dedup: s }] { try { http::send(options); } catch (e) { log::warn(e.message); } } 1",
    ),
    ("GET /out_url", "http::get(secret::get(\"KEY\"))"),
    ("GET /refused", "kv::set(secret::get(\"KEY\"), || 1)"),
    (
        "GET /json",
        "log::info(json::stringify(#{ s: secret::get(\"KEY\") })); 1",
    ),
    (
        "POST /body",
        "let b = req.text(); log::info(b); secret::get(\"KEY\") == b",
    ),
    (
        "GET /header",
        "log::info(req.headers[\"x-key\"]); secret::get(\"KEY\") == req.headers[\"x-key\"]",
    ),
    (
        "GET /hook/{key}",
        "log::info(req.params.key); secret::get(\"NUMBER\") == req.params.key",
    ),
    (
        "GET /before",
        "log::info(req.headers[\"x-key\"]); kv::get(req.headers[\"x-key\"]); secret::get(\"KEY\"); 1",
    ),
    ("GET /loop", "let s = secret::get(\"KEY\"); log::info(s); loop {}"),
    ("GET /fine", "let s = secret::get(\"KEY\"); kv::incr(\"n\")"),
];

async fn load(host: &TestHost) {
    host.app("a", LEAKS).await;
    set(host, "a", "KEY", SECRET).await;
    set(host, "a", "NUMBER", NUMBER).await;
    host.change("a", json!({ "show_errors": true })).await;
    let allowed = host
        .manage("PUT /apps/a/allow/out.example", json!({ "methods": [] }))
        .await;
    assert_eq!(allowed.status, 204, "{}", allowed.text());
    for (route, _) in LEAKS {
        let line = route.replace(" /", " http://a.localhost/").replace("{key}", NUMBER);
        // As bytes of a header, and as JSON and text in bodies.
        let bodies = [SECRET.to_owned(), json!({ "a": SECRET }).to_string()];
        for body in &bodies {
            let body = if route.starts_with("POST") {
                body.as_bytes()
            } else {
                b""
            };
            let headers: &[(&str, &str)] = match route {
                &"GET /header" | &"GET /before" => &[("x-key", SECRET)],
                _ => &[],
            };
            let answer = host.send(&line, headers, body).await;
            assert!(!has_it(&answer.body), "{route} answers it: {}", answer.text());
        }
    }
}

/// As their beginnings are, in JSON, and in the hexadecimal in which PostgreSQL shows bytes.
fn forms() -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for secret in [SECRET, NUMBER] {
        let quoted = json!(secret).to_string();
        let texts = [secret.to_owned(), quoted[1..quoted.len() - 1].to_owned()];
        for mut text in texts {
            text.truncate(text.floor_char_boundary(10));
            forms.push(HEXLOWER.encode(text.as_bytes()).into_bytes());
            forms.push(text.into_bytes());
        }
    }
    forms
}

fn has_it(bytes: &[u8]) -> bool {
    let mut forms = forms().into_iter();
    forms.any(|form| bytes.windows(form.len()).any(|window| window == form))
}

#[tokio::test]
async fn no_table_answer_journal_or_capsule_has_a_secret() {
    for host in TestHost::real_on_both(&[("PICLOUD_FUEL_MAX", "5000000")]).await {
        load(&host).await;
        let mut endings = BTreeMap::<String, usize>::new();
        let mut journals = 0;
        for execution in host.executions("a").await {
            let id = execution["id"].as_str().unwrap();
            let told = host.execution("a", id).await;
            assert!(!has_it(told.to_string().as_bytes()), "{told}");
            *endings.entry(told["ending"].to_string()).or_default() += 1;
            let capsule = host
                .manage(&format!("GET /apps/a/executions/{id}/capsule"), Value::Null)
                .await;
            if capsule.status == 404 {
                continue;
            }
            journals += 1;
            let file = BASE64
                .decode(capsule.json()["capsule_base64"].as_str().unwrap().as_bytes())
                .unwrap();
            let capsule = Capsule::unpack(&file).unwrap();
            assert!(!has_it(format!("{capsule:?}").as_bytes()));
            assert!(!has_it(&every_byte(&capsule.journal)), "{told}");
            let (status, replayed) = again(&host, id).await;
            assert_eq!(status, 200, "{replayed}");
            assert!(!has_it(replayed.to_string().as_bytes()), "{replayed}");
            if capsule.journal.body.is_some() {
                assert_eq!(replayed["same"], json!(true), "{told}: {replayed}");
            }
        }
        assert!(journals >= 16, "only {journals} journals");
        assert!(endings.len() == 3, "{endings:?}");
        // Two for each of the two times that it was asked for.
        assert_eq!(
            host.number("select count(*) from messages where source = 'outbox'")
                .await,
            4
        );
        for (table, rows) in tables(&host).await {
            assert!(!has_it(&rows), "the table {table} has it");
        }
    }
}

/// What a journal has, unpacked.
fn every_byte(journal: &Journal) -> Vec<u8> {
    let mut bytes = journal.event.to_vec();
    bytes.extend(journal.body.as_deref().unwrap_or_default());
    for call in &journal.calls {
        bytes.extend(&call.question);
        bytes.extend(call.answer.as_deref().unwrap_or_default());
    }
    bytes
}

/// Every table as text, or every file of the database.
async fn tables(host: &TestHost) -> Vec<(String, Vec<u8>)> {
    let Db::Postgres(pool) = &host.host.db else {
        let folder = std::fs::read_dir(host.database.data()).unwrap();
        let files = folder.map(|file| file.unwrap().path());
        return files
            .filter(|file| file.is_file())
            .map(|file| (file.display().to_string(), std::fs::read(&file).unwrap()))
            .collect();
    };
    let names = "select table_name::text from information_schema.tables where table_schema = 'public'";
    let names: Vec<String> = sqlx::query_scalar(names).fetch_all(pool).await.unwrap();
    assert!(names.iter().any(|name| name == "journals"), "{names:?}");
    let mut tables = Vec::new();
    for name in names {
        let dump = format!("select coalesce(string_agg(t::text, ' '), '') from \"{name}\" t");
        let text: String = sqlx::query_scalar(sqlx::AssertSqlSafe(dump))
            .fetch_one(pool)
            .await
            .unwrap();
        tables.push((name, text.into_bytes()));
    }
    tables
}
