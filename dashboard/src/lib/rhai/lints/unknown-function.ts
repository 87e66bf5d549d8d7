// Calls of functions that do not exist, or not with that many arguments, and of variables as if they were functions.
import { pathAt } from '../syntax/tree';
import type { Analysis, Usage } from '../semantics/symbols';
import { builtinsOf, signatureOf } from '../semantics/api';
import { declarationShape } from '../semantics/shapes';
import type { Lint, Report } from './lint';
import { count, insertion, quote, suggestion } from './lint';

/** What Rhai has elsewhere, and what to do instead. */
const MISSING: Record<string, string> = {
  eval: 'scripts are compiled before they run',
  sleep: 'a run does not wait',
  timestamp: 'use `ctx.now`, the time of the event',
};

export const unknownFunction: Lint = (analysis, report) => {
  const { api } = analysis.options;
  for (const usage of analysis.usages) {
    if (usage.kind !== 'call' || usage.declaration) continue;
    const { name } = usage;
    if (api && MISSING[name] && !api.functions.has(name)) {
      report(usage, 'info', 'missing-function', `There is no ${quote(name)} here: ${MISSING[name]}.`);
    } else if (!usage.known) {
      unknown(analysis, usage, report);
    }
  }
};

function unknown(analysis: Analysis, usage: Usage, report: Report): void {
  const { api } = analysis.options;
  const { name, meant, site, node } = usage;
  const args = site?.kind === 'call' ? site.args.items.length : 0;
  const own = analysis.functions.get(name) ?? [];
  const others = [...builtinsOf(name), ...(api?.functions.get(name) ?? [])];
  if (meant && meant.kind !== 'function') {
    if (!api && declarationShape(analysis, meant).type !== 'Fn') return;
    const fix = { title: `Write ${quote(`${name}.call(..)`)}`, edits: [insertion(usage.to, '.call')] };
    const message = `${quote(name)} is a variable: call the function it holds by ${quote(`${name}.call(..)`)}.`;
    report(usage, 'error', 'closure-call', message, [fix]);
  } else if (own.length || others.length) {
    const method = own.length > 0 && own.every((it) => it.receiver);
    const arities = own.map((it) => it.arity).concat(others.map((it) => it.params.length));
    const message = method
      ? `${quote(name)} is a method of ${quote(own[0]!.receiver)}: call it on a value, with a dot.`
      : others.length && !own.length
        ? `There is no ${quote(name)} with ${count(args, 'argument')}: ${others.map((it) => quote(signatureOf(it))).join(', ')}.`
        : `${quote(name)} takes ${list(arities)}, not ${args}.`;
    report(usage, 'error', method ? 'method-call' : 'wrong-arity', message);
  } else if (api) {
    const [words, fix] = suggestion(analysis, node, name, () => [
      ...analysis.functions.keys(),
      ...api.functions.keys(),
    ]);
    // A call that is tried on its own is there to find out.
    const severity = isTried(analysis, usage) ? 'info' : 'error';
    report(usage, severity, 'unknown-function', `There is no function ${quote(name)}.${words}`, [fix]);
  }
}

function isTried({ tree }: Analysis, { from, site }: Usage): boolean {
  return pathAt(tree.root, from).some(
    (node) => node.kind === 'try' && node.body.items.length === 1 && node.body.items[0] === site,
  );
}

export function list(arities: number[]): string {
  const all = [...new Set(arities)].sort((a, b) => a - b);
  const last = all.pop()!;
  return all.length ? `${all.join(', ')} or ${last} arguments` : count(last, 'argument');
}
