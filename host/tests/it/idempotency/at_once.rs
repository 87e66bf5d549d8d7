//! Many at once, on one server and on two.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::{ORDER, RUNS};
use crate::harness::host::TestHost;
use crate::harness::http::request;

const KEYS: usize = 10;
const CLIENTS: usize = 20;
const EACH: usize = 50;

/// Sends requests with few keys to all hosts at once, each until it is answered with other than 409; the orders by key.
async fn orders(hosts: &[Arc<TestHost>]) -> BTreeMap<usize, Vec<String>> {
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let host = Arc::clone(&hosts[client % hosts.len()]);
        clients.spawn(async move {
            let mut wire = host.connect().await;
            let mut told = Vec::new();
            for request in 0..EACH {
                let key = (client + request) % KEYS;
                let name = format!("key-{key}");
                let headers = [("idempotency-key", name.as_str())];
                let body = format!("order {key}");
                let answer = loop {
                    let answer = wire
                        .ask("POST http://a.localhost/orders", &headers, body.as_bytes())
                        .await;
                    if answer.status != 409 {
                        break answer;
                    }
                };
                assert_eq!(answer.status, 201, "{}", answer.text());
                told.push((key, answer.text().to_owned()));
            }
            told
        });
    }
    let mut by_key: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (key, order) in clients.join_all().await.into_iter().flatten() {
        by_key.entry(key).or_default().push(order);
    }
    by_key
}

async fn each_key_is_done_once(hosts: Vec<Arc<TestHost>>) {
    let by_key = orders(&hosts).await;
    assert_eq!(by_key.len(), KEYS);
    let mut different = Vec::new();
    for (key, orders) in by_key {
        assert_eq!(orders.len(), CLIENTS * EACH / KEYS);
        assert!(orders.iter().all(|order| *order == orders[0]), "{key}: {orders:?}");
        different.push(orders[0].clone());
    }
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), KEYS);
    for host in &hosts {
        assert_eq!(host.visit("GET http://a.localhost/n").await.json(), json!(KEYS));
    }
    assert_eq!(hosts[0].number("select csn from app_clocks").await, 10);
}

#[tokio::test]
async fn of_many_requests_with_few_keys_as_many_run_as_there_are_keys() {
    for host in TestHost::real_on_both(&[("PICLOUD_RUN_WAIT_MS_MAX", "30000")]).await {
        host.app("a", &[("POST /orders", ORDER), RUNS]).await;
        each_key_is_done_once(vec![Arc::new(host)]).await;
    }
}

#[tokio::test]
async fn two_servers_do_once_what_meets_in_nothing_but_its_key() {
    const ALONE: &str = "reply(201).text(docs::insert(\"orders\", #{}))";
    let Some(hosts) = TestHost::two_on_postgres(&[("PICLOUD_RUN_WAIT_MS_MAX", "30000")]).await else {
        return;
    };
    let routes = [("POST /orders", ALONE), ("GET /n", "docs::count(\"orders\", #{})")];
    hosts[0].app("a", &routes).await;
    hosts[1].follow().await;
    each_key_is_done_once(hosts.map(Arc::new).into()).await;
}

#[tokio::test]
async fn of_two_servers_on_one_database_one_does_it() {
    let Some(hosts) = TestHost::two_on_postgres(&[("PICLOUD_RUN_WAIT_MS_MAX", "30000")]).await else {
        return;
    };
    hosts[0].app("a", &[("POST /orders", ORDER), RUNS]).await;
    hosts[1].follow().await;
    each_key_is_done_once(hosts.map(Arc::new).into()).await;
}

#[tokio::test]
async fn whoever_leaves_at_whatever_moment_and_comes_again_has_it_done_once() {
    const TIMES: usize = 60;
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /orders", ORDER), RUNS]).await;
        for turns in 0..TIMES {
            let name = format!("key-{turns}");
            let headers = [("idempotency-key", name.as_str())];
            let mut leaving = host.connect().await;
            leaving
                .write(&request("POST http://a.localhost/orders", &headers, b""))
                .await;
            // From before it is read until after it is answered.
            for _ in 0..turns * 20 {
                tokio::task::yield_now().await;
            }
            drop(leaving);
            let mut wire = host.connect().await;
            loop {
                let answer = wire.ask("POST http://a.localhost/orders", &headers, b"").await;
                if answer.status != 409 {
                    assert_eq!(answer.status, 201, "{}", answer.text());
                    break;
                }
            }
        }
        assert_eq!(host.visit("GET http://a.localhost/n").await.json(), json!(TIMES));
    }
}
