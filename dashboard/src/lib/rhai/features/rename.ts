// Renaming a declaration with all its usages; refused when the script would mean something else.
import { analyse } from '../semantics/analyse';
import { membersOf } from '../semantics/modules';
import type { Analysis, Declaration } from '../semantics/symbols';
import type { Edit } from '../syntax/tree';
import { meaningAt } from './meaning';
import { outsideUsages, placesOf } from './navigation';

export type Rename = { edits: Edit[] } | { refused: string };

interface Target {
  from: number;
  to: number;
  declaration: Declaration;
}

/** The name that would be renamed, or why none can be. */
export function renameable(analysis: Analysis, offset: number): Target | { refused: string } {
  const { declaration, module, field, from, to } = meaningAt(analysis, offset) ?? {};
  if (declaration && module === undefined) return { from: from!, to: to!, declaration };
  if (field) return { refused: 'Fields are found at run time: not all their usages can be known.' };
  return { refused: 'Only what this script declares can be renamed.' };
}

/** `scripts`: those that may use it, or all. */
export function rename(
  analysis: Analysis,
  offset: number,
  newName: string,
  scripts?: readonly string[],
): Rename {
  const target = renameable(analysis, offset);
  if ('refused' in target) return target;
  const { declaration } = target;
  const { name, kind } = declaration;
  const exports = declaration.usages.filter(({ site }) => site?.kind === 'export' && !site.alias);
  const edits = placesOf(analysis, declaration).map(({ from, to }) => {
    // What others see keeps its name.
    const isExport = exports.some((usage) => usage.from === from);
    return { from, to, insert: isExport ? `${newName} as ${name}` : newName };
  });
  if (!/^_*[A-Za-z]\w*$/.test(newName)) {
    return { refused: 'A name has letters, digits and `_`, and begins with a letter.' };
  }
  const isMember =
    !exports.length && membersOf(analysis).some((member) => member.declaration === declaration);
  const [other] = isMember ? outsideUsages(analysis, analysis.options.name, declaration, scripts) : [];
  if (other) return { refused: `The script \`${other.module}\` uses it: rename it there, too.` };
  if (kind === 'function' && newName !== name && analysis.functions.has(newName)) {
    return { refused: `There is a function \`${newName}\` already.` };
  }
  const refused = conflict(analysis, edits, newName);
  return refused ? { refused } : { edits };
}

/** Renames on trial and compares what every name means before and after. */
function conflict(analysis: Analysis, edits: Edit[], newName: string): string {
  const { tree, usages, options } = analysis;
  let text = tree.source;
  for (const { from, to, insert } of [...edits].reverse())
    text = text.slice(0, from) + insert + text.slice(to);
  const after = analyse(text, options);
  if (after.tree.errors.length > tree.errors.length) return `\`${newName}\` cannot be used as a name.`;
  const before = meanings(analysis);
  const then = meanings(after);
  const place = before.findIndex((meaning, i) => meaning !== then[i]);
  if (place < 0 && before.length === then.length) return '';
  const line = tree.source.slice(0, usages[place]?.from ?? 0).split('\n').length;
  return `\`${newName}\` means something else in line ${line}.`;
}

/** For each usage the number of its declaration; -1 for what is known otherwise, -2 for nothing. */
function meanings({ declarations, usages }: Analysis): number[] {
  const sorted = [...declarations].sort((a, b) => a.from - b.from);
  const index = new Map(sorted.map((it, i) => [it, i]));
  return usages.map(({ declaration, known }) => (declaration ? index.get(declaration)! : known ? -1 : -2));
}
