// Trees in the form of the corpus' `trees.jsonl`: s-expressions of what Rhai's own parser makes of a script.
import { literalText } from '../syntax/literals';
import type {
  Block,
  Chain,
  Closure,
  Expression,
  Function,
  If,
  Literal,
  Name,
  Node,
  Statement,
  Switch,
  Tree,
} from '../syntax/tree';
import { isSymbolicNumber, numberExpression, type SExpression } from './numbers';

export type FunctionRow = [
  receiver: string | null,
  name: string,
  params: string[],
  access: 'Public' | 'Private',
];

/** What a function can see, to find what its closures capture. */
interface Frame {
  variables: string[];
  captured: string[];
}

interface Converter {
  tree: Tree;
  frames: Frame[];
  functions: FunctionRow[];
  expressionsOnly: boolean;
}

export function sExpressions(
  tree: Tree,
  expressionsOnly = false,
): { tree: SExpression[]; functions: FunctionRow[] } {
  const c: Converter = { tree, frames: [{ variables: [], captured: [] }], functions: [], expressionsOnly };
  const { items } = tree.root;
  const rows = expressionsOnly
    ? items.map((item): SExpression => ['expr', value(c, item as Expression)])
    : statements(c, items);
  return { tree: rows, functions: c.functions };
}

function frame(c: Converter): Frame {
  return c.frames[c.frames.length - 1]!;
}

/** Notes the use of a variable: what a closure does not have itself it captures, except functions defined before. */
function use(c: Converter, name: string): void {
  const { variables, captured } = frame(c);
  if (variables.includes(name) || captured.includes(name)) return;
  if (!c.functions.some((row) => row[1] === name)) captured.push(name);
}

function statements(c: Converter, items: Statement[]): SExpression[] {
  const rows: SExpression[] = [];
  for (const item of items) {
    const row = statement(c, item);
    if (row) rows.push(row);
  }
  return rows;
}

function block(c: Converter, node: Block): SExpression[] {
  const { variables } = frame(c);
  const count = variables.length;
  const rows = statements(c, node.items);
  variables.length = count;
  return rows;
}

function bodyWith(c: Converter, names: (Name | null)[], node: Block): SExpression[] {
  const { variables } = frame(c);
  const count = variables.length;
  for (const name of names) if (name) variables.push(name.text);
  const rows = block(c, node);
  variables.length = count;
  return rows;
}

function statement(c: Converter, node: Statement): SExpression | null {
  switch (node.kind) {
    case 'stray':
      return null;
    case 'fn':
      define(c, node);
      return null;
    case 'block':
      return ['block', block(c, node)];
    case 'if':
      return ifElse(c, node);
    case 'switch':
      return switchCase(c, node);
    case 'while':
      return ['while', [value(c, node.condition), block(c, node.body), []]];
    case 'loop':
      return ['while', [['unit'], block(c, node.body), []]];
    case 'do': {
      const body = block(c, node.body);
      return ['do', node.until, [value(c, node.condition), body, []]];
    }
    case 'for': {
      const iterable = value(c, node.iterable);
      const body = bodyWith(c, [node.counter, node.name], node.body);
      return ['for', node.name.text, node.counter?.text ?? null, [iterable, body, []]];
    }
    case 'try': {
      const body = block(c, node.body);
      const handler = bodyWith(c, [node.name], node.handler);
      return ['try', [node.name ? ['var', node.name.text] : ['unit'], body, handler]];
    }
    case 'let':
      return variable(c, node, false);
    case 'export':
      if (node.declaration) return variable(c, node.declaration, true);
      return ['export', node.variable?.text ?? '', node.alias?.text ?? ''];
    case 'import':
      return ['import', value(c, node.path), node.alias?.text ?? ''];
    case 'assign': {
      const target = value(c, node.target);
      return ['assign', node.op, target, value(c, node.value)];
    }
    case 'jump':
      return [node.word, node.value && value(c, node.value)];
    default:
      return ['expr', value(c, node)];
  }
}

function variable(c: Converter, node: Extract<Statement, { kind: 'let' }>, exported: boolean): SExpression {
  const initial: SExpression = node.value ? value(c, node.value) : ['unit'];
  frame(c).variables.push(node.name.text);
  return [node.constant ? 'const' : 'let', node.name.text, initial, exported];
}

const TYPES = new Map([
  ['int', 'i64'],
  ['float', 'f64'],
]);

function define(c: Converter, node: Function): void {
  const type = node.receiver && fieldText(c, node.receiver);
  const params = node.params.items.map((item) => item.text);
  c.frames.push({ variables: [...params], captured: [] });
  block(c, node.body);
  c.frames.pop();
  c.functions.push([
    type && (TYPES.get(type) ?? type),
    node.name.text,
    params,
    node.exported ? 'Public' : 'Private',
  ]);
}

function fieldText(c: Converter, node: Name | Literal): string {
  return node.kind === 'name' ? node.text : literalText(c.tree.source, c.tree.tokens[node.first]!);
}

function ifElse(c: Converter, node: If): SExpression {
  const condition = value(c, node.condition);
  const body = block(c, node.body);
  const { otherwise } = node;
  const rest = !otherwise ? [] : otherwise.kind === 'if' ? [ifElse(c, otherwise)] : block(c, otherwise);
  return ['if', [condition, body, rest]];
}

function switchCase(c: Converter, node: Switch): SExpression {
  const subject = value(c, node.subject);
  const cases: SExpression[] = [];
  let fallback: SExpression | null = null;
  for (const arm of node.arms) {
    for (const pattern of arm.patterns) value(c, pattern);
    const guard: SExpression = arm.guard ? value(c, arm.guard) : ['bool', true];
    const body = c.expressionsOnly ? value(c, arm.body as Expression) : asBlock(c, arm.body);
    if (arm.patterns.length) cases.push([guard, body]);
    else fallback = body;
  }
  return ['switch', subject, cases, fallback];
}

/** A statement where a value belongs. */
function asBlock(c: Converter, node: Statement): SExpression {
  if (node.kind === 'block') return ['block', block(c, node)];
  const row = statement(c, node);
  return ['block', row ? [row] : []];
}

function values(c: Converter, nodes: Expression[]): SExpression[] {
  return nodes.map((node) => value(c, node));
}

function value(c: Converter, node: Expression): SExpression {
  switch (node.kind) {
    case 'paren':
      return value(c, node.inner);
    case 'literal':
      return literal(c, node);
    case 'this':
      return ['this'];
    case 'variable':
      use(c, node.text);
      return ['var', node.text];
    case 'path':
      return ['var', node.parts.map((part) => part.text).join('::')];
    case 'template':
      return template(c, node);
    case 'array':
      return ['array', values(c, node.items)];
    case 'map':
      return ['map', node.fields.map((field) => [field.name, value(c, field.value)])];
    case 'call': {
      const { callee } = node;
      const name = callee.kind === 'path' ? callee.parts.map((part) => part.text).join('::') : callee.text;
      return [node.bang ? 'call!' : 'call', name, values(c, node.args.items)];
    }
    case 'chain':
      return chain(c, node);
    case 'closure':
      return closure(c, node);
    case 'unary': {
      const operand = value(c, node.operand);
      return (node.op !== '!' && isSymbolicNumber(operand, node.op)) || ['op', node.op, [operand]];
    }
    case 'binary':
      return binary(c, node);
    case 'range': {
      const left: SExpression = node.left ? value(c, node.left) : ['int', numberExpression('0')];
      return ['op', node.op, [left, node.right ? value(c, node.right) : ['unit']]];
    }
    case 'stray':
      return ['int', numberExpression('0')];
    default:
      return asBlock(c, node);
  }
}

function literal(c: Converter, node: Literal): SExpression {
  const text = literalText(c.tree.source, c.tree.tokens[node.first]!);
  switch (node.type) {
    case 'unit':
      return ['unit'];
    case 'bool':
      return ['bool', c.tree.tokens[node.first]!.kind === 'true'];
    case 'int':
    case 'float':
      return [node.type, numberExpression(text, node.type)];
    case 'char':
      return ['char', text];
    case 'string':
      return ['str', text];
  }
}

function template(c: Converter, node: Extract<Node, { kind: 'template' }>): SExpression {
  const parts: SExpression[] = [];
  for (const part of node.parts) {
    if (part.kind === 'block') {
      parts.push(['block', block(c, part)]);
    } else {
      const text = literalText(c.tree.source, c.tree.tokens[part.first]!);
      if (text) parts.push(['str', text]);
    }
  }
  return ['interp', parts];
}

function chain(c: Converter, node: Chain): SExpression {
  const root = value(c, node.root);
  const joined = Array.isArray(root) && root[0] === 'chain';
  const links: SExpression[] = joined ? [...(root[2] as SExpression[])] : [];
  for (const [at, link] of node.links.entries()) {
    if (link.kind === 'index') links.push([indexSign(node, at), value(c, link.index)]);
    else if (link.kind === 'property') links.push([link.op, ['prop', link.name.text]]);
    else links.push([link.op, ['method', link.name.text, values(c, link.args.items)]]);
  }
  return ['chain', joined ? root[1]! : root, links];
}

/** Rhai forgets the `?` of `?[` when a dot follows the indices. */
function indexSign({ links }: Chain, at: number): string {
  const next = links.slice(at).find((link) => link.kind !== 'index');
  return next ? '[' : links[at]!.op;
}

function closure(c: Converter, node: Closure): SExpression {
  c.frames.push({ variables: node.params.items.map((item) => item.text), captured: [] });
  statement(c, node.body);
  const { captured } = c.frames.pop()!;
  for (const name of captured) use(c, name);
  const pointer: SExpression = ['const', ['Fn', 'fn']];
  if (!captured.length) return pointer;
  const curried: SExpression = [
    'call',
    'curry',
    [pointer, ...captured.map((name): SExpression => ['var', name])],
  ];
  return [
    'block',
    [
      ['share', captured],
      ['expr', curried],
    ],
  ];
}

function binary(c: Converter, node: Extract<Node, { kind: 'binary' }>): SExpression {
  const left = value(c, node.left);
  const right = node.right.kind === 'jump' ? asBlock(c, node.right) : value(c, node.right);
  switch (node.op) {
    case '&&':
    case '||':
    case '??':
      return [node.op, [...operands(left, node.op), ...operands(right, node.op)]];
    case 'in':
      return ['call', 'contains', [right, left]];
    case '!in':
      return ['op', '!', [['op', '!in', [right, left]]]];
    default:
      return ['op', node.op, [left, right]];
  }
}

function operands(side: SExpression, op: string): SExpression[] {
  return Array.isArray(side) && side[0] === op ? (side[1] as SExpression[]) : [side];
}
