// A closure that outlives its turn of a loop sees the loop's variable change: all of them share it.
import type { Closure, Node } from '../syntax/tree';
import { pathAt } from '../syntax/walk';
import { usageAt } from '../semantics/shapes';
import type { Analysis, Declaration, Scope, Usage } from '../semantics/symbols';
import type { Lint } from './lint';
import { indentAt, insertion, quote, statementAt } from './lint';

/** Methods that keep what they are given. */
const KEEPS = /^(push|insert|set|append|pad)$/;

export const capturedLoopVariable: Lint = (analysis, report) => {
  for (const it of analysis.declarations) {
    if (it.kind !== 'loop') continue;
    const done = new Set<Closure>();
    for (const usage of it.usages) {
      const closure = usage.captured ? closureOf(usage, it) : null;
      if (!closure || done.has(closure) || !outlives(analysis, closure, it)) continue;
      done.add(closure);
      const inside = it.usages.filter((other) => closure.from <= other.from && other.from < closure.to);
      report(
        usage,
        'captured-loop-variable',
        `All closures of this loop share ${quote(it.name)}, so each sees its last value: capture a copy.`,
        [copy(analysis, closure, it.name, inside)],
      );
    }
  }
};

/** The outermost closure between a usage and its declaration. */
function closureOf(usage: Usage, it: Declaration): Closure | null {
  let found: Closure | null = null;
  for (let at: Scope | null = usage.scope; at && at !== it.scope; at = at.parent) {
    if (at.node.kind === 'closure') found = at.node;
  }
  return found;
}

function outlives(analysis: Analysis, closure: Closure, it: Declaration): boolean {
  const path = pathAt(analysis.tree.root, closure.from);
  let i = path.indexOf(closure) - 1;
  while (i > 0 && /^(array|map|field|paren|args)$/.test(path[i]!.kind)) i--;
  const parent = path[i];
  if (parent?.kind === 'method') return KEEPS.test(parent.name.text);
  if (parent?.kind !== 'assign') return false;
  const target: Node = parent.target;
  if (target.kind !== 'variable') return true;
  const usage = usageAt(analysis, target.from);
  const scope = usage?.declaration?.scope;
  return !scope || scope.depth < it.scope.depth;
}

function copy(analysis: Analysis, closure: Closure, name: string, usages: Usage[]) {
  const statement = statementAt(analysis, closure.from);
  if (!statement) return null;
  const own = `this_${name}`;
  const text = `let ${own} = ${name};\n${indentAt(analysis, statement.from)}`;
  const edits = usages.map(({ from, to }) => ({ from, to, insert: own }));
  return { title: `Capture a copy of ${quote(name)}`, edits: [insertion(statement.from, text), ...edits] };
}
