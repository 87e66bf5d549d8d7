// Doc comments that stand before no function: Rhai with metadata refuses them, and nobody shows them.
import type { Analysis } from '../semantics/symbols';
import type { Lint } from './lint';

export const docComment: Lint = (analysis, report) => {
  const { comments, source } = analysis.tree;
  for (let i = 0; i < comments.length; i++) {
    const { kind, before, from } = comments[i]!;
    if (kind !== 'doc' || isBeforeFunction(analysis, before)) continue;
    const edits = [];
    let { to } = comments[i]!;
    for (; comments[i]?.kind === 'doc' && comments[i]!.before === before; i++) {
      const start = comments[i]!.from;
      ({ to } = comments[i]!);
      // `///` becomes `//`, and `/**` becomes `/*`.
      edits.push({ from: start + 2, to: start + 3, insert: '' });
    }
    i--;
    const block = source.startsWith('/*', from);
    report(
      { from, to },
      'doc-comment',
      `A doc comment belongs right before a function; elsewhere write ${block ? '`/*`' : '`//`'}.`,
      [{ title: 'Make it a plain comment', edits }],
    );
  }
};

function isBeforeFunction(analysis: Analysis, index: number): boolean {
  const { tokens, root } = analysis.tree;
  const at = tokens[index]?.kind === 'private' ? index + 1 : index;
  return (
    tokens[at]?.kind === 'fn' &&
    root.items.some((item) => item.kind === 'fn' && item.first <= at && at < item.end)
  );
}
