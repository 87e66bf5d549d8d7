// How declarations and functions are shown to a person.
import type { Closure, Function } from '../syntax/tree';
import { docOf } from '../semantics/doc';
import { declarationShape, resultOf } from '../semantics/shapes';
import type { Shape } from '../semantics/shapes';
import type { Analysis, Declaration } from '../semantics/symbols';

export interface Description {
  signature: string;
  kind: string;
  doc: string;
  /** The value of a constant, as it is written. */
  value: string;
}

/** Longer values are cut. */
const LONGEST = 200;

export function callableSignature(analysis: Analysis, name: string, node: Function | Closure): string {
  const params = node.params.items.map((item) => item.text).join(', ');
  const result = resultOf(analysis, node).type;
  return `${name}(${params})${result && result !== '()' ? ` -> ${result}` : ''}`;
}

export function typeOf({ type, item }: Shape): string {
  return type === 'array' && item?.type ? `array of ${item.type}` : type;
}

export function describe(analysis: Analysis, it: Declaration): Description {
  const { kind, name, node, receiver } = it;
  const doc = docOf(analysis, it);
  if (node.kind === 'fn' && kind === 'function') {
    const prefix = `${node.exported ? '' : 'private '}fn ${receiver && `${receiver}.`}`;
    return { signature: prefix + callableSignature(analysis, name, node), kind, doc, value: '' };
  }
  if (node.kind === 'import') {
    const { from, to } = node.path;
    return { signature: `import ${analysis.tree.source.slice(from, to)} as ${name}`, kind, doc, value: '' };
  }
  const shape = declarationShape(analysis, it);
  const type = shape.callable ? callableSignature(analysis, '', shape.callable) : typeOf(shape);
  const word = kind === 'constant' ? 'const ' : kind === 'variable' ? 'let ' : '';
  let value = '';
  if (node.kind === 'let' && node.constant && node.value) {
    value = analysis.tree.source.slice(node.value.from, node.value.to);
    if (value.length > LONGEST) value = `${value.slice(0, LONGEST)} ...`;
  }
  return { signature: `${word}${name}${type && `: ${type}`}`, kind, doc, value };
}
