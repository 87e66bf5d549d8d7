//! The helpers of every script, by the vectors of their standards.

mod decimals;
mod digests;
mod formats;
mod markup;
mod texts;
mod tokens;
mod times;

use crate::harness::{check, compile, get, job, render, run};

/// Each expression gives a value that is this JSON.
async fn give(cases: &[(&str, &str)]) {
    for (expression, json) in cases {
        let ended = check(&format!("let given = {{ {expression} }}; json::stringify(given)")).await;
        assert_eq!(ended, format!("200 text/plain; charset=utf-8 {json}"), "{expression}");
    }
}

/// Each expression throws that code, which a script can catch.
async fn throw(cases: &[(&str, &str)]) {
    for (expression, code) in cases {
        let source = format!("let code = \"\"; try {{ {expression} }} catch (e) {{ code = e.code; }} code");
        let ended = check(&source).await;
        assert_eq!(ended, format!("200 text/plain; charset=utf-8 {code}"), "{expression}");
    }
}

/// The same for what takes as much as a run may by default.
async fn check_large(source: &str) -> String {
    let program = compile(source).await.expect("it compiles");
    let mut job = job(program, get(), b"");
    job.limits.fuel_max = 1_000_000_000;
    job.limits.memory_bytes_max = 64 << 20;
    render(&run(job).await)
}

/// "`this` is `that`", in what the editor shows of a function.
fn claims(doc: &str) -> Vec<(String, String)> {
    let doc = doc.replace('\n', " ");
    let pieces: Vec<&str> = doc.split('`').collect();
    let claims = pieces.windows(3).enumerate();
    claims
        .filter(|(at, pieces)| at % 2 == 1 && pieces[0].contains('(') && pieces[1].trim() == "is")
        .map(|(_, pieces)| (pieces[0].to_owned(), pieces[2].to_owned()))
        .collect()
}

#[tokio::test]
async fn what_functions_say_of_themselves_is_so() {
    let api: serde_json::Value =
        serde_json::from_str(include_str!("../../../../../sdk/api/script.json")).expect("JSON");
    let own = api["functions"].as_array().expect("functions").iter();
    let docs = own
        .filter(|function| function["standard"] == false)
        .map(|function| &function["doc"]);
    let claims: Vec<_> = docs.flat_map(|doc| claims(doc.as_str().unwrap_or_default())).collect();
    assert!(claims.len() > 45, "{}", claims.len());
    for (this, that) in claims {
        let ended = check(&format!("let one = {this}; let other = {that}; one == other")).await;
        assert_eq!(ended, "200 application/json true", "{this} is {that}");
    }
}

/// RFC 4648, 10.
const RFC_4648: [(&str, &str, &str); 7] = [
    ("", "", ""),
    ("f", "Zg==", "66"),
    ("fo", "Zm8=", "666f"),
    ("foo", "Zm9v", "666f6f"),
    ("foob", "Zm9vYg==", "666f6f62"),
    ("fooba", "Zm9vYmE=", "666f6f6261"),
    ("foobar", "Zm9vYmFy", "666f6f626172"),
];

#[tokio::test]
async fn base64_and_hex_are_rfc_4648s() {
    for (text, base64, hex) in RFC_4648 {
        let bare = base64.trim_end_matches('=');
        give(&[
            (&format!("base64::encode({text:?})"), &format!("{base64:?}")),
            (&format!("base64::encode({text:?}.to_blob())"), &format!("{base64:?}")),
            (&format!("base64::decode({base64:?}).as_string()"), &format!("{text:?}")),
            (&format!("base64::decode({bare:?}).as_string()"), &format!("{text:?}")),
            (&format!("base64::encode_url({text:?})"), &format!("{bare:?}")),
            (
                &format!("base64::decode_url({bare:?}).as_string()"),
                &format!("{text:?}"),
            ),
            (
                &format!("base64::decode_url({base64:?}).as_string()"),
                &format!("{text:?}"),
            ),
            (&format!("hex::encode({text:?})"), &format!("{hex:?}")),
            (&format!("hex::encode({text:?}.to_blob())"), &format!("{hex:?}")),
            (&format!("hex::decode({hex:?}).as_string()"), &format!("{text:?}")),
        ])
        .await;
    }
    give(&[
        (r#"base64::decode("+/+/")"#, "[251,255,191]"),
        (r#"base64::decode_url("-_-_")"#, "[251,255,191]"),
        (r#"base64::encode_url(base64::decode("+/+/"))"#, r#""-_-_""#),
        (r#"hex::decode("00fFAb")"#, "[0,255,171]"),
        (r#"base64::encode("hi")"#, r#""aGk=""#),
        (r#"hex::encode("hi")"#, r#""6869""#),
    ])
    .await;
    throw(&[
        (r#"base64::decode("Zg=")"#, "bad_base64"),
        (r#"base64::decode("Z")"#, "bad_base64"),
        (r#"base64::decode("Zh==")"#, "bad_base64"),
        (r#"base64::decode("Zm9v\n")"#, "bad_base64"),
        (r#"base64::decode("-_-_")"#, "bad_base64"),
        (r#"base64::decode_url("+/+/")"#, "bad_base64"),
        (r#"base64::decode("é")"#, "bad_base64"),
        (r#"hex::decode("f")"#, "bad_hex"),
        (r#"hex::decode("0x")"#, "bad_hex"),
    ])
    .await;
}

#[tokio::test]
async fn texts_are_made_safe_for_pages_and_addresses() {
    give(&[
        (r#"html::escape("<b>")"#, r#""&lt;b&gt;""#),
        (
            r#"html::escape("a & \"b\" 'c' é")"#,
            r#""a &amp; &quot;b&quot; &#39;c&#39; é""#,
        ),
        (r#"html::escape("<&>") == text::escape_html("<&>")"#, "true"),
        (r#"url::encode("a b/ü")"#, r#""a%20b%2F%C3%BC""#),
        (
            r#"url::encode("AZaz09-._~!*'()+")"#,
            r#""AZaz09-._~%21%2A%27%28%29%2B""#,
        ),
        (r#"url::decode("a%20b%2f%C3%BC+")"#, r#""a b/ü+""#),
        (r#"url::decode("")"#, r#""""#),
    ])
    .await;
    throw(&[
        (r#"url::decode("%")"#, "bad_url"),
        (r#"url::decode("100%")"#, "bad_url"),
        (r#"url::decode("%4")"#, "bad_url"),
        (r#"url::decode("%zz")"#, "bad_url"),
        (r#"url::decode("%é")"#, "bad_url"),
        (r#"url::decode("%ff")"#, "bad_url"),
    ])
    .await;
}

/// RFC 3986, 1.1.2, and then some.
#[tokio::test]
async fn urls_are_rfc_3986s() {
    let all = "scheme,username,password,host,port,path,query,fragment";
    for (url, parts) in [
        (
            "ftp://ftp.is.co.za/rfc/rfc1808.txt",
            r#"["ftp",null,null,"ftp.is.co.za",null,"/rfc/rfc1808.txt",null,null]"#,
        ),
        (
            "http://www.ietf.org/rfc/rfc2396.txt",
            r#"["http",null,null,"www.ietf.org",null,"/rfc/rfc2396.txt",null,null]"#,
        ),
        (
            "ldap://[2001:db8::7]/c=GB?objectClass?one",
            r#"["ldap",null,null,"[2001:db8::7]",null,"/c=GB","objectClass?one",null]"#,
        ),
        (
            "mailto:John.Doe@example.com",
            r#"["mailto",null,null,null,null,"John.Doe@example.com",null,null]"#,
        ),
        (
            "tel:+1-816-555-1212",
            r#"["tel",null,null,null,null,"+1-816-555-1212",null,null]"#,
        ),
        (
            "telnet://192.0.2.16:80/",
            r#"["telnet",null,null,"192.0.2.16",80,"/",null,null]"#,
        ),
        (
            "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
            r#"["urn",null,null,null,null,"oasis:names:specification:docbook:dtd:xml:4.1.2",null,null]"#,
        ),
        (
            "foo://example.com:8042/over/there?name=ferret#nose",
            r#"["foo",null,null,"example.com",8042,"/over/there","name=ferret","nose"]"#,
        ),
        (
            "https://a%40b:c%3Ad@x.org:443/?#",
            r#"["https","a@b","c:d","x.org",443,"/","",""]"#,
        ),
        ("/a/b?c", r#"[null,null,null,null,null,"/a/b","c",null]"#),
        ("", r#"[null,null,null,null,null,"",null,null]"#),
    ] {
        let source = format!("{all:?}.split(\",\").map(|part| url::parse({url:?})[part])");
        give(&[
            (&source, parts),
            (&format!("url::build(url::parse({url:?}))"), &format!("{url:?}")),
        ])
        .await;
    }
    give(&[
        (r#"url::parse("HTTP://Example.COM/A").host"#, r#""example.com""#),
        (r#"url::build(#{scheme: "https", host: "x.org", path: "a b/ü?#%20", query: #{q: "a&b", n: 1}, fragment: "é#"})"#,
         r#""https://x.org/a%20b/%C3%BC%3F%23%20?n=1&q=a%26b#%C3%A9%23""#),
        (r#"url::build(#{path: "/x", query: #{}})"#, r#""/x""#),
        (r#"url::build(#{scheme: "ftp", username: "a:b", password: "c@d", host: "h", port: 21})"#, r#""ftp://a%3Ab:c%40d@h:21""#),
    ])
    .await;
}

#[tokio::test]
async fn what_is_no_url_is_refused() {
    throw(&[
        (r#"url::parse("http://a b/")"#, "bad_url"),
        (r#"url::parse("http://x:99999/")"#, "bad_url"),
        (r#"url::parse("http://[::1/")"#, "bad_url"),
        (r#"url::parse("/%zz")"#, "bad_url"),
        (r#"url::parse("http://%ff@x/")"#, "bad_url"),
        (r#"url::parse("1:a")"#, "bad_url"),
        (r#"url::build(#{path: "//evil.org/x"})"#, "bad_url"),
        (r#"url::build(#{path: "javascript:x"})"#, "bad_url"),
        (r#"url::build(#{scheme: "a/b", host: "x"})"#, "bad_url"),
        (r#"url::build(#{host: "a/b"})"#, "bad_url"),
        (r#"url::build(#{host: "a@b"})"#, "bad_url"),
        (r#"url::build(#{host: "a:80", port: 81})"#, "bad_url"),
        (r#"url::build(#{host: "a:80"})"#, "bad_url"),
        (r"url::build(#{port: 80})", "bad_url"),
        (r#"url::build(#{host: "x", port: 65536})"#, "bad_option"),
        (r#"url::build(#{hosst: "x"})"#, "bad_option"),
        (r"url::build(#{query: 1})", "bad_option"),
    ])
    .await;
}

#[tokio::test]
async fn queries_are_maps_and_back() {
    give(&[
        (
            r#"url::query(#{q: "a b", tag: ["x", "y"]})"#,
            r#""q=a%20b&tag=x&tag=y""#,
        ),
        (
            r#"url::query(#{n: 1, f: 1.5, b: true, c: '&', u: (), "ü": ""})"#,
            r#""b=true&c=%26&f=1.5&n=1&%C3%BC=""#,
        ),
        (r"url::query(#{})", r#""""#),
        (
            r#"url::parse_query("?q=a+b%20c&tag=x&tag=y&flag&=z&tag=w")"#,
            r#"{"":"z","flag":"","q":"a b c","tag":["x","y","w"]}"#,
        ),
        (r#"url::parse_query("")"#, "{}"),
        (
            r#"url::parse_query(url::query(#{a: "+&=%ü", b: ["1", "2"]}))"#,
            r#"{"a":"+&=%ü","b":["1","2"]}"#,
        ),
    ])
    .await;
    throw(&[
        (r"url::query(#{a: #{}})", "bad_url"),
        (r"url::query(#{a: [[1]]})", "bad_url"),
    ])
    .await;
}

#[tokio::test]
async fn json_is_pretty_for_people_and_loses_no_digits() {
    give(&[
        (
            r"json::pretty(#{a: [1, #{}], b: ()})",
            r#""{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": null\n}""#,
        ),
        (r#"json::pretty("x")"#, r#""\"x\"""#),
        (
            "json::parse(\"[9223372036854775807, -9223372036854775808, 1e3, 0.5]\")",
            "[9223372036854775807,-9223372036854775808,1000.0,0.5]",
        ),
    ])
    .await;
    throw(&[
        ("json::parse(\"9223372036854775808\")", "bad_json"),
        ("json::parse(\"[-9223372036854775809]\")", "bad_json"),
        ("json::parse(\"12345678901234567890123\")", "bad_json"),
        ("json::pretty(|x| x)", "bad_json"),
    ])
    .await;
}
