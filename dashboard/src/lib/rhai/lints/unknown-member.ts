// What a value of a certain type does not have.
import { asMethod, builtinsOf, methodsOf } from '../semantics/api';
import type { Api } from '../semantics/api';
import { afterLink, certainType, isOpen, isOwnMethod } from '../semantics/certain';
import type { Analysis } from '../semantics/symbols';
import type { Chain, Method, Property } from '../syntax/tree';
import type { Lint, Report } from './lint';
import { reportMissing } from './missing';

/** Types whose members are not all known. */
const OPEN: readonly string[] = ['', 'map', '()', 'Fn'];

export const unknownMember: Lint = (analysis, report) => {
  const { api } = analysis.options;
  if (!api || isOpen(analysis)) return;
  for (const node of analysis.chains) steps(analysis, node, api, report);
};

/** Each step of a chain, as far as the type before it is certain. */
function steps(analysis: Analysis, node: Chain, api: Api, report: Report): void {
  let type = certainType(analysis, node.root);
  for (const step of node.links) {
    if (OPEN.includes(type)) return;
    const known = api.methods.has(type) || api.properties.has(type);
    if (known && step.kind === 'method') method(analysis, type, step, api, report);
    if (known && step.kind === 'property') property(analysis, type, step, api, report);
    type = afterLink(analysis, type, step);
  }
}

function method(
  analysis: Analysis,
  type: string,
  { name: at, args }: Method,
  api: Api,
  report: Report,
): void {
  const { text } = at;
  if (!text || isOwnMethod(analysis, text)) return;
  const methods = methodsOf(api, type, text);
  const functions = methods.length ? methods : builtinsOf(text).map(asMethod);
  const names = () => api.methods.get(type)?.keys() ?? [];
  reportMissing(analysis, report, { at, functions, count: args.items.length, owner: type, names });
}

function property(analysis: Analysis, type: string, { name: at }: Property, api: Api, report: Report): void {
  const { text } = at;
  const has = (of: string) => api.properties.get(of)?.has(text);
  // What takes any name in brackets takes it after a dot, too.
  if (!text || api.indexed.has(type) || has(type) || has('any')) return;
  const isMethod = methodsOf(api, type, text).some((it) => !it.params.length);
  const names = () => (isMethod ? [`${text}()`] : (api.properties.get(type)?.keys() ?? []));
  reportMissing(analysis, report, { at, functions: [], count: 0, owner: type, names });
}
