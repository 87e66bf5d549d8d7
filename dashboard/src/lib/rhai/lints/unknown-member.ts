// `a::b`: modules that are not there and members that they do not have.
import type { Path } from '../syntax/tree';
import { namespaceOf, takes } from '../semantics/api';
import { importedName, memberOf, membersOf, moduleAt, moduleNamed } from '../semantics/modules';
import type { Analysis, PathUse } from '../semantics/symbols';
import type { Lint, Report } from './lint';
import { insertion, quote, suggestion } from './lint';
import { list } from './unknown-function';

export const unknownMember: Lint = (analysis, report) => {
  const { modules, moduleNames } = analysis.options;
  for (const node of analysis.imports) {
    const name = importedName(analysis, node);
    if (!name || !modules || moduleNamed(analysis.options, name)) continue;
    const [words] = suggestion(analysis, node.path, name, () => moduleNames?.() ?? []);
    report(node.path, 'error', 'unknown-module', `The app has no script ${quote(name)}.${words}`);
  }
  for (const [path, use] of analysis.paths) {
    const { root } = use;
    if (root.name === 'global') global(analysis, path, report);
    else if (root.declaration) member(analysis, path, use, report);
    else if (root.known) apiMember(analysis, path, use, report);
    else if (!analysis.evaluates && analysis.options.api) {
      const known = moduleNames?.().includes(root.name);
      const text = `import "${root.name}" as ${root.name};\n`;
      report(root, 'error', 'unknown-module', `The module ${quote(root.name)} is not imported.`, [
        known ? { title: `Import ${quote(root.name)}`, edits: [insertion(0, text)] } : null,
      ]);
    }
  }
};

function global(analysis: Analysis, path: Path, report: Report): void {
  const name = path.parts[1]!;
  if (path.parts.length !== 2 || !name.text || analysis.evaluates) return;
  const found = analysis.root.names?.get(name.text);
  if (!found) {
    report(name, 'error', 'unknown-variable', `The script has no constant ${quote(name.text)}.`);
  } else if (found.kind === 'variable') {
    report(name, 'error', 'outer-variable', `${quote('global::')} leads only to constants: make it one.`);
  }
}

function member(analysis: Analysis, path: Path, { call }: PathUse, report: Report): void {
  const last = path.parts[path.parts.length - 1]!;
  const module = moduleAt(analysis, path, path.parts.length - 1);
  if (!module || !last.text) {
    const broken = path.parts.find((part, i) => i > 0 && moduleAt(analysis, path, i + 1) === null);
    if (module === null && broken) unknown(broken, 'module', report);
    return;
  }
  const arity = call ? call.args.items.length : -1;
  const found = memberOf(analysis, path, arity)!;
  const functions = found.all.filter((it) => it.kind === 'function');
  if (!found.all.length) {
    const [words, fix] = suggestion(analysis, last, last.text, () =>
      membersOf(module.analysis).map((it) => it.name),
    );
    const message = `The script ${quote(module.name)} has no ${quote(last.text)} for others.${words}`;
    report(last, 'error', 'unknown-member', message, [fix]);
  } else if (call && functions.length && !functions.some((it) => it.arity === arity)) {
    const arities = list(functions.map((it) => it.arity));
    report(last, 'error', 'wrong-arity', `${quote(last.text)} takes ${arities}, not ${arity}.`);
  }
}

function unknown(name: Path['parts'][number], what: string, report: Report): void {
  report(name, 'error', 'unknown-member', `There is no ${what} ${quote(name.text)}.`);
}

function apiMember(analysis: Analysis, path: Path, { call }: PathUse, report: Report): void {
  const [namespace, name] = path.parts;
  if (path.parts.length !== 2 || !name!.text) return;
  const members = namespaceOf(analysis.options.api, namespace!.text);
  const functions = members.get(name!.text);
  const args = call?.args.items.length ?? -1;
  if (!functions) {
    const [words, fix] = suggestion(analysis, name!, name!.text, () => members.keys());
    const message = `${quote(namespace!.text)} has no ${quote(name!.text)}.${words}`;
    report(name!, 'error', 'unknown-member', message, [fix]);
  } else if (call && !functions.some((it) => takes(it, args))) {
    const arities = list(functions.map((it) => it.params.length));
    report(name!, 'error', 'wrong-arity', `${quote(name!.text)} takes ${arities}, not ${args}.`);
  }
}
