//! The inside is out of reach: in every notation, by every name, on every redirect.

use std::sync::Arc;

use picloud::outbound::{Dns, NoAddress, Resolve as _};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use super::{OUTSIDE, allow, run, start, thrown};
use crate::harness::host::TestHost;
use crate::harness::names::Names;
use crate::harness::peer::{Peer, response};

/// The trap's address in many notations; `PORT` is its port.
const LITERALS: &[&str] = &[
    "http://127.0.0.1:PORT/",
    "http://localhost:PORT/",
    "http://app.localhost:PORT/",
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.0.0.1:PORT/",
    "http://0x7f.1:PORT/",
    "http://017700000001:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://0177.0.0.0x1:PORT/",
    "http://127.000.000.001:PORT/",
    "http://00000000177.0.0.1:PORT/",
    "http://127.0.0.1.:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://127%2e0%2e0%2e1:PORT/",
    "http://\u{ff11}\u{ff12}\u{ff17}.0.0.1:PORT/",
    "http://127\u{3002}0\u{3002}0\u{3002}1:PORT/",
    "http://\u{2460}\u{2461}\u{2466}.0.0.1:PORT/",
    "http://0:PORT/",
    "http://0.0.0.0:PORT/",
    "http://0x0:PORT/",
    "http://127.127.127.127:PORT/",
    "http://[::1]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[0000::0001]:PORT/",
    "http://[::]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[::ffff:0:127.0.0.1]:PORT/",
    "http://[64:ff9b::7f00:1]:PORT/",
    "http://[64:ff9b::127.0.0.1]:PORT/",
    "http://[64:ff9b:1::127.0.0.1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
    "http://[2001:0:7f00:1::]:PORT/",
    "http://[fe80::1]:PORT/",
    "http://[fe80::1%25lo]:PORT/",
    "http://[::1%25lo]:PORT/",
    "http://user:pw@127.0.0.1:PORT/",
    "http://out.example@127.0.0.1:PORT/",
    "http://out.example:80@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT#@out.example/",
    "http://127.0.0.1:PORT\\@out.example/",
    "http:\\\\127.0.0.1:PORT\\",
    "http:127.0.0.1:PORT/",
    "http:/127.0.0.1:PORT/",
    "http:////127.0.0.1:PORT/",
    " http://127.0.0.1:PORT/",
    "ht\ntp://127.0.0.1:PORT/",
    "HTTP://127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/",
    "ftp://127.0.0.1:PORT/",
    "gopher://127.0.0.1:PORT/_GET%20/",
    "file:///etc/passwd",
    "dict://127.0.0.1:PORT/",
    "unix:///run/picloud.sock",
    "//127.0.0.1:PORT/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://192.168.1.1/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://metadata.google.internal/",
    "http://router.local/",
];

const REFUSED: [&str; 3] = ["forbidden_address", "bad_url", "dns_failed"];

#[tokio::test]
async fn no_notation_reaches_the_inside() {
    let (host, names) = start(&[]).await;
    for inside in ["localhost", "app.localhost", "router.local"] {
        names.lead(inside, &["127.0.0.1"]);
    }
    names.lead("metadata.google.internal", &["169.254.169.254"]);
    let trap = Peer::trap("127.0.0.1:0");
    let port = trap.port().to_string();
    let away = Peer::answering("127.0.0.2:0", |request| {
        let to = request.split(' ').nth(1).unwrap_or_default();
        let to = to.strip_prefix("/?to=").unwrap_or_default();
        let to = percent_encoding::percent_decode_str(to)
            .decode_utf8_lossy()
            .replace('\n', "");
        response(302, &[("location", &to)], b"")
    });
    for literal in LITERALS {
        let url = literal.replace("PORT", &port);
        let literal = url.replace('\\', "\\\\").replace('\n', "\\n");
        let (code, message) = thrown(&host, &format!("http::get(\"{literal}\")")).await;
        assert!(REFUSED.contains(&code.as_str()), "{url}: {code}: {message}");

        let redirected = format!(
            "http::get(\"http://out.example:{}/\", #{{ query: #{{ to: \"{literal}\" }} }})",
            away.port()
        );
        // Some are no absolute URLs, and lead back to the peer itself, which they then are no end of.
        let (code, message) = thrown(&host, &redirected).await;
        let refused = REFUSED.contains(&code.as_str()) || code == "too_many_redirects" || code == "limit_exceeded";
        assert!(refused, "to {url}: {code}: {message}");
    }
    assert_eq!(trap.connections(), 0);
    assert!(away.connections() > 0);
}

#[tokio::test]
async fn every_address_of_every_answer_is_looked_at() {
    let (host, names) = start(&[]).await;
    let trap = Peer::trap("127.0.0.1:0");
    let port = trap.port();
    let outside = Peer::answering(&format!("127.0.0.2:{port}"), |_| {
        response(200, &[("connection", "close")], b"outside")
    });
    names.lead("mixed.example", &["127.0.0.2,127.0.0.1"]);
    names.lead("six.example", &["127.0.0.2,::1"]);
    names.lead("mapped.example", &["::ffff:127.0.0.1"]);
    for name in ["mixed", "six", "mapped"] {
        let (code, message) = thrown(&host, &format!("http::get(\"http://{name}.example:{port}/\")")).await;
        assert_eq!(code, "forbidden_address", "{name}");
        assert!(
            message.starts_with(&format!("{name}.example leads to an address inside")),
            "{message}"
        );
    }
    assert_eq!((outside.connections(), trap.connections()), (0, 0));

    // First public, then loopback: the address that was checked is the one that is called.
    names.lead("rebind.example", &["127.0.0.2", "127.0.0.1"]);
    let get = format!("http::get(\"http://rebind.example:{port}/\")");
    assert_eq!(run(&host, &format!("{get}.text()")).await, "outside");
    assert_eq!(names.looked_up("rebind.example"), 1);
    assert_eq!(thrown(&host, &get).await.0, "forbidden_address");
    assert_eq!((outside.connections(), trap.connections()), (1, 0));
}

#[tokio::test]
async fn a_redirect_is_checked_like_a_request_and_is_told_nothing_that_was_for_another() {
    let (host, names) = start(&[]).await;
    let trap = Peer::trap("127.0.0.1:0");
    let port = trap.port();
    let third = Peer::answering(&format!("127.0.0.3:{port}"), |_| response(200, &[], b"third"));
    names.lead("third.example", &["127.0.0.3"]);
    names.lead("inside.example", &["127.0.0.1"]);
    let first = Peer::answering("127.0.0.2:0", move |request| {
        let name = if request.starts_with("GET /in") {
            "inside"
        } else {
            "third"
        };
        response(307, &[("location", &format!("http://{name}.example:{port}/"))], b"")
    });
    let get = |path: &str| {
        format!(
            "http::post(\"http://me:pw@out.example:{}{path}\", #{{ headers: #{{ authorization: \"Bearer b\", cookie: \"c=d\", \"x-key\": secret::get(\"KEY\"), \"x-plain\": \"p\" }}, text: \"body\" }})",
            first.port()
        )
    };
    crate::secrets::set(&host, "a", "KEY", "a secret value").await;
    assert_eq!(run(&host, &format!("{}.text()", get("/"))).await, "third");
    let [request] = &*third.requests() else {
        panic!("one request")
    };
    let told = request.to_ascii_lowercase();
    assert!(
        told.contains("x-plain: p") && told.contains(&format!("host: third.example:{port}")),
        "{request}"
    );
    for hidden in ["bearer", "c=d", "a secret value", "authorization"] {
        assert!(!told.contains(hidden), "{request}");
    }
    let first_told = first.requests()[0].to_ascii_lowercase();
    assert!(first_told.contains("authorization: bearer b") && first_told.contains("x-key: a secret value"));

    assert_eq!(
        thrown(&host, &get("/in").replace("post", "get")).await.0,
        "forbidden_address"
    );
    assert_eq!(trap.connections(), 0);
}

#[tokio::test]
async fn an_app_calls_whom_it_may_and_is_told_how_to_call_others() {
    let (host, names) = start(&[]).await;
    let peer = Peer::answering("127.0.0.2:0", |_| response(200, &[], b"there"));
    let port = peer.port();
    host.app("b", &[]).await;
    names.lead("other.example", &["127.0.0.2"]);
    let source = |method: &str, name: &str| {
        format!(
            "let told = tried(|| http::{method}(\"http://{name}:{port}/\").text()); if type_of(told) == \"map\" {{ told.message }} else {{ told }}"
        )
    };
    let told = async |method: &str, name: &str| {
        let ran = super::run_as(&host, "b", &source(method, name)).await;
        ran["reply"]["body"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        told("get", "out.example").await,
        format!(
            "the app may not send GET to out.example:{port}; allow it with: picloud allow add out.example:{port} --app b"
        )
    );
    allow(&host, "b", &format!("out.example:{port}"), &["GET"]).await;
    assert_eq!(told("get", "out.example").await, "there");
    assert_eq!(
        told("post", "out.example").await,
        format!(
            "the app may not send POST to out.example:{port}; allow it with: picloud allow add out.example:{port} --method GET --method POST --app b"
        )
    );
    allow(&host, "b", "*.example", &["POST"]).await;
    assert_eq!(told("post", "out.example").await, "there");
    assert!(
        told("get", "other.example")
            .await
            .contains("may not send GET to other.example")
    );

    for pattern in [format!("out.example%3A{port}"), "%2A.example".to_owned()] {
        let answer = host
            .manage(&format!("DELETE /apps/b/allow/{pattern}"), serde_json::Value::Null)
            .await;
        assert_eq!(answer.status, 204, "{pattern}");
    }
    assert!(told("get", "out.example").await.contains("may not send GET"));
    assert_eq!(names.looked_up("other.example"), 0);
}

#[tokio::test]
async fn our_own_listeners_are_called_by_nobody() {
    let names = Arc::new(Names::default());
    names.lead("me.example", &["127.0.0.1"]);
    let host = TestHost::calling(&names, &[("PICLOUD_OUTBOUND_NETWORKS", "127.0.0.0/8,::1")]).await;
    host.app("a", &[]).await;
    allow(&host, "a", "*", &[]).await;
    let peer = Peer::answering("127.0.0.1:0", |_| response(200, &[], b"allowed"));
    let other = format!("http::get(\"http://me.example:{}/\").text()", peer.port());
    assert_eq!(run(&host, &other).await, "allowed");
    for port in [host.admin.port(), host.ingress.port()] {
        for name in ["me.example", "127.0.0.1", "127.0.0.7", "[::1]", "[::ffff:127.0.0.1]"] {
            let (code, _) = thrown(
                &host,
                &format!("http::get(\"http://{name}:{port}/api/v1/openapi.json\")"),
            )
            .await;
            assert_eq!(code, "forbidden_address", "{name}:{port}");
        }
    }
}

#[tokio::test]
async fn dns_follows_aliases_and_says_what_is_missing() {
    let (answering, address) = name_server().await;
    let dns = Dns::new(vec![address.parse().unwrap()]);
    let found = dns.resolve("alias.example").await.unwrap();
    assert_eq!(found, ["127.0.0.1".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(dns.resolve("missing.example").await, Err(NoAddress::NoSuchName));

    let names = Arc::new(Names::default());
    names.answer("alias.example", vec![Ok(found)]);
    let host = TestHost::calling(&names, &[OUTSIDE]).await;
    host.app("a", &[]).await;
    allow(&host, "a", "*", &[]).await;
    assert_eq!(
        thrown(&host, "http::get(\"http://alias.example/\")").await.0,
        "forbidden_address"
    );
    answering.abort();
}

/// One that answers until it is aborted, and its address.
pub(super) async fn name_server() -> (JoinHandle<()>, String) {
    let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap().to_string();
    (tokio::spawn(answer_names(server)), address)
}

/// A name server: `alias.example` is another name of 127.0.0.1, and nothing else is there.
async fn answer_names(socket: UdpSocket) {
    let mut packet = [0; 512];
    while let Ok((length, from)) = socket.recv_from(&mut packet).await {
        socket.send_to(&answer(&packet[..length]), from).await.unwrap();
    }
}

/// The answer to a query (RFC 1035, 4.1).
fn answer(query: &[u8]) -> Vec<u8> {
    let question_end = 12 + query[12..].iter().position(|byte| *byte == 0).unwrap() + 5;
    let question = &query[12..question_end];
    let is_alias = question.to_ascii_lowercase().starts_with(b"\x05alias");
    let is_v4 = question[question.len() - 3] == 1;
    let count = match (is_alias, is_v4) {
        (true, true) => 2,
        (true, false) => 1,
        (false, _) => 0,
    };
    let mut packet = query[..2].to_vec();
    packet.extend([0x81, if is_alias { 0x80 } else { 0x83 }, 0, 1, 0, count, 0, 0, 0, 0]);
    packet.extend(question);
    if is_alias {
        // CNAME to real.example, for a minute.
        packet.extend(b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x0e\x04real\x07example\x00");
    }
    if is_alias && is_v4 {
        packet.extend(b"\x04real\x07example\x00\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01");
    }
    packet
}
