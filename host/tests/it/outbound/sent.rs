//! What a script says is what is sent, and what comes back is what it sees.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{allow, run, run_as, start, thrown};
use crate::harness::peer::{Peer, Talk, ok, response};

/// Says what it was sent.
fn mirror() -> Peer {
    Peer::answering("127.0.0.2:0", |request| ok("text/plain", request))
}

/// Calls, and parts of what is sent then; `TO` is whom it is sent to.
const SENT: &[(&str, &[&str])] = &[
    (
        "http::get(\"TO/a?x=1#frag\")",
        &[
            "GET /a?x=1 HTTP/1.1",
            "accept: */*",
            "accept-encoding: gzip, br, deflate",
            "user-agent: PiCloud/",
        ],
    ),
    (
        "http::get(\"TO/?x=1\", #{ query: #{ q: \"a b\", tag: [1, 2] } })",
        &["GET /?x=1&q=a%20b&tag=1&tag=2 HTTP/1.1"],
    ),
    ("http::get(\"TO#f\", #{ query: #{ q: 1 } })", &["GET /?q=1 HTTP/1.1"]),
    ("http::head(\"TO/h\")", &[]),
    ("http::post(\"TO/p\")", &["POST /p HTTP/1.1", "content-length: 0"]),
    (
        "http::post(\"TO/p\", #{ json: #{ a: [1, 2.5, (), \"ü\"] } })",
        &["content-type: application/json", "\r\n\r\n{\"a\":[1,2.5,null,\"ü\"]}"],
    ),
    (
        "http::post(\"TO/p\", #{ form: #{ a: \"b c\", d: \"&=\" } })",
        &[
            "content-type: application/x-www-form-urlencoded",
            "\r\n\r\na=b%20c&d=%26%3D",
        ],
    ),
    (
        "http::put(\"TO/p\", #{ text: \"hé\" })",
        &[
            "PUT /p",
            "content-type: text/plain; charset=utf-8",
            "content-length: 3",
            "\r\n\r\nhé",
        ],
    ),
    (
        "http::patch(\"TO/p\", #{ blob: base64::decode(\"YWJj\") })",
        &["PATCH /p", "content-type: application/octet-stream", "\r\n\r\nabc"],
    ),
    ("http::delete(\"TO/p\")", &["DELETE /p"]),
    ("http::delete(\"TO/p\", #{ json: 1 })", &["DELETE /p", "\r\n\r\n1"]),
    (
        "http::request(#{ method: \"report\", url: \"TO/r\", headers: #{ \"X-A\": [1, 2], \"content-type\": \"text/csv\" }, text: \"a,b\" })",
        &["REPORT /r", "x-a: 1\r\nx-a: 2", "content-type: text/csv"],
    ),
    (
        "http::get(\"http://me:p%40w@out.example:PORT/\")",
        &["authorization: Basic bWU6cEB3"],
    ),
    (
        "http::post(\"TO/m\", #{ multipart: #{ a: \"1\", b: [2, true], f: #{ name: \"x \\\"y\\\".txt\", type: \"text/plain\", body: \"file\" } } })",
        &[
            "content-type: multipart/form-data; boundary=picloud-",
            "content-disposition: form-data; name=\"a\"\r\n\r\n1\r\n",
            "name=\"b\"\r\n\r\n2\r\n",
            "name=\"b\"\r\n\r\ntrue\r\n",
            "name=\"f\"; filename=\"x %22y%22.txt\"\r\ncontent-type: text/plain\r\n\r\nfile\r\n",
        ],
    ),
];

#[tokio::test]
async fn every_option_is_sent() {
    let (host, _) = start(&[]).await;
    let peer = mirror();
    let to = format!("http://out.example:{}", peer.port());
    for (call, expected) in SENT {
        let call = call.replace("TO", &to).replace("PORT", &peer.port().to_string());
        let told = run(&host, &format!("let r = {call}; r.text()")).await;
        let told = told
            .as_str()
            .map_or_else(|| told.to_string(), str::to_owned)
            .to_ascii_lowercase();
        for part in *expected {
            assert!(told.contains(&part.to_ascii_lowercase()), "{call}: {part}: {told}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anybody_is_called() {
    let (host, names) = start(&[("PICLOUD_OUTBOUND_REQUEST_BYTES_MAX", "1000")]).await;
    for (call, code) in [
        (
            "http::get(\"http://out.example/\", #{ headers: #{ host: \"other\" } })",
            "bad_header",
        ),
        (
            "http::get(\"http://out.example/\", #{ headers: #{ \"X-Forwarded-For\": \"1.2.3.4\" } })",
            "bad_header",
        ),
        (
            "http::get(\"http://out.example/\", #{ headers: #{ \"Proxy-Authorization\": \"x\" } })",
            "bad_header",
        ),
        (
            "http::get(\"http://out.example/\", #{ headers: #{ x: \"a\\r\\nb: c\" } })",
            "bad_header",
        ),
        (
            "http::get(\"http://out.example/\", #{ headers: #{ x: #{} } })",
            "bad_header",
        ),
        ("http::get(\"http://out.example/\\r\\nX: y\")", "dns_failed"),
        (
            "http::request(#{ method: \"CONNECT\", url: \"http://out.example/\" })",
            "bad_method",
        ),
        (
            "http::request(#{ method: \"A B\", url: \"http://out.example/\" })",
            "bad_method",
        ),
        ("http::request(#{ method: \"GET\" })", "bad_option"),
        ("http::get(\"http://out.example/\", #{ tiemout: \"1s\" })", "bad_option"),
        (
            "http::get(\"http://out.example/\", #{ timeout: \"soon\" })",
            "bad_option",
        ),
        ("http::get(\"http://out.example/\", #{ timeout: \"0s\" })", "bad_option"),
        (
            "http::post(\"http://out.example/\", #{ json: 1, text: \"a\" })",
            "bad_option",
        ),
        ("http::post(\"http://out.example/\", #{ retries: 1 })", "bad_option"),
        ("http::post(\"http://out.example/\", #{ json: || 1 })", "bad_json"),
        (
            "http::post(\"http://out.example/\", #{ multipart: #{ a: #{ name: \"x\" } } })",
            "bad_option",
        ),
        (
            "let s = \"\"; s.pad(1001, 'x'); http::post(\"http://out.example/\", #{ text: s })",
            "too_large",
        ),
        ("http::all([1])", "bad_option"),
        ("http::all([#{}])", "bad_option"),
    ] {
        if code == "dns_failed" {
            names.answer("out.example", vec![Err(picloud::outbound::NoAddress::NoSuchName)]);
        }
        let (is, message) = thrown(&host, call).await;
        assert_eq!(is, code, "{call}: {message}");
    }
    assert_eq!(names.looked_up("out.example"), 1, "a line break in a URL is taken out");
}

#[tokio::test]
async fn what_comes_back_is_read_as_what_it_is() {
    let (host, _) = start(&[]).await;
    let peer = Peer::answering("127.0.0.2:0", |request| match request.split(' ').nth(1).unwrap() {
        "/json" => response(
            201,
            &[
                ("content-type", "application/json"),
                ("set-cookie", "a=1"),
                ("set-cookie", "b=2"),
            ],
            b"{\"a\": [1, null]}",
        ),
        "/latin" => response(404, &[("content-type", "text/html; charset=ISO-8859-1")], b"caf\xe9"),
        "/utf16" => response(200, &[("content-type", "text/html; charset=utf-16")], b"\xff\xfea\0"),
        "/bytes" => response(200, &[], b"\xff\x00"),
        "/moved" => response(301, &[("location", "json?from=here")], b"gone"),
        _ => response(204, &[], b""),
    });
    let to = format!("http://out.example:{}", peer.port());
    for (source, expected) in [
        (
            "let r = http::get(\"TO/json\"); [r.status, r.ok, r.json().a[0], r.headers[\"Content-Type\"], r.headers.all(\"set-cookie\")]",
            json!([201, true, 1, "application/json", ["a=1", "b=2"]]),
        ),
        (
            "let r = http::get(\"TO/latin\"); [r.status, r.ok, r.text(), r.blob().len]",
            json!([404, false, "café", 4]),
        ),
        (
            "let r = http::get(\"TO/bytes\"); [r.blob().len, tried(|| r.text()).code, tried(|| r.json()).code]",
            json!([2, "bad_text", "bad_json"]),
        ),
        (
            "let r = http::get(\"TO/utf16\"); let told = tried(|| r.text()); [told.code, told.message.contains(\"utf-16\")]",
            json!(["bad_text", true]),
        ),
        (
            "let r = http::post(\"TO/moved\", #{ text: \"x\" }); [r.status, r.url.ends_with(\"/nothing\"), r.url]",
            json!([204, false, "TO/json?from=here"]),
        ),
        (
            "let r = http::head(\"TO/json\"); [r.status, r.text(), r.headers[\"content-length\"]]",
            json!([201, "", "16"]),
        ),
        (
            "let r = http::get(\"TO/json\"); let m = r.to_map(); [m.status, m.headers[\"content-type\"], m.len()]",
            json!([201, "application/json", 3]),
        ),
    ] {
        let expected = serde_json::from_str::<serde_json::Value>(&expected.to_string().replace("TO", &to)).unwrap();
        assert_eq!(run(&host, &source.replace("TO", &to)).await, expected, "{source}");
    }
}

#[tokio::test]
async fn requests_go_side_by_side_and_come_back_in_order() {
    let (host, _) = start(&[]).await;
    // Nobody is answered before all three are there.
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(3));
    let peer = Peer::on("127.0.0.2:0", move |mut talk: Talk| {
        let barrier = std::sync::Arc::clone(&barrier);
        async move {
            while let Some(request) = talk.request().await {
                barrier.wait().await;
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                talk.say(&ok("text/plain", &path)).await;
            }
        }
    });
    let to = format!("http://out.example:{}", peer.port());
    let source = format!(
        "http::all([\"{to}/a\", #{{ url: \"{to}/b\" }}, #{{ method: \"post\", url: \"{to}/c\", json: 1 }}]).map(|r| r.text())"
    );
    assert_eq!(run(&host, &source).await, json!(["/a", "/b", "/c"]));
    assert_eq!(run(&host, "http::all([])").await, json!([]));
    let (code, message) = thrown(&host, &format!("http::all([\"{to}/a\", \"http://nowhere.example/\"])")).await;
    assert_eq!(code, "dns_failed", "{message}");
}

#[tokio::test]
async fn connections_are_kept_for_an_app_and_shared_with_no_other() {
    let (host, _) = start(&[]).await;
    host.app("b", &[]).await;
    allow(&host, "b", "*", &[]).await;
    let peer = mirror();
    let source = format!("http::get(\"http://out.example:{}/\").status", peer.port());
    for (app, connections) in [("a", 1), ("a", 1), ("b", 2), ("b", 2), ("a", 2)] {
        assert_eq!(run_as(&host, app, &source).await["ending"], "replied");
        assert_eq!(peer.connections(), connections, "{app}");
    }
}

#[tokio::test]
async fn what_is_safe_to_repeat_is_sent_once_more_on_a_connection_that_was_closed_meanwhile() {
    let (host, _) = start(&[]).await;
    // Each connection serves one request, and is closed at the second.
    let peer = Peer::on("127.0.0.2:0", |mut talk: Talk| async move {
        if talk.request().await.is_some() {
            talk.say(&ok("text/plain", "first")).await;
            talk.request().await;
        }
    });
    let to = format!("http://out.example:{}", peer.port());
    assert_eq!(
        run(
            &host,
            &format!("[http::get(\"{to}/\").text(), http::get(\"{to}/\").text()]")
        )
        .await,
        json!(["first", "first"])
    );
    assert_eq!((peer.connections(), peer.requests().len()), (2, 3));
    let (code, _) = thrown(&host, &format!("http::post(\"{to}/\")")).await;
    assert_eq!(code, "broken_response");
    assert_eq!(
        peer.requests()
            .iter()
            .filter(|request| request.starts_with("POST"))
            .count(),
        1
    );

    // On a new connection there is nothing to repeat.
    let closes = Peer::on("127.0.0.2:0", |mut talk: Talk| async move {
        talk.request().await;
    });
    assert_eq!(
        thrown(&host, &format!("http::get(\"http://out.example:{}/\")", closes.port()))
            .await
            .0,
        "broken_response"
    );
    assert_eq!(closes.connections(), 1);
}

#[tokio::test]
async fn retries_are_sent_where_that_is_safe() {
    let (host, _) = start(&[]).await;
    let busy = AtomicUsize::new(0);
    let peer = Peer::answering("127.0.0.2:0", move |_| match busy.fetch_add(1, Ordering::SeqCst) % 3 {
        2 => ok("text/plain", "at last"),
        _ => response(503, &[("retry-after", "0")], b""),
    });
    let to = format!("http://out.example:{}", peer.port());
    assert_eq!(
        run(&host, &format!("http::get(\"{to}\", #{{ retries: 3 }}).text()")).await,
        "at last"
    );
    assert_eq!(
        run(&host, &format!("http::get(\"{to}\", #{{ retries: 1 }}).status")).await,
        503
    );
    assert_eq!(run(&host, &format!("http::get(\"{to}\").text()")).await, "at last");
    let post = format!("http::post(\"{to}\", #{{ retries: 2, headers: #{{ \"Idempotency-Key\": \"k\" }} }}).text()");
    assert_eq!(run(&host, &post).await, "at last");
    assert_eq!(peer.requests().len(), 9);
}

#[tokio::test]
async fn of_one_app_only_so_much_is_under_way_and_left_open() {
    let (host, _) = start(&[("PICLOUD_OUTBOUND_AT_ONCE_PER_APP_MAX", "2")]).await;
    let [open, under_way, most] = [(); 3].map(|()| Arc::new(AtomicUsize::new(0)));
    let peers: Vec<Peer> = (0..5)
        .map(|_| {
            let counts = (Arc::clone(&open), Arc::clone(&under_way), Arc::clone(&most));
            Peer::on("127.0.0.2:0", move |mut talk: Talk| {
                let (open, under_way, most) = counts.clone();
                async move {
                    open.fetch_add(1, Ordering::SeqCst);
                    while talk.request().await.is_some() {
                        most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        tokio::task::yield_now().await;
                        under_way.fetch_sub(1, Ordering::SeqCst);
                        talk.say(&ok("text/plain", "x")).await;
                    }
                    open.fetch_sub(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let urls: Vec<String> = peers
        .iter()
        .map(|peer| format!("\"http://out.example:{}/\"", peer.port()))
        .collect();
    let urls = urls.join(", ");
    assert_eq!(run(&host, &format!("http::all([{urls}, {urls}]).len")).await, 10);
    assert!(most.load(Ordering::SeqCst) <= 2, "{most:?}");
    // Connections to other hosts than these are closed to make room, and not kept for half a minute.
    while open.load(Ordering::SeqCst) > 3 {
        tokio::task::yield_now().await;
    }
}
