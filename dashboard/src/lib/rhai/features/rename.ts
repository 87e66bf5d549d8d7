// Renaming a declaration with all its usages; refused when the script would mean something else.
import type { Edit } from '../syntax/tree';
import { analyse } from '../semantics/analyse';
import { membersOf } from '../semantics/modules';
import type { Analysis, Declaration } from '../semantics/symbols';
import { outsideUsages } from './navigation';
import { namedAt } from './place';

export type Rename = { edits: Edit[] } | { refused: string };

const refused = (reason: string): Rename => ({ refused: reason });

/** The name that would be renamed, or why none can be. */
export function renameable(
  analysis: Analysis,
  offset: number,
): { from: number; to: number } | { refused: string } {
  const named = namedAt(analysis, offset);
  if (!named) return { refused: 'There is no name here.' };
  const { declaration, from, to, name, path, usage } = named;
  if (declaration) return { from, to };
  const parent = path[path.length - 2]?.kind;
  if (parent === 'path') return { refused: `\`${name}\` is declared in another script: rename it there.` };
  if (parent === 'property' || parent === 'method' || parent === 'field') {
    return { refused: 'Fields are found at run time, so their usages cannot all be known.' };
  }
  if (usage?.known) return { refused: `\`${name}\` belongs to Rhai or to the script API.` };
  return { refused: usage ? `\`${name}\` is not declared.` : `\`${name}\` is no name.` };
}

export function rename(analysis: Analysis, offset: number, newName: string): Rename {
  const at = renameable(analysis, offset);
  if ('refused' in at) return at;
  const declaration = namedAt(analysis, offset)!.declaration!;
  if (newName === declaration.name) return { edits: [] };
  if (!/^_*[A-Za-z][A-Za-z0-9_]*$/.test(newName)) {
    return refused('A name has letters, digits and `_`, and begins with a letter.');
  }
  const elsewhere = usedElsewhere(analysis, declaration);
  if (elsewhere) return refused(elsewhere);
  const edits = editsFor(analysis, declaration, newName);
  return { edits, ...conflict(analysis, edits, declaration, newName) };
}

function usedElsewhere(analysis: Analysis, declaration: Declaration): string {
  const { name } = analysis.options;
  const isMember = membersOf(analysis).some((member) => member.declaration === declaration);
  if (name === undefined || !isMember || exportOf(analysis, declaration)) return '';
  const uses = outsideUsages(analysis, name, { analysis, declaration });
  const scripts = [...new Set(uses.map((use) => `\`${use.module}\``))];
  return scripts.length ? `Other scripts use it: ${scripts.join(', ')}.` : '';
}

/** `export x` without another name. */
function exportOf(analysis: Analysis, declaration: Declaration) {
  return declaration.usages.find(({ site }) => site?.kind === 'export' && !site.alias);
}

function editsFor(analysis: Analysis, declaration: Declaration, newName: string): Edit[] {
  const { name, kind } = declaration;
  const family = kind === 'function' ? (analysis.functions.get(name) ?? []) : [declaration];
  const edits: Edit[] = [];
  for (const { from, to, usages } of family) {
    edits.push({ from, to, insert: newName });
    for (const usage of usages) {
      // What others see keeps its name.
      const outside = usage.site?.kind === 'export' && !usage.site.alias ? ` as ${name}` : '';
      edits.push({ from: usage.from, to: usage.to, insert: newName + outside });
    }
  }
  return edits.sort((a, b) => a.from - b.from);
}

function applied(source: string, edits: Edit[]): string {
  let text = '';
  let at = 0;
  for (const { from, to, insert } of edits) {
    text += source.slice(at, from) + insert;
    at = to;
  }
  return text + source.slice(at);
}

/** Renames on trial and compares what every name means before and after. */
function conflict(
  analysis: Analysis,
  edits: Edit[],
  declaration: Declaration,
  newName: string,
): { refused: string } | null {
  const { tree, options, functions } = analysis;
  if (declaration.kind === 'function' && functions.has(newName)) {
    return { refused: `There is a function \`${newName}\` already.` };
  }
  const after = analyse(applied(tree.source, edits), options);
  if (after.tree.errors.length > tree.errors.length)
    return { refused: `\`${newName}\` cannot be used as a name.` };
  const before = meanings(analysis);
  const then = meanings(after);
  for (let i = 0; i < Math.max(before.length, then.length); i++) {
    if (before[i]?.meaning === then[i]?.meaning) continue;
    const { line } = before[i] ?? { line: 0 };
    return { refused: `\`${newName}\` means something else in line ${line}.` };
  }
  return null;
}

/** For each usage the number of its declaration; -1 for what is known otherwise, -2 for nothing. */
function meanings(analysis: Analysis): { meaning: number; line: number }[] {
  const places = analysis.declarations.map((it) => it.from).sort((a, b) => a - b);
  const index = new Map(places.map((from, i) => [from, i]));
  let line = 1;
  let at = 0;
  const { source } = analysis.tree;
  return analysis.usages.map(({ declaration, known, from }) => {
    for (; at < from; at++) if (source.charCodeAt(at) === 10) line++;
    return { meaning: declaration ? index.get(declaration.from)! : known ? -1 : -2, line };
  });
}
