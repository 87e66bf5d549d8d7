//! Texts, patterns, tables and digests.

use super::{check_large, give, throw};

#[tokio::test]
async fn texts_are_made_to_fit() {
    give(&[
        (r#"text::slug("Crème brûlée, 2x!")"#, r#""creme-brulee-2x""#),
        (r#"text::slug("  Straße & Łódź -- Ø'l  ")"#, r#""strasse-lodz-ol""#),
        (r#"text::slug("日本 語")"#, r#""日本-語""#),
        (r#"text::slug("!?")"#, r#""""#),
        (r#"text::pad_start("7", 3)"#, r#""  7""#),
        (r#"text::pad_start("7", 3, "0")"#, r#""007""#),
        (r#"text::pad_start("é", 4, "ab")"#, r#""abaé""#),
        (r#"text::pad_start("1234", 3)"#, r#""1234""#),
        (r#"text::pad_start("x", -5)"#, r#""x""#),
        (r#"text::pad_start("x", 5, "")"#, r#""x""#),
        (r#"text::pad_end("a", 4, ".-")"#, r#""a.-.""#),
        (r#"text::pad_end("a", 3)"#, r#""a  ""#),
        (r#"text::truncate("abcdef", 4)"#, r#""abc…""#),
        (r#"text::truncate("abcd", 4)"#, r#""abcd""#),
        (r#"text::truncate("éééé", 2)"#, r#""é…""#),
        (r#"text::truncate("abcdef", 4, "")"#, r#""abcd""#),
        (r#"text::truncate("abcdef", 2, "...")"#, r#""..""#),
        (r#"text::truncate("abc", 0)"#, r#""""#),
        (r#"text::truncate("", 9223372036854775807)"#, r#""""#),
        (r#"text::normalize("e\u0301") == "\u00e9""#, "true"),
    ])
    .await;
    throw(&[
        (r#"text::pad_start("x", 1048577)"#, "bad_argument"),
        (r#"text::pad_end("x", 9223372036854775807)"#, "bad_argument"),
        (r#"text::truncate("x", -1)"#, "bad_argument"),
    ])
    .await;
}

/// Clusters of Unicode's annex 29, and its normalisation forms.
#[tokio::test]
async fn texts_have_graphemes_forms_and_cases() {
    give(&[
        (
            r#"text::graphemes("e\u0301🇨🇭👩‍👩‍👧‍👦\r\nक्षि").map(|it| it.len())"#,
            "[2,2,7,2,4]",
        ),
        (r#"text::graphemes("")"#, "[]"),
        (r#"text::truncate_graphemes("🇨🇭🇩🇪🇫🇷", 2)"#, r#""🇨🇭…""#),
        (r#"text::truncate_graphemes("🇨🇭🇩🇪", 2)"#, r#""🇨🇭🇩🇪""#),
        (r#"text::truncate_graphemes("abcdef", 2, "...")"#, r#""..""#),
        (r#"text::truncate_graphemes("abc", 0)"#, r#""""#),
        (r#"text::normalize("ﬁ①e\u0301", "NFKC") == "fi1\u00e9""#, "true"),
        (r#"text::normalize("\u00e9", "NFD").len()"#, "2"),
        (r#"text::normalize("\u00e9ﬁ", "NFKD").len()"#, "4"),
        (r#"text::capitalize("élan vital")"#, r#""Élan vital""#),
        (r#"text::capitalize("ßa")"#, r#""SSa""#),
        (r#"text::capitalize("")"#, r#""""#),
        (r#"text::snake_case("HTTPServer port-2")"#, r#""http_server_port_2""#),
        (r#"text::kebab_case("userName")"#, r#""user-name""#),
        (r#"text::camel_case("user_name ÉTÉ")"#, r#""userNameÉté""#),
        (r#"text::pascal_case("user name")"#, r#""UserName""#),
        (r#"text::snake_case("--")"#, r#""""#),
    ])
    .await;
    throw(&[
        (r#"text::truncate_graphemes("x", -1)"#, "bad_argument"),
        (r#"text::normalize("x", "nfc")"#, "bad_argument"),
    ])
    .await;
}

#[tokio::test]
async fn texts_are_compared_by_lines() {
    give(&[
        (
            r#"text::diff("a\nb\nc\n", "a\nc\nd").map(|it| it.change + " " + it.text)"#,
            r#"["same a","removed b","same c","added d"]"#,
        ),
        (r#"text::diff("", "")"#, "[]"),
        (r#"text::diff("a\r\n", "a\r\n").map(|it| it.text)"#, r#"["a"]"#),
        (
            r#"text::diff("a", "a\n").map(|it| it.change)"#,
            r#"["removed","added"]"#,
        ),
        (r#"text::unified_diff("a\n", "a\n")"#, r#""""#),
        // As GNU diff 3.8 has it, without the names of the files.
        (
            r#"text::unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10")"#,
            r#""@@ -2,9 +2,9 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n-10\n+10\n\\ No newline at end of file\n""#,
        ),
        (r#"text::unified_diff("", "a\n")"#, r#""@@ -0,0 +1 @@\n+a\n""#),
    ])
    .await;
    let lines = "let one = \"\"; let other = \"\"; for i in 0..1500 { one += `${i}\n`; other += `x${i}\n`; }";
    let differ = format!("{lines} text::diff(one + \"end\", other + \"end\").len()");
    assert_eq!(check_large(&differ).await, "200 application/json 3001");
}

#[tokio::test]
async fn patterns_find_replace_and_split() {
    give(&[
        (r#"regex::test("a1", "[0-9]")"#, "true"),
        (r#"regex::test("a", "^[0-9]+$")"#, "false"),
        (r#"regex::test("AB", "(?i)ab")"#, "true"),
        (r#"regex::find("a12b3", "[0-9]+")"#, r#""12""#),
        (r#"regex::find("a", "[0-9]+")"#, "null"),
        (r#"regex::find_all("a12b3", "[0-9]+")"#, r#"["12","3"]"#),
        (r#"regex::find_all("é", "")"#, r#"["",""]"#),
        (
            r#"regex::captures("k=v", "(?<key>\\w)=(\\w)(x)?")"#,
            r#"{"0":"k=v","1":"k","2":"v","3":null,"key":"k"}"#,
        ),
        (r#"regex::captures("", "x")"#, "null"),
        (
            r#"regex::captures_all("a=1,b=2", "(\\w)=(\\d)").map(|m| m["2"])"#,
            r#"["1","2"]"#,
        ),
        (r#"regex::replace("2026-01", "(\\d+)-(\\d+)", "$2/$1")"#, r#""01/2026""#),
        (r#"regex::replace("ab", "(?<x>a)", "${x}${x}$$$9")"#, r#""aa$b""#),
        (r#"regex::split("a, b;c", "[,;] *")"#, r#"["a","b","c"]"#),
        (r#"regex::split("", ",")"#, r#"[""]"#),
        (r#"regex::test("1+1", "^" + regex::escape("1+1") + "$")"#, "true"),
        // What takes others for ever.
        (
            r#"let a = "a"; a.pad(2000, "a"); regex::test(a + "!", "^(a+)+$")"#,
            "false",
        ),
        (
            "let n = 0; for i in 0..200 { if regex::test(`x${i}`, `^x${i}$`) { n += 1; } } n",
            "200",
        ),
    ])
    .await;
    throw(&[
        (r#"regex::test("", "(")"#, "bad_pattern"),
        (r#"regex::test("", "*")"#, "bad_pattern"),
        (r#"regex::find("", "(?=a)")"#, "bad_pattern"),
        (r#"regex::replace("", "\\1", "")"#, "bad_pattern"),
        (r#"regex::test("", "((a{100}){100}){100}")"#, "bad_pattern"),
        (r#"let p = "("; p.pad(4000, "("); regex::split("", p)"#, "bad_pattern"),
        (r#"let p = "a"; p.pad(5000, "a"); regex::test("", p)"#, "bad_pattern"),
    ])
    .await;
}

/// RFC 4180, 2.
#[tokio::test]
async fn tables_are_rfc_4180s() {
    give(&[
        (
            r#"csv::parse("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n")"#,
            r#"[["aaa","bbb","ccc"],["zzz","yyy","xxx"]]"#,
        ),
        (
            r#"csv::parse("aaa,bbb,ccc\r\nzzz,yyy,xxx")"#,
            r#"[["aaa","bbb","ccc"],["zzz","yyy","xxx"]]"#,
        ),
        (
            r#"csv::parse("\"aaa\",\"b \r\nbb\",\"c\"\"c\"\r\nzzz,,")"#,
            r#"[["aaa","b \r\nbb","c\"c"],["zzz","",""]]"#,
        ),
        (
            r#"csv::parse("a;b\n\n1;\"x;y\"\n", #{header: true, delimiter: ";"})"#,
            r#"[{"a":"1","b":"x;y"}]"#,
        ),
        (r#"csv::parse("\ufeffé,b", #{})"#, r#"[["é","b"]]"#),
        (r#"csv::parse("")"#, "[]"),
        (r#"csv::parse("", #{header: true})"#, "[]"),
        (r#"csv::parse("a", #{header: true})"#, "[]"),
        (r#"csv::parse("\"a")"#, r#"[["a"]]"#),
        (r#"csv::parse(",")"#, r#"[["",""]]"#),
        (
            r#"csv::stringify([["a", 1, 1.5, true, 'c', ()], ["x,y", "q\"q", "l\nl", "", " ", "z"]])"#,
            r#""a,1,1.5,true,c,\r\n\"x,y\",\"q\"\"q\",\"l\nl\",, ,z\r\n""#,
        ),
        (
            r#"csv::stringify([#{b: 1, a: "x"}, #{a: "y"}])"#,
            r#""a,b\r\nx,1\r\ny,\r\n""#,
        ),
        (
            r#"csv::stringify([#{b: 1, a: "x;"}], #{columns: ["b", "a"], delimiter: ";"})"#,
            r#""b;a\r\n1;\"x;\"\r\n""#,
        ),
        (r"csv::stringify([#{b: 1}], #{header: false})", r#""1\r\n""#),
        ("csv::stringify([])", r#""""#),
        (
            r#"let t = [["", ""], [""], ["a\r\nb", "\""]]; csv::parse(csv::stringify(t)) == t"#,
            "true",
        ),
    ])
    .await;
    throw(&[
        (r#"csv::parse("a,b\n1", #{header: true})"#, "bad_csv"),
        (r#"csv::parse("a,a\n1,2", #{header: true})"#, "bad_csv"),
        (r#"csv::parse("a", #{delimiter: "ab"})"#, "bad_option"),
        (r#"csv::parse("a", #{delimiter: "é"})"#, "bad_option"),
        (r#"csv::parse("a", #{delimiter: "\""})"#, "bad_option"),
        (r#"csv::parse("a", #{delimiter: ""})"#, "bad_option"),
        (r#"csv::parse("a", #{head: true})"#, "bad_option"),
        (r"csv::stringify([1])", "bad_csv"),
        (r"csv::stringify([[[]]])", "bad_csv"),
    ])
    .await;
}
