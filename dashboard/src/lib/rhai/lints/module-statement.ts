// A module has constants, imports and functions; what else it says at its top level would run with every import.
import type { Lint } from './lint';

export const moduleStatement: Lint = (analysis, report) => {
  if (analysis.options.kind !== 'module') return;
  for (const node of analysis.tree.root.items) {
    const let_ = node.kind === 'export' ? node.declaration : node;
    if (node.kind === 'fn' || node.kind === 'import' || node.kind === 'stray') continue;
    if (!let_ || (let_.kind === 'let' && let_.constant)) continue;
    const message = 'A module holds only constants, imports and functions: put this into a function.';
    report(node, 'module-statement', message);
  }
};
