// Arguments of the API's functions that no variant of them takes; the server says the same of literals.
import { signatureOf, takes } from '../semantics/api';
import type { ApiFunction } from '../semantics/api';
import { certainType, isOpen } from '../semantics/certain';
import type { Analysis } from '../semantics/symbols';
import type { Call, Node } from '../syntax/tree';
import type { Report } from './lint';
import { quote } from './lint';

/** Types of which a parameter takes no other. */
const TOLD_APART = new Set(['Fn', 'array', 'blob', 'bool', 'char', 'float', 'int', 'map', 'string']);

/** Types that a value may have by what is written alone. */
const WRITTEN = new Set<Node['kind']>(['literal', 'template', 'array', 'map']);

export function reportArguments(
  analysis: Analysis,
  report: Report,
  owner: string,
  call: Call,
  all: ApiFunction[],
): void {
  const { items } = call.args;
  const functions = all.filter((it) => takes(it, items.length));
  const [first] = functions;
  // What may be exchanged behind a variable's back has no type for certain.
  const open = isOpen(analysis);
  const types = items.map((it) => (open && !WRITTEN.has(it.kind) ? '' : certainType(analysis, it)));
  const fits = (it: ApiFunction, i: number) => accepts(it.params[i]!.type, types[i]!);
  if (!first || functions.some((it) => items.every((_, i) => fits(it, i)))) return;
  const name = `${owner}::${first.name}`;
  const refused = items.findIndex((_, i) => !functions.some((it) => fits(it, i)));
  if (refused < 0) {
    const there = functions.map((it) => quote(signatureOf(it))).join(', ');
    return report(call.callee, 'wrong-type', `${quote(name)} takes these arguments not together: ${there}.`);
  }
  const params = functions.map((it) => it.params[refused]!);
  const wanted = [...new Set(params.map(({ type }) => withArticle(type)))].sort().join(' or ');
  const names = [...new Set(params.map((it) => it.name))];
  const named = names.length === 1 ? ` as ${quote(names[0]!)}` : '';
  const is = withArticle(types[refused]!);
  report(items[refused]!, 'wrong-type', `${quote(name)} takes ${wanted}${named}, and this is ${is}.`);
}

/** Whether a value of a type may be an argument; what is not certain may. */
function accepts(parameter: string, type: string): boolean {
  return (
    !type || !TOLD_APART.has(parameter) || (!TOLD_APART.has(type) && type !== '()') || parameter === type
  );
}

const withArticle = (type: string) =>
  type === '()' ? quote(type) : `${/^[ai]/.test(type) ? 'an' : 'a'} ${type}`;
