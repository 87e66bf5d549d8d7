// Signature help: the functions that a call may mean, and which parameter is being written.
import type { Args, Call, Closure, Function, Method, Node } from '../syntax/tree';
import { builtinsOf, methodsOf, namespaceOf, signatureOf } from '../semantics/api';
import type { ApiFunction } from '../semantics/api';
import { docOf } from '../semantics/doc';
import { memberOf } from '../semantics/modules';
import { chainShape } from '../semantics/shapes';
import type { Analysis, Declaration } from '../semantics/symbols';
import { callableSignature } from './describe';
import { inComment, pathAround } from './place';

export interface Signature {
  label: string;
  /** Where each parameter is in the label. */
  params: { from: number; to: number }[];
  doc: string;
}

export interface SignatureHelp {
  /** Where the opening parenthesis is. */
  from: number;
  signatures: Signature[];
  active: number;
  parameter: number;
}

export function signature(analysis: Analysis, offset: number): SignatureHelp | null {
  const { tree } = analysis;
  if (inComment(tree, offset)) return null;
  const path = pathAround(tree, offset);
  for (let i = path.length - 1; i > 0; i--) {
    const args = path[i]!;
    if (args.kind === 'block') return null;
    if (args.kind !== 'args' || offset <= args.from || isBehind(analysis, args, offset)) continue;
    const parent = path[i - 1] as Call | Method;
    const parameter = finished(analysis, args, offset);
    const given = Math.max(args.items.length, parameter + 1);
    const signatures =
      parent.kind === 'call' ? ofCall(analysis, parent) : ofMethod(analysis, parent, path[i - 2]);
    if (!signatures.length) return null;
    const fits = signatures.findIndex((it) => it.params.length >= given);
    return { from: args.from, signatures, active: fits < 0 ? 0 : fits, parameter };
  }
  return null;
}

function isBehind({ tree }: Analysis, args: Args, offset: number): boolean {
  return offset >= args.to && /\)$/.test(tree.source.slice(args.from + 1, args.to));
}

/** How many arguments are finished before the offset. */
function finished({ tree }: Analysis, args: Args, offset: number): number {
  let found = 0;
  for (const item of args.items) {
    const next = tree.tokens[item.end];
    if (next?.kind === ',' && next.to <= offset) found++;
  }
  return found;
}

function labelled(label: string, doc: string): Signature {
  const params = [];
  const from = label.indexOf('(') + 1;
  const to = label.indexOf(')', from);
  let at = from;
  for (const piece of label.slice(from, to).split(', ')) {
    if (piece) params.push({ from: at, to: at + piece.length });
    at += piece.length + 2;
  }
  return { label, params, doc };
}

const ofApi = (functions: ApiFunction[], method = false): Signature[] =>
  functions.map((it) => labelled(signatureOf(it, method), it.doc));

const ofCallable = (analysis: Analysis, name: string, node: Function | Closure, doc = ''): Signature =>
  labelled(callableSignature(analysis, name, node), doc);

function ofDeclarations(analysis: Analysis, all: Declaration[]): Signature[] {
  return all.flatMap((it) =>
    it.node.kind === 'fn' ? [ofCallable(analysis, it.name, it.node, docOf(analysis, it))] : [],
  );
}

function ofCall(analysis: Analysis, { callee, args }: Call): Signature[] {
  const { api } = analysis.options;
  if (callee.kind === 'path') {
    const [namespace, name] = callee.parts;
    const found = memberOf(analysis, callee, args.items.length);
    if (found) return ofDeclarations(found.analysis, found.all);
    return callee.parts.length > 2 ? [] : ofApi(namespaceOf(api, namespace!.text).get(name!.text) ?? []);
  }
  const { text } = callee;
  const own = ofDeclarations(analysis, analysis.functions.get(text) ?? []);
  const others = [...builtinsOf(text), ...(api?.functions.get(text) ?? [])];
  return [...own, ...ofApi(others)];
}

function ofMethod(analysis: Analysis, node: Method, chain: Node | undefined): Signature[] {
  const { text } = node.name;
  if (chain?.kind !== 'chain') return [];
  const shape = chainShape(analysis, chain, chain.links.indexOf(node));
  const callable = text === 'call' ? shape.callable : shape.fields?.get(text)?.shape().callable;
  if (callable) return [ofCallable(analysis, text, callable)];
  const own = ofDeclarations(analysis, analysis.functions.get(text) ?? []);
  const builtins = builtinsOf(text).filter((it) => it.params.length);
  return [...own, ...ofApi([...methodsOf(analysis.options.api, shape.type, text), ...builtins], true)];
}
