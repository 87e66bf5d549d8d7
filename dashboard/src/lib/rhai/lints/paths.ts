// What `module::name` and `global::NAME` lead to.
import { calleesOf } from '../semantics/callees';
import { memberOf, membersOf, moduleAt } from '../semantics/modules';
import type { Found } from '../semantics/modules';
import { UNKNOWN } from '../semantics/shape';
import { namespaceOf, usageAt } from '../semantics/shapes';
import type { Analysis } from '../semantics/symbols';
import type { Call, Name, Path } from '../syntax/tree';
import type { Lint, Report } from './lint';
import { reportArguments } from './arguments';
import { insertion, quote, similar, suggestion } from './lint';
import { reportMissing } from './missing';

export const paths: Lint = (analysis, report) => {
  for (const [path, { root, call }] of analysis.paths) {
    if (root.declaration) ofModule(analysis, path, call, report);
    else if (root.known && root.name !== 'global') ofApi(analysis, path, call, report);
    else if (analysis.evaluates) continue;
    else if (root.known) global(analysis, path, report);
    else if (analysis.options.api) notImported(analysis, path.parts[0]!, report);
  }
};

const last = ({ parts }: Path) => parts[parts.length - 1]!;

/** A number of arguments that nothing takes, for what is not called. */
const countOf = (call: Call | null) => (call ? call.args.items.length : -1);

function ofModule(analysis: Analysis, path: Path, call: Call | null, report: Report): void {
  if (!last(path).text) return;
  const found = memberOf(analysis, path, call?.args.items.length);
  if (found) return ofFound(analysis, found, path, call, report);
  const { parts } = path;
  const broken = parts.findIndex(
    (_, i) => i > 0 && i < parts.length - 1 && moduleAt(analysis, path, i + 1) === null,
  );
  if (broken < 1) return;
  const owner = parts[broken - 1]!.text;
  reportMissing(analysis, report, { at: parts[broken]!, functions: [], count: 0, owner, names: () => [] });
}

function ofFound(analysis: Analysis, found: Found, path: Path, call: Call | null, report: Report): void {
  const at = last(path);
  // A constant of that name may hold anything.
  if (call ? found.all.some((it) => it.kind !== 'function') : found.all.length) return;
  const { root, functions: own } = found.analysis;
  if (!found.all.length && (root.names?.has(at.text) || own.has(at.text))) {
    const how = own.has(at.text) ? 'is private' : 'is not exported: write `export const`';
    return report(at, 'not-exported', `${quote(at.text)} of ${quote(found.name)} ${how}.`);
  }
  reportMissing(analysis, report, {
    at,
    functions: call ? calleesOf(analysis, call, UNKNOWN) : [],
    count: countOf(call),
    owner: found.name,
    names: () => membersOf(found.analysis).map((it) => it.name),
  });
}

function ofApi(analysis: Analysis, path: Path, call: Call | null, report: Report): void {
  const { parts } = path;
  const owner = parts[0]!.text;
  if (parts.length !== 2 || !last(path).text) return;
  const functions = namespaceOf(analysis, path);
  if (!call && functions.length) return;
  const names = () => analysis.options.api!.namespaces.get(owner)!.keys();
  reportMissing(analysis, report, { at: last(path), functions, count: countOf(call), owner, names });
  if (call) reportArguments(analysis, report, owner, call, functions);
}

function notImported(analysis: Analysis, root: Name, report: Report): void {
  const { text } = root;
  const { moduleNames, api } = analysis.options;
  const scripts = moduleNames?.() ?? [];
  // The script of that name, or one in a folder.
  const script = scripts.find((name) => name === text) ?? scripts.find((name) => name.endsWith(`/${text}`));
  const importing = script && {
    title: `Import ${quote(script)}`,
    edits: [insertion(0, `import "${script}" as ${text};\n`)],
  };
  const known = () => [
    ...api!.namespaces.keys(),
    ...analysis.imports.flatMap(({ alias }) => alias?.text || []),
  ];
  const [words, fix] = script ? ['', null] : suggestion(root, similar(analysis, text, known));
  report(root, 'not-imported', `The module ${quote(text)} is not imported.${words}`, [
    importing || null,
    fix,
  ]);
}

function global(analysis: Analysis, { parts }: Path, report: Report): void {
  const name = parts[1]!;
  const found = analysis.root.names?.get(name.text);
  if (parts.length !== 2 || !name.text || found?.kind === 'constant') return;
  if (usageAt(analysis, name.from)?.declaration?.kind === 'constant') return;
  const constants = () =>
    analysis.root.declarations.filter((it) => it.kind === 'constant').map((it) => it.name);
  const [words, fix] = found ? ['', null] : suggestion(name, similar(analysis, name.text, constants));
  const message = found
    ? `${quote('global::')} leads only to constants: make ${quote(name.text)} one.`
    : `The script has no constant ${quote(name.text)}.${words}`;
  report(name, found ? 'outer-variable' : 'unknown-variable', message, [fix]);
}
