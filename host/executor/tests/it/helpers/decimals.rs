//! Exact numbers. Cases by Python's module `decimal` where the rounding matters.

use super::{check, give, throw};

#[tokio::test]
async fn decimals_are_exact() {
    give(&[
        (r#"decimal("0.1") + decimal("0.2")"#, r#""0.3""#),
        (r#"decimal("1.10") * 3"#, r#""3.30""#),
        (r#"3 * decimal("1.10") == decimal("3.3")"#, "true"),
        (r#"decimal("10") / 3"#, r#""3.3333333333333333333333333333""#),
        (r#"decimal("-7.5") % 2"#, r#""-1.5""#),
        (r#"-decimal("1.5")"#, r#""-1.5""#),
        (
            r#"let a = decimal("1.5"); a += 1; a -= decimal("0.25"); a *= 2; a /= 3; a"#,
            r#""1.50""#,
        ),
        (
            r#"[decimal(19.99), decimal(5), decimal("007.50"), decimal(decimal("1"))]"#,
            r#"["19.99","5","7.50","1"]"#,
        ),
        (
            r#"decimal("79228162514264337593543950335")"#,
            r#""79228162514264337593543950335""#,
        ),
        (r#"decimal("-0.0")"#, r#""0.0""#),
        (
            r#"decimal("0.0000000000000000000000000001")"#,
            r#""0.0000000000000000000000000001""#,
        ),
        (r#"`${decimal("1.10")}` + decimal("2.50")"#, r#""1.102.50""#),
        (r#"type_of(decimal("1"))"#, r#""decimal""#),
        (r#"decimal::sum(["1.10", 2, 0.05, decimal("0.85")])"#, r#""4.00""#),
        ("decimal::sum([])", r#""0""#),
        (r#"decimal("0.1").to_float()"#, "0.1"),
        (
            r#"[decimal("-1.9").to_int(), decimal("9223372036854775807.9").to_int()]"#,
            "[-1,9223372036854775807]",
        ),
        (
            r#"[decimal("-1.5").abs(), decimal("-1.5").floor(), decimal("-0.5").ceiling(), decimal("0").sign()]"#,
            r#"["1.5","-2","0",0]"#,
        ),
        (
            r#"[max(decimal("1.5"), decimal("1.4")), min(decimal("1.5"), decimal("1.4"))]"#,
            r#"["1.5","1.4"]"#,
        ),
    ])
    .await;
    assert_eq!(check(r#"decimal("1.10")"#).await, r#"200 application/json "1.10""#);
    assert_eq!(
        check(r#"csv::stringify([[decimal("1.10")]])"#).await,
        "200 text/plain; charset=utf-8 1.10"
    );
    assert_eq!(
        check(r#"url::query(#{ price: decimal("1.10") })"#).await,
        "200 text/plain; charset=utf-8 price=1.10"
    );
}

#[tokio::test]
async fn decimals_are_compared_by_their_value() {
    give(&[
        (r#"decimal("1.0") == decimal("1.00")"#, "true"),
        (r#"[decimal("1.0") == 1, 1 == decimal("1.0"), decimal("1.1") != 1, 2 > decimal("1.9"), decimal("1.9") < 2]"#, "[true,true,true,true,true]"),
        (r#"[decimal("2") >= 2, decimal("2") <= 1, 1 >= decimal("2")]"#, "[true,false,false]"),
        (r#"decimal("1") == "1""#, "false"),
        (r#"decimal("2.5") in [1, decimal("2.50")]"#, "true"),
        (r#"let l = [decimal("2"), decimal("-1"), decimal("1.5")]; l.sort(|a, b| (a - b).sign()); l"#, r#"["-1","1.5","2"]"#),
        (r#"[#{ price: decimal("2") }].map(|it| it.price * 2)"#, r#"["4"]"#),
    ])
    .await;
    throw(&[
        (r#"decimal("1.1") == 1.1"#, "bad_decimal"),
        (r#"1.1 < decimal("1.1")"#, "bad_decimal"),
    ])
    .await;
}

#[tokio::test]
async fn decimals_are_rounded_as_asked() {
    // Value, and how it is with ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP and ROUND_DOWN at two digits.
    for (value, even, half_up, up, down) in [
        ("2.345", "2.34", "2.35", "2.35", "2.34"),
        ("2.355", "2.36", "2.36", "2.36", "2.35"),
        ("-2.345", "-2.34", "-2.35", "-2.35", "-2.34"),
        ("0.005", "0.00", "0.01", "0.01", "0.00"),
        ("-0.001", "0.00", "0.00", "-0.01", "0.00"),
        ("1.1", "1.10", "1.10", "1.10", "1.10"),
        ("1", "1.00", "1.00", "1.00", "1.00"),
    ] {
        let source =
            format!("let d = decimal({value:?}); [d.round(2), d.round_half_up(2), d.round_up(2), d.round_down(2)]");
        give(&[(&source, &format!("[{even:?},{half_up:?},{up:?},{down:?}]"))]).await;
    }
    give(&[(
        r#"[decimal("2.5").round(0), decimal("3.5").round(0), decimal("1").round(28)]"#,
        r#"["2","4","1.0000000000000000000000000000"]"#,
    )])
    .await;
    throw(&[
        (r#"decimal("1").round(-1)"#, "bad_argument"),
        (r#"decimal("1").round_up(29)"#, "bad_argument"),
    ])
    .await;
}

#[tokio::test]
async fn what_is_no_decimal_is_refused() {
    for text in [
        "", "-", "+1", "1.", ".5", "1e3", "1_000", " 1", "1,5", "0x10", "1.2.3", "--1", "١", "NaN",
    ] {
        throw(&[(&format!("decimal({text:?})"), "bad_decimal")]).await;
    }
    throw(&[
        (r#"decimal("79228162514264337593543950336")"#, "bad_decimal"),
        (r#"decimal("0.00000000000000000000000000001")"#, "bad_decimal"),
        (r#"let t = "1"; t.pad(100000, "0"); decimal(t)"#, "bad_decimal"),
        ("decimal(0.0 / 0.0)", "bad_decimal"),
        ("decimal(1e300)", "bad_decimal"),
        ("decimal(true)", "bad_decimal"),
        ("decimal::sum([()])", "bad_decimal"),
        (r#"kv::set("k", decimal("1"))"#, "cannot_be_kept"),
    ])
    .await;
    for (source, message) in [
        (r#"decimal("79228162514264337593543950335") + 1"#, "Addition overflow"),
        (
            r#"decimal("79228162514264337593543950335") * 2"#,
            "Multiplication overflow",
        ),
        (r#"decimal("1") / 0"#, "Division by zero"),
        (r#"1 % decimal("0.0")"#, "Division by zero"),
        (r#"decimal("9223372036854775808").to_int()"#, "Integer overflow"),
    ] {
        let ended = check(source).await;
        assert!(
            ended.starts_with("threw arithmetic: ") && ended.contains(message),
            "{source}: {ended}"
        );
    }
    let ended = check(r#"decimal("1") + 1.5"#).await;
    assert!(ended.starts_with("threw function_not_found: "), "{ended}");
}
