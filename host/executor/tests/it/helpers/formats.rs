//! XML, YAML, TOML and gzip.

use super::{check, check_large, give, throw};

#[tokio::test]
async fn xml_becomes_maps() {
    give(&[
        (
            r#"xml::parse("<a n='1' m=\"x&amp;y\">t<b/>u</a>")"#,
            r#"{"attributes":{"m":"x&y","n":"1"},"children":[{"attributes":{},"children":[],"name":"b","text":""}],"name":"a","text":"tu"}"#,
        ),
        (
            r#"xml::parse("<p>a <b>c</b> d</p>", #{ mixed: true }).children.map(|it| if type_of(it) == "map" { it.name } else { it })"#,
            r#"["a ","b"," d"]"#,
        ),
        // Extensible Markup Language 1.0, 4.1, 4.6, 2.7 and 2.11.
        (r#"xml::parse("<a>&lt;&#60;&#x3C;&gt;&amp;&quot;&apos;</a>").text"#, r#""<<<>&\"'""#),
        (r#"xml::parse("<a><![CDATA[<greeting>Hello &amp;</greeting>]]></a>").text"#, r#""<greeting>Hello &amp;</greeting>""#),
        (r#"xml::parse("<a>1\r\n2\r3</a>").text"#, r#""1\n2\n3""#),
        (r#"xml::parse("<a n='x\n\ty'/>").attributes.n"#, r#""x  y""#),
        (r#"xml::parse("\ufeff<?xml version='1.0'?>\n<!-- c --><a/>\n<?pi?>\n").name"#, r#""a""#),
        (r#"xml::parse("<!DOCTYPE a [<!ENTITY e 'x'>]><a>1</a>").text"#, r#""1""#),
        (r#"xml::parse("<a:b xmlns:a='u'/>").name"#, r#""a:b""#),
        (
            r#"let feed = xml::parse("<rss><channel><title>T</title><item>1</item><item>2</item></channel></rss>");
               [xml::find(feed, "channel/title").text, xml::find(feed, "channel/none"), xml::find_all(feed, "channel/item").map(|it| it.text)]"#,
            r#"["T",null,["1","2"]]"#,
        ),
        (r#"xml::escape("a < b & 'c' \"d\" > e\r")"#, r#""a &lt; b &amp; &apos;c&apos; &quot;d&quot; &gt; e&#13;""#),
        (r#"xml::escape("a\u0000b\u001fc\ufffed") == "a\ufffdb\ufffdc\ufffdd""#, "true"),
        (r#"let t = "a<&>\"'\r\n\tz"; xml::parse("<a n=\"" + xml::escape(t) + "\">" + xml::escape(t) + "</a>").text == t"#, "true"),
        (
            r#"let open = ""; open.pad(64 * 3, "<a>"); let end = ""; end.pad(64 * 4, "</a>"); json::stringify(xml::parse(open + end)).len() > 1000"#,
            "true",
        ),
    ])
    .await;
    for text in [
        "",
        " ",
        "text",
        "<a>",
        "</a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>text",
        "text<a/>",
        "<a n=1/>",
        "<a n='1' n='2'/>",
        "<a>&nbsp;</a>",
        "<a>&#0;</a>",
        "<a>&#xD800;</a>",
        "<a n='&x;'/>",
        "<a",
        "<a><!-- ",
        "<![CDATA[x]]>",
        "<a>&</a>",
        "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
    ] {
        throw(&[(&format!("xml::parse({text:?})"), "bad_xml")]).await;
    }
    throw(&[
        (r#"let open = ""; open.pad(65 * 3, "<a>"); xml::parse(open)"#, "bad_xml"),
        (
            r#"let open = ""; open.pad(1000000, "<a>"); xml::parse(open)"#,
            "bad_xml",
        ),
        (r#"xml::parse("<a/>", #{ mix: true })"#, "bad_option"),
    ])
    .await;
    let ended = check("xml::parse(\"<a>\\n<b>\\n</a>\")").await;
    assert!(ended.contains("at line 3"), "{ended}");
}

#[tokio::test]
async fn yaml_is_read_by_the_core_schema() {
    give(&[
        // YAML 1.2.2, 10.3.2 and its table of examples.
        (r#"yaml::parse("A null: null\nBooleans: [ true, True, false, FALSE ]\nIntegers: [ 0, 0o7, 0x3A, -19 ]\nFloats: [ 0., -0.0, .5, +12e03, -2E+05 ]")"#,
         r#"{"A null":null,"Booleans":[true,true,false,false],"Floats":[0.0,-0.0,0.5,12000.0,-200000.0],"Integers":[0,7,58,-19]}"#),
        (r#"yaml::parse("[.inf, -.Inf, +.INF, .NAN, ~, no, yes, 1_000, 0b1, 1.2.3, e3, '12', \"true\"]")"#,
         r#"[null,null,null,null,null,"no","yes","1_000","0b1","1.2.3","e3","12","true"]"#),
        // 2.1 to 2.3, in our own words.
        (r#"yaml::parse("- one\n- two\n- - 3\n  - x: y")"#, r#"["one","two",[3,{"x":"y"}]]"#),
        (r#"yaml::parse("a: |\n  x\n  y\nb: >\n  x\n  y\nc: \"\\u263A \\x41\"\n")"#, r#"{"a":"x\ny\n","b":"x y\n","c":"☺ A"}"#),
        (r#"yaml::parse("1: a\ntrue: b\nnull: c")"#, r#"{"1":"a","null":"c","true":"b"}"#),
        (r#"yaml::parse("a: &x [1, 2]\nb: *x\nc: &k key\n*k : 3")"#, r#"{"a":[1,2],"b":[1,2],"c":"key","key":3}"#),
        (r#"yaml::parse("[!!str 1, !!int 2, !!float 3, !!bool true, !!null ~, ! 4]")"#, r#"["1",2,3.0,true,null,"4"]"#),
        (r#"yaml::parse("")"#, "null"),
        (r##"yaml::parse("# nothing\n")"##, "null"),
        (r#"yaml::parse("---\na: 1\n...\n")"#, r#"{"a":1}"#),
        (r#"yaml::parse_all("1\n---\n2\n---\n")"#, "[1,2,null]"),
        (r#"yaml::parse_all("")"#, "[]"),
        (r#"yaml::parse("\ufeffa: 1")"#, r#"{"a":1}"#),
    ])
    .await;
    for text in [
        "a: 1\na: 2",
        "{a: 1, 'a': 2}",
        "[",
        "a: b: c",
        "\t- 1\n\t- [",
        "? [1]\n: 2",
        "1\n---\n2",
        "!mine 1",
        "!!set {a}",
        "!!int x",
        "9223372036854775808",
        "0xFFFFFFFFFFFFFFFF",
        "*none",
        "&a [*a]",
        "@x",
        "'open",
        "%TAG ! x\n--- !y 1",
    ] {
        throw(&[(&format!("yaml::parse({text:?})"), "bad_yaml")]).await;
    }
}

#[tokio::test]
async fn yaml_does_not_explode() {
    let laughs = "let t = \"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\\n\"; \
        for i in 1..20 { t += `a${i}: &a${i} [` ; for j in 0..10 { t += `*a${i - 1},`; } t += \"]\\n\"; } yaml::parse(t)";
    throw(&[
        (laughs, "bad_yaml"),
        (r#"let t = ""; t.pad(129, "["); yaml::parse(t)"#, "bad_yaml"),
        (r#"let t = ""; t.pad(100000, "["); yaml::parse(t)"#, "bad_yaml"),
        (r#"let t = ""; t.pad(100000, "{a: "); yaml::parse(t)"#, "bad_yaml"),
        (r#"let t = ""; t.pad(100000, "- "); yaml::parse(t)"#, "bad_yaml"),
        (
            "let t = \"a0: &a0 [x]\\n\"; for i in 1..130 { t += `a${i}: &a${i} [*a${i - 1}]\\n`; } yaml::parse(t)",
            "bad_yaml",
        ),
    ])
    .await;
    give(&[(
        r#"let t = ""; t.pad(120, "["); let e = ""; e.pad(120, "]"); yaml::parse(t + e).len()"#,
        "1",
    )])
    .await;
}

#[tokio::test]
async fn toml_is_read() {
    give(&[
        // TOML 1.0: each kind of value, in our own words.
        (
            r#"toml::parse("a = 1\nb = 0xff\nc = 1_000\nd = 1.5e3\ne = true\nf = 'x'\ng = \"\\u263A\"\nh = 1979-05-27T07:32:00Z\ni = 07:32:00\n")"#,
            r#"{"a":1,"b":255,"c":1000,"d":1500.0,"e":true,"f":"x","g":"☺","h":"1979-05-27T07:32:00Z","i":"07:32:00"}"#,
        ),
        (
            r#"toml::parse("[a.b]\nc = [1, 2]\n[[d]]\nx = 1\n[[d]]\nx = 2\n[e]\nf = { g = \"\"\"\nh\"\"\" }")"#,
            r#"{"a":{"b":{"c":[1,2]}},"d":[{"x":1},{"x":2}],"e":{"f":{"g":"h"}}}"#,
        ),
        (r#"toml::parse("")"#, "{}"),
        (r#"toml::parse("\ufeffa = 1")"#, r#"{"a":1}"#),
        (r#"toml::parse("a = [inf, -inf, nan, 9223372036854775807]")"#, r#"{"a":[null,null,null,9223372036854775807]}"#),
    ])
    .await;
    for text in [
        "a",
        "a =",
        "a = 1\na = 2",
        "[a]\n[a]",
        "a = 9223372036854775808",
        "a = 01",
        "= 1",
        "a = 'x",
        "a = 1979-13-01",
        "[a",
    ] {
        throw(&[(&format!("toml::parse({text:?})"), "bad_toml")]).await;
    }
    throw(&[
        (r#"let t = "a = "; t.pad(100000, "["); toml::parse(t)"#, "bad_toml"),
        (r#"let t = "a"; t.pad(2001, ".a"); toml::parse(t + " = 1")"#, "bad_toml"),
        (r#"let t = "[a"; t.pad(2000, ".a"); toml::parse(t + "]")"#, "bad_toml"),
    ])
    .await;
    let ended = check("toml::parse(\"a = 1\\nb = \")").await;
    assert!(ended.contains("at line 2"), "{ended}");
}

#[tokio::test]
async fn gzip_there_and_back() {
    give(&[
        // Made by Python's `gzip.compress(b"hello, hello, hello", mtime=0)`.
        (
            r#"gzip::decompress(base64::decode("H4sIAAAAAAACA8tIzcnJ11HIQKIAn6HKCRMAAAA=")).as_string()"#,
            r#""hello, hello, hello""#,
        ),
        (r#"gzip::decompress(gzip::compress("grün")).as_string()"#, r#""grün""#),
        (r"gzip::decompress(gzip::compress(blob())).len()", "0"),
        (r#"let t = ""; t.pad(100000, "abc"); [gzip::compress(t).len() < 1000, gzip::compress(t, #{ level: 0 }).len() > 100000]"#, "[true,true]"),
        // Two members are one after the other (RFC 1952, 2.2).
        (r#"gzip::decompress(gzip::compress("a") + gzip::compress("b")).as_string()"#, r#""ab""#),
        (r#"gzip::decompress(gzip::compress("abc"), #{ max: 3 }).len()"#, "3"),
        (r#"gzip::compress("a") == gzip::compress("a")"#, "true"),
    ])
    .await;
    throw(&[
        (r"gzip::decompress(blob())", "bad_gzip"),
        (r#"gzip::decompress("no gzip at all".to_blob())"#, "bad_gzip"),
        (
            r#"let b = gzip::compress("abc"); b[b.len() - 6] = 0; gzip::decompress(b)"#,
            "bad_gzip",
        ),
        (
            r#"let b = gzip::compress("abc"); b.truncate(b.len() - 1); gzip::decompress(b)"#,
            "bad_gzip",
        ),
        (r#"gzip::decompress(gzip::compress("abc"), #{ max: 2 })"#, "too_large"),
        ("gzip::compress(1)", "bad_argument"),
        (r#"gzip::compress("", #{ level: 10 })"#, "bad_option"),
        (r"gzip::decompress(blob(), #{ max: -1 })", "bad_option"),
    ])
    .await;
    let bomb = r#"let a = ""; a.pad(1 << 20, "a"); let one = gzip::compress(a); let all = blob(); for i in 0..9 { all += one; }
        gzip::decompress(all)"#;
    let ended = check_large(bomb).await;
    assert!(
        ended.starts_with("threw too_large: this is more than 8388608 bytes"),
        "{ended}"
    );
}
