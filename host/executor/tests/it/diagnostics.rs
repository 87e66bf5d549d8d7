//! What the compiler says of a source: refusals and warnings, each with its place.

use crate::harness::{artifact, check};

/// Each warning as `line:column code: message`.
async fn warnings(source: &str) -> Vec<String> {
    let artifact = artifact(source)
        .await
        .unwrap_or_else(|wrong| panic!("{source}: {wrong:?}"));
    let warnings = artifact.warnings.into_iter();
    warnings
        .map(|warning| {
            format!(
                "{}:{} {}: {}",
                warning.line, warning.column, warning.code, warning.message
            )
        })
        .collect()
}

#[tokio::test]
async fn misspelt_names_are_warned_of() {
    for (source, warning) in [
        ("nope(1)", "1:1 unknown_function: there is no function `nope`"),
        (
            "fn total(x) { x }\ntotl(1)",
            "2:1 unknown_function: there is no function `totl`; did you mean `total`?",
        ),
        (
            "fn f() { pirnt(1) }",
            "1:10 unknown_function: there is no function `pirnt`; did you mean `print`?",
        ),
        (
            "let f = |x| x; f(1)",
            "1:16 unknown_function: `f` is a variable: call the function it holds by `f.call(..)`",
        ),
        (
            "[1].map(|g| g(1))",
            "1:13 unknown_function: `g` is a variable: call the function it holds by `g.call(..)`",
        ),
        (
            "sleep(1)",
            "1:1 unknown_function: there is no `sleep` here: a run does not wait",
        ),
        (
            "log::inof(\"x\")",
            "1:6 unknown_function: `log` has no `inof`; did you mean `info`?",
        ),
        ("zed::bar(1)", "1:1 not_imported: the module `zed` is not imported"),
        (
            "jsn::parse(\"1\")",
            "1:1 not_imported: the module `jsn` is not imported; did you mean `json`?",
        ),
        (
            "import \"money\" as money; mony::cents(1)",
            "1:26 not_imported: the module `mony` is not imported; did you mean `money`?",
        ),
        (
            "let total = 1; totl + 1",
            "1:16 unknown_variable: `totl` is not declared; did you mean `total`?",
        ),
        (
            "let a = b; let b = 1;",
            "1:9 unknown_variable: `b` is declared only further down",
        ),
        (
            "{ let a = 1; } a",
            "1:16 unknown_variable: `a` is declared in another block, and not here",
        ),
        (
            "const A = 1; fn f() { A }",
            "1:23 unknown_variable: a function does not see the variables around it: write `global::A`",
        ),
        (
            "let a = 1; fn f() { a }",
            "1:21 unknown_variable: a function does not see the variables around it: hand `a` over as a parameter",
        ),
        (
            "rqe.path",
            "1:1 unknown_variable: `rqe` is not declared; did you mean `req`?",
        ),
        ("[1].map(|x| x + y)", "1:17 unknown_variable: `y` is not declared"),
    ] {
        assert_eq!(warnings(source).await, [warning], "{source}");
    }
}

#[tokio::test]
async fn calls_that_nothing_takes_are_warned_of() {
    for (source, warning) in [
        (
            "kv::get()",
            "1:5 wrong_arity: `kv` has no `get` with 0 arguments: `kv::get(key: string)`, `kv::get(key: string, otherwise)`",
        ),
        (
            "kv::get(5)",
            "1:9 wrong_type: `kv::get` takes a string as `key`, and this is an int",
        ),
        (
            "let x = 1; text::pad_start(`${x}`, 1.5)",
            "1:36 wrong_type: `text::pad_start` takes an int as `length`, and this is a float",
        ),
        (
            "fn f() { random::pick(#{}) }",
            "1:23 wrong_type: `random::pick` takes an array as `values`, and this is a map",
        ),
        (
            "time::add(ctx.now, 5)",
            "1:20 wrong_type: `time::add` takes a map or a string, and this is an int",
        ),
        (
            "kv::get(())",
            "1:9 wrong_type: `kv::get` takes a string as `key`, and this is `()`",
        ),
    ] {
        assert_eq!(warnings(source).await, [warning], "{source}");
    }
}

#[tokio::test]
async fn what_may_be_there_is_not_warned_of() {
    for source in [
        "fn f(x) { x } f(1); let g = f; g.call(1); f.call(2)",
        "let a = 1; [1].map(|x| x + a)",
        "for (x, i) in [1] { x + i } try { throw 1 } catch (e) { e }",
        "try { nope() } catch { } try { nope } catch { }",
        "if is_def_fn(\"nope\", 0) { nope() }",
        "if is_def_var(\"nope\") { nope }",
        "fn f() { a } let a = 1; f!()",
        "import \"shop/money\" as money; money::cents(1); money::RATE; [1].map(|x| helper(x))",
        "const A = 1; fn f() { global::A + req.path.len + ctx.version } f()",
        "let x = 1; { let y = x; y } switch x { 1 => { let z = 2; z } _ => x }",
        "fn int.double() { this * 2 } 2.double()",
        "debug(type_of(1)); let f = Fn(\"max\"); f.call(1, 2); curry(f, 1); is_shared(f); parse_json(\"1\")",
        "if true { import \"lib\" as l; l::f() }",
        "kv::get(req.path); kv::set(\"a\", 5); kv::set(\"a\", [], #{}); let k = 5; kv::get(k)",
        "import \"lib\" as kv; kv::get()",
        "try { kv::get(5); kv::get() } catch { }",
        "time::add(ctx.now, #{ days: 1 }); time::add(ctx.now, \"1d\"); crypto::sha256(\"a\"); log::info(1, #{ a: 2 })",
    ] {
        assert_eq!(warnings(source).await, [""; 0], "{source}");
    }
}

#[tokio::test]
async fn a_name_that_no_module_can_have_is_refused() {
    for (source, place, hint) in [
        ("import \"lib.rhai\" as lib;", "1:8", "; write \"lib\""),
        ("let a = 1;\nimport \"./lib\" as lib;", "2:8", "; write \"lib\""),
        ("fn f() { import \"../x\" as x; }", "1:17", "; write \"x\""),
        (
            "import \"Shop/HttpClient\" as c;",
            "1:8",
            "; write \"shop/http_client\"",
        ),
        ("import \"\" as c;", "1:8", ""),
    ] {
        let refused = check(source).await;
        assert!(
            refused.starts_with(&format!("refused {place} bad_module_name: no module can be called ")),
            "{refused}"
        );
        assert!(refused.ends_with(&format!("as in shop/orders{hint}")), "{refused}");
    }
    let wrong = artifact("import \"./lib\" as lib;").await.unwrap_err();
    assert_eq!(wrong[0].end, Some((1, 15)), "with its quotes");
}

#[tokio::test]
async fn imports_are_placed_at_their_paths() {
    let artifact = artifact("import \"a\" as a;\nfn f() { import \"b/c\" as c; }")
        .await
        .unwrap();
    let places: Vec<_> = artifact
        .imports
        .iter()
        .map(|import| (import.line, import.column, import.outermost))
        .collect();
    assert_eq!(places, [(1, 8, true), (2, 17, false)]);
    assert_eq!(warnings("let a = \"x\";\nimport a + \"y\" as b;").await.len(), 1);
    assert!(warnings("let a = \"x\";\nimport a + \"y\" as b;").await[0].starts_with("2:10 computed_import: "));
}

#[tokio::test]
async fn a_text_without_an_end_is_placed_where_it_begins() {
    for (source, place) in [
        ("print(`a ${1}", "1:7"),
        ("let x = 1;\nprint(`a ${x} b ${x} c", "2:7"),
        (
            "let x = `${1} ${`in ${2}`} `;\nlet y = `${`in ${2}`} ${ #{ a: { 1 } } } out",
            "2:9",
        ),
        ("let x = `a ${`b ${1}", "1:14"),
        ("`never", "1:1"),
        ("let x = \"never", "1:9"),
    ] {
        let refused = check(source).await;
        assert!(
            refused.starts_with(&format!("refused {place} syntax: ")),
            "{source}: {refused}"
        );
    }
}

/// The message and docs/scripts.md name these.
#[tokio::test]
async fn nesting_has_the_bounds_that_are_told() {
    let docs = include_str!("../../../../docs/scripts.md");
    let bounds = "63 parentheses fit into each other, 42 arrays, maps, `if`s or closures (25 closures with blocks), 31 texts with `${..}`";
    assert!(docs.contains(bounds));
    for (deep, [before, after]) in [
        (63, ["(", ")"]),
        (42, ["[", "]"]),
        (42, ["#{a: ", "}"]),
        (42, ["if true { ", " }"]),
        (42, ["|x| ", ""]),
        (25, ["|x| { ", " }"]),
        (31, ["`${", "}`"]),
    ] {
        let nested = |levels: usize| format!("{}1{}", before.repeat(levels), after.repeat(levels));
        assert!(artifact(&nested(deep)).await.is_ok(), "{deep} of {before}");
        let refused = check(&nested(deep + 1)).await;
        assert!(
            refused.contains(" too_deep: ") && refused.contains(bounds),
            "{before}: {refused}"
        );
    }
}

/// To compare two names costs the product of their lengths: thousands of them, or long ones, must not use up the fuel.
#[tokio::test]
async fn sources_full_of_unknown_names_compile() {
    let many: Vec<_> = (0..1500)
        .map(|i| format!("fn known_{i}() {{}}\nunknwn_{i}();"))
        .collect();
    let many = many.join("\n");
    assert_eq!(warnings(&many).await.len(), 50);
    let long = "n".repeat(30_000);
    assert_eq!(warnings(&format!("fn {long}a() {{}}\n{long}b()")).await.len(), 1);
}

#[tokio::test]
async fn a_byte_order_mark_is_no_part_of_a_source() {
    assert_eq!(check("\u{feff}1 + 1").await, "200 application/json 2");
    assert_eq!(check("\u{feff}let x = ;").await, "refused 1:10 syntax: Unexpected ';'");
}
