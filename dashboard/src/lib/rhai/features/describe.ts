// How declarations are shown to a person.
import { signatureOf } from '../semantics/api';
import { functionOf } from '../semantics/callees';
import { docOf } from '../semantics/doc';
import { declarationShape } from '../semantics/shapes';
import type { Shape } from '../semantics/shape';
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

export function typeOf({ type, item }: Shape): string {
  return type === 'array' && item?.type ? `array of ${item.type}` : type;
}

export function describe(analysis: Analysis, it: Declaration): Description {
  const { kind, name, node, receiver } = it;
  const text = ({ from, to }: { from: number; to: number }) => analysis.tree.source.slice(from, to);
  const shape = declarationShape(analysis, it);
  const type = shape.callable ? signatureOf(functionOf(analysis, '', shape.callable)) : typeOf(shape);
  let signature = `${kind === 'constant' ? 'const ' : kind === 'variable' ? 'let ' : ''}${name}${type && `: ${type}`}`;
  let value = '';
  if (kind === 'function') signature = `fn ${receiver && `${receiver}.`}${name}${type}`;
  if (node.kind === 'import') signature = `import ${text(node.path)} as ${name}`;
  if (kind === 'constant' && node.kind === 'let' && node.value) {
    value = text(node.value);
    if (value.length > LONGEST) value = `${value.slice(0, LONGEST)} ...`;
  }
  return { signature, kind, doc: docOf(analysis, it), value };
}
