//! Source to artifact, inside the compiler's sandbox.

use picloud_sdk::compile::{Artifact, COMPUTED_IMPORT, Compiled, Diagnostic, Import, Part, Source};
use picloud_sdk::names;
use picloud_sdk::sidecar::Sidecar;
use picloud_sdk::wire;
use rhai::grain::Compiler;
use rhai::{AST, ASTNode, Engine, Expr, LexError, ParseError, ParseErrorType, Position, Stmt};

use crate::position::place;
use crate::{linkage, lint, parts, places, tokens};

/// How much larger than the whole program all parts of a module may be.
const PARTS_TO_WHOLE_MAX: usize = 8;
/// Each costs another parse.
const MISPLACED_DOC_COMMENTS_MAX: usize = 32;

/// The answer to `source`, encoded.
pub(crate) fn compile(engine: Engine, source: &Source<'_>) -> Vec<u8> {
    let compiled = match artifact(&engine, source.text) {
        Ok(artifact) => Compiled::Artifact(Box::new(artifact)),
        Err(diagnostic) => Compiled::Refused(vec![diagnostic]),
    };
    // The instance ends here; freeing a deep tree could only fail.
    std::mem::forget(engine);
    wire::encode(&compiled)
}

fn artifact(engine: &Engine, text: &str) -> Result<Artifact, Diagnostic> {
    let ast = parse(engine, text)?;
    if let Some(at) = first_eval(&ast) {
        let message = "eval cannot run here: scripts are compiled ahead of time".to_owned();
        return Err(diagnostic("eval", message, at, text));
    }
    let imports = linkage::imports(&ast);
    if let Some(import) = imports.iter().find(|import| !names::is_script(&import.name)) {
        return Err(bad_module_name(import));
    }
    let (found, hints) = lint::look(&ast);
    let (program, mut sidecar) = written(&ast, text)?;
    let mut parts = in_parts(&ast, text, program.len())?;
    for sidecar in parts.iter_mut().map(|part| &mut part.sidecar).chain([&mut sidecar]) {
        let hints = hints
            .iter()
            .filter_map(|(at, meant)| Some((places::site(*at)?, meant.clone())));
        sidecar.hints = hints.collect();
    }
    let artifact = Artifact {
        parts,
        program,
        sidecar,
        mentions: parts::mentions(&ast).into_iter().collect(),
        makes_names: parts::makes_names(&ast),
        has_methods: parts::has_methods(&ast),
        imports,
        uses: linkage::uses(&ast),
        functions: linkage::functions(&ast),
        constants: linkage::constants(&ast),
        unfit: linkage::unfit(&ast)
            .map(|(message, at)| diagnostic("not_in_module", message, at, text))
            .collect(),
        warnings: linkage::computed_imports(&ast)
            .into_iter()
            .map(|at| computed_import(at, text))
            .chain(
                found
                    .into_iter()
                    .map(|(code, message, at)| diagnostic(code, message, at, text)),
            )
            .collect(),
    };
    std::mem::forget(ast);
    Ok(artifact)
}

/// Bytecode, and what places its addresses in the source.
fn written(ast: &AST, text: &str) -> Result<(Vec<u8>, Sidecar), Diagnostic> {
    let program = Compiler::new().compile(ast);
    if let Some((construct, at)) = program.first_unsupported() {
        let message = format!("{construct} cannot be compiled ahead of time");
        return Err(diagnostic("unsupported", message, at, text));
    }
    let stripped = program
        .write_stripped()
        .map_err(|error| diagnostic("unsupported", error.to_string(), Position::NONE, text))?;
    let sidecar = places::sidecar_of(ast, &program, &stripped.sidecar);
    std::mem::forget(program);
    Ok((stripped.artifact, sidecar))
}

/// Each part has all constants: a module for which that comes to much more than its `whole` program has no parts.
fn in_parts(ast: &AST, text: &str, whole: usize) -> Result<Vec<Part>, Diagnostic> {
    let mut made = Vec::new();
    let mut bytes = 0;
    for functions in parts::groups(ast) {
        let mut part = ast.clone();
        part.retain_functions(|_, _, name, _| functions.contains(name));
        let (program, sidecar) = written(&part, text)?;
        std::mem::forget(part);
        bytes += program.len();
        if bytes > PARTS_TO_WHOLE_MAX * whole {
            return Ok(Vec::new());
        }
        made.push(Part {
            functions: functions.into_iter().collect(),
            program,
            sidecar,
        });
    }
    Ok(made)
}

/// Rhai with metadata wants every doc comment before a function; without it they are comments as any other, which is
/// what people expect. So those in other places are made plain ones, of the same width: positions stay.
fn parse(engine: &Engine, text: &str) -> Result<AST, Diagnostic> {
    // A byte order mark is no part of a text, and is as wide as a space.
    let mut plain = match text.strip_prefix('\u{feff}') {
        Some(rest) => format!(" {rest}"),
        None => text.to_owned(),
    };
    for _ in 0..MISPLACED_DOC_COMMENTS_MAX {
        tokens::begin(&plain);
        match engine.compile(&plain) {
            Err(ParseError(kind, at)) if *kind == ParseErrorType::WrongDocComment => {
                let Some(start) = offset(&plain, at) else { break };
                let (marker, other) = match &plain[start..] {
                    comment if comment.starts_with("///") => ("///", "// "),
                    comment if comment.starts_with("/**/") => ("/**/", "    "),
                    comment if comment.starts_with("/**") => ("/**", "/* "),
                    _ => break,
                };
                plain.replace_range(start..start + marker.len(), other);
            }
            parsed => return parsed.map_err(|error| of_parse_error(&error, text)),
        }
    }
    tokens::begin(&plain);
    engine.compile(&plain).map_err(|error| of_parse_error(&error, text))
}

/// Where a place is in the text, in bytes.
fn offset(text: &str, at: Position) -> Option<usize> {
    let (line, column) = (at.line()?, at.position()?);
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let (within, _) = text[start..].char_indices().nth(column - 1)?;
    Some(start + within)
}

/// Rhai names what it cannot lower at file level only; `eval` in a function would go unnamed.
fn first_eval(ast: &AST) -> Option<Position> {
    let mut found = None;
    ast.walk(&mut |path| {
        let call = match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, at)) | ASTNode::Stmt(Stmt::FnCall(call, at))) => Some((call, *at)),
            _ => None,
        };
        found = call
            .filter(|(call, _)| call.name == "eval" && !call.is_qualified())
            .map(|(_, at)| at);
        found.is_none()
    });
    found
}

fn of_parse_error(error: &ParseError, text: &str) -> Diagnostic {
    let code = match error.err_type() {
        ParseErrorType::ExprTooDeep => "too_deep",
        ParseErrorType::Reserved(_) => "reserved",
        ParseErrorType::AssignmentToConstant(_) => "constant",
        _ => "syntax",
    };
    let message = match error.err_type() {
        ParseErrorType::ExprTooDeep => DEPTH.to_owned(),
        other => other.to_string(),
    };
    // Rhai places a text that goes on behind a hole, and has no end, there or nowhere.
    let at = match error.position() {
        at if is_open(error.err_type()) => tokens::open_template().unwrap_or(at),
        at => at,
    };
    let at = if at.is_none() { end_of(text) } else { at };
    diagnostic(code, message, at, text)
}

fn is_open(error: &ParseErrorType) -> bool {
    matches!(error, ParseErrorType::BadInput(LexError::UnterminatedString))
}

/// What the parser takes of each kind; tests measure it.
const DEPTH: &str = "this is nested too deep: 63 parentheses fit into each other, 42 arrays, maps, `if`s or closures \
                     (25 closures with blocks), 31 texts with `${..}`; split it";

/// Behind the last character.
fn end_of(text: &str) -> Position {
    let line = text.split('\n').count();
    let column = text.split('\n').next_back().map_or(0, |line| line.chars().count());
    Position::new(
        line.try_into().unwrap_or(u16::MAX),
        (column + 1).try_into().unwrap_or(u16::MAX),
    )
}

fn bad_module_name(import: &Import) -> Diagnostic {
    let name = &import.name;
    let hint = names::meant(name).map_or_else(String::new, |meant| format!("; write {meant:?}"));
    Diagnostic {
        code: "bad_module_name".to_owned(),
        message: format!("no module can be called {name:?}: {}{hint}", names::RULE),
        line: import.line,
        column: import.column,
        end: Some(import.end()),
    }
}

fn diagnostic(code: &str, message: String, at: Position, text: &str) -> Diagnostic {
    let (line, column) = place(at);
    let end = (line > 0 && column > 0).then(|| (line, column + width_at(text, line, column)));
    Diagnostic {
        code: code.to_owned(),
        message,
        line,
        column,
        end,
    }
}

fn computed_import(at: Position, text: &str) -> Diagnostic {
    let message = "this name is known only when it runs: it then finds just the modules that the script or one of \
                   its modules also imports by a literal name";
    diagnostic(COMPUTED_IMPORT, message.to_owned(), at, text)
}

/// How many characters the word at a place has: a whole identifier or number, else one.
fn width_at(text: &str, line: u32, column: u32) -> u32 {
    let Some(line) = text.lines().nth(line as usize - 1) else {
        return 1;
    };
    let word = line
        .chars()
        .skip(column as usize - 1)
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .count();
    (word as u32).max(1)
}
