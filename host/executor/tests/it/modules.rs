//! What `import` does in a run; which modules a run has is the host's business.

use picloud_executor::Ending;

use crate::harness::{check_linked, run_linked};

const PRICING: (&str, &str) = (
    "pricing",
    r"
        export const VAT = 20;
        const SECRET = 7;
        /// The price of `item`.
        fn price(item) { item * factor() }
        fn price(item, count) { price(item) * count }
        fn secret() { global::SECRET + hidden() }
        private fn hidden() { 1 }
        private fn factor() { 2 }
    ",
);

#[tokio::test]
async fn functions_are_told_apart_by_their_number_of_arguments() {
    let ended = check_linked(&[PRICING, ("", r#"import "pricing" as p; [p::price(2), p::price(2, 3)]"#)]).await;
    assert_eq!(ended, "200 application/json [4,12]");
}

#[tokio::test]
async fn exported_constants_are_seen_and_private_ones_work_inside() {
    let ended = check_linked(&[PRICING, ("", r#"import "pricing" as p; [p::VAT, p::secret()]"#)]).await;
    assert_eq!(ended, "200 application/json [20,8]");
    for hidden in ["p::SECRET", "p::hidden()"] {
        let source = format!(r#"import "pricing" as p; {hidden}"#);
        let ended = check_linked(&[PRICING, ("", &source)]).await;
        assert!(ended.starts_with("threw "), "{hidden}: {ended}");
    }
}

#[tokio::test]
async fn an_import_is_seen_where_it_stands() {
    for source in [
        r#"fn f() { import "pricing" as p; p::price(1) } f()"#,
        r#"let x = 0; { import "pricing" as p; x = p::price(1); } x"#,
        r#"let f = |x| { import "pricing" as p; p::price(x) }; f.call(1)"#,
        r#"import "pricing" as p; fn f() { p::price(1) } f()"#,
        r#"import "pricing" as p; let f = |x| p::price(x); f.call(1)"#,
        r#"import "pricing" as p; [1].map(|x| p::price(x))[0]"#,
    ] {
        assert_eq!(
            check_linked(&[PRICING, ("", source)]).await,
            "200 application/json 2",
            "{source}"
        );
    }
}

#[tokio::test]
async fn an_alias_ends_with_its_block() {
    for source in [
        r#"fn f() { import "pricing" as p; p::price(1) } f(); p::price(1)"#,
        r#"{ import "pricing" as p; } p::price(1)"#,
        r#"if true { import "pricing" as p; p::VAT } p::VAT"#,
        r#"let f = || { import "pricing" as p; }; f.call(); p::price(1)"#,
        r#"let s = `${{ import "pricing" as p; p::VAT }}`; p::VAT"#,
    ] {
        let ended = check_linked(&[PRICING, ("", source)]).await;
        assert!(
            ended.starts_with(r#"threw module_not_found: there is no module "p" here"#),
            "{source}: {ended}"
        );
    }
    let (a, b) = (("a", "fn who() { 1 } fn same() { 1 }"), ("b", "fn who() { 2 }"));
    let source = r#"
        import "a" as m;
        fn inner() { import "b" as m; m :: who() }
        let list = [m::who(), inner(), m::who()];
        { import "b" as m; list += m::who(); { import "a" as m; list += m::who(); } list += m::who(); }
        for i in 0..2 { let m = #{ who: 3 }; list += m.who; import "b" as m; list += m::who(); }
        list + [m::who()]
    "#;
    let ended = check_linked(&[a, b, ("", source)]).await;
    assert_eq!(ended, "200 application/json [1,2,1,2,1,2,3,2,3,2,1]");
    let ended = check_linked(&[b, ("", r#"{ import "b" as m; m::nope(1) }"#)]).await;
    assert_eq!(
        ended,
        "threw function_not_found: Function not found: m::nope (int) @ 1:23"
    );
}

#[tokio::test]
async fn a_module_in_a_module_is_reached_through_it() {
    let shop = (
        "shop/cart",
        r#"import "pricing" as pricing; fn total(items) { pricing::price(items) + pricing::VAT }"#,
    );
    let ended = check_linked(&[
        PRICING,
        shop,
        (
            "",
            r#"import "shop/cart" as cart; [cart::total(3), cart::pricing::price(1), cart::pricing::VAT]"#,
        ),
    ])
    .await;
    assert_eq!(ended, "200 application/json [26,2,20]");
}

#[tokio::test]
async fn constants_are_evaluated_once_and_only_when_imported() {
    let noisy = (
        "noisy",
        r#"export const N = { print("evaluated"); 5 }; fn n() { global::N }"#,
    );
    let ended = check_linked(&[
        noisy,
        (
            "",
            r#"fn f() { import "noisy" as n; n::n() + n::N } import "noisy" as m; f() + f() + m::N"#,
        ),
    ])
    .await;
    assert_eq!(ended, "200 application/json 25 [info evaluated]");
    let ended = check_linked(&[noisy, ("", r#"if false { import "noisy" as n; n::n() } 1"#)]).await;
    assert_eq!(ended, "200 application/json 1");
}

#[tokio::test]
async fn a_closure_that_is_handed_to_a_module_runs_there() {
    let lists = (
        "lists",
        "fn helper(x) { x + 100 } fn each(list, f) { list.map(|x| f.call(x)) } fn same(f) { f }",
    );
    let source = r#"
        import "lists" as l;
        let k = 10;
        let back = l::same(|x| x * 2);
        [l::each([1, 2], |x| x + k), l::each([1], |x| helper(x)), back.call(3)]
    "#;
    // Rhai looks functions up where a closure is called, so `helper` is the module's.
    let ended = check_linked(&[lists, ("", source)]).await;
    assert_eq!(ended, "200 application/json [[11,12],[101],6]");
}

#[tokio::test]
async fn a_closure_that_a_module_made_is_not_known_outside() {
    let makers = ("makers", "fn adder(n) { |x| x + n }");
    let ended = check_linked(&[makers, ("", r#"import "makers" as m; m::adder(5).call(1)"#)]).await;
    assert_eq!(
        ended,
        "threw function_not_found: a closure that a module made can be called only inside that module @ 1:35"
    );
}

#[tokio::test]
async fn a_module_sees_nothing_of_its_importer() {
    let nosy = ("nosy", "fn look() { hidden }");
    let ended = check_linked(&[
        nosy,
        ("", r#"let hidden = 1; const SECRET = 2; import "nosy" as n; n::look()"#),
    ])
    .await;
    assert!(ended.starts_with("threw variable_not_found"), "{ended}");
    let nosy = ("nosy", "fn look() { global::SECRET }");
    let ended = check_linked(&[nosy, ("", r#"const SECRET = 2; import "nosy" as n; n::look()"#)]).await;
    assert!(ended.starts_with("threw variable_not_found"), "{ended}");
}

#[tokio::test]
async fn req_and_ctx_are_known_in_modules() {
    let module = ("m", "fn who() { `${ctx.app} ${req.method}` }");
    let ended = check_linked(&[module, ("", r#"import "m" as m; m::who()"#)]).await;
    assert_eq!(ended, "200 text/plain; charset=utf-8 acme GET");
}

#[tokio::test]
async fn an_error_names_the_module_and_the_calls_into_it() {
    let inner = ("inner", "fn divide(a, b) {\n    a / b\n}");
    let outer = (
        "outer",
        "import \"inner\" as i;\n\nfn half(a) {\n    i::divide(a, 0)\n}",
    );
    let ended = check_linked(&[
        inner,
        outer,
        ("", "import \"outer\" as o;\nfn f(x) { o::half(x) }\nf(1)"),
    ])
    .await;
    assert_eq!(
        ended,
        "threw arithmetic: Division by zero: 1 / 0 @divide inner:2:7 <half outer:4:8 <f 2:14 < 3:1"
    );
}

#[tokio::test]
async fn an_error_in_a_constant_names_its_module() {
    let module = ("m", "const A = 1;\nconst B = A / 0;");
    let ended = check_linked(&[module, ("", "import \"m\" as m; m::B")]).await;
    assert_eq!(ended, "threw arithmetic: Division by zero: 1 / 0 @ m:2:13 < 1:8");
}

#[tokio::test]
async fn a_name_that_a_run_computes_finds_what_is_linked() {
    let source = r#"let name = "pri" + "cing"; import name as p; p::price(1)"#;
    let also = format!("if false {{ import \"pricing\" as other; }} {source}");
    assert_eq!(check_linked(&[PRICING, ("", &also)]).await, "200 application/json 2");
    let ended = check_linked(&[("", source)]).await;
    assert!(
        ended.starts_with(r#"threw module_not_found: there is no module "pricing" here"#),
        "{ended}"
    );
    for name in ["../pricing", "/etc/passwd", "pricing\\x00", "", "PRICING"] {
        let ended = check_linked(&[PRICING, ("", &format!("let name = \"{name}\"; import name as p;"))]).await;
        assert!(ended.starts_with("threw module_not_found"), "{name}: {ended}");
    }
}

#[tokio::test]
async fn a_cycle_by_computed_names_is_an_error() {
    let module = ("m", r#"const NAME = "m"; const X = { import NAME as again; 1 };"#);
    let ended = check_linked(&[module, ("", r#"import "m" as m; 1"#)]).await;
    assert!(
        ended.contains(r#"the module "m" is imported while its own constants are evaluated"#),
        "{ended}"
    );
}

#[tokio::test]
async fn errors_of_modules_can_be_caught() {
    let module = ("m", r#"fn fail() { throw #{ code: "empty", message: "no items" } }"#);
    let ended = check_linked(&[
        module,
        (
            "",
            r#"import "m" as m; let code = (); try { m::fail() } catch (e) { code = e.code } code"#,
        ),
    ])
    .await;
    assert_eq!(ended, "200 text/plain; charset=utf-8 empty");
    let ended = check_linked(&[(
        "",
        r#"let had = true; try { import "gone" as g; } catch { had = false; } had"#,
    )])
    .await;
    assert_eq!(ended, "200 application/json false");
}

#[tokio::test]
async fn a_closure_has_its_place_where_it_was_written() {
    let lists = (
        "lists",
        "fn each(list, f) {\n    list.map(|x| f.call(x))\n}\nfn other() { 1 }",
    );
    let source = "import \"lists\" as l;\nl::each([1], |x| x / 0)";
    let ended = check_linked(&[lists, ("", source)]).await;
    assert_eq!(
        ended,
        "threw arithmetic: Division by zero: 1 / 0 @closure 2:20 <closure lists:2:20 <each lists:2:10 < 2:4"
    );
}

#[tokio::test]
async fn an_import_in_a_loop_costs_the_same_each_time() {
    let fuel = async |turns: u64, body: &str| {
        let source = format!("fn once() {{ import \"b\" as m; m::f() }} for i in 0..{turns} {{ {body} }}");
        let modules = [("a", "fn f() { 1 }"), ("b", "fn f() { 2 }"), ("", &source)];
        let (execution, _) = run_linked(&modules).await;
        assert!(matches!(execution.ending, Ending::Replied(_)), "{execution:?}");
        execution.usage.fuel
    };
    for body in [
        r#"import "a" as q; q::f();"#,
        r#"import "a" as q; import "b" as r; q::f() + r::f();"#,
        r#"{ import "a" as q; { import "b" as q; q::f(); } q::f(); }"#,
        "once();",
    ] {
        let (few, many) = (fuel(100, body).await, fuel(1000, body).await);
        assert!(many < few * 11, "{body}: {few} for 100 turns, {many} for 1000");
    }
}
