//! Which parts of a module a run is handed, and that nobody can tell.

use std::sync::Arc;

use picloud_executor::Linked;

use crate::harness::{artifact, check_linked};

/// Thirty functions that do not know each other, and three that do.
fn wide() -> String {
    let one = |n| format!("fn f{n}(x) {{ x + {n} + global::BASE }}\n");
    let apart = (0..30).map(one).collect::<Vec<_>>().concat();
    format!(
        "export const BASE = 100;\nimport \"deep\" as deep;\n{apart}\
         fn even(n) {{ if n == 0 {{ true }} else {{ odd(n - 1) }} }}\n\
         private fn odd(n) {{ if n == 0 {{ false }} else {{ even(n - 1) }} }}\n\
         fn every(list) {{ list.map(|x| even(x)).map(deep::one) }}\n\
         fn fail(x) {{\n  x / 0\n}}\n"
    )
}

#[tokio::test]
async fn a_module_of_many_functions_is_loaded_in_parts() {
    let wide = wide();
    let modules = |source: &'static str| {
        [("deep", "fn one(x) { [x, 1] }"), ("wide", &wide), ("", source)]
            .map(|(name, source)| (name, source.to_owned()))
    };
    for (source, expected) in [
        (
            r#"import "wide" as w; [w::f3(1), w::f29(1), w::BASE]"#,
            "200 application/json [104,130,100]",
        ),
        (
            r#"import "wide" as w; [w::even(4), w::even(5)]"#,
            "200 application/json [true,false]",
        ),
        (r#"import "wide" as w; w::BASE"#, "200 application/json 100"),
        (r#"import "wide" as w; w::deep::one(7)"#, "200 application/json [7,1]"),
        (
            r#"import "wide" as w; fn f5(x) { "mine" } [w::f4(1), f5(1)]"#,
            r#"200 application/json [105,"mine"]"#,
        ),
        (
            "import \"wide\" as w;\nw::f3(1) + w::fail(1)",
            "threw arithmetic: Division by zero: 1 / 0 @fail wide:37:5 < 2:15",
        ),
    ] {
        let modules = modules(source);
        let modules: Vec<(&str, &str)> = modules.iter().map(|(name, source)| (*name, source.as_str())).collect();
        assert_eq!(check_linked(&modules).await, expected, "{source}");
    }
}

#[tokio::test]
async fn only_the_parts_that_may_be_used_are_handed_in() {
    let loaded = async |source: &str| {
        let module = artifact(&wide()).await.unwrap();
        let linked = Linked::of(artifact(source).await.unwrap(), [(Arc::from("wide"), module)]);
        linked.modules[0].1.len()
    };
    assert_eq!(loaded(r#"import "wide" as w; 1"#).await, 0);
    assert_eq!(loaded(r#"import "wide" as w; w::f3(1)"#).await, 1);
    assert_eq!(loaded(r#"import "wide" as w; w::f3(w::f4(1)) + w::even(2)"#).await, 3);
    // A name without a path could be one of the module's, in a closure that is handed to it: it is loaded whole.
    let whole = artifact(&wide()).await.unwrap().functions.len();
    for source in [
        r#"let f = Fn("f3"); w::f4(1)"#,
        "w::f4(1).f3()",
        "w::every([1].filter(|x| f3(x)))",
        "let f5 = 1; w::f4(f5)",
    ] {
        let source = format!("import \"wide\" as w; {source}");
        let linked = Linked::of(
            artifact(&source).await.unwrap(),
            [(Arc::from("wide"), artifact(&wide()).await.unwrap())],
        );
        assert_eq!(linked.modules[0].1.len(), 1, "{source}");
        assert!(linked.modules[0].1[0].functions.len() >= whole, "{source}");
    }
}

#[tokio::test]
async fn a_module_whose_text_does_not_tell_stays_whole() {
    for source in [
        "const A = f(); fn f() { 1 } fn g() { 2 }",
        "fn f(name) { Fn(name).call() } fn g() { 2 }",
        "fn f() { g() } fn g() { f() }",
        "fn f() { let h = g; h.call() } fn g() { 1 }",
        "fn f() { Fn(\"g\").call() } fn g() { 1 }",
        "fn f() { 1.g() } fn g() { this }",
        "fn only() { 1 }",
        "fn f() { 1 } fn g() { 1 } f()",
    ] {
        let artifact = artifact(source).await.unwrap();
        assert_eq!(artifact.parts.len(), 0, "{source}");
    }
    let artifact = artifact("const A = [1, #{ b: 2 }]; fn f() { [1].map(|x| x + 1) } fn g(x) { x } fn g(x, y) { y }")
        .await
        .unwrap();
    let parts: Vec<_> = artifact
        .parts
        .iter()
        .map(|part| part.functions.iter().filter(|name| !name.starts_with("anon$")).count())
        .collect();
    assert_eq!(parts, [1, 1]);
}

#[tokio::test]
async fn what_a_module_does_is_the_same_in_parts_and_whole() {
    let long = "h".repeat(70);
    let long_module = format!("fn apply() {{ Fn(\"{long}\").call(3) }} fn {long}(x) {{ x * 10 }}");
    for (module, source, expected) in [
        (
            "const F = |x| x + 1; fn a(x) { global::F.call(x) } fn b() { 1 }",
            "k::a(1)",
            "2",
        ),
        (
            "fn mk() { |x| x + 1 } fn ap(f, x) { f.call(x) }",
            "k::ap(k::mk(), 4)",
            "5",
        ),
        (
            "fn mk(n) { #{ n: n, inc: |x| this.n + x } } fn go1(o) { o.inc(1) } fn u() { }",
            "let o = k::mk(3); k::go1(o)",
            "4",
        ),
        (
            "fn apply(f) { f.call(3) } fn helper(x) { x * 10 }",
            r#"k::apply(Fn("hel" + "per"))"#,
            "30",
        ),
        (
            "fn apply(f) { f.call() } fn helper(x) { x }",
            r#"k::apply(|| is_def_fn("hel" + "per", 1))"#,
            "true",
        ),
        (&long_module, "k::apply()", "30"),
        (
            r#"fn string.shout() { this + "!" } fn other() { 1 }"#,
            r#""hi".shout().len()"#,
            "3",
        ),
        (
            "fn ap(f) { f.call(2) } fn ptr() { double } fn double(x) { x * 2 }",
            "k::ap(k::ptr())",
            "4",
        ),
        (
            "fn a(list) { list.map(|x| b(x)) } fn b(x) { x + 1 } fn c() { 1 }",
            "k::a([1]).len() + k::c()",
            "2",
        ),
        (
            "fn a(list) { let n = 2; list.map(|x| x * n) } fn c() { 1 }",
            "k::a([3])[0] + k::c()",
            "7",
        ),
    ] {
        let source = format!("import \"k\" as k; {source}");
        let ended = check_linked(&[("k", module), ("", &source)]).await;
        assert_eq!(ended, format!("200 application/json {expected}"), "{module}: {source}");
    }
}

#[tokio::test]
async fn a_module_does_not_grow_by_its_parts() {
    let many = (0..5_000)
        .map(|n| format!("fn f{n}(){{}}"))
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(artifact(&many).await.unwrap().parts.len(), 0);
    let functions = (0..200)
        .map(|n| format!("fn f{n}() {{ {n} }}"))
        .collect::<Vec<_>>()
        .concat();
    let large = format!("const TEXT = \"{}\"; {functions}", "x".repeat(40_000));
    let artifact = artifact(&large).await.unwrap();
    assert_eq!(artifact.parts.len(), 0);
    assert!(artifact.program.len() < 2 * large.len());
}
