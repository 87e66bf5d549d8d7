// Signature help: the functions that a call may mean, and which parameter is being written.
import { signatureOf } from '../semantics/api';
import type { ApiFunction } from '../semantics/api';
import { calleesOf } from '../semantics/callees';
import { UNKNOWN } from '../semantics/shape';
import { chainShape } from '../semantics/shapes';
import type { Analysis } from '../semantics/symbols';
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
    const closed = tree.source[args.to - 1] === ')' && offset >= args.to;
    if (args.kind !== 'args' || offset <= args.from || closed) continue;
    const call = path[i - 1]!;
    const chain = path[i - 2]!;
    if (call.kind !== 'call' && call.kind !== 'method') return null;
    const shape =
      call.kind === 'method' && chain.kind === 'chain'
        ? chainShape(analysis, chain, chain.links.indexOf(call))
        : UNKNOWN;
    const signatures = calleesOf(analysis, call, shape).map(labelled);
    if (!signatures.length) return null;
    const parameter = args.items.filter(({ end }) => {
      const next = tree.tokens[end];
      return next?.kind === ',' && next.to <= offset;
    }).length;
    const given = Math.max(args.items.length, parameter + 1);
    const active = signatures.findIndex((it) => it.params.length >= given);
    return { from: args.from, signatures, active: Math.max(active, 0), parameter };
  }
  return null;
}

function labelled(it: ApiFunction): Signature {
  const label = signatureOf(it);
  let at = label.indexOf('(') + 1;
  const params = it.params.map(({ name, type }) => {
    const from = at;
    const to = from + name.length + (type === 'any' ? 0 : type.length + 2);
    at = to + 2;
    return { from, to };
  });
  return { label, params, doc: it.doc };
}
