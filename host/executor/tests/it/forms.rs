//! Forms as browsers and tools send them, and addresses to send a browser to.

use picloud_executor::Ending;
use picloud_sdk::event::HttpRequest;

use crate::harness::{check, check_with, compile, get, job, run};

fn typed(content_type: &str) -> HttpRequest<'_> {
    HttpRequest {
        method: "POST",
        headers: vec![("content-type", content_type.as_bytes())],
        ..get()
    }
}

const MULTIPART: &str = "multipart/form-data; boundary=\"----x y\"";
const BODY: &[u8] =
    b"preamble\r\n------x y\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nAnn & B\xc3\xa9\r\n\
    ------x y  \r\ncontent-disposition: form-data; name=\"tag\"\r\n\r\na\r\n------x y\r\n\
    Content-Disposition: form-data; name=\"tag\"\r\n\r\n\r\n------x y\r\n\
    Content-Disposition: form-data; name=\"file\"; filename=\"C:\\a%22b;c.bin\"\r\nContent-Type: image/png\r\n\r\n\
    \x00\r\n--\xff\r\n------x y\r\n\
    Content-Disposition: form-data; filename=empty.txt; name=file\r\n\r\n\r\n------x y--\r\nepilogue";

#[tokio::test]
async fn a_multipart_form_has_fields_and_files() {
    for (script, answer) in [
        ("req.form().title", "Ann & B\u{e9}"),
        (r#"req.form().all("tag")"#, r#"["a",""]"#),
        ("req.form().keys()", r#"["title","tag"]"#),
        (
            "req.files().map(|f| [f.field, f.name, f.type, f.body.len])",
            r#"[["file","C:\\a\"b;c.bin","image/png",6],["file","empty.txt","text/plain",0]]"#,
        ),
    ] {
        let ended = check_with(script, typed(MULTIPART), BODY).await;
        assert_eq!(
            ended
                .split_once(' ')
                .unwrap()
                .1
                .split_once(' ')
                .unwrap()
                .1
                .trim_start_matches("charset=utf-8 "),
            answer,
            "{script}: {ended}"
        );
    }
}

#[tokio::test]
async fn a_multipart_form_that_is_none_is_the_callers_fault() {
    for (body, why) in [
        (&b""[..], "its boundary is not there"),
        (b"--a\r\n", "its end is missing"),
        (
            b"--a\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1",
            "its end is missing",
        ),
        (
            b"--a\r\nContent-Disposition: form-data; name=\"x\"\r\n--a--",
            "a part has no end of its head",
        ),
        (b"--a\r\n\r\n1\r\n--a--", "a part has no name"),
    ] {
        let ended = check_with("req.form()", typed("multipart/form-data; boundary=a"), body).await;
        assert_eq!(
            ended,
            format!("threw bad_form: the body is no multipart form: {why} @ 1:5")
        );
    }
    let ended = check_with("req.form()", typed("multipart/form-data"), b"x").await;
    assert_eq!(
        ended,
        "threw bad_form: the body is no multipart form: its type names no boundary @ 1:5"
    );
    let many = b"--a\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n".repeat(1001);
    let ended = check_with("req.form()", typed("multipart/form-data; boundary=a"), &many).await;
    assert_eq!(
        ended,
        "threw bad_form: the body is no multipart form: it has more than 1000 parts @ 1:5"
    );
}

#[tokio::test]
async fn what_is_no_form_is_not_read_as_one() {
    for content_type in ["application/json", "text/plain", "multipart/mixed; boundary=a"] {
        let mut job = job(compile("req.form()").await.unwrap(), typed(content_type), b"{\"a\":1}");
        job.limits.fuel_max *= 2;
        let Ending::Threw(error) = run(job).await.ending else {
            panic!("{content_type}")
        };
        assert_eq!(
            (error.code.as_str(), error.caller_status),
            ("bad_form", Some(415)),
            "{content_type}"
        );
    }
    for content_type in [
        "application/x-www-form-urlencoded",
        "Application/X-WWW-Form-URLencoded; charset=utf-8",
        "",
    ] {
        let ended = check_with("req.form().a", typed(content_type), b"a=1+2").await;
        assert!(ended.ends_with(" 1 2"), "{content_type}: {ended}");
        let files = check_with("req.files()", typed(content_type), b"a=1").await;
        assert!(files.ends_with(" []"), "{files}");
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_no_part_of_a_body() {
    assert!(
        check_with("req.json().a", get(), b"\xef\xbb\xbf{\"a\":1}")
            .await
            .ends_with(" 1")
    );
    assert!(
        check_with("req.form().a", get(), b"\xef\xbb\xbfa=1")
            .await
            .ends_with(" 1")
    );
    assert!(check(r#"json::parse("\uFEFF[1]")"#).await.ends_with(" [1]"));
}

#[tokio::test]
async fn a_redirect_goes_to_an_address() {
    for (to, location) in [
        ("/a b", "/a%20b"),
        ("/caf\u{e9}?q=\"x\"", "/caf%C3%A9?q=%22x%22"),
        ("/a%20b?c=d&e=%C3%A9#f", "/a%20b?c=d&e=%C3%A9#f"),
        ("https://example.org/~x/[1]", "https://example.org/~x/[1]"),
    ] {
        let program = compile(&format!("reply().redirect({to:?})")).await.unwrap();
        let Ending::Replied(reply) = run(job(program, get(), b"")).await.ending else {
            panic!("{to}")
        };
        assert_eq!(reply.headers, [("location".to_owned(), location.to_owned())]);
    }
    assert!(
        check(r#"reply().redirect("/a\nb")"#)
            .await
            .starts_with("threw bad_header: ")
    );
}
