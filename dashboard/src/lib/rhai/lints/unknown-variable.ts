// Names that nothing declares, and variables that a function cannot see.
import type { Fix } from '../syntax/tree';
import { visibleAt } from '../semantics/scopes';
import type { Analysis, Declaration, Scope, Usage } from '../semantics/symbols';
import type { Lint } from './lint';
import { indentAt, insertion, quote, replacement, statementAt, suggestion } from './lint';

export const unknownVariable: Lint = (analysis, report) => {
  if (analysis.evaluates) return;
  for (const usage of analysis.usages) {
    const { kind, name, known, declaration, meant } = usage;
    if (declaration || known || (kind !== 'read' && kind !== 'write' && kind !== 'update')) continue;
    const inside = functionAround(usage.scope);
    if (inside && analysis.lends) continue;
    if (inside && meant) {
      report(
        usage,
        'error',
        'outer-variable',
        `A function does not see the variables around it: ${hint(meant)}.`,
        outerFixes(analysis, usage, meant, inside),
      );
    } else if (isBelow(usage)) {
      report(usage, 'error', 'unknown-variable', `${quote(name)} is declared only further down.`);
    } else {
      const [words, fix] = suggestion(analysis, usage.node, name, () => [
        ...visibleAt(usage.scope, usage.from).map((it) => it.declaration.name),
        ...(analysis.options.api?.names.keys() ?? []),
        ...analysis.functions.keys(),
      ]);
      report(usage, 'error', 'unknown-variable', `${quote(name)} is not declared.${words}`, [
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

function hint({ kind, name }: Declaration): string {
  return kind === 'constant'
    ? `write ${quote(`global::${name}`)}`
    : `hand ${quote(name)} over as a parameter`;
}

function outerFixes(analysis: Analysis, usage: Usage, meant: Declaration, inside: Scope): (Fix | null)[] {
  const { name } = usage;
  if (meant.kind === 'constant') {
    return [replacement(`Write ${quote(`global::${name}`)}`, usage.node, `global::${name}`)];
  }
  const { node } = inside;
  const own =
    node.kind === 'fn' && analysis.declarations.find((it) => it.node === node && it.kind === 'function');
  if (!own || node.kind !== 'fn') return [];
  // Only when every call is where the variable can be seen.
  const calls = own.usages.filter((it) => it.kind === 'call' && !functionAround(it.scope));
  if (calls.length !== own.usages.length) return [];
  const edits = [];
  for (const { site } of calls) {
    if (site?.kind !== 'call') return [];
    edits.push(insertion(site.args.to - 1, site.args.items.length ? `, ${name}` : name));
  }
  edits.push(insertion(node.params.to - 1, node.params.items.length ? `, ${name}` : name));
  return [{ title: `Hand ${quote(name)} over as a parameter`, edits }];
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
