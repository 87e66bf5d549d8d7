// Changing what cannot be changed: constants, their parts, and the names that every script has.
import type { Chain } from '../syntax/tree';
import type { Lint } from './lint';
import { quote } from './lint';

export const constant: Lint = (analysis, report) => {
  for (const { kind, name, from, to, declaration, known, site } of analysis.usages) {
    if ((kind !== 'write' && kind !== 'update') || site?.kind !== 'assign') continue;
    if (declaration ? declaration.kind !== 'constant' : !known) continue;
    if (kind === 'update' && !isPlace(site.target as Chain)) continue;
    const message =
      kind === 'write'
        ? `${quote(name)} is a constant: it cannot get another value.`
        : `${quote(name)} is a constant: nothing in it can be changed.`;
    const node = declaration?.node;
    const fix =
      node?.kind === 'let'
        ? {
            title: `Make ${quote(name)} a variable`,
            edits: [{ from: node.from, to: node.from + 'const'.length, insert: 'let' }],
          }
        : null;
    report(
      { from, to: kind === 'write' ? to : site.target.to },
      kind === 'write' ? 'constant-assignment' : 'constant-property',
      message,
      [fix],
    );
  }
};

/** What a method gives back is not part of the constant. */
function isPlace(target: Chain): boolean {
  return target.kind !== 'chain' || target.links.every((step) => step.kind !== 'method');
}
