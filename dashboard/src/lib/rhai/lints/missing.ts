// What is said when there is nothing of a name, or nothing that takes so many arguments.
import { signatureOf, takes } from '../semantics/api';
import type { ApiFunction } from '../semantics/api';
import type { Analysis } from '../semantics/symbols';
import type { Name, Variable } from '../syntax/tree';
import type { Report } from './lint';
import { quote, similar, suggestion } from './lint';

export interface Sought {
  at: Name | Variable;
  /** What there is of that name. */
  functions: ApiFunction[];
  /** How many arguments it is given. */
  count: number;
  /** The type or the module that should have it; empty for what needs none. */
  owner: string;
  /** What there is instead. */
  names: () => Iterable<string>;
}

export function reportMissing(analysis: Analysis, report: Report, sought: Sought): void {
  const { at, functions, count, owner, names } = sought;
  const name = quote(at.text);
  const subject = owner ? `${quote(owner)} has no` : 'There is no';
  if (functions.some((it) => takes(it, count))) return;
  if (functions.length) {
    const others = functions.map((it) => quote(signatureOf(it))).join(', ');
    report(
      at,
      'wrong-arity',
      `${subject} ${name} with ${count} argument${count === 1 ? '' : 's'}: ${others}.`,
    );
    return;
  }
  const [words, fix] = suggestion(at, similar(analysis, at.text, names));
  report(at, owner ? 'unknown-member' : 'unknown-function', `${subject} ${name}.${words}`, [fix]);
}
