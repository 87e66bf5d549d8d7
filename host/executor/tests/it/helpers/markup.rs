//! Markdown, templates and QR codes.

use super::{check, check_large, give, throw};

/// The HTML that a text becomes.
async fn page(markdown: &str) -> String {
    let ended = check(&format!("[markdown::to_html({markdown:?})]")).await;
    let html = ended
        .strip_prefix("200 application/json ")
        .map(serde_json::from_str::<[String; 1]>);
    let Some(Ok([html])) = html else {
        panic!("{markdown:?}: {ended}")
    };
    html
}

/// In our own words, by the sections of the `CommonMark` specification 0.31.2 and of GitHub's extensions.
#[tokio::test]
async fn markdown_is_commonmarks() {
    for (markdown, html) in [
        ("# One\n\nTwo\nthree", "<h1>One</h1>\n<p>Two\nthree</p>\n"),
        ("One\n===\nTwo\n---", "<h1>One</h1>\n<h2>Two</h2>\n"),
        (
            "*a* **b** ***c*** _d_e_",
            "<p><em>a</em> <strong>b</strong> <em><strong>c</strong></em> <em>d_e</em></p>\n",
        ),
        ("`` a`b ``", "<p><code>a`b</code></p>\n"),
        ("    code < x\n", "<pre><code>code &lt; x\n</code></pre>\n"),
        (
            "```rust\nfn f() {}\n```",
            "<pre><code class=\"language-rust\">fn f() {}\n</code></pre>\n",
        ),
        (
            "- a\n- b\n\n1. c\n2. d",
            "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol>\n<li>c</li>\n<li>d</li>\n</ol>\n",
        ),
        ("3. c", "<ol start=\"3\">\n<li>c</li>\n</ol>\n"),
        (
            "> a\n> > b",
            "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>\n",
        ),
        ("a\n\n***\n\nb", "<p>a</p>\n<hr />\n<p>b</p>\n"),
        ("a  \nb\\\nc", "<p>a<br />\nb<br />\nc</p>\n"),
        ("[a](/b \"c\")", "<p><a href=\"/b\" title=\"c\">a</a></p>\n"),
        (
            "[a][r]\n\n[r]: https://x.org/y",
            "<p><a href=\"https://x.org/y\">a</a></p>\n",
        ),
        ("![a *b*](c.png)", "<p><img src=\"c.png\" alt=\"a b\" /></p>\n"),
        (
            "<https://x.org/?a=1&b>",
            "<p><a href=\"https://x.org/?a=1&amp;b\">https://x.org/?a=1&amp;b</a></p>\n",
        ),
        ("<a@x.org>", "<p><a href=\"mailto:a@x.org\">a@x.org</a></p>\n"),
        ("\\*a\\* &copy; &#35;", "<p>*a* © #</p>\n"),
        ("~~a~~", "<p><del>a</del></p>\n"),
        (
            "| a | b |\n|:--|--:|\n| 1 | 2 |",
            "<table><thead><tr><th style=\"text-align: left\">a</th><th style=\"text-align: right\">b</th></tr></thead><tbody>\n<tr><td style=\"text-align: left\">1</td><td style=\"text-align: right\">2</td></tr>\n</tbody></table>\n",
        ),
        (
            "- [x] a\n- [ ] b",
            "<ul>\n<li><input disabled=\"\" type=\"checkbox\" checked=\"\"/>\na</li>\n<li><input disabled=\"\" type=\"checkbox\"/>\nb</li>\n</ul>\n",
        ),
        ("", ""),
    ] {
        assert_eq!(page(markdown).await, html, "{markdown:?}");
    }
}

#[tokio::test]
async fn markdown_of_strangers_is_safe() {
    for (markdown, html) in [
        (
            "<script>alert(1)</script>",
            "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n",
        ),
        ("a <b onclick=x>c</b>", "<p>a &lt;b onclick=x&gt;c&lt;/b&gt;</p>\n"),
        ("[a](javascript:alert(1))", "<p>a</p>\n"),
        ("[a](JaVaScRiPt:alert(1))", "<p>a</p>\n"),
        ("[a](&#106;avascript:alert(1))", "<p>a</p>\n"),
        ("[a](javascript&colon;alert(1))", "<p>a</p>\n"),
        ("[a](<java\tscript:alert(1)>)", "<p>a</p>\n"),
        ("[a](&#1;javascript:alert(1))", "<p>a</p>\n"),
        ("[a](&#32;javascript:alert(1))", "<p>a</p>\n"),
        (
            "[a](vbscript:x) [b](data:text/html,x) [c](file:///etc/passwd)",
            "<p>a b c</p>\n",
        ),
        ("<javascript:alert(1)>", "<p>javascript:alert(1)</p>\n"),
        ("[a]\n\n[a]: javascript:alert(1)", "<p>a</p>\n"),
        (
            "![a](javascript:alert(1)) ![b](data:image/svg+xml,x) ![c](mailto:x@y)",
            "<p>a b c</p>\n",
        ),
        (
            "[![a](data:x)](https://x.org)",
            "<p><a href=\"https://x.org\">a</a></p>\n",
        ),
        (
            "[a *b*](javascript:x) [c](/d)",
            "<p>a <em>b</em> <a href=\"/d\">c</a></p>\n",
        ),
        (
            "[a](/b \"\\\"onclick=x\")",
            "<p><a href=\"/b\" title=\"&quot;onclick=x\">a</a></p>\n",
        ),
        ("[a](</b\"onclick=x>)", "<p><a href=\"/b%22onclick=x\">a</a></p>\n"),
        (
            "```\"><b>\nx\n```",
            "<pre><code class=\"language-&quot;&gt;&lt;b&gt;\">x\n</code></pre>\n",
        ),
        (
            "[a](HTTPS://x.org/y:z) [b](?a:b) [c](#a:b) [d](a/b:c)",
            "<p><a href=\"HTTPS://x.org/y:z\">a</a> <a href=\"?a:b\">b</a> <a href=\"#a:b\">c</a> <a href=\"a/b:c\">d</a></p>\n",
        ),
        ("# a {onclick=x #id}", "<h1>a {onclick=x #id}</h1>\n"),
    ] {
        assert_eq!(page(markdown).await, html, "{markdown:?}");
    }
    // What takes others for ever, or their stack.
    for piece in [
        "> ", "[", "![", "*a ", "`a", "- ", "<", "[a](", "(", "**a _", "| a ", "&", "\\\\n* a",
    ] {
        let source = format!("let t = \"\"; t.pad(20000, {piece:?}); markdown::to_html(t).len() > 0");
        assert_eq!(check(&source).await, "200 application/json true", "{piece:?}");
    }
}

#[tokio::test]
async fn templates_are_filled_and_escape() {
    give(&[
        (r#"template::render("<b>{{ name }}</b>", #{ name: "A & <B>" })"#, r#""<b>A &amp; &lt;B&gt;</b>""#),
        (r#"template::render("{{ a|safe }}", #{ a: "<b>" })"#, r#""<b>""#),
        (r#"template::render("<a title='{{ a }}'>", #{ a: "x' onclick='y" })"#, r#""<a title='x&#x27; onclick=&#x27;y'>""#),
        (r#"template::render("{% for i in items %}{{ loop.index }}:{{ i.n }} {% else %}none{% endfor %}", #{ items: [#{ n: 1 }, #{ n: 2.5 }] })"#, r#""1:1 2:2.5 ""#),
        (r#"template::render("{% for i in items %}x{% else %}none{% endfor %}", #{ items: [] })"#, r#""none""#),
        (r#"template::render("{% if a %}yes{% elif b %}no{% endif %}", #{ a: false, b: true })"#, r#""no""#),
        (r#"template::render("{% if missing %}yes{% else %}no{% endif %}{{ missing|default('-') }}", #{})"#, r#""no-""#),
        (r#"template::render("{{ a|upper }} {{ b|join(', ') }} {{ c|length }}", #{ a: "x", b: [1, 2], c: "abc" })"#, r#""X 1, 2 3""#),
        (r#"template::render("{{ price }}", #{ price: decimal("1.10") })"#, r#""1.10""#),
        (r#"template::render("{# note #}{{ a.b['c d'] }}", #{ a: #{ b: #{ "c d": 5 } } })"#, r#""5""#),
        (r#"template::render("", #{})"#, r#""""#),
    ])
    .await;
    for source in [
        "{{",
        "{% if %}",
        "{% for a in b %}",
        "{{ missing }}",
        "{{ a.b.c }}",
        "{{ a|nothing }}",
        "{{ nothing() }}",
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% import 'x' as y %}",
        "{% macro m() %}{% endmacro %}",
        "{{ 1 / 0 }}",
        "{{ a + [] }}",
        "{% for i in 5 %}{% endfor %}",
    ] {
        throw(&[(&format!("template::render({source:?}, #{{ a: 1 }})"), "bad_template")]).await;
    }
    throw(&[
        (
            r#"let t = ""; t.pad(10000, "("); template::render("{{" + t, #{})"#,
            "bad_template",
        ),
        (
            r#"let t = ""; t.pad(100000, "{% if 1 %}"); template::render(t, #{})"#,
            "bad_template",
        ),
        (r#"template::render("{{ f }}", #{ f: |x| x })"#, "bad_template"),
        // More than there are addresses.
        (
            r#"template::render("{{ 'a'|indent(4294967295, true) }}", #{})"#,
            "bad_template",
        ),
        (
            r#"template::render("{{ '%4294967295d'|format(1) }}", #{})"#,
            "bad_template",
        ),
        (
            r#"template::render("{{ '%.4294967295f'|format(1.5) }}", #{})"#,
            "bad_template",
        ),
        (r#"template::render("{{ 'a' * 4294967295 }}", #{})"#, "bad_template"),
    ])
    .await;
    let ended = check("template::render(\"a\\nb\\n{{ x }}\", #{})").await;
    assert!(ended.contains("bad_template: line 3: "), "{ended}");
    // A loop without end in sight is what a budget is for.
    let ended = check(
        "template::render(\"{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}\", #{})",
    )
    .await;
    assert!(ended.starts_with("stopped"), "{ended}");
}

/// "HELLO WORLD" at level Q with mask 0, by the encoder `segno` 1.6.
const HELLO_WORLD: [&str; 21] = [
    "#######.##....#######",
    "#.....#.#..#..#.....#",
    "#.###.#.#..##.#.###.#",
    "#.###.#.#.....#.###.#",
    "#.###.#.#.#...#.###.#",
    "#.....#...#...#.....#",
    "#######.#.#.#.#######",
    "........#............",
    ".##.#.##....#.#.#####",
    ".#......####....#...#",
    "..##.###.##...#.##...",
    ".##.##.#..##.#.#.###.",
    "#...#.#.#.###.###.#.#",
    "........##.#..#...#.#",
    "#######.#.#....#.##..",
    "#.....#..#.##.##.#...",
    "#.###.#.#.#...#######",
    "#.###.#..#.#.#.#...#.",
    "#.###.#.#..#.###.#..#",
    "#.....#.#.####...#.##",
    "#######....#.###....#",
];

#[tokio::test]
async fn qr_codes_are_drawn() {
    let ended = check(r#"qr::svg("HELLO WORLD", #{ level: "Q", border: 0 })"#).await;
    let (_, path) = ended.rsplit_once("<path d=\"").expect("a path");
    let mut modules = vec![vec!['.'; 21]; 21];
    // Each step is `M<x> <y>h<width>v1h-<width>z`.
    for step in path.split('M').skip(1) {
        let numbers: Vec<usize> = step
            .split(|letter: char| !letter.is_ascii_digit())
            .filter_map(|number| number.parse().ok())
            .collect();
        let [x, y, width, ..] = numbers[..] else {
            panic!("{step}")
        };
        modules[y][x..x + width].fill('#');
    }
    let rows: Vec<String> = modules.into_iter().map(|row| row.into_iter().collect()).collect();
    assert_eq!(rows, HELLO_WORLD);
    give(&[
        (
            r#"qr::svg("a").starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 29 29\"")"#,
            "true",
        ),
        (r#"qr::svg("").ends_with("</svg>")"#, "true"),
    ])
    .await;
    throw(&[
        (r#"let t = ""; t.pad(2332, "a"); qr::svg(t)"#, "too_large"),
        (r#"let t = ""; t.pad(20000, "1"); qr::svg(t)"#, "too_large"),
        (r#"qr::svg("a", #{ level: "X" })"#, "bad_option"),
        (r#"qr::svg("a", #{ border: -1 })"#, "bad_option"),
    ])
    .await;
    let largest = r#"let t = ""; t.pad(2331, "a"); qr::svg(t).len() > 0"#;
    assert_eq!(check_large(largest).await, "200 application/json true");
}
