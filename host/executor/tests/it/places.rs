//! An error's place is the one that native Rhai gives, over generated programs that fail.

use picloud_executor::Ending;
use rhai::{Dynamic, EvalAltResult, Position};

use crate::harness::{check, compile, get, job, run};
use crate::native;

/// Expressions that fail. A line may end at each space.
const EXPRESSIONS: [&str; 44] = [
    "missing",
    "missing . foo",
    "missing . foo ( )",
    "missing . foo . bar [ 1 ]",
    "missing [ 0 ]",
    "missing ( 1 , 2 )",
    "zed::bar ( 1 )",
    "zed::BAR",
    "zed::bar ( int , 2 )",
    "int . foo",
    "int . foo ( 1 )",
    "int . len . bar",
    "int [ \"x\" ]",
    "int [ 99 ]",
    "list [ 7 ]",
    "list [ \"x\" ]",
    "list [ 1 ] [ 9 ]",
    "list [ int - 5 ] [ 99 ]",
    "list [ missing . foo ]",
    "list [ missing ]",
    "list . push ( missing )",
    "list . foo ( 1 , int )",
    "list . map ( | x | x + missing )",
    "list . map ( | x | x . nope ( ) )",
    "map . a . b . c",
    "map . a . b ( )",
    "map . a [ 0 ] . b",
    "map [ 5 ]",
    "map . n . c",
    "map . f . call ( \"x\" )",
    "float [ 0 ]",
    "text . nope ( 1 )",
    "text [ 99 ]",
    "text - 1",
    "1 + text - int / 0",
    "int / ( int - 5 )",
    "- text",
    "! int",
    "throw \"it\"",
    "unbound ( )",
    "fail ( int , text )",
    "fail ( 1 , fail ( 2 , 3 ) )",
    "[ 1 , missing , 3 ]",
    "#{ a : int , b : missing . c }",
];

/// Statements that fail, in the same writing.
const STATEMENTS: [&str; 27] = [
    "missing = 1",
    "missing += 1",
    "missing . x = 1",
    "int += text - 1",
    "int -= text",
    "int /= 0",
    "CONST = 1",
    "CONST [ 0 ] = 1",
    "CONST . push ( 1 )",
    "list [ 7 ] = 1",
    "list [ \"x\" ] = 1",
    "list [ 0 ] -= \"x\"",
    "map . n -= \"x\"",
    "map . n /= 0",
    "map [ \"n\" ] -= \"x\"",
    "map . x += 1",
    "map [ \"x\" ] += 1",
    "map . x [ \"k\" ] = 1",
    "map [ \"x\" ] [ \"k\" ] = 1",
    "float [ 0 ] = 1",
    "float [ \"x\" ] += 1",
    "text [ 0 ] = 5",
    "int [ 0 ] = 5",
    "if int { 1 }",
    "while text { 1 }",
    "for i in int { 1 }",
    "import \"x\" as y",
];

/// Around an expression `@`.
const AROUND: [&str; 12] = [
    "@",
    "let x = @ ;",
    "int + @",
    "print ( @ )",
    "if true { @ } else { 0 }",
    "if @ == 1 { 1 }",
    "`a ${ @ } b`",
    "( @ ) . foo",
    "list [ @ ]",
    "for i in 0..2 { let y = i ; @ }",
    "list . for_each ( | i | { @ } )",
    "switch 1 { 1 => { @ } _ => 0 }",
];

const BEFORE: &str = "fn fail(a, b) {\n  a.none(b)\n}\nfn unbound() { this.foo }\n\
    const CONST = [1]; let int = 5; let float = 2.5; let text = \"abc\"; let list = [1, [2]];\n\
    let map = #{ n: 1, a: #{ b: 5 }, f: |x| x - 1 };\n";

/// A program as it stands, with a line's end at each of its spaces in turn, and with all of them.
fn lines(program: &str) -> Vec<String> {
    let gaps: Vec<usize> = program.match_indices(' ').map(|(at, _)| at).collect();
    let broken = gaps.iter().map(|at| {
        let mut lines = program.to_owned();
        lines.replace_range(*at..=*at, "\n");
        lines
    });
    [program.to_owned(), program.replace(' ', "\n")]
        .into_iter()
        .chain(broken)
        .collect()
}

fn programs() -> Vec<String> {
    let mut programs = Vec::new();
    for (turn, expression) in EXPRESSIONS.iter().enumerate() {
        for (place, around) in AROUND.iter().enumerate() {
            let program = around.replace('@', expression);
            if place == turn % AROUND.len() || place == 0 {
                programs.extend(lines(&program));
            } else {
                programs.push(program);
            }
        }
    }
    programs.extend(STATEMENTS.iter().flat_map(|statement| lines(statement)));
    programs
        .into_iter()
        .map(|program| format!("{BEFORE}{program}"))
        .collect()
}

/// The place of the error below all calls, or of the innermost call that has one.
fn place(error: &EvalAltResult) -> Position {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, at) | EvalAltResult::ErrorInModule(_, inner, at) => {
            match place(inner) {
                Position::NONE => *at,
                inner => inner,
            }
        }
        error => error.position(),
    }
}

#[tokio::test]
async fn an_error_is_where_native_rhai_has_it() {
    let mut engine = native::engine();
    engine.on_print(|_| {});
    let mut differences = Vec::new();
    let programs = programs();
    assert!(programs.len() > 1000, "{}", programs.len());
    for program in &programs {
        let Ok(compiled) = compile(program).await else { continue };
        let error = engine.eval::<Dynamic>(program).expect_err(program);
        let native = place(&error);
        let native = (native.line().unwrap_or(0), native.position().unwrap_or(0));
        let execution = run(job(compiled, get(), b"")).await;
        let Ending::Threw(ours) = execution.ending else {
            panic!("{program}: {execution:?}")
        };
        let found = (ours.stack[0].line as usize, ours.stack[0].column as usize);
        // A data race has no place there.
        if found != native && native != (0, 0) {
            differences.push(format!(
                "{native:?}, here {found:?}: {error}\n{}",
                &program[BEFORE.len()..]
            ));
        }
    }
    assert!(
        differences.is_empty(),
        "{}\n{} differ",
        differences.join("\n\n"),
        differences.len()
    );
}

#[tokio::test]
async fn swallowed_errors_leave_no_frames() {
    assert_eq!(
        check(r#"[3,1,2].sort(|a, b| a.x - b.x); throw "boom";"#).await,
        "threw thrown: boom @ 1:33"
    );
    let many =
        "let a = []; for i in 0..300 { a.push(i); }\na.sort(|a, b| a.x - b.x);\nfn f() { throw 1 }\n[1].map(|x| f())";
    assert_eq!(check(many).await, "threw thrown: 1 @f 3:10 <closure 4:13 < 4:5");
    let tried = "try { [1, 2].sort(|a, b| a.x) } catch { }\n[1, 2].sort(|a, b| a.x);\n\nnope()";
    assert!(check(tried).await.ends_with(" @ 4:1"), "{}", check(tried).await);
}

#[tokio::test]
async fn a_functions_name_is_called_as_a_method() {
    for (script, answer) in [
        ("fn f(x) { x + 1 } f.call(2)", "3"),
        ("fn f(x, y) { x + y } f.curry(1).call(2)", "3"),
        ("fn f(x) { x + 1 } f.name", "f"),
        ("fn f(x) { x + 1 } f.is_shared()", "false"),
        ("fn f(x) { x + 1 } fn g() { f.call(2) } g()", "3"),
        ("fn f(x) { x + 1 } [1].map(|x| f.call(x))", "[2]"),
        ("fn f(x) { x + 1 } let f = |x| x * 10; f.call(2)", "20"),
        ("fn f(x) { x + 1 } let g = f; g.call(2)", "3"),
        ("fn f(x) { this + x } 5.call(f, 2)", "7"),
    ] {
        let ended = check(script).await;
        assert!(ended.ends_with(&format!(" {answer}")), "{script}: {ended}");
    }
}
