//! Where the instructions of a program stand in its source, for errors.
//!
//! Rhai's table names one place for each instruction. Which of several an error is about is known only when it happens:
//! `a[i] += b` may fail at `a`, at `[`, at `i` and at `+=`, so the syntax tree is asked for these.

use std::collections::BTreeMap;

use picloud_sdk::sidecar::{Sidecar, Site};
use rhai::grain::bytecode::Op;
use rhai::grain::{self, Program};
use rhai::{AST, ASTFlags, ASTNode, Expr, Position, Stmt};

use crate::position::place;

/// Addresses from the program, which still has its positions; chain slots from Rhai's sidecar.
pub(crate) fn sidecar_of(ast: &AST, program: &Program<'_>, stripped: &grain::Sidecar) -> Sidecar {
    let named = Named::of(ast);
    let mut sidecar = Sidecar {
        slots: slots_of(stripped),
        functions: functions_of(program),
        ..Sidecar::default()
    };
    let chunks = program.functions().iter().map(|function| &function.chunk);
    let code = program.code();
    let mut operations: Vec<_> = [program.main()]
        .into_iter()
        .chain(chunks)
        .flat_map(|chunk| chunk.ops(code))
        .collect();
    operations.sort_by_key(|(address, _)| *address);
    for (address, operation) in &operations {
        if matches!(operation, Op::Tick) || target_of(operation).is_some_and(|target| target <= *address) {
            sidecar.turns.push(*address as u32);
        }
        let own = site(program.position(*address)).or_else(|| start_of(program, &operations, *address, operation));
        let Some(own) = own else { continue };
        let address = *address as u32;
        let key = (own.line, own.column);
        let path = named.paths.get(&key).filter(|_| matches!(operation, Op::Import { .. }));
        sidecar.addresses.push((address, *path.unwrap_or(&own)));
        let beginnings = match operation {
            Op::Chain(_) => &named.roots,
            _ => &named.namespaces,
        };
        sidecar.names.extend(beginnings.get(&key).map(|name| (address, *name)));
    }
    let mut next = sidecar.slots.iter().skip(1).map(|(_, site)| *site);
    for (slot, own) in &sidecar.slots {
        let key = (own.line, own.column);
        let behind = next.next();
        let bracket = named
            .brackets
            .get(&key)
            .filter(|bracket| behind.as_ref() == Some(bracket));
        sidecar.brackets.extend(bracket.map(|bracket| (*slot, *bracket)));
        sidecar
            .operators
            .extend(named.operators.get(&key).map(|operator| (*slot, *operator)));
    }
    sidecar
}

/// Where the body of the loop begins that an instruction goes back in: a run may be stopped there, and Rhai places no
/// jump. It places the one instruction before what a loop repeats.
fn start_of(program: &Program<'_>, all: &[(usize, Op)], address: usize, operation: &Op) -> Option<Site> {
    let target = target_of(operation).filter(|target| *target <= address)?;
    let top = all.binary_search_by_key(&target, |(address, _)| *address).ok()?;
    let (before, operation) = all.get(top.checked_sub(1)?)?;
    matches!(operation, Op::Tick)
        .then(|| site(program.position(*before)))
        .flatten()
}

/// Where a jump goes.
fn target_of(operation: &Op) -> Option<usize> {
    match operation {
        Op::Jump(target) | Op::JumpIfTrue { target } | Op::JumpIfFalse { target } => Some(*target as usize),
        _ => None,
    }
}

/// Line and column.
type Key = (u32, u32);

/// What the syntax tree knows of places, by the places that Rhai gives to instructions.
#[derive(Default)]
struct Named {
    /// By the first `.` or `[` of a chain: what stands before it.
    roots: BTreeMap<Key, Site>,
    /// By the name of a call or a variable: the path before it.
    namespaces: BTreeMap<Key, Site>,
    /// By the word `import`: the path.
    paths: BTreeMap<Key, Site>,
    /// By what stands in it: the `[` of an index.
    brackets: BTreeMap<Key, Site>,
    /// By the last step of what is assigned to: the `=`.
    operators: BTreeMap<Key, Site>,
}

impl Named {
    fn of(ast: &AST) -> Self {
        let mut named = Self::default();
        ast.walk(&mut |path| {
            match path.last() {
                Some(ASTNode::Stmt(statement)) => named.statement(statement),
                Some(ASTNode::Expr(expression)) => named.expression(expression),
                _ => {}
            }
            true
        });
        named
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Import(import, at) => note(&mut self.paths, *at, import.0.start_position()),
            Stmt::Assignment(assignment) => {
                if let Some(last) = steps(&assignment.1.lhs).last() {
                    note(&mut self.operators, last.0, assignment.0.position());
                }
            }
            Stmt::FnCall(call, at) if call.is_qualified() => {
                note(&mut self.namespaces, *at, call.namespace.position());
            }
            _ => {}
        }
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::FnCall(call, at) if call.is_qualified() => {
                note(&mut self.namespaces, *at, call.namespace.position());
            }
            Expr::Dot(chain, _, at) | Expr::Index(chain, _, at) => {
                if matches!(chain.lhs, Expr::Variable(..) | Expr::ThisPtr(_)) {
                    note(&mut self.roots, *at, chain.lhs.start_position());
                }
                for (step, bracket) in steps(expression) {
                    note(&mut self.brackets, step, bracket);
                }
            }
            _ => {}
        }
    }
}

fn note(table: &mut BTreeMap<Key, Site>, at: Position, place: Position) {
    if let (Some(at), Some(place)) = (site(at), site(place)) {
        table.insert((at.line, at.column), place);
    }
}

/// The steps of `a.b[i]` in order: the places of `b` and `i`, and of the `[` of an index.
fn steps(chain: &Expr) -> Vec<(Position, Position)> {
    let mut steps = Vec::new();
    let mut rest = Some(chain);
    while let Some(Expr::Dot(node, flags, at) | Expr::Index(node, flags, at)) = rest {
        let goes_on = !flags.contains(ASTFlags::BREAK) && matches!(node.rhs, Expr::Dot(..) | Expr::Index(..));
        let step = match &node.rhs {
            Expr::Dot(next, ..) | Expr::Index(next, ..) if goes_on => &next.lhs,
            last => last,
        };
        let is_index = matches!(rest, Some(Expr::Index(..)));
        steps.push(if is_index {
            (step.start_position(), *at)
        } else {
            (step.position(), Position::NONE)
        });
        rest = goes_on.then_some(&node.rhs);
    }
    steps
}

/// Where functions end, in order, each with its name.
fn functions_of(program: &Program<'_>) -> Vec<(u32, String)> {
    let named = program.functions().iter().map(|function| {
        // `type!name(parameters)`: Rhai tells the name in no other way.
        let text = function.disassemble(program);
        let typed = text.rsplit_once('(').map_or(&*text, |(typed, _)| typed);
        let name = typed.rsplit('!').next().unwrap_or_default();
        (function.chunk.end(), name.to_owned())
    });
    let mut functions: Vec<_> = named.chain([(program.main().end(), String::new())]).collect();
    functions.sort();
    functions
}

/// Rhai shows its table of slots to serde alone: a count, then line and column of each, as LEB128 numbers; line 0 is none.
fn slots_of(stripped: &grain::Sidecar) -> Vec<(u32, Site)> {
    #[derive(serde::Deserialize)]
    struct Tables {
        chains: Vec<u8>,
    }
    let fields = serde_json::to_string(stripped).expect("a sidecar is plain data");
    let tables: Tables = serde_json::from_str(&fields).expect("its tables are bytes");
    let mut bytes = tables.chains.into_iter();
    let mut number = move || {
        let mut value = 0_u32;
        for shift in (0..32).step_by(7) {
            let byte = bytes.next()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    };
    let count = number().unwrap_or(0);
    (0..count)
        .map_while(|slot| {
            Some((
                slot,
                Site {
                    line: number()?,
                    column: number()?,
                },
            ))
        })
        .filter(|(_, site)| site.line > 0)
        .collect()
}

pub(crate) fn site(at: Position) -> Option<Site> {
    let (line, column) = place(at);
    (line > 0).then_some(Site { line, column })
}
