//! What a source wants of other sources and what it offers them: imports, uses, exports, and whether it can be a module.

use picloud_sdk::compile::{Function, Import, Use};
use rhai::{AST, ASTFlags, ASTNode, Expr, FnAccess, ImmutableString, Namespace, Position, Stmt};

use crate::position::place;

/// Every literal `import`, wherever it stands.
pub(crate) fn imports(ast: &AST) -> Vec<Import> {
    let mut imports = Vec::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last()
            && let Expr::StringConstant(name, at) = &import.0
        {
            let (line, column) = place(*at);
            imports.push(Import {
                name: name.to_string(),
                alias: import.1.name.to_string(),
                outermost: false,
                line,
                column,
            });
        }
        true
    });
    for statement in ast.statements() {
        if let Stmt::Import(import, _) = statement {
            let (line, column) = place(import.0.position());
            let outermost = imports
                .iter_mut()
                .find(|import| (import.line, import.column) == (line, column));
            if let Some(import) = outermost {
                import.outermost = true;
            }
        }
    }
    imports
}

/// Where a name is imported that only a run knows.
pub(crate) fn computed_imports(ast: &AST) -> Vec<Position> {
    let mut computed = Vec::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last()
            && !matches!(import.0, Expr::StringConstant(..))
        {
            computed.push(import.0.start_position());
        }
        true
    });
    computed
}

/// Every name behind `::`.
pub(crate) fn uses(ast: &AST) -> Vec<Use> {
    let mut uses = Vec::new();
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, at)) | ASTNode::Stmt(Stmt::FnCall(call, at))) => {
                let arguments = Some(call.args.len() as u32);
                uses.extend(used(&call.namespace, &call.name, arguments, *at));
            }
            Some(ASTNode::Expr(Expr::Variable(variable, _, at))) => {
                uses.extend(used(&variable.2, &variable.1, None, *at));
            }
            _ => {}
        }
        true
    });
    uses
}

fn used(namespace: &Namespace, name: &ImmutableString, arguments: Option<u32>, at: Position) -> Option<Use> {
    if namespace.is_empty() {
        return None;
    }
    let (line, column) = place(at);
    Some(Use {
        path: namespace.to_string(),
        name: name.to_string(),
        arguments,
        line,
        column,
    })
}

/// Functions with a name; the others are closures.
pub(crate) fn functions(ast: &AST) -> Vec<Function> {
    ast.iter_functions()
        .filter(|function| !function.name.starts_with("anon$"))
        .map(|function| Function {
            name: function.name.to_owned(),
            params: function.params.iter().map(|param| (*param).to_owned()).collect(),
            private: matches!(function.access, FnAccess::Private),
        })
        .collect()
}

/// What importers see besides functions.
pub(crate) fn constants(ast: &AST) -> Vec<String> {
    let exported = |statement: &Stmt| match statement {
        Stmt::Var(variable, flags, _) if flags.contains(ASTFlags::EXPORTED) => Some(variable.0.name.to_string()),
        Stmt::Export(names, _) if names.1.name.is_empty() => Some(names.0.name.to_string()),
        Stmt::Export(names, _) => Some(names.1.name.to_string()),
        _ => None,
    };
    ast.statements().iter().filter_map(exported).collect()
}

/// Statements that a module may not have: whatever does something when it is imported.
pub(crate) fn unfit(ast: &AST) -> impl Iterator<Item = (String, Position)> {
    ast.statements().iter().filter_map(|statement| {
        let what = match statement {
            Stmt::Var(_, flags, _) if flags.contains(ASTFlags::CONSTANT) => return None,
            Stmt::Import(..) | Stmt::Export(..) | Stmt::Noop(_) => return None,
            Stmt::Var(..) => "`let` makes a variable, and a module has none: write `const`",
            _ => "this would run whenever the module is imported: put it into a function",
        };
        let message = format!("a module holds constants, imports and functions only; {what}");
        Some((message, statement.position()))
    })
}
