// Statements behind a `return`, `throw`, `break` or `continue`.
import type { Node, Statement } from '../syntax/tree';
import type { Lint, Report } from './lint';

export const unreachable: Lint = (analysis, report) => {
  for (const { node } of analysis.scopes) {
    const block = node.kind === 'fn' || node.kind === 'arm' ? node.body : node;
    if (block.kind === 'script' || block.kind === 'block') statements(block.items, report);
  }
};

function statements(items: Statement[], report: Report): void {
  const end = items.findIndex(leaves);
  if (end < 0) return;
  // Functions are found wherever they stand.
  const rest = items.slice(end + 1).filter((item) => item.kind !== 'fn');
  const [first] = rest;
  if (!first) return;
  const to = rest[rest.length - 1]!.to;
  const edits = rest.map((item) => ({ from: item.from, to: item.to, insert: '' }));
  report(
    { from: first.from, to: rest.length === items.length - end - 1 ? to : first.to },
    'unreachable',
    'This is never reached.',
    [{ title: 'Remove what is never reached', edits }],
  );
}

/** Whether a statement never lets the next one run. */
function leaves(node: Node | null): boolean {
  if (node?.kind === 'jump') return true;
  if (node?.kind === 'block') return node.items.some(leaves);
  return node?.kind === 'if' && leaves(node.body) && leaves(node.otherwise);
}
