// The kinds of nodes that the editor's tree has, and what they are for highlighting, folding and indenting.
import {
  continuedIndent,
  delimitedIndent,
  foldInside,
  foldNodeProp,
  indentNodeProp,
} from '@codemirror/language';
import { NodeProp, NodeSet, NodeType } from '@lezer/common';
import type { SyntaxNode } from '@lezer/common';
import { styleTags, tags as t } from '@lezer/highlight';
import type { Tag } from '@lezer/highlight';

/** Inner nodes have the kinds of our own tree. */
const INNER =
  'script block array args params stray path template map field paren unary binary range call chain property method ' +
  'index closure if switch arm while loop do for let assign jump try import export fn';

const variable = t.variableName;
const constant = t.constant(variable);
const parameter = t.local(variable);
const called = t.function(variable);

/** Leaves. */
const TAGS: Record<string, Tag> = {
  Variable: variable,
  VariableDefinition: t.definition(variable),
  Constant: constant,
  ConstantDefinition: t.definition(constant),
  Parameter: parameter,
  ParameterDefinition: t.definition(parameter),
  Function: called,
  FunctionDefinition: t.definition(called),
  Method: t.function(t.propertyName),
  Property: t.propertyName,
  Namespace: t.namespace,
  Type: t.typeName,
  This: t.self,
  Bool: t.bool,
  Number: t.number,
  Character: t.character,
  String: t.string,
  Keyword: t.keyword,
  Control: t.controlKeyword,
  Definition: t.definitionKeyword,
  Module: t.moduleKeyword,
  Operator: t.operator,
  Separator: t.separator,
  Invalid: t.invalid,
  LineComment: t.lineComment,
  BlockComment: t.blockComment,
  DocComment: t.docComment,
  '(': t.paren,
  ')': t.paren,
  '[': t.squareBracket,
  ']': t.squareBracket,
  '{': t.brace,
  '}': t.brace,
  '#{': t.brace,
};

const CLOSED_BY: Record<string, string> = { '(': ')', '[': ']', '{': '}', '#{': '}', '?[': ']' };
const OPENED_BY: Record<string, string[]> = { ')': ['('], ']': ['['], '}': ['{', '#{'] };

/** Whether a line that begins in it goes on with a list, and which bracket ends that. */
const bracketed = (closing: string) => delimitedIndent({ closing, align: false });
const CLOSING: Record<string, string> = {
  block: '}',
  map: '}',
  switch: '}',
  array: ']',
  args: ')',
  params: ')',
};

/** From the first bracket to the last one. */
function foldBraces(node: SyntaxNode) {
  const open = node.getChild('{');
  return open && node.lastChild!.name === '}' ? { from: open.to, to: node.lastChild!.from } : null;
}

const names = [...INNER.split(' '), ...Object.keys(TAGS), '⚠'];

export const nodeSet = new NodeSet([
  NodeType.none,
  ...names.map((name, at) =>
    NodeType.define({ id: at + 1, name, top: name === 'script', error: name === '⚠' }),
  ),
]).extend(
  styleTags(Object.fromEntries(Object.entries(TAGS).map(([name, tag]) => [JSON.stringify(name), tag]))),
  NodeProp.closedBy.add(({ name }) => (CLOSED_BY[name] ? [CLOSED_BY[name]] : undefined)),
  NodeProp.openedBy.add(({ name }) => OPENED_BY[name]),
  indentNodeProp.add(({ name }) =>
    CLOSING[name]
      ? bracketed(CLOSING[name])
      : /^(chain|binary|let|assign|jump|field)$/.test(name)
        ? continuedIndent({ except: /^[})\]]/ })
        : undefined,
  ),
  foldNodeProp.add({
    'block map array args params template': foldInside,
    switch: foldBraces,
    BlockComment: ({ from, to }) => ({ from: from + 2, to: to - 2 }),
  }),
);

export const ids = new Map(names.map((name, at) => [name, at + 1]));
