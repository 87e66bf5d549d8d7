// Calls of functions that nobody declares.
import { calleesOf } from '../semantics/callees';
import { linkedTo } from '../semantics/linked';
import { UNKNOWN } from '../semantics/shape';
import { declarationShape } from '../semantics/shapes';
import type { Analysis, Declaration, Scope, Usage } from '../semantics/symbols';
import type { Call } from '../syntax/tree';
import type { Lint, Report } from './lint';
import { insertion, quote } from './lint';
import { reportMissing } from './missing';

/** What Rhai has elsewhere, and what to do instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  sleep: 'a run does not wait',
  timestamp: 'use `ctx.now`, the time of the event',
};

export const calls: Lint = (analysis, report) => {
  // A name that a script asks for may be there or not.
  const asked = new Set(analysis.usages.filter(({ kind }) => kind === 'text').map(({ name }) => name));
  for (const usage of analysis.usages) {
    const { kind, site, declaration } = usage;
    if (kind !== 'call' || site?.kind !== 'call' || declaration || asked.has(usage.name)) continue;
    call(analysis, usage, site, report);
  }
};

function call(analysis: Analysis, usage: Usage, node: Call, report: Report): void {
  const { api } = analysis.options;
  const { name, known, meant } = usage;
  if (api && name === 'eval') {
    report(usage, 'eval', '`eval` cannot run here: scripts are compiled before they run.');
  } else if (known) {
    return;
  } else if (meant && meant.kind !== 'function') {
    closureCall(analysis, usage, meant, report);
  } else if (api || meant) {
    if (isFoundByCaller(analysis, usage)) return;
    const instead = ELSEWHERE[name];
    const functions = calleesOf(analysis, node, UNKNOWN);
    if (instead && !functions.length)
      return report(usage, 'unknown-function', `There is no ${quote(name)} here: ${instead}.`);
    reportMissing(analysis, report, {
      at: usage.node as Call['callee'] & { kind: 'variable' },
      functions,
      count: node.args.items.length,
      owner: '',
      names: () => [...analysis.functions.keys(), ...(api?.functions.keys() ?? [])],
    });
  }
}

function closureCall(analysis: Analysis, usage: Usage, meant: Declaration, report: Report): void {
  const { name, to } = usage;
  if (!analysis.options.api && declarationShape(analysis, meant).type !== 'Fn') return;
  const call = quote(`${name}.call(..)`);
  report(usage, 'closure-call', `${quote(name)} is a variable: call the function it holds by ${call}.`, [
    { title: `Write ${call}`, edits: [insertion(to, '.call')] },
  ]);
}

/** A function that is handed to a module finds the functions of the module that calls it, too. */
function isFoundByCaller(analysis: Analysis, { name, scope }: Usage): boolean {
  let inside = false;
  for (let at: Scope | null = scope; at; at = at.parent) inside ||= at.kind === 'fn' || at.kind === 'closure';
  if (!inside || !analysis.imports.length) return false;
  const { complete, functions } = linkedTo(analysis);
  return !complete || functions.has(name);
}
