// Calls and members that lead nowhere: unknown functions, modules and properties, and wrong numbers of arguments.
import { asMethod, builtinsOf, methodsOf, signatureOf, takes } from '../semantics/api';
import type { ApiFunction } from '../semantics/api';
import { calleesOf } from '../semantics/callees';
import { importedName, memberOf, membersOf, moduleAt, moduleNamed } from '../semantics/modules';
import { declarationShape, namespaceOf, shapeOf, stepShape, UNKNOWN, usageAt } from '../semantics/shapes';
import type { Shape } from '../semantics/shapes';
import type { Analysis } from '../semantics/symbols';
import type { Call, Chain, Name, Path, Variable } from '../syntax/tree';
import type { Lint, Report, Severity } from './lint';
import { insertion, quote, similar, suggestion } from './lint';

/** What Rhai has elsewhere, and what to do instead. */
const MISSING: Record<string, string> = {
  eval: 'scripts are compiled before they run',
  sleep: 'a run does not wait',
  timestamp: 'use `ctx.now`, the time of the event',
};

/** Types whose members are not all known. */
const OPEN = /^(|map|\(\)|any|Fn)$/;

export const unknownMember: Lint = (analysis, report) => {
  const { api, modules, moduleNames } = analysis.options;
  const names = () => moduleNames?.() ?? [];
  for (const node of analysis.imports) {
    const name = importedName(analysis, node);
    // A script whose source is not there yet is no mistake.
    const exists = moduleNames ? names().includes(name) : moduleNamed(analysis.options, name);
    if (!name || !modules || exists) continue;
    const [words] = suggestion(node.path, similar(analysis, name, names));
    report(node.path, 'error', 'unknown-module', `The app has no script ${quote(name)}.${words}`);
  }
  for (const usage of analysis.usages) {
    if (usage.kind === 'call' && usage.site?.kind === 'call' && !usage.declaration) {
      call(analysis, usage.site, usage.node as Variable, report);
    }
  }
  for (const [path, { root, call }] of analysis.paths) {
    if (root.declaration || (root.known && root.name !== 'global')) {
      member(analysis, path, call, report);
    } else if (api && !root.known && !analysis.evaluates) {
      const fixes = names().includes(root.name)
        ? [
            {
              title: `Import ${quote(root.name)}`,
              edits: [insertion(0, `import "${root.name}" as ${root.name};\n`)],
            },
          ]
        : [];
      report(root, 'error', 'unknown-module', `The module ${quote(root.name)} is not imported.`, fixes);
    } else if (root.known && !analysis.evaluates) {
      global(analysis, path, report);
    }
  }
  if (!api || analysis.evaluates || analysis.assignsThis) return;
  for (const node of analysis.chains) steps(analysis, node, report);
};

/** Tells when there is nothing of that name, or nothing that takes so many arguments. */
function miss(
  analysis: Analysis,
  report: Report,
  at: Name | Variable,
  functions: ApiFunction[],
  count: number,
  owner: string,
  names: () => Iterable<string>,
  severity: Severity = 'error',
): void {
  const name = quote(at.text);
  const subject = owner ? `${quote(owner)} has no` : 'There is no';
  if (functions.some((it) => takes(it, count))) return;
  if (functions.length) {
    const others = functions.map((it) => quote(signatureOf(it))).join(', ');
    const message = `${subject} ${name} with ${count} argument${count === 1 ? '' : 's'}: ${others}.`;
    report(at, 'error', 'wrong-arity', message);
  } else {
    const [words, fix] = suggestion(at, similar(analysis, at.text, names));
    report(at, severity, owner ? 'unknown-member' : 'unknown-function', `${subject} ${name}.${words}`, [fix]);
  }
}

function call(analysis: Analysis, node: Call, callee: Variable, report: Report): void {
  const { api } = analysis.options;
  const { text } = callee;
  const { known, meant } = usageAt(analysis, callee.from)!;
  if (api && MISSING[text] && !api.functions.has(text)) {
    report(callee, 'info', 'missing-function', `There is no ${quote(text)} here: ${MISSING[text]}.`);
  } else if (known) {
    return;
  } else if (meant && meant.kind !== 'function') {
    if (!api && declarationShape(analysis, meant).type !== 'Fn') return;
    const call = quote(`${text}.call(..)`);
    report(
      callee,
      'error',
      'closure-call',
      `${quote(text)} is a variable: call the function it holds by ${call}.`,
      [{ title: `Write ${call}`, edits: [insertion(callee.to, '.call')] }],
    );
  } else {
    const functions = calleesOf(analysis, node, UNKNOWN);
    const names = () => [...analysis.functions.keys(), ...api!.functions.keys()];
    if (!api && !functions.length) return;
    // A call that is tried on its own is there to find out.
    const tried = analysis.tried.has(node);
    miss(analysis, report, callee, functions, node.args.items.length, '', names, tried ? 'info' : 'error');
  }
}

function member(analysis: Analysis, path: Path, call: Call | null, report: Report): void {
  const { parts } = path;
  const last = parts[parts.length - 1]!;
  const first = parts[0]!.text;
  const known = analysis.options.api?.namespaces.get(first);
  const found = memberOf(analysis, path, call?.args.items.length);
  if (!last.text) return;
  if (usageAt(analysis, parts[0]!.from)?.declaration) {
    if (found) {
      // A constant of that name may hold anything.
      if (call ? found.all.some((it) => it.kind !== 'function') : found.all.length) return;
      const { root, functions: own } = found.analysis;
      if (!found.all.length && (root.names?.has(last.text) || own.has(last.text))) {
        const how = own.has(last.text) ? 'is private' : 'is not exported: write `export const`';
        return report(last, 'error', 'not-exported', `${quote(last.text)} of ${quote(found.name)} ${how}.`);
      }
      const names = () => membersOf(found.analysis).map((it) => it.name);
      const functions = call ? calleesOf(analysis, call, UNKNOWN) : [];
      miss(analysis, report, last, functions, call ? call.args.items.length : -1, found.name, names);
      return;
    }
    const broken = parts.findIndex(
      (_, i) => i > 0 && i < parts.length - 1 && moduleAt(analysis, path, i + 1) === null,
    );
    if (broken > 0) miss(analysis, report, parts[broken]!, [], 0, parts[broken - 1]!.text, () => []);
  } else if (parts.length === 2) {
    const functions = namespaceOf(analysis, path);
    if (!call && functions.length) return;
    miss(analysis, report, last, functions, call ? call.args.items.length : -1, first, () => known!.keys());
  }
}

function global(analysis: Analysis, { parts }: Path, report: Report): void {
  const name = parts[1]!;
  const found = analysis.root.names?.get(name.text);
  if (parts.length !== 2 || !name.text || found?.kind === 'constant') return;
  const message = found
    ? `${quote('global::')} leads only to constants: make ${quote(name.text)} one.`
    : `The script has no constant ${quote(name.text)}.`;
  report(name, 'error', found ? 'outer-variable' : 'unknown-variable', message);
}

/** Each step of a chain, as far as the type before it is known. */
function steps(analysis: Analysis, node: Chain, report: Report): void {
  const api = analysis.options.api!;
  let shape: Shape = shapeOf(analysis, node.root);
  for (const step of node.links) {
    const { type, fields } = shape;
    shape = stepShape(analysis, shape, step);
    if (step.kind === 'index' || OPEN.test(type) || !(api.methods.has(type) || api.properties.has(type)))
      continue;
    const { name } = step;
    const { text } = name;
    if (!text || fields?.has(text) || analysis.functions.has(text)) continue;
    const methods = methodsOf(api, type, text);
    const names = (table: Map<string, Map<string, unknown>>) => table.get(type)?.keys() ?? [];
    if (step.kind === 'method') {
      const functions = methods.length ? methods : builtinsOf(text).map(asMethod);
      const count = step.args.items.length;
      miss(analysis, report, name, functions, count, type, () => names(api.methods));
    } else if (!api.properties.get(type)?.has(text) && !api.properties.get('any')?.has(text)) {
      const isMethod = methods.some((it) => !it.params.length);
      miss(analysis, report, name, [], 0, type, () => (isMethod ? [`${text}()`] : names(api.properties)));
    }
  }
}
