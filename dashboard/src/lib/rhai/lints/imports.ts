// Imports of what is not there, or cannot be.
import { importedName, moduleNamed } from '../semantics/modules';
import { nameMeant, refusalOf } from '../names';
import type { Analysis } from '../semantics/symbols';
import { literalText } from '../syntax/literals';
import type { Import } from '../syntax/tree';
import type { Lint, Report } from './lint';
import { quote, similar, suggestion } from './lint';

export const imports: Lint = (analysis, report) => {
  for (const node of analysis.imports) {
    if (!isImpossible(analysis, node, report)) missing(analysis, node, report);
  }
};

/** The text between the quotes. */
const inner = ({ path }: Import) => ({ from: path.from + 1, to: path.to - 1 });

function isImpossible(analysis: Analysis, node: Import, report: Report): boolean {
  const { tree, options } = analysis;
  const { path } = node;
  if (path.kind !== 'literal' || path.type !== 'string') return false;
  const name = literalText(tree.source, tree.tokens[path.first]!);
  const refusal = refusalOf(name);
  if (!refusal) return false;
  const meant = nearby(options.name, name, options.moduleNames?.() ?? []) || nameMeant(name);
  const hint = meant && `: write ${quote(meant)}`;
  const [quoteBefore] = tree.source.slice(path.from, path.to);
  const insert = quoteBefore === '#' ? `"${meant}"` : meant;
  const place = quoteBefore === '#' ? path : inner(node);
  report(path, 'bad-module-name', `No module can be called ${quote(name)}, as ${refusal}${hint}.`, [
    meant ? { title: `Write ${quote(meant)}`, edits: [{ from: place.from, to: place.to, insert }] } : null,
  ]);
  return true;
}

/** The script beside the one at hand that a path such as `./x` would name elsewhere. */
function nearby(own: string | undefined, name: string, names: readonly string[]): string {
  const beside = nameMeant(`${own ?? ''}/../${name}`);
  return names.includes(beside) ? beside : '';
}

function missing(analysis: Analysis, node: Import, report: Report): void {
  const { modules, moduleNames } = analysis.options;
  const names = () => moduleNames?.() ?? [];
  const name = importedName(analysis, node);
  // A script whose source is not there yet is no mistake.
  const exists = moduleNames ? names().includes(name) : moduleNamed(analysis.options, name);
  if (!name || !modules || exists) return;
  const [words, fix] = suggestion(inner(node), similar(analysis, name, names));
  report(node.path, 'unknown-module', `The app has no script ${quote(name)}.${words}`, [fix]);
}
