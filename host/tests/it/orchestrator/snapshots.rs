//! A change is seen by the next request, and no change undoes another.

use crate::harness::host::TestHost;

#[tokio::test]
async fn what_was_saved_is_what_answers() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /", "reply 200 one")]).await;
    assert_eq!(host.visit("GET http://a.localhost/").await.text(), "one");
    host.script("a", "script_0", "reply 200 two").await;
    assert_eq!(host.visit("GET http://a.localhost/").await.text(), "two");
    host.route("a", "GET /more", "script_0", None).await;
    assert_eq!(host.visit("GET http://a.localhost/more").await.text(), "two");
    host.delete("a").await;
    assert_eq!(host.visit("GET http://a.localhost/more").await.status, 404);
}

#[tokio::test]
async fn changes_side_by_side_are_all_there_in_the_end() {
    let host = TestHost::start().await;
    for app in ["a", "b"] {
        host.app(app, &[]).await;
        host.script(app, "hello", "reply 200 hello").await;
    }
    let (host, app) = (&host, |n: usize| ["a", "b"][n % 2]);
    let adding = (0..40).map(|n| async move { host.route(app(n), &format!("GET /{n}"), "hello", None).await });
    futures_util::future::join_all(adding).await;
    for n in 0..40 {
        let app = app(n);
        assert_eq!(
            host.visit(&format!("GET http://{app}.localhost/{n}")).await.status,
            200,
            "{n}"
        );
    }
}

#[tokio::test]
async fn changes_that_were_missed_are_made_up_for_by_reading_everything() {
    let host = TestHost::with(&[("PICLOUD_RUNS_PER_APP_MAX", "1"), ("PICLOUD_RUN_WAIT_MS_MAX", "0")]).await;
    host.app("busy", &[("GET /", "wait\nreply 200 done")]).await;
    host.app("gone", &[("GET /", "reply 204")]).await;
    let mut running = host.connect().await;
    running.write(b"GET / HTTP/1.1\r\nhost: busy.localhost\r\n\r\n").await;
    host.puppet.waiting(1).await;

    // As another node would have left it, whose rows are forgotten by now.
    host.tamper("delete from apps where name = 'gone'").await;
    host.tamper("update change_order set last = last + 20000").await;
    host.app("new", &[("GET /", "reply 200 new")]).await;
    assert_eq!(host.visit("GET http://new.localhost/").await.text(), "new");
    assert_eq!(host.visit("GET http://gone.localhost/").await.status, 404);
    // Its places are the same ones: the one it has is still taken.
    assert_eq!(host.visit("GET http://busy.localhost/").await.status, 429);
    host.puppet.open(1);
    assert_eq!(running.answer().await.text(), "done");
}
