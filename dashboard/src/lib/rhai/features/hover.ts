// What is known about the name at an offset.
import { signatureOf } from '../semantics/api';
import { functionOf } from '../semantics/callees';
import type { Analysis } from '../semantics/symbols';
import { describe, typeOf } from './describe';
import type { Description } from './describe';
import { meaningAt } from './meaning';
import type { Meaning } from './meaning';
import { inComment } from './place';

export interface Hover extends Description {
  from: number;
  to: number;
}

export function hover(analysis: Analysis, offset: number): Hover | null {
  const meaning = inComment(analysis.tree, offset) ? null : meaningAt(analysis, offset);
  const description = meaning && about(meaning);
  return description && { from: meaning.from, to: meaning.to, ...description };
}

function about({
  analysis,
  declaration,
  module,
  field,
  known,
  functions,
  count,
  name,
}: Meaning): Description | null {
  if (declaration) return describe(analysis, declaration);
  if (module !== undefined) return { signature: `import "${module}"`, kind: 'import', doc: '', value: '' };
  if (field) {
    const shape = field.shape();
    const { callable } = shape;
    const signature = callable
      ? signatureOf(functionOf(field.analysis, name, callable))
      : `${name}: ${typeOf(shape) || 'any'}`;
    return { signature, kind: 'field', doc: '', value: '' };
  }
  if (known) return { signature: `${name}: ${known.type}`, kind: 'property', doc: known.doc, value: '' };
  // The one with that many parameters goes first.
  const [first, ...rest] = [...functions].sort(
    (a, b) => Number(b.params.length === count) - Number(a.params.length === count),
  );
  return (
    (first && {
      signature: [first, ...rest].map((it) => signatureOf(it)).join('\n'),
      kind: 'function',
      doc: first.doc,
      value: '',
    }) ??
    null
  );
}
