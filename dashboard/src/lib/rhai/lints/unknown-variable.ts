// Names that nothing declares, and variables that a function cannot see.
import type { Fix } from '../syntax/tree';
import { visibleAt } from '../semantics/scopes';
import type { Analysis, Scope, Usage } from '../semantics/symbols';
import type { Lint } from './lint';
import { indentAt, insertion, quote, replacement, similar, statementAt, suggestion } from './lint';

export const unknownVariable: Lint = (analysis, report) => {
  if (analysis.evaluates) return;
  // A name that a script asks for may be there or not.
  const asked = new Set(analysis.usages.filter(({ kind }) => kind === 'text').map(({ name }) => name));
  for (const usage of analysis.usages) {
    const { kind, name, known, declaration, meant } = usage;
    if (declaration || known || asked.has(name) || (kind !== 'read' && kind !== 'write' && kind !== 'update'))
      continue;
    const inside = functionAround(usage.scope);
    if (inside && analysis.lends) continue;
    if (inside && meant) {
      const path = `global::${name}`;
      const constant = meant.kind === 'constant';
      const hint = constant ? `write ${quote(path)}` : `hand ${quote(name)} over as a parameter`;
      report(
        usage,
        'outer-variable',
        `A function does not see the variables around it: ${hint}.`,
        constant ? [replacement(`Write ${quote(path)}`, usage.node, path)] : [],
      );
    } else if (isBelow(usage)) {
      report(usage, 'unknown-variable', `${quote(name)} is declared only further down.`);
    } else {
      const best = similar(analysis, name, () => [
        ...visibleAt(usage.scope, usage.from).map((it) => it.declaration.name),
        ...(analysis.options.api?.names.keys() ?? []),
        ...analysis.functions.keys(),
      ]);
      const [words, fix] = suggestion(usage.node, best);
      report(usage, 'unknown-variable', `${quote(name)} is not declared.${words}`, [
        fix,
        declaring(analysis, usage),
      ]);
    }
  }
};

function functionAround(scope: Scope): Scope | null {
  for (let at: Scope | null = scope; at; at = at.parent) if (at.kind === 'fn') return at;
  return null;
}

function isBelow(usage: Usage): boolean {
  for (let at: Scope | null = usage.scope; at; at = at.kind === 'fn' ? null : at.parent) {
    if (at.names?.has(usage.name)) return true;
  }
  return false;
}

function declaring(analysis: Analysis, usage: Usage): Fix | null {
  const { name, kind, site, from } = usage;
  const title = `Declare ${quote(name)}`;
  if (kind === 'write' && site?.kind === 'assign') {
    return site.op === '=' ? { title, edits: [insertion(site.from, 'let ')] } : null;
  }
  const statement = statementAt(analysis, from);
  if (!statement) return null;
  const text = `let ${name} = ();\n${indentAt(analysis, statement.from)}`;
  return { title, edits: [insertion(statement.from, text)] };
}
