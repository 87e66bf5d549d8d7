// The editor's syntax tree, from the same parser as all else.
import { type DocInput, ParseContext } from '@codemirror/language';
import { Text } from '@codemirror/state';
import { Parser, Tree } from '@lezer/common';
import type { Input, NodeSet, PartialParse, SyntaxNode, TreeFragment } from '@lezer/common';
import { forEachChild } from '../syntax/walk';
import type { Node } from '../syntax/tree';
import type { Token } from '../syntax/token';
import type { Analysis, Declaration } from '../index';
import { ids } from './nodes';
import type { Service } from './service';

/** What tokens are that are not their own kind. */
const LEAVES: Record<string, string> = {};
for (const [leaf, kinds] of Object.entries({
  Control: 'if else switch do while until loop for in continue break return throw try catch',
  Definition: 'let const fn private',
  Module: 'import export as',
  Bool: 'true false',
  This: 'this',
  Number: 'int float',
  Character: 'char',
  String: 'string head middle tail',
  Separator: ', ; : :: . ?.',
  Function: 'callable',
  Variable: 'name',
  Invalid: 'bad reserved symbol',
}))
  for (const kind of kinds.split(' ')) LEAVES[kind] = leaf;

const DECLARED: Record<Declaration['kind'], string> = {
  variable: 'Variable',
  constant: 'Constant',
  parameter: 'Parameter',
  loop: 'Variable',
  catch: 'Variable',
  import: 'Namespace',
  function: 'Function',
};

/** What a name is by where it stands, if no declaration says more. */
function nameKind({ kind, text }: Node & { text: string }, parent: Node | null, at: number): string {
  switch (parent?.kind) {
    case 'property':
    case 'field':
      return 'Property';
    case 'method':
      return 'Method';
    case 'path':
      return at < parent.parts.length - 1 ? 'Namespace' : 'Function';
    case 'call':
      return 'Function';
    case 'fn':
      return 'Type';
    case 'export':
      return 'Constant';
  }
  return text && kind === 'name' ? 'VariableDefinition' : 'Variable';
}

/** Keywords are words; what is neither that nor a bracket is an operator. */
const leafKind = (kind: string) =>
  LEAVES[kind] ?? (/^[[\](){}]|^#/.test(kind) ? kind : /^\w/.test(kind) ? 'Keyword' : 'Operator');

class Builder {
  buffer: number[] = [];
  /** The next token and comment. */
  token = 0;
  comment = 0;
  declared = new Map<number, string>();

  constructor(readonly analysis: Analysis) {
    for (const { from, kind } of analysis.declarations) {
      this.declared.set(from, DECLARED[kind] + (kind === 'import' ? '' : 'Definition'));
    }
    for (const { from, declaration } of analysis.usages) {
      if (declaration) this.declared.set(from, DECLARED[declaration.kind]);
    }
  }

  put(name: string, from: number, to: number, size = 4) {
    this.buffer.push(ids.get(name)!, from, to, size);
  }

  leaf({ kind, from, to }: Token) {
    if (kind === '()') {
      this.put('(', from, from + 1);
      this.put(')', to - 1, to);
    } else if (kind !== 'end' && from < to) {
      this.put(kind === '?[' ? '[' : leafKind(kind), from, to);
    }
  }

  /** The tokens and comments before a token. */
  upTo(end: number, comments: boolean) {
    const { tree } = this.analysis;
    for (;;) {
      const comment = tree.comments[this.comment];
      if (comment && comment.before <= this.token && (comments || this.token < end)) {
        const { kind, from, to } = comment;
        this.put(
          kind === 'doc' || kind === 'module'
            ? 'DocComment'
            : kind === 'line'
              ? 'LineComment'
              : 'BlockComment',
          from,
          to,
        );
        this.comment++;
      } else if (this.token < end) {
        this.leaf(tree.tokens[this.token++]!);
      } else return;
    }
  }

  children(node: Node) {
    let at = 0;
    forEachChild(node, (child) => {
      this.upTo(child.first, true);
      this.node(child, node, at++);
    });
    this.upTo(node.end, false);
  }

  node(node: Node, parent: Node, at: number) {
    const { kind, from, to, end } = node;
    const { length } = this.buffer;
    if (kind === 'name' || kind === 'variable') {
      if (from < to) this.put(this.declared.get(from) ?? nameKind(node, parent, at), from, to);
      this.token = Math.max(this.token, end);
      return;
    }
    this.children(node);
    if (!ids.has(kind) || from === to) return;
    const closed = this.analysis.tree.tokens[end - 1]!.kind;
    // Tells the indentation that what follows still belongs to it.
    if (/^(block|map|array|args|params|switch)$/.test(kind) && !/^[)\]}|]|\(\)$/.test(closed))
      this.put('⚠', to, to);
    this.put(kind, from, to, this.buffer.length - length + 4);
  }
}

function treeOf(analysis: Analysis, nodeSet: NodeSet): Tree {
  const { root, source, tokens } = analysis.tree;
  const builder = new Builder(analysis);
  builder.children(root);
  builder.upTo(tokens.length, true);
  return Tree.build({ buffer: builder.buffer, nodeSet, topID: ids.get('script')!, length: source.length });
}

/** What is left of the last tree, until there is time for a new one. */
function staleTree(fragments: readonly TreeFragment[], nodeSet: NodeSet, length: number): Tree {
  const children: Tree[] = [];
  const positions: number[] = [];
  const collect = (node: SyntaxNode, { from, to, offset }: TreeFragment) => {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      const start = child.from - offset;
      const end = child.to - offset;
      if (end <= from || start >= to) continue;
      if (start < from || end > to) {
        collect(child, { from, to, offset } as TreeFragment);
      } else {
        children.push(child.toTree());
        positions.push(start);
      }
    }
  };
  for (const fragment of fragments) collect(fragment.tree.topNode, fragment);
  return new Tree(nodeSet.types[ids.get('script')!]!, children, positions, length);
}

export class RhaiParser extends Parser {
  constructor(
    readonly service: Service,
    readonly nodeSet: NodeSet,
  ) {
    super();
  }

  createParse(
    input: Input,
    fragments: readonly TreeFragment[],
    ranges: readonly { from: number; to: number }[],
  ) {
    const { service, nodeSet } = this;
    // Whoever parses a text by itself, such as a view of changes, wants its tree at once.
    const { doc: shown } = input as Partial<DocInput>;
    const doc = shown ?? Text.of(input.read(0, input.length).split('\n'));
    const parse: PartialParse = {
      parsedPos: input.length,
      stoppedAt: null,
      stopAt() {},
      advance() {
        const analysis = shown ? service.ready(doc) : service.of(doc);
        if (analysis) return treeOf(analysis, nodeSet);
        // Has the editor ask again when there is one.
        ParseContext.getSkippingParser(service.pause(doc)).createParse(input, fragments, ranges).advance();
        return staleTree(fragments, nodeSet, input.length);
      },
    };
    return parse;
  }
}
