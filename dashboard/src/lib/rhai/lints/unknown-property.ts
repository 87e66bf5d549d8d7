// `value.name` where the value's type is known and has nothing of that name.
import type { Chain, Link } from '../syntax/tree';
import { walk } from '../syntax/tree';
import { methodsOf, signatureOf, takes } from '../semantics/api';
import type { Api, ApiFunction } from '../semantics/api';
import { chainShape } from '../semantics/shapes';
import type { Analysis } from '../semantics/symbols';
import type { Lint, Report } from './lint';
import { count, insertion, quote, suggestion } from './lint';

/** Types whose members are not all known, or that a `()` may still become. */
const OPEN = /^(|map|\(\)|any|Fn)$/;

export const unknownProperty: Lint = (analysis, report) => {
  const { api } = analysis.options;
  if (!api || analysis.evaluates || analysis.assignsThis) return;
  walk(analysis.tree.root, (node) => {
    if (node.kind === 'chain') check(analysis, api, node, report);
  });
};

function check(analysis: Analysis, api: Api, node: Chain, report: Report): void {
  for (let i = 0; i < node.links.length; i++) {
    const step = node.links[i]!;
    if (step.kind === 'index' || !step.name.text) continue;
    const { type, fields } = chainShape(analysis, node, i);
    if (OPEN.test(type) || fields?.has(step.name.text)) continue;
    if (!api.methods.has(type) && !api.properties.has(type)) continue;
    if (step.kind === 'property') property(analysis, api, type, step, report);
    else if (!analysis.functions.has(step.name.text)) method(analysis, api, type, step, report);
  }
}

function property(
  analysis: Analysis,
  api: Api,
  type: string,
  { name }: Link & { kind: 'property' },
  report: Report,
): void {
  const { text } = name;
  const known = [...(api.properties.get(type)?.keys() ?? []), ...(api.properties.get('any')?.keys() ?? [])];
  if (known.includes(text)) return;
  const callable = methodsOf(api, type, text).some((it) => it.params.length === 1);
  const [words, fix] = callable
    ? [
        ` Call it: ${quote(`${text}()`)}.`,
        { title: `Write ${quote(`${text}()`)}`, edits: [insertion(name.to, '()')] },
      ]
    : suggestion(analysis, name, text, () => known);
  report(name, 'error', 'unknown-property', `A value of type ${quote(type)} has no ${quote(text)}.${words}`, [
    fix,
  ]);
}

function method(
  analysis: Analysis,
  api: Api,
  type: string,
  { name, args }: Link & { kind: 'method' },
  report: Report,
): void {
  const { text } = name;
  if (/^(type_of|call|curry|is_shared)$/.test(text)) return;
  const candidates = methodsOf(api, type, text);
  const given = args.items.length;
  if (candidates.some((it) => takes(it, given + 1))) return;
  if (candidates.length) {
    const known = candidates.map((it: ApiFunction) => quote(signatureOf(it, true))).join(', ');
    report(
      name,
      'error',
      'wrong-arity',
      `There is no ${quote(text)} with ${count(given, 'argument')}: ${known}.`,
    );
    return;
  }
  const [words, fix] = suggestion(analysis, name, text, () => api.methods.get(type)?.keys() ?? []);
  report(
    name,
    'error',
    'unknown-method',
    `A value of type ${quote(type)} has no method ${quote(text)}.${words}`,
    [fix],
  );
}
