//! Peers that mean no good, or that are not well: what comes of each is bounded and has a name.

use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZlibEncoder};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::{run, start, thrown};
use crate::harness::peer::{Peer, Talk, response};

const SMALL: (&str, &str) = ("PICLOUD_OUTBOUND_RESPONSE_BYTES_MAX", "100000");

fn get(peer: &Peer, options: &str) -> String {
    format!("http::get(\"http://out.example:{}/\", #{{ {options} }})", peer.port())
}

/// A head, and then whatever `then` says for as long as anybody listens.
fn endless(head: &'static str, then: &'static [u8]) -> Peer {
    Peer::on("127.0.0.2:0", move |mut talk: Talk| async move {
        talk.request().await;
        let mut next = talk.say(head.as_bytes()).await;
        while next.is_some() {
            next = talk.say(then).await;
        }
    })
}

/// Says one thing and closes.
fn once(text: &'static [u8]) -> Peer {
    Peer::on("127.0.0.2:0", move |mut talk: Talk| async move {
        talk.request().await;
        talk.say(text).await;
    })
}

#[tokio::test]
async fn who_does_not_answer_in_time_is_left() {
    let (host, _) = start(&[]).await;
    let silent = Peer::on("127.0.0.2:0", |mut talk: Talk| async move {
        talk.request().await;
        std::future::pending::<()>().await;
    });
    let (code, message) = thrown(&host, &get(&silent, "timeout: \"50ms\"")).await;
    assert_eq!(code, "timeout");
    assert_eq!(
        message,
        format!("no response of out.example:{} within 50 ms", silent.port())
    );

    let drips = Peer::on("127.0.0.2:0", |mut talk: Talk| async move {
        talk.request().await;
        talk.say(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n").await;
        while talk.say(b"x").await.is_some() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    assert_eq!(thrown(&host, &get(&drips, "timeout: \"50ms\"")).await.0, "timeout");
    let drips_its_head = endless("HTTP/1.1 200 OK\r\n", b"");
    assert_eq!(
        thrown(&host, &get(&drips_its_head, "timeout: \"50ms\"")).await.0,
        "timeout"
    );
}

#[tokio::test]
async fn what_is_left_of_the_runs_time_is_all_there_is() {
    let (host, _) = start(&[("PICLOUD_WALL_MS_MAX", "2000")]).await;
    let silent = Peer::on("127.0.0.2:0", |mut talk: Talk| async move {
        talk.request().await;
        std::future::pending::<()>().await;
    });
    let (code, message) = thrown(&host, &get(&silent, "timeout: \"1h\"")).await;
    assert_eq!(code, "timeout");
    assert!(
        message.ends_with("which is what was left of the run's 2000 ms (PICLOUD_WALL_MS_MAX)"),
        "{message}"
    );
}

#[tokio::test]
async fn who_says_too_much_is_cut_off() {
    let (host, _) = start(&[SMALL]).await;
    let block: &[u8] = &[b'x'; 4096];
    let block: &'static [u8] = Box::leak(block.to_vec().into_boxed_slice());
    for (what, peer, wanted) in [
        (
            "announced",
            endless("HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n", block),
            "too_large",
        ),
        ("until closed", endless("HTTP/1.1 200 OK\r\n\r\n", block), "too_large"),
        (
            "chunked",
            endless(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
                b"10\r\n0123456789abcdef\r\n",
            ),
            "too_large",
        ),
        (
            "head",
            endless("HTTP/1.1 200 OK\r\n", b"x-more: and more and more and more\r\n"),
            "broken_response",
        ),
        ("line", endless("HTTP/1.1 200 OK\r\nx-long: ", block), "broken_response"),
        ("status line", endless("HTTP/1.1 200 ", block), "broken_response"),
        ("interim", endless("", b"HTTP/1.1 100 Continue\r\n\r\n"), "timeout"),
        (
            "trailers",
            endless(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n",
                b"x-more: and more\r\n",
            ),
            "broken_response",
        ),
        (
            "sizes of chunks",
            endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"0"),
            "timeout",
        ),
    ] {
        let (code, message) = thrown(&host, &get(&peer, "timeout: \"2s\"")).await;
        assert_eq!(code, wanted, "{what}: {message}");
        assert!(!message.contains("127."), "{what}: {message}");
    }
}

#[tokio::test]
async fn who_breaks_off_or_speaks_something_else_is_named() {
    let (host, names) = start(&[]).await;
    for (what, said) in [
        ("nothing", &b""[..]),
        ("garbage", b"SSH-2.0-OpenSSH_9.2p1\r\n"),
        ("half a head", b"HTTP/1.1 200 OK\r\ncontent-"),
        (
            "less than announced",
            b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345",
        ),
        (
            "half a chunk",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n12345",
        ),
        (
            "two lengths",
            b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n12345",
        ),
        ("no length", b"HTTP/1.1 200 OK\r\ncontent-length: five\r\n\r\n12345"),
        ("status", b"HTTP/1.1 99999 OK\r\n\r\n"),
        (
            "another protocol",
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\nx",
        ),
        (
            "gzip that is none",
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\n12345",
        ),
    ] {
        let peer = once(said);
        let (code, message) = thrown(&host, &get(&peer, "")).await;
        assert_eq!(code, "broken_response", "{what}: {message}");
        assert!(!message.contains("127."), "{what}: {message}");
    }
    let resets = Peer::on("127.0.0.2:0", |mut talk: Talk| async move {
        talk.request().await;
        talk.stream.set_zero_linger().unwrap();
    });
    assert_eq!(thrown(&host, &get(&resets, "")).await.0, "broken_response");
    let gone = Peer::on("127.0.0.2:0", |_| async {});
    let port = gone.port();
    drop(gone);
    let (code, message) = thrown(&host, &format!("http::get(\"http://out.example:{port}/\")")).await;
    assert_eq!(
        (code.as_str(), message),
        (
            "connect_failed",
            format!("no connection to out.example:{port}: it was refused")
        )
    );
    let (code, message) = thrown(&host, "http::get(\"http://nowhere.example/\")").await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        (
            "dns_failed",
            "no address is found for nowhere.example: there is no such name"
        )
    );
    names.answer("slow.example", vec![Err(picloud::outbound::NoAddress::TimedOut)]);
    assert_eq!(
        thrown(&host, "http::get(\"http://slow.example/\")").await.0,
        "dns_failed"
    );
    let plain = Peer::on("127.0.0.2:0", |mut talk: Talk| async move {
        talk.say(b"220 mail.example ESMTP\r\n").await;
        talk.request().await;
    });
    let (code, message) = thrown(&host, &format!("http::get(\"https://out.example:{}/\")", plain.port())).await;
    assert_eq!(code, "tls_failed", "{message}");
}

#[tokio::test]
async fn a_response_after_which_more_comes_is_that_response() {
    let (host, _) = start(&[]).await;
    let peer =
        once(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n67890");
    let source = format!("[{0}.text(), {0}.text()]", get(&peer, ""));
    assert_eq!(run(&host, &source).await, serde_json::json!(["12345", "12345"]));
    assert_eq!(peer.connections(), 2);
}

async fn written<W: AsyncWrite + Unpin>(mut to: W, bytes: &[u8]) -> W {
    to.write_all(bytes).await.unwrap();
    to.shutdown().await.unwrap();
    to
}

#[tokio::test]
async fn what_is_compressed_is_read_within_the_bound() {
    let (host, _) = start(&[SMALL]).await;
    let text = "what is compressed ".repeat(1000);
    let bomb = vec![0; 20 << 20];
    for coding in ["gzip", "br", "deflate"] {
        let packed = async |bytes: &[u8]| match coding {
            "gzip" => written(GzipEncoder::new(Vec::new()), bytes).await.into_inner(),
            "br" => written(
                BrotliEncoder::with_quality(Vec::new(), async_compression::Level::Fastest),
                bytes,
            )
            .await
            .into_inner(),
            _ => written(ZlibEncoder::new(Vec::new()), bytes).await.into_inner(),
        };
        let (small, large) = (packed(text.as_bytes()).await, packed(&bomb).await);
        assert!(large.len() < 100_000, "{coding}: {}", large.len());
        let peer = Peer::answering("127.0.0.2:0", move |request| {
            let body = if request.starts_with("GET /?bomb") {
                &large
            } else {
                &small
            };
            response(200, &[("content-encoding", coding)], body)
        });
        let source = format!(
            "let r = {}; [r.text().len, r.headers[\"content-encoding\"], r.headers[\"content-length\"]]",
            get(&peer, "")
        );
        assert_eq!(
            run(&host, &source).await,
            serde_json::json!([19000, null, null]),
            "{coding}"
        );
        let (code, message) = thrown(&host, &get(&peer, "query: #{ bomb: 1 }")).await;
        assert_eq!(code, "too_large", "{coding}: {message}");
        assert!(message.contains("PICLOUD_OUTBOUND_RESPONSE_BYTES_MAX"), "{message}");
        let raw = format!(
            "{}.blob().len",
            get(&peer, "headers: #{ \"accept-encoding\": \"identity\" }")
        );
        assert!(run(&host, &raw).await.as_u64().unwrap() < 19000, "{coding}: as it came");
    }
}

#[tokio::test]
async fn redirects_end() {
    let (host, _) = start(&[]).await;
    let circle = Peer::answering("127.0.0.2:0", |_| response(302, &[("location", "/again")], b""));
    assert_eq!(thrown(&host, &get(&circle, "")).await.0, "too_many_redirects");
    assert_eq!(circle.requests().len(), 6);
    assert_eq!(
        run(&host, &format!("{}.status", get(&circle, "redirects: 0"))).await,
        302
    );
    assert_eq!(thrown(&host, &get(&circle, "redirects: 11")).await.0, "bad_option");
}

#[tokio::test]
async fn a_response_may_come_to_all_that_it_may_and_not_to_a_byte_more() {
    let (host, _) = start(&[SMALL]).await;
    for (bytes, fits) in [(100_000, true), (100_001, false)] {
        let body = vec![b'x'; bytes];
        let announced = response(200, &[], &body);
        let mut until_closed = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        until_closed.extend(&body);
        for said in [announced, until_closed] {
            let peer = once(Box::leak(said.into_boxed_slice()));
            if fits {
                assert_eq!(run(&host, &format!("{}.blob().len", get(&peer, ""))).await, bytes);
            } else {
                assert_eq!(thrown(&host, &get(&peer, "")).await.0, "too_large");
            }
        }
    }
}

#[tokio::test]
async fn gzip_of_several_members_is_read_whole_and_of_nothing_is_nothing() {
    let (host, _) = start(&[]).await;
    let mut members = written(GzipEncoder::new(Vec::new()), b"first ").await.into_inner();
    members.extend(written(GzipEncoder::new(Vec::new()), b"second").await.into_inner());
    for (body, text) in [(members, "first second"), (Vec::new(), "")] {
        let peer = Peer::answering("127.0.0.2:0", move |_| {
            response(200, &[("content-encoding", "gzip")], &body)
        });
        assert_eq!(run(&host, &format!("{}.text()", get(&peer, ""))).await, text);
    }
}

#[tokio::test]
async fn a_wait_that_does_not_fit_is_not_begun() {
    let (host, _) = start(&[]).await;
    let busy = Peer::answering("127.0.0.2:0", |_| response(429, &[("retry-after", "3600")], b""));
    assert_eq!(run(&host, &format!("{}.status", get(&busy, "retries: 2"))).await, 429);
    assert_eq!(busy.requests().len(), 1);
}
